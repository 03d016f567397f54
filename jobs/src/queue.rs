//! The queue's tables, written within the business transaction: one enum over the two databases.
//!
//! apalis runs what stands in them ([`crate::runtime`]); putting a job in is an INSERT of our own, because a job that is committed apart
//! from its row can be lost or can run for a row that never was.

use async_trait::async_trait;
use gatehouse_app::{job::Job, ports::Queue};
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, FromQueryResult, Statement, Value,
};

/// So many attempts that only a person, or [`crate::runtime`]'s abort, ends a job.
const MAX_ATTEMPTS: i32 = 1_000;

/// The port's adapter; it lives in whatever database the transaction is in.
#[derive(Debug)]
pub struct SqlQueue;

#[async_trait]
impl Queue for SqlQueue {
    async fn enqueue(&self, txn: &DatabaseTransaction, job: &Job, run_at: i64) -> Result<(), DbErr> {
        let backend = txn.get_database_backend();
        let sql = match backend {
            DatabaseBackend::Postgres => {
                "INSERT INTO apalis.jobs (job, id, job_type, status, attempts, max_attempts, run_at, priority, idempotency_key)
                 VALUES ($1, apalis.generate_ulid(), $2, 'Pending', 0, $3, to_timestamp($4::bigint), 0, $5)
                 ON CONFLICT (job_type, idempotency_key) DO NOTHING"
            }
            _ => {
                "INSERT INTO Jobs (job, id, job_type, status, attempts, max_attempts, run_at, priority, idempotency_key)
                 VALUES (?1, ?6, ?2, 'Pending', 0, ?3, ?4, 0, ?5)
                 ON CONFLICT (job_type, idempotency_key) DO NOTHING"
            }
        };
        let body = serde_json::to_vec(job).map_err(|e| DbErr::Custom(e.to_string()))?;
        let mut values: Vec<Value> =
            vec![body.into(), job.lane().into(), MAX_ATTEMPTS.into(), run_at.div_euclid(1000).into(), job.key().into()];
        if backend != DatabaseBackend::Postgres {
            values.push(ulid::Ulid::new().to_string().into());
        }
        txn.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        Ok(())
    }
}

/// A job as it stands in the queue.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Waiting {
    pub id: String,
    pub job: Vec<u8>,
    pub attempts: i32,
}

/// The next job that is due at `now` (Unix milliseconds), for whoever runs jobs without workers: tests and the demo.
///
/// # Errors
/// When the database does not answer.
pub async fn next_due(db: &DatabaseConnection, now: i64) -> Result<Option<Waiting>, DbErr> {
    let (backend, sql) = match db.get_database_backend() {
        backend @ DatabaseBackend::Postgres => (
            backend,
            "SELECT id, job, attempts FROM apalis.jobs WHERE status IN ('Pending', 'Failed') AND attempts < max_attempts
             AND run_at <= to_timestamp($1::bigint) ORDER BY run_at, id LIMIT 1",
        ),
        backend => (
            backend,
            "SELECT id, job, attempts FROM Jobs WHERE status IN ('Pending', 'Failed') AND attempts < max_attempts
             AND run_at <= ?1 ORDER BY run_at, id LIMIT 1",
        ),
    };
    Waiting::find_by_statement(Statement::from_sql_and_values(backend, sql, [now.div_euclid(1000).into()]))
        .one(db)
        .await
}

/// Those of `lanes` that have a job due at `now` (Unix milliseconds), as apalis takes what is due.
///
/// # Errors
/// When the database does not answer.
pub async fn due(db: &DatabaseConnection, now: i64, lanes: &[&str]) -> Result<Vec<String>, DbErr> {
    let backend = db.get_database_backend();
    let (table, at) = match backend {
        DatabaseBackend::Postgres => ("apalis.jobs", "to_timestamp($1::bigint)"),
        _ => ("Jobs", "$1"),
    };
    let asked = (2..lanes.len() + 2).map(|n| format!("(${n})")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "WITH lanes(lane) AS (VALUES {asked}) SELECT lane FROM lanes
         WHERE EXISTS (SELECT 1 FROM {table} WHERE job_type = lane AND status = 'Pending' AND run_at <= {at})
            OR EXISTS (SELECT 1 FROM {table} WHERE job_type = lane AND status = 'Failed' AND attempts < max_attempts AND run_at <= {at})"
    );
    let values = std::iter::once(now.div_euclid(1000).into()).chain(lanes.iter().map(|lane| Value::from(*lane)));
    let found = db.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    found.iter().map(|row| row.try_get("", "lane")).collect()
}

/// Marks a job that was run without a worker.
///
/// # Errors
/// When the database does not answer.
pub async fn finish(db: &DatabaseConnection, id: &str, status: &str) -> Result<(), DbErr> {
    let (backend, sql) = match db.get_database_backend() {
        backend @ DatabaseBackend::Postgres => {
            (backend, "UPDATE apalis.jobs SET status = $1, attempts = attempts + 1, done_at = now() WHERE id = $2")
        }
        backend => (
            backend,
            "UPDATE Jobs SET status = ?1, attempts = attempts + 1, done_at = strftime('%s', 'now') WHERE id = ?2",
        ),
    };
    db.execute_raw(Statement::from_sql_and_values(backend, sql, [status.into(), id.into()])).await?;
    Ok(())
}

/// Keeps `error` as the result of a job that was run without a worker.
///
/// # Errors
/// When the database does not answer.
pub async fn say(db: &DatabaseConnection, id: &str, error: &str) -> Result<(), DbErr> {
    let (backend, sql) = match db.get_database_backend() {
        backend @ DatabaseBackend::Postgres => {
            (backend, "UPDATE apalis.jobs SET last_result = CAST($1 AS JSONB) WHERE id = $2")
        }
        backend => (backend, "UPDATE Jobs SET last_result = ?1 WHERE id = ?2"),
    };
    let result = serde_json::json!({ "Err": error }).to_string();
    db.execute_raw(Statement::from_sql_and_values(backend, sql, [result.into(), id.into()])).await?;
    Ok(())
}

/// Sets when a job that fails now runs again: apalis would retry at once.
///
/// # Errors
/// When the database does not answer.
pub async fn run_again_at(db: &DatabaseConnection, id: &str, run_at: i64) -> Result<(), DbErr> {
    let (backend, sql) = match db.get_database_backend() {
        backend @ DatabaseBackend::Postgres => {
            (backend, "UPDATE apalis.jobs SET run_at = to_timestamp($1::bigint) WHERE id = $2")
        }
        backend => (backend, "UPDATE Jobs SET run_at = ?1 WHERE id = ?2"),
    };
    // Rounded up: a job must not come back before its time.
    let seconds = run_at.saturating_add(999).div_euclid(1000);
    db.execute_raw(Statement::from_sql_and_values(backend, sql, [seconds.into(), id.into()])).await?;
    Ok(())
}
