//! Looks at what arrived of an attachment, and keeps or refuses it.

use gatehouse_app::{App, attachments, ids::AttachmentId};

/// # Errors
/// When it has to be tried again.
pub async fn run(app: &App, attachment: AttachmentId, generation: u32) -> anyhow::Result<()> {
    Ok(attachments::check(app, attachment, generation).await?)
}
