//! Progress of jobs that take longer than a second.

use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::model;
use crate::{App, Result, job::Job};

/// Notes how far `job` has come.
///
/// # Errors
/// When the database does not answer.
pub async fn report(app: &App, job: &Job, done: i64, total: Option<i64>) -> Result<()> {
    let row = model::ActiveModel {
        queue: Set(job.queue().into()),
        key: Set(job.key()),
        done: Set(done),
        total: Set(total),
        updated_at: Set(app.now()),
    };
    let replace = OnConflict::columns([model::Column::Queue, model::Column::Key])
        .update_columns([model::Column::Done, model::Column::Total, model::Column::UpdatedAt])
        .to_owned();
    let txn = app.begin().await?;
    model::Entity::insert(row).on_conflict(replace).exec_without_returning(&txn).await?;
    txn.commit().await
}

/// Forgets it when the job is done.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(app: &App, job: &Job) -> Result<()> {
    let txn = app.begin().await?;
    model::Entity::delete_by_id((job.queue().to_owned(), job.key())).exec(&txn).await?;
    txn.commit().await
}
