//! Attachments that nobody is going to check, restores that nobody looks at, and what never arrived.

use gatehouse_app::{App, Result, archive, attachments, jobs::table::Dialect, recordings};

use super::tick;

/// Puts their jobs in the queue again. Returns how many.
pub(super) async fn catch_up(app: &App) -> Result<u64> {
    let dialect = Dialect::of(app.db());
    // What arrived in a node's files is that node's to check.
    let check = dialect
        .live_job("'check_attachment', 'files@' || attachment.node", "= attachment.id || '.' || attachment.generation");
    let look = dialect.live_job("'restore_object'", "= restore.id || '.' || restore.look");
    let film = dialect.live_job("'restore_object'", "= 'film ' || restore.id || '.' || restore.look");
    Ok(attachments::catch_up(app, &check).await?
        + archive::catch_up(app, &look).await?
        + recordings::catch_up_fetching(app, &film).await?)
}

/// How often stores are asked what is left staged in them: milliseconds.
const HOUR: i64 = 3_600_000;

/// Gives up what never came, once an hour.
pub(super) async fn sweep(app: &App) -> Result<u64> {
    if !tick::claim(app, "attachments", HOUR).await? {
        return Ok(0);
    }
    attachments::sweep(app).await
}
