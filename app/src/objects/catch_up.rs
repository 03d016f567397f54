//! After an outage: everything that waits for one place is filled, the oldest first, as soon as the place answers again.
//!
//! While a bucket is away nothing hammers it. What fails is left to one job per place (and node), which begins with the oldest object alone;
//! only when that one is through, the others follow, a few at a time. Failing, the job comes back with a growing pause, a minute at most,
//! for as long as it takes; whatever is kept meanwhile queues up behind.

use std::collections::HashSet;

use futures::{StreamExt, stream};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{
    PlacementState,
    model::placement,
    replicate::{fill, note},
};
use crate::{App, AppError, Result, WriteTxn, ids::PlacementId, job::Job, jobs::table::Dialect};

/// How soon after a failure the first try is: milliseconds.
pub(super) const SOON: i64 = 5_000;
/// Objects that are on their way at the same time.
const TOGETHER: usize = 4;
const CHUNK: u64 = 64;
const MINUTE: i64 = 60_000;

/// Everything that waits for a place and needs the files of `node`.
fn waiting(backend: &str, bucket: &str, node: &str) -> Condition {
    Condition::all()
        .add(placement::Column::Backend.eq(backend))
        .add(placement::Column::Bucket.eq(bucket))
        .add(placement::Column::Node.eq(node))
        .add(placement::Column::State.is_in(PlacementState::OPEN))
}

/// Whether others that wait for the same place have failed already: then `row` queues up behind them.
pub(super) async fn is_behind(app: &App, row: &placement::Model) -> Result<bool> {
    let failed = placement::Entity::find()
        .filter(waiting(&row.backend, &row.bucket, &row.node))
        .filter(placement::Column::Attempts.gt(0))
        .filter(placement::Column::Id.ne(row.id))
        .limit(1);
    Ok(failed.count(app.db()).await? > 0)
}

/// Sees to it that a catch-up of this place is in the queue, at `run_at` unless one is there already.
///
/// # Errors
/// When the database does not answer.
pub async fn want(app: &App, tx: &WriteTxn<'_>, backend: &str, bucket: &str, node: &str, run_at: i64) -> Result<bool> {
    // Two that see none at the same time agree on the minute.
    let asked = app.now() - app.now().rem_euclid(MINUTE);
    let job = Job::CatchUp { backend: backend.into(), bucket: bucket.into(), node: node.into(), asked };
    let dialect = Dialect::of(tx);
    let live = dialect.live_job("$1", "LIKE $2");
    let values = vec![job.lane().into(), format!("catch up {backend} {bucket} %").into()];
    if tx.query_one_raw(dialect.statement(live + " LIMIT 1", values)).await?.is_some() {
        return Ok(false);
    }
    tx.enqueue_at(job, run_at).await?;
    Ok(true)
}

/// Failures in a row after which the place is away, and not a single object at fault.
const AWAY_AFTER: usize = 3;

/// What became of a placement that waited.
enum Outcome {
    Filled,
    /// There was nothing to do, or somebody else in this process is at it.
    Moot,
    /// The place did not take it.
    Refused(PlacementId),
    /// It waits no longer, or not here.
    Settled,
}

/// Everything that wants the database is in here: of several in one stream only what is inside them goes on while another is awaited,
/// and one that stands still may hold the connection that writes.
async fn attempt(app: &App, row: placement::Model) -> Result<Outcome> {
    match fill(app, &row).await {
        Ok(true) => Ok(Outcome::Filled),
        Ok(false) => Ok(Outcome::Moot),
        Err(trouble) => {
            let refused = note(app, &row, trouble).await?;
            Ok(if refused { Outcome::Refused(row.id) } else { Outcome::Settled })
        }
    }
}

/// Fills what waits, until nothing does. Returns how many.
///
/// # Errors
/// [`AppError::Unavailable`] when the place does not answer, or does not take some: then it is tried again later.
pub async fn catch_up(app: &App, backend: &str, bucket: &str, node: &str) -> Result<u64> {
    let (mut filled, mut refused, mut in_a_row) = (0, Vec::new(), 0);
    let mut forgiven = HashSet::new();
    // One alone until the place has shown that it answers.
    let mut together = 1;
    loop {
        let rows = placement::Entity::find()
            .filter(waiting(backend, bucket, node))
            .filter(placement::Column::Id.is_not_in(refused.iter().copied()))
            .order_by_asc(placement::Column::Since)
            .order_by_asc(placement::Column::Id)
            .limit(together)
            .all(app.db())
            .await?;
        let found = rows.len();
        let mut moot = 0;
        let mut outcomes = stream::iter(rows).map(|row| attempt(app, row)).buffered(TOGETHER);
        while let Some(outcome) = outcomes.next().await {
            match outcome? {
                Outcome::Filled => {
                    // What was refused right before it may have been so because the place was away: once more, in its turn.
                    let before = refused.split_off(refused.len() - in_a_row);
                    refused.extend(before.into_iter().filter(|id| !forgiven.insert(*id)));
                    (filled, in_a_row, together) = (filled + 1, 0, CHUNK);
                }
                Outcome::Moot => moot += 1,
                Outcome::Refused(id) => {
                    refused.push(id);
                    (in_a_row, together) = (in_a_row + 1, 1);
                }
                Outcome::Settled => {}
            }
            if in_a_row >= AWAY_AFTER {
                return Err(AppError::Unavailable(format!("{backend} {bucket} does not answer; {filled} were copied")));
            }
        }
        // What is left is under way elsewhere in this process.
        if found == moot {
            break;
        }
    }
    match refused.len() {
        0 => Ok(filled),
        n => Err(AppError::Unavailable(format!("{backend} {bucket} took {filled} objects and {n} not"))),
    }
}
