//! The database: SQLite embedded, or Postgres for many processes.

use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait, Values,
};

use crate::error::Result;

/// Where to read, and where to write. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    pool: DatabaseConnection,
    writer: DatabaseConnection,
}

impl Database {
    /// `pool` for all that read. SQLite has one writer at a time, so `writer` is one connection there: whoever wants to write waits for it,
    /// which is cheaper and fairer than SQLite's busy handler, and it finds in memory the pages that it wrote before.
    #[must_use]
    pub fn new(pool: DatabaseConnection, writer: DatabaseConnection) -> Self {
        Self { pool, writer }
    }

    /// For reading; whatever writes begins a transaction.
    #[must_use]
    pub fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// Begins a transaction that will write.
    ///
    /// On SQLite it is IMMEDIATE: a deferred one that reads first fails when another writer commits in between.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&self) -> Result<DatabaseTransaction> {
        let immediate = self.writer.get_database_backend() == DatabaseBackend::Sqlite;
        let sqlite_transaction_mode = immediate.then_some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode, ..Default::default() };
        Ok(self.writer.begin_with_options(options).await?)
    }
}

/// Executes `statements` in their order. For SQLite they become one: each that is sent crosses to the connection's thread and back.
///
/// # Errors
/// When one of them fails; the transaction is then of no use any more.
pub async fn execute_all(txn: &impl ConnectionTrait, statements: Vec<Statement>) -> Result<(), DbErr> {
    let backend = txn.get_database_backend();
    if backend != DatabaseBackend::Sqlite {
        for statement in statements {
            txn.execute_raw(statement).await?;
        }
        return Ok(());
    }
    let (mut sql, mut values) = (String::new(), Vec::new());
    for statement in statements {
        sql.push_str(&statement.sql);
        sql.push(';');
        values.extend(statement.values.into_iter().flatten());
    }
    txn.execute_raw(Statement { sql, values: Some(Values(values)), db_backend: backend }).await?;
    Ok(())
}
