//! Gaps as rows: begun when a run ends or none can begin, and filled by segments, whenever they come.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, sea_query::OnConflict,
};

use super::{
    Gap, Reason, SLACK,
    model::{gap, segment},
    segments::last_before,
    turn,
};
use crate::{
    Result, WriteTxn,
    ids::{CameraNo, RunId},
};

/// A gap whose reason changes so soon was begun by the wrong one; later, another reason begins another gap. Milliseconds.
const SETTLED: i64 = 60_000;
/// Characters of what a camera or a system said.
const DETAIL: usize = 300;

/// Nothing of a camera is recorded from `at` on. Where that is so already, the reason is this one from now on.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_gap(tx: &mut WriteTxn<'_>, camera: CameraNo, at: i64, reason: Reason, detail: &str) -> Result<()> {
    begin(tx, camera, at, reason, detail, None).await
}

pub(super) async fn begin(
    tx: &WriteTxn<'_>,
    camera: CameraNo,
    at: i64,
    reason: Reason,
    detail: &str,
    run_id: Option<RunId>,
) -> Result<()> {
    turn::take(tx, camera).await?;
    let detail: String = detail.chars().take(DETAIL).collect();
    let new = |started_at: i64, ended_at: Option<i64>| gap::Model {
        camera,
        started_at,
        ended_at,
        reason: reason.as_str().into(),
        detail: detail.clone(),
        run_id,
    };
    let open = gap::Entity::find().filter(gap::COLUMN.camera.eq(camera)).filter(gap::COLUMN.ended_at.is_null());
    if let Some(open) = open.one(tx).await?
        && open.started_at <= at
    {
        if open.reason == reason.as_str() || at - open.started_at < SETTLED {
            return put(tx, new(open.started_at, None)).await;
        }
        put(tx, gap::Model { ended_at: Some(at), ..open }).await?;
        return put(tx, new(at, None)).await;
    }
    // Time that neither a file nor a gap has is none that may be forgotten, whatever `at` says.
    let file = last_before(camera, at).one(tx).await?.map(|file| file.ended_at);
    let earlier = gap::Entity::find()
        .filter(gap::COLUMN.camera.eq(camera))
        .filter(gap::COLUMN.started_at.lte(at))
        .order_by_desc(gap::Column::StartedAt);
    let earlier = earlier.one(tx).await?.and_then(|gap| gap.ended_at);
    let from = file.max(earlier).unwrap_or(at);
    // What is on record of later ends it: it was told of late.
    let later = segment::Entity::find()
        .filter(segment::COLUMN.camera.eq(camera))
        .filter(segment::COLUMN.started_at.gt(from - SLACK))
        .filter(segment::COLUMN.ended_at.gt(from))
        .order_by_asc(segment::Column::StartedAt);
    let later_gap = gap::Entity::find()
        .filter(gap::COLUMN.camera.eq(camera))
        .filter(gap::COLUMN.started_at.gte(from))
        .order_by_asc(gap::Column::StartedAt);
    let (later, later_gap) = (later.one(tx).await?, later_gap.one(tx).await?);
    let until = [later.map(|file| file.started_at), later_gap.map(|gap| gap.started_at)].into_iter().flatten().min();
    match until {
        Some(until) if until - from <= SLACK => Ok(()),
        until => put(tx, new(from, until)).await,
    }
}

pub(super) async fn put(tx: &WriteTxn<'_>, row: gap::Model) -> Result<()> {
    use gap::Column::{Camera, Detail, EndedAt, Reason, RunId, StartedAt};
    let again = OnConflict::columns([Camera, StartedAt]).update_columns([EndedAt, Reason, Detail, RunId]).to_owned();
    gap::Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Takes `from..until` out of the gaps that it touches. `goes_on`: its run has not ended.
pub(super) async fn fill(tx: &WriteTxn<'_>, camera: CameraNo, from: i64, until: i64, goes_on: bool) -> Result<()> {
    let of_camera = || gap::Entity::find().filter(gap::COLUMN.camera.eq(camera));
    // Gaps do not overlap: of those that began before, the last alone reaches in.
    let before =
        of_camera().filter(gap::COLUMN.started_at.lt(from)).order_by_desc(gap::Column::StartedAt).one(tx).await?;
    let within = of_camera().filter(gap::COLUMN.started_at.between(from, until - 1)).all(tx).await?;
    for row in before.into_iter().chain(within) {
        let whole = Gap { from: row.started_at, until: row.ended_at };
        let left = whole.without(from, until, goes_on);
        if left == [whole] {
            continue;
        }
        row.clone().into_active_model().delete(tx).await?;
        for Gap { from, until } in left {
            put(tx, gap::Model { started_at: from, ended_at: until, ..row.clone() }).await?;
        }
    }
    Ok(())
}
