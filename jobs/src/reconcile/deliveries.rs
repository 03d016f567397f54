//! Emails that nobody is going to send, and those whose sender died while the text went out.

use gatehouse_app::{
    App, Result,
    audit::{Action, Actor, Subject},
    ids::DeliveryId,
    job::Job,
    jobs::table::{DEAD_AFTER, Dialect},
};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;

#[derive(FromQueryResult)]
struct Lost {
    id: DeliveryId,
    generation: i32,
    next_attempt_at: Option<i64>,
}

/// Puts mails that wait without a job in the queue again. Returns how many. A mail that waits for a PDF is left alone: making the PDF
/// ready wakes it, in the same transaction.
pub(super) async fn catch_up(app: &App) -> Result<u64> {
    let tx = app.begin().await?;
    let dialect = Dialect::of(&tx);
    let lost = format!(
        "SELECT id, generation, next_attempt_at FROM deliveries AS delivery WHERE state IN ('queued', 'deferred') \
         AND NOT EXISTS (SELECT 1 FROM bols AS bol JOIN bol_revisions AS revision ON revision.id = bol.current_revision_id \
         WHERE bol.id = delivery.bol_id AND delivery.state = 'queued' AND revision.pdf_state IN ('waiting', 'failed')) \
         AND NOT EXISTS ({}) ORDER BY created_at, id LIMIT 500",
        dialect.live_job("'send_email'", "= delivery.id || '.' || delivery.generation")
    );
    let lost = Lost::find_by_statement(dialect.statement(lost, Vec::new())).all(&tx).await?;
    for Lost { id, generation, next_attempt_at } in &lost {
        let sql = "UPDATE deliveries SET generation = $1, updated_at = $2 \
                   WHERE id = $3 AND generation = $4 AND state IN ('queued', 'deferred')";
        let values = vec![(generation + 1).into(), app.now().into(), id.to_string().into(), (*generation).into()];
        if tx.execute_raw(dialect.statement(sql.into(), values)).await?.rows_affected() == 1 {
            let job = Job::SendEmail { delivery: *id, attempt: u32::try_from(generation + 1).unwrap_or_default() };
            tx.enqueue_at(job, next_attempt_at.unwrap_or_default().max(app.now())).await?;
        }
    }
    tx.commit().await?;
    Ok(lost.len() as u64)
}

/// A text goes out within this time, or its connection times out.
const LONGEST: i64 = 5 * 60_000;

/// Calls mails `unknown` that were going out when their worker died: only a person may decide to send them again. Returns how many.
pub(super) async fn settle_stuck(app: &App) -> Result<u64> {
    let mut tx = app.begin().await?;
    let dialect = Dialect::of(&tx);
    let stuck = format!(
        "SELECT id, generation, next_attempt_at FROM deliveries AS delivery WHERE state = 'sending' AND updated_at < $1 \
         AND NOT EXISTS (SELECT 1 FROM {} AS job JOIN {} AS worker ON worker.id = job.lock_by WHERE job.job_type = 'send_email' \
         AND job.idempotency_key = delivery.id || '.' || delivery.generation AND job.status IN ('Queued', 'Running') \
         AND worker.last_seen >= {}) LIMIT 500",
        dialect.jobs,
        dialect.workers,
        dialect.seconds_ago(DEAD_AFTER),
    );
    let stuck = Lost::find_by_statement(dialect.statement(stuck, vec![(app.now() - LONGEST).into()])).all(&tx).await?;
    for Lost { id, generation, .. } in &stuck {
        let sql = "UPDATE deliveries SET state = 'unknown', answer = $1, updated_at = $2 \
                   WHERE id = $3 AND generation = $4 AND state = 'sending'";
        let answer = "The worker stopped while the text went out: it may or may not have arrived.";
        let values = vec![answer.into(), app.now().into(), id.to_string().into(), (*generation).into()];
        if tx.execute_raw(dialect.statement(sql.into(), values)).await?.rows_affected() == 1 {
            tx.audit(&Actor::system(), Action::MailUnknown, Subject::Delivery(*id), json!({ "answer": answer }));
        }
    }
    tx.commit().await?;
    Ok(stuck.len() as u64)
}
