//! The database: SQLite embedded, or Postgres for many processes.

use std::sync::Arc;

use sea_orm::{
    DatabaseBackend, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::error::Result;

/// A pool, and the queue of those who want to write. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    pool: DatabaseConnection,
    /// SQLite has one writer: taking turns here is cheaper and fairer than its busy handler.
    writer: Arc<Mutex<()>>,
}

/// Held while a transaction writes.
pub type Turn = Option<OwnedMutexGuard<()>>;

impl Database {
    #[must_use]
    pub fn new(pool: DatabaseConnection) -> Self {
        Self { pool, writer: Arc::default() }
    }

    /// For reading; whatever writes begins a transaction.
    #[must_use]
    pub fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// Begins a transaction that will write; keep the turn until it has ended.
    ///
    /// On SQLite it is IMMEDIATE: a deferred one that reads first fails when another writer commits in between.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&self) -> Result<(DatabaseTransaction, Turn)> {
        let (turn, mode) = match self.pool.get_database_backend() {
            DatabaseBackend::Sqlite => {
                (Some(Arc::clone(&self.writer).lock_owned().await), Some(SqliteTransactionMode::Immediate))
            }
            _ => (None, None),
        };
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
        Ok((self.pool.begin_with_options(options).await?, turn))
    }
}
