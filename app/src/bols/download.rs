//! The PDF for a program: a URL that lives for hours, on record.

use std::time::Duration;

use serde_json::json;
use url::Url;

use super::{find, open_pdf::stored_pdf};
use crate::{
    App,
    audit::{Action, Actor, Subject},
    error::{AppError, Result},
    ids::BolId,
    objects,
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
/// [`AppError::Invalid`] on `expires_in`; [`AppError::Conflict`] while there is no PDF; [`AppError::Archived`].
pub async fn download_url(app: &App, actor: &Actor, id: BolId, expires_in: Option<u64>) -> Result<DownloadUrl> {
    let most = u64::from(Yard::load(app.db()).await?.api_url_hours) * 3600;
    let lives = expires_in.unwrap_or(most);
    if lives == 0 || lives > most {
        return Err(AppError::field(
            "expires_in",
            format!("Give seconds from 1 to {most}; the yard's settings allow no more"),
        ));
    }
    let bill = find::current(app.db(), id).await?;
    let (object, filename) = stored_pdf(app, &bill).await?;
    let signed = objects::url(app, &object, Some(&filename), Duration::from_secs(lives)).await?;
    let (number, revision) = (bill.bol.number.as_deref(), bill.revision.revision);
    let details = json!({ "number": number, "revision": revision, "expires_in": lives });
    app.record_read(actor, Action::BolDownloaded, Subject::Bol(id), details).await?;
    let expires_at = app.now() + i64::try_from(signed.life.as_millis()).unwrap_or(i64::MAX);
    Ok(DownloadUrl { url: signed.url, expires_at, filename })
}
