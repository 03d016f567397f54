//! What a recorder on another site remembers: its hub's last word, what it recorded, and what of that the hub does not know or have yet.
//!
//! One SQLite with one connection: a minute of sixty cameras is sixty commits. What happened is written as *news*, in the order in which it
//! happened, and is told in that order; a file stays in `files` until the hub has verified its own copy.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use gatehouse_app::{
    recorders::wire::{Announced, Gap, Run, Segment},
    recordings::{Reason, SLACK},
};
use sqlx::{Sqlite, SqlitePool, Transaction};
use uuid::Uuid;

use crate::database;

/// Told in one message, all kinds together.
const MOST: i64 = 200;
/// Film that is younger goes before what is older: milliseconds.
const LIVE: i64 = 3_600_000;

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
        seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL CHECK (kind IN ('begun', 'file', 'ended', 'gap')), subject TEXT NOT NULL
    );";

/// A recorder's own database. Every call that changes something is durable when it returns.
#[derive(Clone, Debug)]
pub(super) struct Store {
    pool: SqlitePool,
}

/// A file that is whole and durable, before it is on record.
#[derive(Clone, Debug)]
pub(super) struct NewFile<'a> {
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
pub(super) enum Took {
    /// It is on record under this key, since now or before.
    As(String),
    /// Its time is another file's.
    Overlaps,
}

/// A file that is on record here, and at the hub as waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub key: String,
    pub started_at: i64,
    pub size: u64,
    pub sha256: String,
}

/// What the hub is to be told next.
#[derive(Debug, Default)]
pub(super) struct News {
    pub announced: Announced,
    /// Of its segments, in their order.
    pub keys: Vec<String>,
    seqs: Vec<i64>,
    ended: Vec<String>,
}

impl News {
    pub fn is_empty(&self) -> bool {
        self.seqs.is_empty()
    }
}

/// What the hub does not have yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Waiting {
    pub files: i64,
    pub bytes: i64,
    pub oldest: Option<i64>,
    /// Refused ones, which wait for nothing.
    pub aside: i64,
    pub aside_bytes: i64,
}

type Row = (String, String, String, i64, i64, i32, i64, String, i32, Vec<u8>);
const COLUMNS: &str = "key, camera, run, started_at, ended_at, nth, size, sha256, init_size, fragments";

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

    /// Where the last file of `camera` ended, Unix milliseconds; 0 where there was none.
    pub async fn floor(&self, camera: Uuid) -> Result<i64> {
        let sql = "SELECT floor FROM cameras WHERE camera = $1";
        let floor: Option<i64> = sqlx::query_scalar(sql).bind(camera.to_string()).fetch_optional(&self.pool).await?;
        Ok(floor.unwrap_or(0))
    }

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
        let sql = "SELECT key, started_at, ended_at, sha256 FROM files WHERE camera = $1 AND started_at < $2 AND ended_at > $3";
        let others: Vec<(String, i64, i64, String)> =
            sqlx::query_as(sql).bind(&camera).bind(file.ended_at).bind(file.started_at).fetch_all(&mut *tx).await?;
        for (key, started_at, ended_at, sha256) in others {
            if started_at == file.started_at && sha256 == file.sha256 {
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

    /// What the hub does not know yet, the oldest news first.
    pub async fn news(&self) -> Result<News> {
        let rows: Vec<(i64, String, String)> =
            sqlx::query_as("SELECT seq, kind, subject FROM news ORDER BY seq LIMIT $1")
                .bind(MOST)
                .fetch_all(&self.pool)
                .await?;
        let mut news = News { seqs: rows.iter().map(|(seq, ..)| *seq).collect(), ..News::default() };
        let mut runs = BTreeMap::new();
        for (_, kind, subject) in rows {
            match kind.as_str() {
                "file" => {
                    if let Some((segment, run)) = self.segment(&subject).await? {
                        runs.entry(run).or_insert(false);
                        news.announced.segments.push(segment);
                        news.keys.push(subject);
                    }
                }
                "gap" => news.announced.gaps.extend(self.gap_of(&subject).await?),
                kind => *runs.entry(subject).or_insert(false) |= kind == "ended",
            }
        }
        for (id, is_over) in runs {
            news.announced.runs.extend(self.run(&id, is_over).await?);
            if is_over {
                news.ended.push(id);
            }
        }
        Ok(news)
    }

    /// The same of files that the hub knows, for the sake of its answer; with their keys in that order.
    pub async fn again(&self, keys: &[String]) -> Result<(Vec<String>, Announced)> {
        let (mut found, mut announced, mut runs) = (Vec::new(), Announced::default(), BTreeSet::new());
        for key in keys {
            if let Some((segment, run)) = self.segment(key).await? {
                found.push(key.clone());
                announced.segments.push(segment);
                runs.insert(run);
            }
        }
        for id in &runs {
            announced.runs.extend(self.run(id, false).await?);
        }
        Ok((found, announced))
    }

    async fn segment(&self, key: &str) -> Result<Option<(Segment, String)>> {
        let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM files WHERE key = $1 AND state <> 'aside'"));
        let row: Option<Row> = sqlx::query_as(sql).bind(key).fetch_optional(&self.pool).await?;
        let Some((_, camera, run, started_at, ended_at, nth, size, sha256, init_size, fragments)) = row else {
            return Ok(None);
        };
        let segment = Segment {
            camera: camera.parse()?,
            run: run.parse()?,
            started_at,
            ended_at,
            nth,
            size,
            sha256,
            init_size,
            fragments: BASE64_STANDARD.encode(fragments),
        };
        Ok(Some((segment, run)))
    }

    /// `is_over`: its end is to be told, or was.
    async fn run(&self, id: &str, is_over: bool) -> Result<Option<Run>> {
        type Columns =
            (String, String, i64, Option<i64>, Option<String>, String, String, String, i32, i32, String, bool);
        let sql = "SELECT id, camera, started_at, ended_at, end_reason, end_detail, video, audio, width, height, clock, told_end FROM runs \
                   WHERE id = $1";
        let row: Option<Columns> = sqlx::query_as(sql).bind(id).fetch_optional(&self.pool).await?;
        let Some((id, camera, started_at, ended_at, end_reason, end_detail, video, audio, width, height, clock, told)) =
            row
        else {
            return Ok(None);
        };
        let is_over = is_over || told;
        Ok(Some(Run {
            id: id.parse()?,
            camera: camera.parse()?,
            started_at,
            ended_at: ended_at.filter(|_| is_over),
            end_reason: end_reason.filter(|_| is_over),
            end_detail: if is_over { end_detail } else { String::new() },
            video,
            audio,
            width,
            height,
            clock,
        }))
    }

    async fn gap_of(&self, id: &str) -> Result<Option<Gap>> {
        let sql = "SELECT camera, at, reason, detail FROM gaps WHERE id = $1";
        let row: Option<(String, i64, String, String)> =
            sqlx::query_as(sql).bind(id.parse::<i64>()?).fetch_optional(&self.pool).await?;
        row.map(|(camera, at, reason, detail)| Ok(Gap { camera: camera.parse()?, at, reason, detail })).transpose()
    }

    /// The hub knows these news. Files that it refused stay `new` until somebody sets them aside.
    pub async fn told(&self, news: &News) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        for seq in &news.seqs {
            let news: Option<(String, String)> =
                sqlx::query_as("DELETE FROM news WHERE seq = $1 RETURNING kind, subject")
                    .bind(seq)
                    .fetch_optional(&mut *tx)
                    .await?;
            match news {
                Some((kind, key)) if kind == "file" => {
                    let sql = "UPDATE files SET state = 'told' WHERE key = $1 AND state = 'new'";
                    sqlx::query(sql).bind(key).execute(&mut *tx).await?;
                }
                Some((kind, id)) if kind == "gap" => {
                    sqlx::query("DELETE FROM gaps WHERE id = $1").bind(id.parse::<i64>()?).execute(&mut *tx).await?;
                }
                _ => {}
            }
        }
        for run in &news.ended {
            sqlx::query("UPDATE runs SET told_end = 1 WHERE id = $1").bind(run).execute(&mut *tx).await?;
        }
        // What nobody needs any more: runs that are told, and have no file left.
        let sql = "DELETE FROM runs WHERE told_end = 1 AND NOT EXISTS (SELECT 1 FROM files WHERE run = runs.id) \
                   AND NOT EXISTS (SELECT 1 FROM news WHERE subject = runs.id)";
        sqlx::query(sql).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

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

    /// Keys of files that were set aside before `before`.
    pub async fn long_aside(&self, before: i64) -> Result<Vec<String>> {
        let sql = "SELECT key FROM files WHERE state = 'aside' AND since < $1 ORDER BY since LIMIT 1000";
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

async fn tell(tx: &mut Transaction<'_, Sqlite>, kind: &str, subject: &str) -> Result<()> {
    let sql = "INSERT INTO news (kind, subject) VALUES ($1, $2)";
    sqlx::query(sql).bind(kind).bind(subject).execute(&mut **tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use gatehouse_app::recordings::{Fragment, Fragments};

    use super::*;

    const DOCK: Uuid = Uuid::from_u128(1);
    const MINUTE: i64 = 60_000;
    const BEGAN: i64 = 1_795_161_600_000;

    fn run(n: u128, started_at: i64) -> Run {
        Run {
            id: Uuid::from_u128(n),
            camera: DOCK,
            started_at,
            ended_at: None,
            end_reason: None,
            end_detail: String::new(),
            video: "avc1.640028".into(),
            audio: String::new(),
            width: 1920,
            height: 1080,
            clock: "camera".into(),
        }
    }

    fn file(run: u128, started_at: i64, sha256: &str) -> NewFile<'_> {
        let fragments = Fragments(vec![Fragment { bytes: 900, ticks: 60 * 90_000, key: true }]).pack();
        let run = Uuid::from_u128(run);
        let ended_at = started_at + MINUTE;
        NewFile {
            camera: DOCK,
            slug: "dock_2",
            run,
            started_at,
            ended_at,
            size: 1000,
            sha256,
            init_size: 100,
            fragments,
        }
    }

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        (folder, store)
    }

    fn key(took: Took) -> String {
        match took {
            Took::As(key) => key,
            Took::Overlaps => panic!("it overlaps"),
        }
    }

    #[tokio::test]
    async fn what_happened_is_told_in_its_order_and_once() {
        let (_folder, store) = store().await;
        for _ in 0..2 {
            store.begin_run(&run(7, BEGAN)).await.unwrap();
        }
        let first = key(store.keep(&file(7, BEGAN, "aa"), 0).await.unwrap());
        assert_eq!(first, "recordings/dock_2/2026-11-20/recording_08_00_00.mp4");
        assert_eq!(store.keep(&file(7, BEGAN, "aa"), 0).await.unwrap(), Took::As(first.clone()), "again");
        assert_eq!(store.keep(&file(7, BEGAN + 1_000, "bb"), 0).await.unwrap(), Took::Overlaps);
        store.end_run(Uuid::from_u128(7), BEGAN + MINUTE, Reason::Closed, "").await.unwrap();
        let gap = Gap { camera: DOCK, at: BEGAN + MINUTE, reason: "unreachable".into(), detail: String::new() };
        store.gap(&gap).await.unwrap();

        let news = store.news().await.unwrap();
        let said = &news.announced;
        assert_eq!((said.runs.len(), said.segments.len(), said.gaps.len()), (1, 1, 1));
        assert_eq!((said.runs[0].ended_at, said.runs[0].end_reason.as_deref()), (Some(BEGAN + MINUTE), Some("closed")));
        assert_eq!((news.keys.clone(), said.gaps[0].clone()), (vec![first.clone()], gap));
        assert!(store.in_turn(BEGAN, &[], 9).await.unwrap().is_empty(), "nobody knows of it yet");
        store.told(&news).await.unwrap();
        assert!(store.news().await.unwrap().is_empty());
        assert_eq!(store.in_turn(BEGAN, &[], 9).await.unwrap()[0].key, first);
        let (keys, again) = store.again(&[first.clone(), "recordings/none".into()]).await.unwrap();
        assert_eq!((keys, again.runs[0].ended_at), (vec![first.clone()], Some(BEGAN + MINUTE)), "its end was told");
        assert_eq!(store.floor(DOCK).await.unwrap(), BEGAN + MINUTE);

        store.kept(&first).await.unwrap();
        assert_eq!(store.waiting().await.unwrap(), Waiting::default());
        assert_eq!(store.floor(DOCK).await.unwrap(), BEGAN + MINUTE, "no time is given away twice");
    }

    #[tokio::test]
    async fn two_files_of_one_second_have_two_names() {
        let (_folder, store) = store().await;
        store.begin_run(&run(7, BEGAN)).await.unwrap();
        let short = NewFile { ended_at: BEGAN + 300, ..file(7, BEGAN, "aa") };
        key(store.keep(&short, 0).await.unwrap());
        let second = key(store.keep(&file(7, BEGAN + 400, "bb"), 0).await.unwrap());
        assert_eq!(second, "recordings/dock_2/2026-11-20/recording_08_00_00_2.mp4");
    }

    #[tokio::test]
    async fn a_run_that_a_kill_left_ends_where_its_last_file_ends_and_is_found_by_its_beginning() {
        let (_folder, store) = store().await;
        store.begin_run(&run(7, BEGAN)).await.unwrap();
        store.keep(&file(7, BEGAN, "aa"), 0).await.unwrap();
        store.end_left(DOCK, Reason::WorkerLost).await.unwrap();
        let news = store.news().await.unwrap();
        assert_eq!(news.announced.runs[0].ended_at, Some(BEGAN + MINUTE));
        store.told(&news).await.unwrap();
        // Found later in the spool: the run is longer, and that is news.
        assert_eq!(store.run_near(DOCK, BEGAN + 60, 1_000).await.unwrap(), Some(Uuid::from_u128(7)));
        assert_eq!(store.run_near(DOCK, BEGAN + 5_000, 1_000).await.unwrap(), None);
        store.keep(&file(7, BEGAN + MINUTE, "bb"), 0).await.unwrap();
        let news = store.news().await.unwrap();
        assert_eq!(news.announced.runs[0].ended_at, Some(BEGAN + 2 * MINUTE));
    }

    #[tokio::test]
    async fn live_film_goes_first_and_then_the_oldest() {
        let (_folder, store) = store().await;
        store.begin_run(&run(7, BEGAN)).await.unwrap();
        for minute in 0..300 {
            store.keep(&file(7, BEGAN + minute * MINUTE, "aa"), 0).await.unwrap();
        }
        let mut messages = Vec::new();
        loop {
            let news = store.news().await.unwrap();
            if news.is_empty() {
                break;
            }
            messages.push(news.announced.segments.len());
            store.told(&news).await.unwrap();
        }
        assert_eq!(messages, [199, 101], "200 at most, the run's beginning among them");
        let now = BEGAN + 300 * MINUTE;
        let turn =
            |files: Vec<File>| files.into_iter().map(|file| (file.started_at - BEGAN) / MINUTE).collect::<Vec<_>>();
        let first = store.in_turn(now, &[], 2).await.unwrap();
        let busy: Vec<String> = first.iter().map(|file| file.key.clone()).collect();
        assert_eq!(turn(first), [240, 241]);
        assert_eq!(turn(store.in_turn(now, &busy, 1).await.unwrap()), [242]);
        assert_eq!(turn(store.in_turn(now + 400 * MINUTE, &[], 2).await.unwrap()), [0, 1]);
        store.set_aside(&busy[0], "its time is taken", 5).await.unwrap();
        assert_eq!(turn(store.in_turn(now, &[], 1).await.unwrap()), [241]);
        let waiting = store.waiting().await.unwrap();
        assert_eq!((waiting.files, waiting.aside, waiting.oldest), (299, 1, Some(BEGAN)));
        assert_eq!((store.long_aside(5).await.unwrap().len(), store.long_aside(6).await.unwrap().len()), (0, 1));
    }
}
