//! The queue's tables in the dialects of both databases.

use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, FromQueryResult, Statement, Value};

/// A job as it stands in the queue; times are Unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct JobRow {
    /// A ULID: sorts by the time the job was put in.
    pub id: String,
    pub queue: String,
    pub status: String,
    pub attempts: i32,
    pub max_attempts: i32,
    pub run_at: i64,
    pub lock_at: Option<i64>,
    pub done_at: Option<i64>,
    /// JSON, `{"Err": "…"}` after a failure.
    pub last_result: Option<String>,
    pub job: Vec<u8>,
    pub key: Option<String>,
}

/// What has become of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    Queued,
    Running,
    /// It failed and runs again by itself.
    Retrying,
    /// It failed and stays so until somebody retries it.
    Failed,
    Cancelled,
    Done,
}

/// What a cancelled job has for its result.
pub const CANCELLED: &str = "cancelled by ";

impl JobState {
    pub const ALL: [Self; 6] = [Self::Queued, Self::Running, Self::Retrying, Self::Failed, Self::Cancelled, Self::Done];

    /// As it stands in URLs and on the page.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Done => "done",
        }
    }

    /// The state that `word` is in URLs and on the page.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether the queue will still do something about it by itself.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Retrying)
    }

    /// The rows that are in this state. The words of `last_result` tell a cancelled job from one that gave up.
    fn condition(self) -> &'static str {
        match self {
            Self::Queued => "status IN ('Pending', 'Queued')",
            Self::Running => "status = 'Running'",
            Self::Retrying => "status = 'Failed' AND attempts < max_attempts",
            Self::Failed => {
                "((status = 'Failed' AND attempts >= max_attempts) \
                 OR (status = 'Killed' AND COALESCE(CAST(last_result AS TEXT), '') NOT LIKE '%cancelled by %'))"
            }
            Self::Cancelled => "status = 'Killed' AND CAST(last_result AS TEXT) LIKE '%cancelled by %'",
            Self::Done => "status = 'Done'",
        }
    }
}

impl JobRow {
    #[must_use]
    pub fn state(&self) -> JobState {
        match self.status.as_str() {
            "Done" => JobState::Done,
            "Running" => JobState::Running,
            "Failed" if self.attempts < self.max_attempts => JobState::Retrying,
            "Killed" if self.error().is_some_and(|error| error.starts_with(CANCELLED)) => JobState::Cancelled,
            "Failed" | "Killed" => JobState::Failed,
            _ => JobState::Queued,
        }
    }

    /// Whether it runs and can be stopped half-way: a walk over the audit log leaves nothing undone.
    #[must_use]
    pub fn can_stop(&self) -> bool {
        self.state() == JobState::Running && self.queue == "verify_audit"
    }

    /// What went wrong last.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        let result: serde_json::Value = serde_json::from_str(self.last_result.as_deref()?).ok()?;
        let error = result.get("Err")?;
        Some(error.as_str().map_or_else(|| error.to_string(), ToOwned::to_owned))
    }
}

/// Names and expressions that differ.
pub struct Dialect {
    backend: DatabaseBackend,
    pub jobs: &'static str,
    pub workers: &'static str,
    columns: &'static str,
}

const SQLITE: &str = "id, job_type AS queue, status, attempts, max_attempts, run_at * 1000 AS run_at, lock_at * 1000 AS lock_at, \
     done_at * 1000 AS done_at, last_result, job, idempotency_key AS key";

const POSTGRES: &str = "id, job_type AS queue, status, attempts, max_attempts, \
     CAST(EXTRACT(EPOCH FROM run_at) * 1000 AS BIGINT) AS run_at, CAST(EXTRACT(EPOCH FROM lock_at) * 1000 AS BIGINT) AS lock_at, \
     CAST(EXTRACT(EPOCH FROM done_at) * 1000 AS BIGINT) AS done_at, CAST(last_result AS TEXT) AS last_result, job, \
     idempotency_key AS key";

impl Dialect {
    #[must_use]
    pub fn of(db: &impl ConnectionTrait) -> Self {
        match db.get_database_backend() {
            backend @ DatabaseBackend::Postgres => {
                Self { backend, jobs: "apalis.jobs", workers: "apalis.workers", columns: POSTGRES }
            }
            backend => Self { backend, jobs: "Jobs", workers: "Workers", columns: SQLITE },
        }
    }

    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.backend == DatabaseBackend::Postgres
    }

    /// An instant given in Unix milliseconds as `placeholder`, in the queue's own type.
    #[must_use]
    pub fn instant(&self, placeholder: &str) -> String {
        if self.is_postgres() {
            format!("to_timestamp(CAST({placeholder} AS BIGINT) / 1000.0)")
        } else {
            format!("({placeholder} / 1000)")
        }
    }

    /// The same the other way: a column of the queue's as Unix milliseconds.
    #[must_use]
    pub fn millis(&self, column: &str) -> String {
        if self.is_postgres() {
            format!("CAST(EXTRACT(EPOCH FROM {column}) * 1000 AS BIGINT)")
        } else {
            format!("({column} * 1000)")
        }
    }

    /// The database's own time, which heartbeats are written in, less `seconds`.
    #[must_use]
    pub fn seconds_ago(&self, seconds: u32) -> String {
        if self.is_postgres() {
            format!("(now() - interval '{seconds} seconds')")
        } else {
            format!("(CAST(strftime('%s', 'now') AS INTEGER) - {seconds})")
        }
    }

    /// A job that the queue will still do something about, as a subquery: of one of `queues`, whose key is as `key` says; both SQL.
    #[must_use]
    pub fn live_job(&self, queues: &str, key: &str) -> String {
        format!(
            "SELECT 1 AS one FROM {} AS job WHERE job.job_type IN ({queues}) AND job.idempotency_key {key} \
             AND (job.status IN ('Pending', 'Queued', 'Running') OR (job.status = 'Failed' AND job.attempts < job.max_attempts))",
            self.jobs
        )
    }

    /// A statement with `$1`, `$2` … in it, which both databases understand.
    #[must_use]
    pub fn statement(&self, sql: String, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(self.backend, sql, values)
    }
}

/// The newest jobs, in any of `states` (none: all) and of `queue` where given, older than the job `before`.
///
/// # Errors
/// When the database does not answer.
pub async fn newest(
    db: &impl ConnectionTrait,
    states: &[JobState],
    queue: Option<&str>,
    before: Option<&str>,
    limit: u64,
) -> Result<Vec<JobRow>, DbErr> {
    let dialect = Dialect::of(db);
    let mut conditions = vec!["1 = 1".to_owned()];
    if !states.is_empty() {
        let any: Vec<_> = states.iter().map(|state| format!("({})", state.condition())).collect();
        conditions.push(format!("({})", any.join(" OR ")));
    }
    let mut values: Vec<Value> = Vec::new();
    for (condition, value) in [("job_type =", queue), ("id <", before)] {
        if let Some(value) = value {
            values.push(value.into());
            conditions.push(format!("{condition} ${}", values.len()));
        }
    }
    let sql = format!(
        "SELECT {} FROM {} WHERE {} ORDER BY id DESC LIMIT {limit}",
        dialect.columns,
        dialect.jobs,
        conditions.join(" AND ")
    );
    JobRow::find_by_statement(dialect.statement(sql, values)).all(db).await
}

/// One job by its id.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<JobRow>, DbErr> {
    let dialect = Dialect::of(db);
    let sql = format!("SELECT {} FROM {} WHERE id = $1", dialect.columns, dialect.jobs);
    JobRow::find_by_statement(dialect.statement(sql, vec![id.into()])).one(db).await
}

/// How many jobs of a queue are in one state, and the oldest that is due.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Count {
    pub queue: String,
    pub status: String,
    /// Failed, and not to be tried again by itself.
    pub over: bool,
    pub jobs: i64,
    pub oldest_run_at: i64,
}

/// Jobs by queue and state, without those that were done or cancelled: there may be a million of them.
///
/// # Errors
/// When the database does not answer.
pub async fn counts(db: &impl ConnectionTrait) -> Result<Vec<Count>, DbErr> {
    let dialect = Dialect::of(db);
    let sql = format!(
        "SELECT job_type AS queue, status, (attempts >= max_attempts) AS over, COUNT(*) AS jobs, {} AS oldest_run_at FROM {} \
         WHERE status IN ('Pending', 'Queued', 'Running', 'Failed') GROUP BY 1, 2, 3",
        dialect.millis("MIN(run_at)"),
        dialect.jobs
    );
    Count::find_by_statement(dialect.statement(sql, Vec::new())).all(db).await
}

/// How many jobs of each queue gave up or were done since `since` (Unix milliseconds).
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Ended {
    pub queue: String,
    pub status: String,
    pub jobs: i64,
}

/// Jobs that ended since `since`, by queue and status.
///
/// # Errors
/// When the database does not answer.
pub async fn ended_since(db: &impl ConnectionTrait, since: i64) -> Result<Vec<Ended>, DbErr> {
    let dialect = Dialect::of(db);
    let sql = format!(
        "SELECT job_type AS queue, status, COUNT(*) AS jobs FROM {} \
         WHERE status IN ('Done', 'Killed') AND done_at >= {} AND NOT ({}) GROUP BY 1, 2",
        dialect.jobs,
        dialect.instant("$1"),
        JobState::Cancelled.condition(),
    );
    Ended::find_by_statement(dialect.statement(sql, vec![since.into()])).all(db).await
}

/// A worker: one per queue and process.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct WorkerRow {
    pub name: String,
    pub queue: String,
    /// Heartbeat, Unix milliseconds of the database's clock.
    pub last_seen: i64,
    /// Whether the heartbeat is recent enough.
    pub alive: bool,
}

/// Seconds without a heartbeat after which a worker counts as dead; workers beat every five.
pub const DEAD_AFTER: u32 = 30;

/// Workers that were heard of within the last hour, the living first.
///
/// # Errors
/// When the database does not answer.
pub async fn workers(db: &impl ConnectionTrait) -> Result<Vec<WorkerRow>, DbErr> {
    let dialect = Dialect::of(db);
    let sql = format!(
        "SELECT id AS name, worker_type AS queue, {} AS last_seen, (last_seen >= {}) AS alive FROM {} WHERE last_seen >= {} \
         ORDER BY 4 DESC, 2, 1",
        dialect.millis("last_seen"),
        dialect.seconds_ago(DEAD_AFTER),
        dialect.workers,
        dialect.seconds_ago(3600),
    );
    WorkerRow::find_by_statement(dialect.statement(sql, Vec::new())).all(db).await
}
