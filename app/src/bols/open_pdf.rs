//! Hands the PDF to somebody of the house: on record first, then a URL that soon expires.

use std::time::Duration;

use sea_orm::EntityTrait;
use serde_json::json;
use url::Url;

use super::{
    PdfState,
    find::{self, Bill},
};
use crate::{
    App,
    archive::{self, Away},
    audit::{Action, Actor, Subject},
    error::{AppError, Result},
    ids::BolId,
    objects::{self, model::object},
};

/// How long the URL lives: long enough to follow a redirect.
const LIFE: Duration = Duration::from_mins(5);

/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] while the PDF is not ready; [`AppError::Archived`].
pub async fn open_pdf(app: &App, actor: &Actor, id: BolId, revision: i32) -> Result<Url> {
    let bill = find::revision(app.db(), id, revision).await?;
    let (object, filename) = stored_pdf(app, &bill).await?;
    let url = objects::link(app, &object, &filename, LIFE).await?;
    let details = json!({ "number": bill.bol.number, "revision": revision });
    app.record_read(actor, Action::BolDownloaded, Subject::Bol(id), details).await?;
    Ok(url)
}

/// How the PDF lies in an archive, where it does.
///
/// # Errors
/// When the database does not answer.
pub async fn archived_pdf(app: &App, bill: &Bill) -> Result<Option<Away>> {
    match stored_pdf(app, bill).await {
        Ok((object, _)) => archive::away(app, &object).await,
        // There is none yet.
        Err(AppError::Conflict(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The revision's PDF, and what it is called when it is saved.
///
/// # Errors
/// [`AppError::Conflict`] while the PDF is not ready.
pub(super) async fn stored_pdf(app: &App, bill: &Bill) -> Result<(object::Model, String)> {
    let object = match (bill.revision.pdf_state(), bill.revision.object_id) {
        (PdfState::Ready, Some(object)) => object,
        (PdfState::None, _) => return Err(AppError::Conflict("A draft has no PDF; issue it first.".into())),
        (PdfState::Failed, _) => {
            return Err(AppError::Conflict("The PDF could not be made. Have it made again on the bill’s page.".into()));
        }
        _ => return Err(AppError::Conflict("The PDF is being made. Try again in a few seconds.".into())),
    };
    let object = object::Entity::find_by_id(object).one(app.db()).await?.ok_or(AppError::NotFound("The PDF"))?;
    let number = bill.bol.number.as_deref().unwrap_or_default();
    let filename = match bill.revision.revision {
        1 => format!("{number}.pdf"),
        n => format!("{number}.r{n}.pdf"),
    };
    Ok((object, filename))
}
