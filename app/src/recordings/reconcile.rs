//! Once a minute: what is on record of recordings is held against itself. Segments follow their copies and days their segments in the same
//! transaction, so there is nothing to mend unless somebody wrote past this code; a cursor goes round all of it.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use serde::{Deserialize, Serialize};

use super::{
    Reason, SLACK, cover,
    coverage::{DAY, days},
    follow::{settle, standing},
    gaps,
    key::key,
    model::{coverage, gap, run, segment},
    segments::touching,
    stores, turn,
};
use crate::{
    App, Result,
    cameras::{self},
    ids::{CameraNo, ObjectId},
    jobs::table::Dialect,
    objects::model::placement,
    yard::settings,
};

/// Segments that are looked at in a round.
const CHUNK: u64 = 1000;
/// What is younger may be told of late, and in another order: milliseconds.
const SETTLED: i64 = 2 * DAY;
const CURSOR: &str = "recordings reconciled";

/// How far the round is.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Cursor {
    camera: i32,
    started_at: i64,
}

/// Brings together what is on record. Returns how much was otherwise.
///
/// # Errors
/// When the database does not answer.
pub async fn reconcile(app: &App) -> Result<u64> {
    let mended = open_gaps(app).await? + late_files(app).await? + compare(app).await?;
    if mended > 0 {
        tracing::warn!(mended, "recordings were brought together");
    }
    Ok(mended)
}

#[derive(FromQueryResult)]
struct Open {
    camera: CameraNo,
    started_at: i64,
}

/// A camera that nothing is recorded of has an open gap.
async fn open_gaps(app: &App) -> Result<u64> {
    let sql = "SELECT camera, started_at FROM (SELECT camera, MAX(started_at) AS started_at FROM runs GROUP BY camera) AS last \
               WHERE NOT EXISTS (SELECT 1 FROM runs WHERE camera = last.camera AND ended_at IS NULL) \
               AND NOT EXISTS (SELECT 1 FROM gaps WHERE camera = last.camera AND ended_at IS NULL)";
    let quiet = Open::find_by_statement(Dialect::of(app.db()).statement(sql.into(), Vec::new())).all(app.db()).await?;
    for Open { camera, started_at } in &quiet {
        let last =
            run::Entity::find().filter(run::COLUMN.camera.eq(*camera)).filter(run::COLUMN.started_at.eq(*started_at));
        let Some(last) = last.one(app.db()).await? else { continue };
        let reason = last.end_reason.as_deref().and_then(|reason| reason.parse().ok()).unwrap_or(Reason::WorkerLost);
        let tx = app.begin().await?;
        let at = last.ended_at.unwrap_or(last.started_at);
        gaps::begin(&tx, *camera, at, reason, &last.end_detail, Some(last.id)).await?;
        tx.commit().await?;
    }
    Ok(quiet.len() as u64)
}

/// An open gap has no file behind it.
async fn late_files(app: &App) -> Result<u64> {
    let sql = format!(
        "SELECT camera, started_at FROM gaps WHERE ended_at IS NULL AND EXISTS (SELECT 1 FROM segments \
         WHERE segments.camera = gaps.camera AND segments.started_at > gaps.started_at + {SLACK} AND segments.state <> 'failed')"
    );
    let wrong = Open::find_by_statement(Dialect::of(app.db()).statement(sql, Vec::new())).all(app.db()).await?;
    for Open { camera, started_at } in &wrong {
        let tx = app.begin().await?;
        turn::take(&tx, *camera).await?;
        let goes_on = run::Entity::find().filter(run::COLUMN.camera.eq(*camera)).filter(run::COLUMN.ended_at.is_null());
        let goes_on = goes_on.limit(1).one(&tx).await?.is_some();
        let behind = touching(*camera, *started_at, i64::MAX).filter(segment::COLUMN.state.ne("failed")).limit(CHUNK);
        for file in behind.all(&tx).await? {
            gaps::fill(&tx, *camera, file.started_at, file.ended_at, goes_on).await?;
        }
        tx.commit().await?;
    }
    Ok(wrong.len() as u64)
}

/// The next thousand segments: their copies, their days, and what lies between them.
async fn compare(app: &App) -> Result<u64> {
    let db = app.db();
    let cursor: Cursor = settings::get(db, CURSOR).await?.unwrap_or_default();
    let name = Expr::tuple([Expr::col(segment::Column::Camera), Expr::col(segment::Column::StartedAt)]);
    let behind = name.gt(Expr::tuple([Expr::val(cursor.camera), Expr::val(cursor.started_at)]));
    let chunk = segment::Entity::find()
        .filter(behind)
        .order_by_asc(segment::Column::Camera)
        .order_by_asc(segment::Column::StartedAt)
        .limit(CHUNK)
        .all(db)
        .await?;
    // The last one is looked at again, as the first of the next thousand: what lies between the two counts as well.
    let next = match chunk.as_slice() {
        [.., before, _] if chunk.len() as u64 == CHUNK => {
            Cursor { camera: before.camera.0, started_at: before.started_at }
        }
        _ => Cursor::default(),
    };
    let mended = copies(app, &chunk).await? + whole_days(app, &chunk).await? + holes(app, &chunk).await?;
    let tx = app.begin().await?;
    settings::put(&tx, CURSOR, &next).await?;
    tx.commit().await?;
    Ok(mended)
}

async fn copies(app: &App, chunk: &[segment::Model]) -> Result<u64> {
    let rows =
        placement::Entity::find().filter(placement::Column::ObjectId.is_in(chunk.iter().map(|row| row.object_id)));
    let mut copies: HashMap<ObjectId, Vec<placement::Model>> = HashMap::new();
    for copy in rows.all(app.db()).await? {
        copies.entry(copy.object_id).or_default().push(copy);
    }
    let (names, numbers) = (cameras::numbers(app).await?, stores(app.db()).await?);
    let mut mended = 0;
    for row in chunk {
        let place = row.store_id.and_then(|id| numbers.get(&id));
        let none = Vec::new();
        let is_so = match standing(&app.ports.plane, copies.get(&row.object_id).unwrap_or(&none)) {
            Some((state, copy)) => {
                row.state == state.as_str()
                    && place.map(|(backend, bucket)| (backend, bucket))
                        == copy.map(|copy| (&copy.backend, &copy.bucket))
            }
            None => row.state != "completed",
        };
        if is_so {
            continue;
        }
        let Some(slug) = names.of(row.camera).map(|(_, slug, _)| slug) else { continue };
        let mut tx = app.begin().await?;
        if let Some(row) = segment::Entity::find_by_id((row.camera, row.started_at)).one(&tx).await? {
            mended += u64::from(settle(app, &mut tx, &row, &key(slug, row.started_at, row.nth)).await?);
        }
        tx.commit().await?;
    }
    Ok(mended)
}

async fn whole_days(app: &App, chunk: &[segment::Model]) -> Result<u64> {
    let touched: BTreeSet<(CameraNo, i64)> =
        chunk.iter().flat_map(|row| days(row.started_at, row.ended_at).map(|day| (row.camera, day))).collect();
    let mut mended = 0;
    for (camera, day) in touched {
        let number = i32::try_from(day).unwrap_or_default();
        let known = coverage::Entity::find_by_id((camera, number)).one(app.db()).await?;
        if known == cover::anew(app.db(), camera, number).await? {
            continue;
        }
        let tx = app.begin().await?;
        turn::take(&tx, camera).await?;
        // A file may have come between the two looks.
        let known = coverage::Entity::find_by_id((camera, number)).one(&tx).await?;
        let is_otherwise = known != cover::anew(&tx, camera, number).await?;
        if is_otherwise {
            cover::remake(&tx, camera, day * DAY, day * DAY + 1).await?;
        }
        tx.commit().await?;
        mended += u64::from(is_otherwise);
    }
    Ok(mended)
}

/// Time between two files that no gap stands for.
async fn holes(app: &App, chunk: &[segment::Model]) -> Result<u64> {
    let mut mended = 0;
    for of_camera in chunk.chunk_by(|one, other| one.camera == other.camera) {
        let (Some(first), Some(last)) = (of_camera.first(), of_camera.last()) else { continue };
        let said = gap::Entity::find()
            .filter(gap::COLUMN.camera.eq(first.camera))
            .filter(gap::COLUMN.started_at.between(first.started_at, last.started_at))
            .order_by_asc(gap::Column::StartedAt)
            .all(app.db())
            .await?;
        for pair in of_camera.windows(2) {
            let (mut at, until) = (pair[0].ended_at, pair[1].started_at);
            if until > app.now() - SETTLED {
                break;
            }
            for gap in said.iter().skip(said.partition_point(|gap| gap.started_at < at - SLACK)) {
                if gap.started_at > at + SLACK {
                    break;
                }
                at = Ord::max(at, gap.ended_at.unwrap_or(until));
            }
            if until - at > SLACK {
                let tx = app.begin().await?;
                gaps::begin(&tx, first.camera, at, Reason::WorkerLost, "", None).await?;
                tx.commit().await?;
                mended += 1;
            }
        }
    }
    Ok(mended)
}
