//! What happened, put on record: runs, their files and ends, and attempts that came to nothing.

use anyhow::Result;
use gatehouse_app::{
    recorders::wire::{Gap, Run},
    recordings::{Reason, SLACK},
};
use sqlx::{Sqlite, Transaction};
use uuid::Uuid;

use super::{Store, tell};

/// A file that is whole and durable, before it is on record.
#[derive(Clone, Debug)]
pub(in crate::outpost) struct NewFile<'a> {
    pub camera: Uuid,
    pub slug: &'a str,
    pub run: Uuid,
    pub started_at: i64,
    pub ended_at: i64,
    pub size: i64,
    pub sha256: &'a str,
    pub init_size: i32,
    /// `recordings::Fragments`, packed.
    pub fragments: Vec<u8>,
}

/// What became of a file that was to be put on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::outpost) enum Took {
    /// It is on record under this key, since now or before.
    As(String),
    /// Its time is another file's.
    Overlaps,
}

impl Store {
    /// A run begins. Saying it twice is saying it once.
    pub async fn begin_run(&self, run: &Run) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        insert_run(&mut tx, run).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A run is over. One that was over already ends where it ends later.
    pub async fn end_run(&self, run: Uuid, at: i64, reason: Reason, detail: &str) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        end(&mut tx, &run.to_string(), at, reason, detail).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends what a process that was killed left open of `camera`, where its last file ends.
    pub async fn end_left(&self, camera: Uuid, reason: Reason) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        let sql = "SELECT r.id, max(r.started_at, coalesce((SELECT max(f.ended_at) FROM files AS f WHERE f.run = r.id), c.floor, 0)) \
                   FROM runs AS r LEFT JOIN cameras AS c ON c.camera = r.camera WHERE r.camera = $1 AND r.ended_at IS NULL";
        let left: Vec<(String, i64)> = sqlx::query_as(sql).bind(camera.to_string()).fetch_all(&mut *tx).await?;
        for (run, at) in left {
            end(&mut tx, &run, at, reason, "").await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The run that began at `at`, or within `about` milliseconds of it.
    pub async fn run_near(&self, camera: Uuid, at: i64, about: i64) -> Result<Option<Uuid>> {
        let sql = "SELECT id FROM runs WHERE camera = $1 AND started_at BETWEEN $2 AND $3 ORDER BY abs(started_at - $4) LIMIT 1";
        let found = sqlx::query_scalar(sql).bind(camera.to_string()).bind(at - about).bind(at + about).bind(at);
        let found: Option<String> = found.fetch_optional(&self.pool).await?;
        Ok(found.map(|id| id.parse()).transpose()?)
    }

    /// No run could begin.
    pub async fn gap(&self, gap: &Gap) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        let sql = "INSERT INTO gaps (camera, at, reason, detail) VALUES ($1, $2, $3, $4)";
        let row = sqlx::query(sql).bind(gap.camera.to_string()).bind(gap.at).bind(&gap.reason).bind(&gap.detail);
        let id = row.execute(&mut *tx).await?.last_insert_rowid();
        tell(&mut tx, "gap", &id.to_string()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Puts a file on record, under a key that is its alone.
    pub async fn keep(&self, file: &NewFile<'_>, now: i64) -> Result<Took> {
        let camera = file.camera.to_string();
        let mut tx = self.pool.begin().await?;
        let sql = "SELECT key, started_at, ended_at, sha256, state FROM files WHERE camera = $1 AND started_at < $2 AND ended_at > $3";
        let others: Vec<(String, i64, i64, String, String)> =
            sqlx::query_as(sql).bind(&camera).bind(file.ended_at).bind(file.started_at).fetch_all(&mut *tx).await?;
        for (key, started_at, ended_at, sha256, state) in others {
            if started_at == file.started_at && sha256 == file.sha256 {
                // It was taken for lost, and is here after all.
                if state == "aside" {
                    let sql = "UPDATE files SET state = 'new', why = '', since = $2 WHERE key = $1";
                    sqlx::query(sql).bind(&key).bind(now).execute(&mut *tx).await?;
                    tell(&mut tx, "file", &key).await?;
                    tx.commit().await?;
                }
                return Ok(Took::As(key));
            }
            let common = ended_at.min(file.ended_at) - started_at.max(file.started_at);
            if common > SLACK || started_at == file.started_at {
                return Ok(Took::Overlaps);
            }
        }
        let sql = "SELECT floor, started_at, nth FROM cameras WHERE camera = $1";
        let last: Option<(i64, i64, i32)> = sqlx::query_as(sql).bind(&camera).fetch_optional(&mut *tx).await?;
        let nth = match last {
            Some((_, started_at, nth)) if started_at.div_euclid(1000) == file.started_at.div_euclid(1000) => nth + 1,
            _ => 1,
        };
        let key = gatehouse_app::recordings::key(file.slug, file.started_at, nth);
        let sql = "INSERT INTO files (key, camera, run, started_at, ended_at, nth, size, sha256, init_size, fragments, state, why, since) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'new', '', $11)";
        sqlx::query(sql)
            .bind(&key)
            .bind(&camera)
            .bind(file.run.to_string())
            .bind(file.started_at)
            .bind(file.ended_at)
            .bind(nth)
            .bind(file.size)
            .bind(file.sha256)
            .bind(file.init_size)
            .bind(&file.fragments)
            .bind(now)
            .execute(&mut *tx)
            .await?;
        let sql = "INSERT INTO cameras (camera, floor, started_at, nth) VALUES ($1, $2, $3, $4) ON CONFLICT (camera) DO UPDATE SET \
                   floor = max(floor, excluded.floor), started_at = excluded.started_at, nth = excluded.nth";
        let row = sqlx::query(sql).bind(&camera).bind(file.ended_at).bind(file.started_at).bind(nth);
        row.execute(&mut *tx).await?;
        // A file that is found after its run was ended makes the run longer.
        let sql = "UPDATE runs SET ended_at = $2, told_end = 0 WHERE id = $1 AND ended_at < $2";
        let longer = sqlx::query(sql).bind(file.run.to_string()).bind(file.ended_at).execute(&mut *tx).await?;
        tell(&mut tx, "file", &key).await?;
        if longer.rows_affected() == 1 {
            tell(&mut tx, "ended", &file.run.to_string()).await?;
        }
        tx.commit().await?;
        Ok(Took::As(key))
    }
}

async fn insert_run(tx: &mut Transaction<'_, Sqlite>, run: &Run) -> Result<()> {
    let sql = "INSERT INTO runs (id, camera, started_at, end_detail, video, audio, width, height, clock, told_end) \
               VALUES ($1, $2, $3, '', $4, $5, $6, $7, $8, 0) ON CONFLICT (id) DO NOTHING";
    let inserted = sqlx::query(sql)
        .bind(run.id.to_string())
        .bind(run.camera.to_string())
        .bind(run.started_at)
        .bind(&run.video)
        .bind(&run.audio)
        .bind(run.width)
        .bind(run.height)
        .bind(&run.clock)
        .execute(&mut **tx)
        .await?;
    if inserted.rows_affected() == 1 {
        tell(tx, "begun", &run.id.to_string()).await?;
    }
    Ok(())
}

async fn end(tx: &mut Transaction<'_, Sqlite>, run: &str, at: i64, reason: Reason, detail: &str) -> Result<()> {
    let sql = "UPDATE runs SET ended_at = max($2, started_at), end_reason = $3, end_detail = $4, told_end = 0 \
               WHERE id = $1 AND (ended_at IS NULL OR ended_at < $2)";
    let ended = sqlx::query(sql).bind(run).bind(at).bind(reason.as_str()).bind(detail).execute(&mut **tx).await?;
    if ended.rows_affected() == 1 {
        tell(tx, "ended", run).await?;
    }
    Ok(())
}
