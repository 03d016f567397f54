//! A person's retry and cancel. What the job was for changes with it, so that no reconciler undoes the decision.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::{
    progress::ask_to_stop,
    table::{self, CANCELLED, Dialect, JobRow, JobState},
};
use crate::{
    App, AppError, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    bols::model::revision,
    job::Job,
    mail::model::delivery,
};

/// Runs a job that failed, waits to be tried again or was cancelled, now and as if for the first time.
///
/// # Errors
/// `NotFound`; `Conflict` when it is not in such a state.
pub async fn retry(app: &App, actor: &Actor, id: &str) -> Result<()> {
    let mut tx = app.begin().await?;
    let row = find(&tx, id).await?;
    if !matches!(row.state(), JobState::Failed | JobState::Retrying | JobState::Cancelled) {
        return Err(AppError::Conflict(format!(
            "This job is {} already, so there is nothing to retry.",
            row.state().as_str()
        )));
    }
    let dialect = Dialect::of(&tx);
    let sql = format!(
        "UPDATE {} SET status = 'Pending', attempts = 0, run_at = {}, lock_by = NULL, lock_at = NULL, done_at = NULL \
         WHERE id = $2 AND status IN ('Failed', 'Killed')",
        dialect.jobs,
        dialect.instant("$1")
    );
    changed(&tx, dialect.statement(sql, vec![app.now().into(), id.into()])).await?;
    if row.state() == JobState::Cancelled {
        carry(&tx, app.now(), &row, (&["cancelled"], "queued"), ("failed", "waiting"), None).await?;
    }
    tx.audit(
        actor,
        Action::JobRetried,
        Subject::Yard,
        json!({ "job": id, "queue": row.queue, "key": row.key, "error": row.error() }),
    );
    tx.commit().await
}

/// What became of cancelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// It will not run.
    Done,
    /// It runs, and stops within a second or two.
    Stopping,
}

/// Takes a job that has not begun out of the queue, or tells one that runs and can stop half-way to do so.
///
/// # Errors
/// `NotFound`; `Conflict` when it runs and cannot stop, or is over.
pub async fn cancel(app: &App, actor: &Actor, id: &str) -> Result<Cancelled> {
    let mut tx = app.begin().await?;
    let row = find(&tx, id).await?;
    if row.can_stop() {
        ask_to_stop(&tx, app.now(), &row, &actor.name).await?;
        tx.audit(actor, Action::JobCancelled, Subject::Yard, json!({ "job": id, "queue": row.queue, "key": row.key }));
        tx.commit().await?;
        return Ok(Cancelled::Stopping);
    }
    if !matches!(row.status.as_str(), "Pending" | "Failed") {
        return Err(AppError::Conflict(format!(
            "This job is {}: only a job that waits can be cancelled.",
            row.state().as_str()
        )));
    }
    let dialect = Dialect::of(&tx);
    let result = json!({ "Err": format!("{CANCELLED}{}", actor.name) }).to_string();
    let sql = format!(
        "UPDATE {} SET status = 'Killed', done_at = {}, last_result = {} WHERE id = $3 AND status IN ('Pending', 'Failed')",
        dialect.jobs,
        dialect.instant("$1"),
        if dialect.is_postgres() { "CAST($2 AS JSONB)" } else { "$2" },
    );
    changed(&tx, dialect.statement(sql, vec![app.now().into(), result.into(), id.into()])).await?;
    let why = format!("{CANCELLED}{}", actor.name);
    carry(&tx, app.now(), &row, (&["queued", "deferred"], "cancelled"), ("waiting", "failed"), Some(why)).await?;
    tx.audit(actor, Action::JobCancelled, Subject::Yard, json!({ "job": id, "queue": row.queue, "key": row.key }));
    tx.commit().await?;
    Ok(Cancelled::Done)
}

async fn find(tx: &WriteTxn<'_>, id: &str) -> Result<JobRow> {
    table::find(tx, id).await?.ok_or(AppError::NotFound("The job"))
}

async fn changed(tx: &WriteTxn<'_>, statement: sea_orm::Statement) -> Result<()> {
    match tx.execute_raw(statement).await?.rows_affected() {
        0 => Err(AppError::Conflict("A worker took this job in the meantime. Look again at what it is doing.".into())),
        _ => Ok(()),
    }
}

/// Brings what the job was for along: a delivery from one of `mail.0` to `mail.1`, a PDF from `pdf.0` to `pdf.1`.
async fn carry(
    tx: &WriteTxn<'_>,
    now: i64,
    row: &JobRow,
    mail: (&[&str], &str),
    pdf: (&str, &str),
    why: Option<String>,
) -> Result<()> {
    match serde_json::from_slice::<Job>(&row.job) {
        Ok(Job::SendEmail { delivery, .. }) => {
            delivery::Entity::update_many()
                .col_expr(delivery::Column::State, Expr::value(mail.1))
                .col_expr(delivery::Column::UpdatedAt, Expr::value(now))
                .filter(delivery::Column::Id.eq(delivery))
                .filter(delivery::Column::State.is_in(mail.0.iter().copied()))
                .exec(tx)
                .await?;
        }
        Ok(Job::RenderBol { revision, .. }) => {
            revision::Entity::update_many()
                .col_expr(revision::Column::PdfState, Expr::value(pdf.1))
                .col_expr(revision::Column::PdfError, Expr::value(why))
                .filter(revision::Column::Id.eq(revision))
                .filter(revision::Column::PdfState.eq(pdf.0))
                .exec(tx)
                .await?;
        }
        _ => {}
    }
    Ok(())
}
