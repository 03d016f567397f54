//! Hands the PDF to somebody of the house: on record first, then a URL that soon expires.

use std::time::Duration;

use sea_orm::EntityTrait;
use serde_json::json;
use url::Url;

use super::{PdfState, find};
use crate::{
    App,
    audit::{Action, Actor, Subject},
    error::{AppError, Result},
    ids::BolId,
    objects::model::object,
};

/// How long the URL lives: long enough to follow a redirect.
const LIFE: Duration = Duration::from_secs(300);

/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] while the PDF is not ready.
pub async fn open_pdf(app: &App, actor: &Actor, id: BolId, revision: i32) -> Result<Url> {
    let bill = find::revision(app.db(), id, revision).await?;
    let object = match (bill.revision.pdf_state(), bill.revision.object_id) {
        (PdfState::Ready, Some(object)) => object,
        (PdfState::Failed, _) => return Err(AppError::Conflict("The PDF could not be made. Have it made again on the bill's page.".into())),
        (PdfState::None, _) => return Err(AppError::Conflict("A draft has no PDF; issue it first.".into())),
        _ => return Err(AppError::Conflict("The PDF is being made. Try again in a few seconds.".into())),
    };
    let object = object::Entity::find_by_id(object).one(app.db()).await?.ok_or(AppError::NotFound("The PDF"))?;
    let number = bill.bol.number.unwrap_or_default();
    let filename = if revision > 1 { format!("{number}.r{revision}.pdf") } else { format!("{number}.pdf") };
    app.record_read(actor, Action::BolDownloaded, Subject::Bol(id), json!({ "number": number, "revision": revision })).await?;
    Ok(app.ports.store.presign(&object.key, &filename, LIFE).await?)
}
