//! The domain with everything it needs in hand: verbs take it as their first argument.

use std::{ops::Deref, sync::Arc};

use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, ExecResult, QueryResult,
    Statement,
};
use url::Url;

use crate::{
    audit::{self, Action, Actor, Journal, NewEntry, Read, Subject},
    database::Database,
    error::Result,
    idempotency::{self, Key},
    job::Job,
    links::{self, Opener},
    ports::Ports,
    secrets::Secrets,
};

/// Cheap to clone: every layer of every request holds one.
#[derive(Clone, Debug)]
pub struct App {
    house: Arc<House>,
    /// Of a request that may be repeated.
    key: Option<Key>,
}

/// What there is one of in a process; [`App`] stands for it.
#[derive(Clone, Debug)]
pub struct House {
    database: Database,
    pub ports: Ports,
    pub secrets: Secrets,
    /// Where people reach Gatehouse: the start of every link in an email.
    pub base_url: Url,
    /// The address that mail comes from.
    pub mail_from: String,
    journal: Journal,
    pub(crate) opener: Opener,
}

impl Deref for App {
    type Target = House;

    fn deref(&self) -> &House {
        &self.house
    }
}

impl App {
    /// Must be called inside a Tokio runtime: it starts those who do things together.
    #[must_use]
    pub fn new(database: Database, ports: Ports, secrets: Secrets, base_url: Url, mail_from: String) -> Self {
        let journal = Journal::start(database.clone(), ports.clock.clone());
        let opener = links::opener(database.clone(), ports.clock.clone());
        let house = House { database, ports, secrets, base_url, mail_from, journal, opener };
        Self { house: Arc::new(house), key: None }
    }

    /// The same house for the length of one request: what is made is written down under `key`.
    pub(crate) fn keyed(&self, key: Key) -> Self {
        Self { key: Some(key), ..self.clone() }
    }

    /// The same house with something in it exchanged, as tests do with what they make misbehave.
    #[must_use]
    pub fn altered(&self, change: impl FnOnce(&mut House)) -> Self {
        let mut house = House::clone(&self.house);
        change(&mut house);
        Self { house: Arc::new(house), key: self.key.clone() }
    }

    /// The pool, for reading; whatever writes goes through [`App::begin`].
    #[must_use]
    pub fn db(&self) -> &DatabaseConnection {
        self.database.pool()
    }

    /// Unix milliseconds, UTC.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.ports.clock.now()
    }

    /// A new typed id.
    #[must_use]
    pub fn id<T: From<uuid::Uuid>>(&self) -> T {
        self.ports.ids.uuid().into()
    }

    /// Begins a transaction that will write. Dropping it without [`WriteTxn::commit`] leaves nothing behind.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&self) -> Result<WriteTxn<'_>> {
        Ok(WriteTxn { app: self, txn: self.database.begin().await?, entries: Vec::new() })
    }

    /// Puts a read on record, durably, before the person gets what they asked for. Cheaper than a transaction of its own when many read at once.
    ///
    /// # Errors
    /// When it could not be written: then the read must be refused.
    pub async fn record_read(
        &self,
        actor: &Actor,
        action: Action,
        subject: Subject,
        details: serde_json::Value,
    ) -> Result<()> {
        let entries = vec![NewEntry::new(actor, action, subject, details)];
        self.record(Read { entries, ..Read::default() }).await
    }

    /// The same for a read that also has a line in a link's trail.
    ///
    /// # Errors
    /// When it could not be written: then the read must be refused.
    pub async fn record(&self, read: Read) -> Result<()> {
        self.journal.record(read).await
    }
}

/// A transaction with its audit entries and jobs: they are committed together or not at all.
pub struct WriteTxn<'a> {
    app: &'a App,
    txn: DatabaseTransaction,
    entries: Vec<NewEntry>,
}

impl WriteTxn<'_> {
    /// Puts on record that `actor` did `action` to `subject`. Written at commit, so that the chain is held as briefly as can be.
    pub fn audit(&mut self, actor: &Actor, action: Action, subject: Subject, details: serde_json::Value) {
        self.entries.push(NewEntry::new(actor, action, subject, details));
    }

    /// Puts a job in the queue, to run now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn enqueue(&self, job: Job) -> Result<()> {
        self.enqueue_at(job, self.app.now()).await
    }

    /// Puts a job in the queue, to run at `run_at` (Unix milliseconds).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn enqueue_at(&self, job: Job, run_at: i64) -> Result<()> {
        Ok(self.app.ports.queue.enqueue(&self.txn, &job, run_at).await?)
    }

    /// Says what this transaction makes: should the request that asked for it be repeated, that is the answer. Call it last, once.
    ///
    /// # Errors
    /// [`AppError::Conflict`](crate::AppError::Conflict) when the same request was done at this moment.
    pub async fn made(&self, made: &impl serde::Serialize) -> Result<()> {
        match &self.app.key {
            Some(key) => idempotency::keep(&self.txn, self.app.now(), key, made).await,
            None => Ok(()),
        }
    }

    /// Writes the audit entries and commits.
    ///
    /// # Errors
    /// When the database does not answer; then nothing is written.
    pub async fn commit(self) -> Result<()> {
        if !self.entries.is_empty() {
            audit::append(&self.txn, self.app.now(), self.entries, Vec::new()).await?;
        }
        Ok(self.txn.commit().await?)
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for WriteTxn<'_> {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.txn.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.txn.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.txn.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.txn.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.txn.query_all_raw(statement).await
    }
}
