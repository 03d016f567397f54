//! Attachments that nobody is going to check, restores that nobody looks at, and what never arrived.

use gatehouse_app::{App, Result, archive, attachments, jobs::table::Dialect};

use super::{live_job, tick};

/// Puts their jobs in the queue again. Returns how many.
pub(super) async fn catch_up(app: &App) -> Result<u64> {
    let dialect = Dialect::of(app.db());
    // What arrived in a node's files is that node's to check.
    let check = live_job(&dialect, "check_attachment", "attachment.id || '.' || attachment.generation").replace(
        "job.job_type = 'check_attachment'",
        "job.job_type IN ('check_attachment', 'files@' || attachment.node)",
    );
    let look = live_job(&dialect, "restore_object", "restore.id || '.' || restore.look");
    Ok(attachments::catch_up(app, &check).await? + archive::catch_up(app, &look).await?)
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
