//! Trying a camera out before it is kept, or one that is there: connected to once, and nothing is kept of what it sends.

use std::time::Duration;

use serde_json::json;

use super::{
    CameraForm,
    find::{allowed, source, visible},
    form::{Known, understand},
};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    ids::CameraId,
    ports::{Ended, Look, Source},
};

/// How long somebody waits for a picture.
const PATIENCE: Duration = Duration::from_secs(15);

/// Connects to what was typed; of the camera `id`, with what opens it where nothing else was typed. On record, whatever comes of it.
///
/// # Errors
/// [`AppError::Invalid`] field by field. That no picture came is no error of this kind.
pub async fn try_out(app: &App, actor: &Actor, id: Option<CameraId>, form: &CameraForm) -> Result<Result<Look, Ended>> {
    let known = match id {
        Some(id) => Some(Known::of(app, visible(app, actor, id).await?)),
        None => None,
    };
    let wanted = understand(app, actor, form, known.as_ref()).await?;
    if wanted.recorder_id.is_some() {
        return Err(elsewhere());
    }
    let subject = id.map_or(Subject::YardSite(wanted.site.id), Subject::Camera);
    let details = json!({ "name": wanted.name, "host": wanted.address.host, "port": wanted.address.port });
    app.record_read(actor, Action::CameraTested, subject, details).await?;
    let allow = allowed(&wanted.site)?;
    let source = Source { address: wanted.address, transport: wanted.transport, audio: wanted.audio, allow };
    Ok(app.ports.cameras.look(&source, PATIENCE).await)
}

/// The same of a camera as it is.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] where what opens it cannot be read.
pub async fn test(app: &App, actor: &Actor, id: CameraId) -> Result<Result<Look, Ended>> {
    let row = visible(app, actor, id).await?;
    if row.recorder_id.is_some() {
        return Err(AppError::Conflict(
            "This camera is recorded on another site; its state here is what its recorder says.".into(),
        ));
    }
    let source = source(app, &row).await?;
    let details = json!({ "name": row.name, "host": row.host, "port": row.port });
    app.record_read(actor, Action::CameraTested, Subject::Camera(id), details).await?;
    Ok(app.ports.cameras.look(&source, PATIENCE).await)
}

fn elsewhere() -> AppError {
    AppError::field(
        "recorder",
        "A camera on another site cannot be tried out from here. Save it; its state says what its recorder finds",
    )
}
