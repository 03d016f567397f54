//! The PDF for a program: a URL that lives for hours, on record.

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
    yard::Yard,
};

/// Where the newest PDF is to be had, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadUrl {
    pub url: Url,
    /// Unix milliseconds.
    pub expires_at: i64,
    pub filename: String,
}

/// A URL that lives `expires_in` seconds, by default as long as the yard's settings allow.
///
/// # Errors
/// [`AppError::Invalid`] on `expires_in`; [`AppError::Conflict`] while there is no PDF.
pub async fn download_url(app: &App, actor: &Actor, id: BolId, expires_in: Option<u64>) -> Result<DownloadUrl> {
    let most = u64::from(Yard::load(app.db()).await?.api_url_hours) * 3600;
    let lives = expires_in.unwrap_or(most);
    if lives == 0 || lives > most {
        return Err(AppError::field("expires_in", format!("Give seconds from 1 to {most}; the yard's settings allow no more")));
    }
    let bill = find::current(app.db(), id).await?;
    let object = match (bill.revision.pdf_state(), bill.revision.object_id) {
        (PdfState::Ready, Some(object)) => object,
        (PdfState::None, _) => return Err(AppError::Conflict("A draft has no PDF; issue it first.".into())),
        (PdfState::Failed, _) => return Err(AppError::Conflict("The PDF could not be made; somebody has to look at the bill.".into())),
        _ => return Err(AppError::Conflict("The PDF is being made. Try again in a few seconds.".into())),
    };
    let object = object::Entity::find_by_id(object).one(app.db()).await?.ok_or(AppError::NotFound("The PDF"))?;
    let (number, revision) = (bill.bol.number.unwrap_or_default(), bill.revision.revision);
    let filename = if revision > 1 { format!("{number}.r{revision}.pdf") } else { format!("{number}.pdf") };
    let details = json!({ "number": number, "revision": revision, "expires_in": lives });
    app.record_read(actor, Action::BolDownloaded, Subject::Bol(id), details).await?;
    let expires_at = app.now() + i64::try_from(lives * 1000).unwrap_or(i64::MAX);
    let url = app.ports.store.presign(&object.key, &filename, Duration::from_secs(lives)).await?;
    Ok(DownloadUrl { url, expires_at, filename })
}
