//! What the queue has done with is cleared away: finished jobs, dead workers.

use gatehouse_app::{
    App, Result,
    jobs::{self, table::Dialect},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

const DAY: i64 = 86_400_000;

/// How long the queue remembers what it has done.
const JOBS_KEPT: i64 = 14 * DAY;

/// Deletes jobs that ended two weeks ago and workers that nobody has heard of for a day; the crate's own clearing compares numbers with
/// text. A bounded number a round, so that nobody waits for it.
pub(super) async fn finished_jobs(app: &App) -> Result<u64> {
    let tx = app.begin().await?;
    let dialect = Dialect::of(&tx);
    let over = format!(
        "DELETE FROM {jobs} WHERE id IN (SELECT id FROM {jobs} WHERE (status IN ('Done', 'Killed') \
         OR (status = 'Failed' AND attempts >= max_attempts)) AND done_at < {} LIMIT 5000)",
        dialect.instant("$1"),
        jobs = dialect.jobs,
    );
    let jobs = tx.execute_raw(dialect.statement(over, vec![(app.now() - JOBS_KEPT).into()])).await?.rows_affected();
    let dead = format!(
        "DELETE FROM {workers} WHERE last_seen < {} AND NOT EXISTS (SELECT 1 FROM {} AS job WHERE job.lock_by = {workers}.id)",
        dialect.seconds_ago(86_400),
        dialect.jobs,
        workers = dialect.workers,
    );
    let workers = tx.execute_raw(dialect.statement(dead, Vec::new())).await?.rows_affected();
    jobs::model::Entity::delete_many().filter(jobs::model::Column::UpdatedAt.lt(app.now() - DAY)).exec(&tx).await?;
    tx.commit().await?;
    Ok(jobs + workers)
}
