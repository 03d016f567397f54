//! What the hub does not know yet, in the order in which it happened.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use base64::{Engine, prelude::BASE64_STANDARD};
use gatehouse_app::recorders::wire::{Announced, Gap, Lost, Run, Segment};

use super::Store;

/// Told in one message, all kinds together.
const MOST: i64 = 200;

/// What the hub is to be told next.
#[derive(Debug, Default)]
pub(in crate::outpost) struct News {
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

type Row = (String, String, String, i64, i64, i32, i64, String, i32, Vec<u8>);
const COLUMNS: &str = "key, camera, run, started_at, ended_at, nth, size, sha256, init_size, fragments";

impl Store {
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
                "lost" => news.announced.lost.extend(self.lost(&subject).await?),
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

    async fn lost(&self, key: &str) -> Result<Option<Lost>> {
        let sql = "SELECT camera, started_at, sha256, why FROM files WHERE key = $1";
        let row: Option<(String, i64, String, String)> =
            sqlx::query_as(sql).bind(key).fetch_optional(&self.pool).await?;
        let lost = |(camera, started_at, sha256, why): (String, i64, String, String)| {
            Ok(Lost { camera: camera.parse()?, started_at, sha256, why })
        };
        row.map(lost).transpose()
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
}
