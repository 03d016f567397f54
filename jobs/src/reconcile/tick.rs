//! What happens once in a while, however many processes there are.

use gatehouse_app::{App, Result, job::Job, jobs::table::Dialect};
use sea_orm::ConnectionTrait;

/// Milliseconds; a little less than the interval, because clocks differ.
pub(super) const MINUTE: i64 = 55_000;
const DAY: i64 = 86_400_000;

/// Whether `name` is ours to do: it is when nobody did it within the last `interval` milliseconds.
pub(super) async fn claim(app: &App, name: &str, interval: i64) -> Result<bool> {
    let tx = app.begin().await?;
    let sql = "INSERT INTO ticks (name, at) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE ticks.at <= excluded.at - $3";
    let values = vec![name.into(), app.now().into(), interval.into()];
    let claimed = tx.execute_raw(Dialect::of(&tx).statement(sql.into(), values)).await?.rows_affected() == 1;
    tx.commit().await?;
    Ok(claimed)
}

/// Has the audit log verified once a day.
pub(super) async fn verify_daily(app: &App) -> Result<u64> {
    if !claim(app, "verify_audit", DAY).await? {
        return Ok(0);
    }
    let tx = app.begin().await?;
    tx.enqueue(Job::VerifyAudit { asked: app.now() }).await?;
    tx.commit().await?;
    Ok(1)
}
