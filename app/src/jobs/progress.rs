//! Progress of jobs that take longer than a second.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};

use super::{model, table::JobRow};
use crate::{App, Result, job::Job};

/// Why a job ended that was told to stop while it ran: the words a cancelled job has for its result.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Stopped(pub String);

/// Asks the job that `row` stands for to stop: it sees `who` when it reports next.
pub(super) async fn ask_to_stop(tx: &impl ConnectionTrait, now: i64, row: &JobRow, who: &str) -> Result<()> {
    let asked = model::ActiveModel {
        queue: Set(row.queue.clone()),
        key: Set(row.key.clone().unwrap_or_default()),
        done: Set(0),
        total: Set(None),
        stop_by: Set(Some(who.to_owned())),
        updated_at: Set(now),
    };
    let note =
        OnConflict::columns([model::Column::Queue, model::Column::Key]).update_column(model::Column::StopBy).to_owned();
    model::Entity::insert(asked).on_conflict(note).exec_without_returning(tx).await?;
    Ok(())
}

/// Notes how far `job` has come, and says who wants it stopped, if anybody does.
///
/// # Errors
/// When the database does not answer.
pub async fn report(app: &App, job: &Job, done: i64, total: Option<i64>) -> Result<Option<String>> {
    let row = model::ActiveModel {
        queue: Set(job.lane()),
        key: Set(job.key()),
        done: Set(done),
        total: Set(total),
        stop_by: Set(None),
        updated_at: Set(app.now()),
    };
    let replace = OnConflict::columns([model::Column::Queue, model::Column::Key])
        .update_columns([model::Column::Done, model::Column::Total, model::Column::UpdatedAt])
        .to_owned();
    let txn = app.begin().await?;
    model::Entity::insert(row).on_conflict(replace).exec_without_returning(&txn).await?;
    let row = model::Entity::find_by_id((job.lane(), job.key())).one(&txn).await?;
    txn.commit().await?;
    Ok(row.and_then(|row| row.stop_by))
}

/// Forgets it when the job is done.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(app: &App, job: &Job) -> Result<()> {
    let txn = app.begin().await?;
    model::Entity::delete_by_id((job.lane(), job.key())).exec(&txn).await?;
    txn.commit().await
}
