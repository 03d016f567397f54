//! What a recorder on another site remembers: its hub's last word, what it recorded, and what of that the hub does not know or have yet.
//!
//! One SQLite with one connection: a minute of sixty cameras is sixty commits. What happened is written as *news*, in the order in which it
//! happened, and is told in that order; a file stays in `files` until the hub has verified its own copy.

mod keep;
mod news;
mod queue;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, path::Path};

use anyhow::{Context, Result};
use sqlx::{Sqlite, SqlitePool, Transaction};
use uuid::Uuid;

pub(super) use keep::{NewFile, Took};
pub(super) use queue::{File, Waiting};

use crate::database;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS cameras (
        camera TEXT PRIMARY KEY, floor INTEGER NOT NULL, started_at INTEGER NOT NULL, nth INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS runs (
        id TEXT PRIMARY KEY, camera TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, end_reason TEXT, end_detail TEXT NOT NULL,
        video TEXT NOT NULL, audio TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, clock TEXT NOT NULL, told_end INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS runs_by_camera ON runs (camera, started_at);
    CREATE TABLE IF NOT EXISTS files (
        key TEXT PRIMARY KEY, camera TEXT NOT NULL, run TEXT NOT NULL REFERENCES runs (id), started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,
        nth INTEGER NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL, init_size INTEGER NOT NULL, fragments BLOB NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('new', 'told', 'aside')), why TEXT NOT NULL, since INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX IF NOT EXISTS files_by_camera ON files (camera, started_at);
    CREATE INDEX IF NOT EXISTS files_in_turn ON files (state, started_at, size);
    CREATE INDEX IF NOT EXISTS files_by_run ON files (run);
    CREATE TABLE IF NOT EXISTS gaps (
        id INTEGER PRIMARY KEY AUTOINCREMENT, camera TEXT NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS news (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL CHECK (kind IN ('begun', 'file', 'ended', 'gap', 'lost')), subject TEXT NOT NULL
    );";

/// A recorder's own database. Every call that changes something is durable when it returns.
#[derive(Clone, Debug)]
pub(super) struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Opens `recorder.db` in `data`, which is made where there is none.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub async fn open(data: &Path) -> Result<Self> {
        let pool = database::sqlite(&data.join("recorder.db")).await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await.context("the recorder's database")?;
        Ok(Self { pool })
    }

    /// What was noted under `name`.
    pub async fn fact(&self, name: &str) -> Result<Option<String>> {
        Ok(sqlx::query_scalar("SELECT value FROM facts WHERE name = $1").bind(name).fetch_optional(&self.pool).await?)
    }

    pub async fn note(&self, name: &str, value: &str) -> Result<()> {
        let sql =
            "INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        sqlx::query(sql).bind(name).bind(value).execute(&self.pool).await?;
        Ok(())
    }

    pub async fn forget(&self, name: &str) -> Result<()> {
        sqlx::query("DELETE FROM facts WHERE name = $1").bind(name).execute(&self.pool).await?;
        Ok(())
    }

    /// Where the last file of each camera ended, Unix milliseconds.
    pub async fn floors(&self) -> Result<HashMap<Uuid, i64>> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT camera, floor FROM cameras").fetch_all(&self.pool).await?;
        rows.into_iter().map(|(camera, floor)| Ok((camera.parse()?, floor))).collect()
    }

    /// Where the last file of `camera` ended, Unix milliseconds; 0 where there was none.
    pub async fn floor(&self, camera: Uuid) -> Result<i64> {
        let sql = "SELECT floor FROM cameras WHERE camera = $1";
        let floor: Option<i64> = sqlx::query_scalar(sql).bind(camera.to_string()).fetch_optional(&self.pool).await?;
        Ok(floor.unwrap_or(0))
    }
}

async fn tell(tx: &mut Transaction<'_, Sqlite>, kind: &str, subject: &str) -> Result<()> {
    let sql = "INSERT INTO news (kind, subject) VALUES ($1, $2)";
    sqlx::query(sql).bind(kind).bind(subject).execute(&mut **tx).await?;
    Ok(())
}
