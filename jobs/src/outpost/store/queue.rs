//! Files that the hub does not have yet, and those that it will never have.

use anyhow::Result;

use super::{Store, tell};

/// Film that is younger goes before what is older: milliseconds.
const LIVE: i64 = 3_600_000;

/// A file that is on record here, and at the hub as waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::outpost) struct File {
    pub key: String,
    pub started_at: i64,
    pub size: u64,
    pub sha256: String,
}

/// What the hub does not have yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::outpost) struct Waiting {
    pub files: i64,
    pub bytes: i64,
    pub oldest: Option<i64>,
    /// Refused ones, which wait for nothing.
    pub aside: i64,
    pub aside_bytes: i64,
}

impl Store {
    /// Files that may be sent now and are not among `others`: those of the last hour first, then the oldest.
    pub async fn in_turn(&self, now: i64, others: &[String], most: usize) -> Result<Vec<File>> {
        let live = "SELECT key, started_at, size, sha256 FROM files WHERE state = 'told' AND started_at >= $1 ORDER BY started_at LIMIT $2";
        let rest = "SELECT key, started_at, size, sha256 FROM files WHERE state = 'told' AND started_at < $1 ORDER BY started_at LIMIT $2";
        let mut found = Vec::new();
        for sql in [live, rest] {
            let limit = i64::try_from(most + others.len()).unwrap_or(i64::MAX);
            let rows: Vec<(String, i64, i64, String)> =
                sqlx::query_as(sql).bind(now - LIVE).bind(limit).fetch_all(&self.pool).await?;
            let rows = rows.into_iter().filter(|(key, ..)| !others.contains(key));
            found.extend(rows.map(|(key, started_at, size, sha256)| File {
                key,
                started_at,
                size: size.unsigned_abs(),
                sha256,
            }));
        }
        found.truncate(most);
        Ok(found)
    }

    /// The hub has it: nothing of it is remembered.
    pub async fn kept(&self, key: &str) -> Result<()> {
        sqlx::query("DELETE FROM files WHERE key = $1").bind(key).execute(&self.pool).await?;
        Ok(())
    }

    /// The hub will never take it.
    pub async fn set_aside(&self, key: &str, why: &str, now: i64) -> Result<()> {
        let sql = "UPDATE files SET state = 'aside', why = $2, since = $3 WHERE key = $1";
        sqlx::query(sql).bind(key).bind(why).bind(now).execute(&self.pool).await?;
        Ok(())
    }

    /// It cannot be read any more, or is not what it was: the hub is to be told, and it is sent no more.
    pub async fn lose(&self, key: &str, why: &str, now: i64) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        let sql = "UPDATE files SET state = 'aside', why = $2, since = $3 WHERE key = $1 AND state <> 'aside'";
        let lost = sqlx::query(sql).bind(key).bind(why).bind(now).execute(&mut *tx).await?;
        if lost.rows_affected() == 1 {
            tell(&mut tx, "lost", key).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Keys of files that were set aside before `before`, and of which the hub knows.
    pub async fn long_aside(&self, before: i64) -> Result<Vec<String>> {
        let sql = "SELECT key FROM files WHERE state = 'aside' AND since < $1 \
                   AND NOT EXISTS (SELECT 1 FROM news WHERE kind = 'lost' AND subject = files.key) ORDER BY since LIMIT 1000";
        Ok(sqlx::query_scalar(sql).bind(before).fetch_all(&self.pool).await?)
    }

    pub async fn waiting(&self) -> Result<Waiting> {
        let sql = "SELECT state, count(*), coalesce(sum(size), 0), min(started_at) FROM files GROUP BY state";
        let rows: Vec<(String, i64, i64, Option<i64>)> = sqlx::query_as(sql).fetch_all(&self.pool).await?;
        let mut waiting = Waiting::default();
        for (state, files, bytes, oldest) in rows {
            match state.as_str() {
                "aside" => (waiting.aside, waiting.aside_bytes) = (files, bytes),
                _ => {
                    waiting.files += files;
                    waiting.bytes += bytes;
                    waiting.oldest = [waiting.oldest, oldest].into_iter().flatten().min();
                }
            }
        }
        Ok(waiting)
    }
}
