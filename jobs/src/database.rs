//! Opening the database and bringing its schema up to date.

use std::{path::Path, str::FromStr, time::Duration};

use anyhow::{Context, Result, bail};
use gatehouse_app::database::Database;
use gatehouse_migrations::Migrator;
use sea_orm::{DatabaseBackend, DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};
use sea_orm_migration::MigratorTrait;
use sqlx::{
    Connection, PgConnection, SqliteConnection, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

/// Which database, and how to reach it.
#[derive(Clone, Debug)]
pub enum Place {
    Postgres(Box<PgConnectOptions>),
    Sqlite(Box<SqliteConnectOptions>),
}

/// Reads a URL without a look at the database.
///
/// # Errors
/// When `url` is neither `sqlite:` nor `postgres:`, or no URL of these.
pub fn parse(url: &str) -> Result<Place> {
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        let options = PgConnectOptions::from_str(url).context("not a Postgres URL")?;
        return Ok(Place::Postgres(Box::new(options)));
    }
    if !url.starts_with("sqlite:") {
        bail!("must begin with sqlite: or postgres:");
    }
    Ok(Place::Sqlite(Box::new(SqliteConnectOptions::from_str(url).context("not an SQLite URL")?)))
}

/// For both Gatehouse's tables and the queue's.
///
/// # Errors
/// When `url` cannot be read, or the database does not answer.
pub async fn open(url: &str) -> Result<Database> {
    let options = match parse(url).context("setting database_url")? {
        Place::Postgres(options) => {
            let pool = open_postgres(options.application_name("gatehouse")).await?;
            return Ok(Database::new(pool.clone(), pool));
        }
        Place::Sqlite(options) => options,
    };
    let options = durable(*options);
    Ok(Database::new(sqlite_pool(8, &options).await?, sqlite_pool(1, &options).await?))
}

/// An SQLite file of one's own, by one connection.
pub(crate) async fn sqlite(path: &Path) -> Result<SqlitePool> {
    let options = durable(SqliteConnectOptions::new().filename(path));
    Ok(sqlite_pool(1, &options).await?.get_sqlite_connection_pool().clone())
}

fn durable(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What is acknowledged survives the loss of power, not only a kill.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(15))
        // 8 MB a connection: what is beyond is in the system's cache, once for all of them.
        .pragma("cache_size", "-8000")
        .pragma("temp_store", "memory")
        // 16 MB of log: pages that every commit touches are copied back once for many commits.
        .pragma("wal_autocheckpoint", "4000")
}

async fn sqlite_pool(connections: u32, options: &SqliteConnectOptions) -> Result<DatabaseConnection> {
    let pool = SqlitePoolOptions::new()
        .max_connections(connections)
        // A file does not hang up, and asking crosses to the connection's thread and back.
        .test_before_acquire(false)
        // Where a COMMIT fails, on a full disk for one, SQLite may have ended the transaction itself. sqlx' ROLLBACK then fails, it takes the
        // next transaction for one within, and the end of that makes nothing durable.
        .after_release(|connection, _| {
            Box::pin(async move {
                if connection.is_in_transaction() {
                    // Behind the rollback of one that was dropped, which is on its way.
                    connection.ping().await?;
                }
                Ok(!connection.is_in_transaction())
            })
        })
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(30))
        .connect_with(options.clone())
        .await
        .context("the SQLite database could not be opened")?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

/// A connection that was of use so lately is taken without a question.
const TRUSTED: Duration = Duration::from_secs(1);

/// Connects once, without waiting for a database that is not there yet, and changes nothing. Returns what kind it is.
///
/// # Errors
/// What the database said, or that there is none.
pub async fn knock(url: &str) -> Result<&'static str> {
    match parse(url).context("setting database_url")? {
        Place::Postgres(options) => {
            let mut connection = PgConnection::connect_with(&options.application_name("gatehouse doctor")).await?;
            sqlx::query("SELECT 1").execute(&mut connection).await?;
            Ok("Postgres")
        }
        Place::Sqlite(options) => {
            let mut connection = SqliteConnection::connect_with(&options.busy_timeout(Duration::from_secs(5))).await?;
            // A writer's lock, taken and given back.
            sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await?;
            sqlx::query("ROLLBACK").execute(&mut connection).await?;
            Ok("SQLite")
        }
    }
}

async fn open_postgres(options: PgConnectOptions) -> Result<DatabaseConnection> {
    let pool = PgPoolOptions::new()
        .max_connections(20)
        // Asked whether it still answers only when it has been idle: at work the question would double the round trips.
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move { Ok(about.idle_for < TRUSTED || connection.ping().await.is_ok()) })
        })
        // A person is told that the database is away before they give up on the page.
        .acquire_timeout(Duration::from_secs(5))
        .connect_with(options)
        .await
        .context("Postgres does not answer at DATABASE_URL")?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

/// The URL of the embedded database in `data`.
#[must_use]
pub fn embedded_url(data: &Path) -> String {
    format!("sqlite:{}", data.join("gatehouse.db").display())
}

/// Runs the migrations that have not run yet, Gatehouse's and the queue's. Safe when many processes start at once.
///
/// # Errors
/// When one fails; what ran before it stays.
pub async fn migrate(db: &DatabaseConnection) -> Result<()> {
    match db.get_database_backend() {
        DatabaseBackend::Postgres => {
            let pool = db.get_postgres_connection_pool();
            // Processes that start together take turns; the lock goes with the connection.
            let mut lock = pool.acquire().await?;
            sqlx::query("SELECT pg_advisory_lock(7263548190)").execute(&mut *lock).await?;
            let outcome = migrate_postgres(db).await;
            sqlx::query("SELECT pg_advisory_unlock(7263548190)").execute(&mut *lock).await?;
            outcome
        }
        _ => {
            // Not `SqliteStorage::setup`: it would switch `synchronous` off.
            apalis_sqlite::SqliteStorage::migrations()
                .run(db.get_sqlite_connection_pool())
                .await
                .context("queue tables")?;
            Migrator::up(db, None).await.context("migrations")
        }
    }
}

async fn migrate_postgres(db: &DatabaseConnection) -> Result<()> {
    apalis_postgres::PostgresStorage::migrations()
        .run(db.get_postgres_connection_pool())
        .await
        .context("queue tables")?;
    Migrator::up(db, None).await.context("migrations")
}

/// Opens, migrates and wraps it for the domain.
///
/// # Errors
/// As [`open`] and [`migrate`].
pub async fn ready(url: &str) -> Result<Database> {
    let database = open(url).await?;
    migrate(database.pool()).await?;
    Ok(database)
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait;

    use super::*;

    #[tokio::test]
    async fn after_a_transaction_that_sqlite_ended_the_next_one_is_a_whole_one() {
        let folder = tempfile::tempdir().unwrap();
        let url = embedded_url(folder.path());
        let database = open(&url).await.unwrap();
        let ended = database.begin().await.unwrap();
        ended.execute_unprepared("ROLLBACK").await.unwrap();
        drop(ended);

        let next = database.begin().await.unwrap();
        // One within another would not be IMMEDIATE, and would let another writer in.
        let options = SqliteConnectOptions::from_str(&url).unwrap().busy_timeout(Duration::ZERO);
        let mut other = SqliteConnection::connect_with(&options).await.unwrap();
        assert!(sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.is_err());
        next.commit().await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    }
}
