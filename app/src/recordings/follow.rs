//! Segments follow their copies: what a page and a playlist say of a file is what the storage says of it, in the same transaction.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};
use serde_json::json;

use super::{
    Reason, SegmentState, cover, gaps,
    key::parse,
    model::{gap, segment},
    stores, turn,
};
use crate::{
    App, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    cameras::model::camera,
    objects::{
        Class, LOCAL, PlacementState, Plane,
        model::{object, placement},
    },
};

/// Where a file stands, by its copies: its state, and the copy that is played. `None`: there is nothing to go by.
pub(super) fn standing<'a>(
    plane: &Plane,
    copies: &'a [placement::Model],
) -> Option<(SegmentState, Option<&'a placement::Model>)> {
    let sound = || copies.iter().filter(|copy| copy.is(PlacementState::Verified));
    let wanted = plane.wanted(Class::Recording).find_map(|store| {
        // Whichever machine's disk it is on, where disks are the storage.
        let is_there = |copy: &&placement::Model| {
            copy.backend == store.backend() && (copy.backend == LOCAL || copy.bucket == store.bucket())
        };
        sound().find(is_there)
    });
    if let Some(copy) = wanted {
        return Some((SegmentState::Completed, Some(copy)));
    }
    let is_under_way = copies.iter().any(|copy| copy.is_any(&PlacementState::OPEN));
    // A bucket can be reached from everywhere.
    match sound().min_by_key(|copy| copy.backend == LOCAL) {
        Some(copy) => {
            let is_short = is_under_way || copies.iter().any(|copy| copy.is_any(&PlacementState::LOST));
            let state = if is_short { SegmentState::Uploading } else { SegmentState::Completed };
            Some((state, Some(copy)))
        }
        None if copies.is_empty() => None,
        None if is_under_way => Some((SegmentState::Uploading, None)),
        None => Some((SegmentState::Failed, None)),
    }
}

/// The segment that an object is the file of.
pub(super) async fn segment_of(tx: &WriteTxn<'_>, object: &object::Model) -> Result<Option<segment::Model>> {
    let Some((slug, second)) = parse(&object.key) else { return Ok(None) };
    let Some(camera) = camera::Entity::find().filter(camera::COLUMN.slug.eq(slug)).one(tx).await? else {
        return Ok(None);
    };
    Ok(segment::Entity::find()
        .filter(segment::COLUMN.camera.eq(camera.number))
        .filter(segment::COLUMN.started_at.between(second, second + 999))
        .filter(segment::COLUMN.object_id.eq(object.id))
        .one(tx)
        .await?)
}

/// Brings the segment of a recording to what its copies are, in the transaction that changed them. What is no recording is left alone.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn follow(app: &App, tx: &mut WriteTxn<'_>, object: &object::Model) -> Result<()> {
    if object.class != Class::Recording.as_str() || object.erased_at.is_some() {
        return Ok(());
    }
    match segment_of(tx, object).await? {
        Some(row) => settle(app, tx, &row, &object.key).await.map(drop),
        None => Ok(()),
    }
}

/// The same where the segment is at hand. Returns whether something was otherwise.
pub(super) async fn settle(app: &App, tx: &mut WriteTxn<'_>, row: &segment::Model, key: &str) -> Result<bool> {
    let copies = placement::Entity::find().filter(placement::Column::ObjectId.eq(row.object_id)).all(&*tx).await?;
    let was_announced = row.state == SegmentState::Uploading.as_str() && row.store_id.is_none();
    let (state, copy) = match standing(&app.ports.plane, &copies) {
        Some(found) => found,
        None if was_announced => return Ok(false),
        None => (SegmentState::Failed, None),
    };
    let store_id = match copy {
        Some(copy) => Some(stores::number(tx, &copy.backend, &copy.bucket).await?),
        None => None,
    };
    if row.state == state.as_str() && row.store_id == store_id {
        return Ok(false);
    }
    let mut change = row.clone().into_active_model();
    change.state = Set(state.as_str().into());
    change.store_id = Set(store_id);
    change.update(&*tx).await?;
    let was_lost = row.state == SegmentState::Failed.as_str();
    match (was_lost, state == SegmentState::Failed) {
        (false, true) => lose(tx, row, key, "").await?,
        (true, false) => {
            turn::take(tx, row.camera).await?;
            gaps::fill(tx, row.camera, row.started_at, row.ended_at, false).await?;
            cover::remake(tx, row.camera, row.started_at, row.ended_at).await?;
        }
        _ => {}
    }
    Ok(true)
}

/// What was announced will never come, and `why` says what whoever has it says. Where a copy is there or on its way, nothing is given up.
///
/// # Errors
/// When the database does not answer.
pub async fn give_up(tx: &mut WriteTxn<'_>, row: &segment::Model, object: &object::Model, why: &str) -> Result<()> {
    let copies = placement::Entity::find().filter(placement::Column::ObjectId.eq(object.id)).count(&*tx).await?;
    if row.state != SegmentState::Uploading.as_str() || copies > 0 {
        return Ok(());
    }
    let mut change = row.clone().into_active_model();
    change.state = Set(SegmentState::Failed.as_str().into());
    change.update(&*tx).await?;
    lose(tx, row, &object.key, why).await
}

/// No sound copy is left: that time is a gap, on record, until one is found.
async fn lose(tx: &mut WriteTxn<'_>, row: &segment::Model, key: &str, why: &str) -> Result<()> {
    missing(tx, row, Reason::Lost, why).await?;
    cover::remake(tx, row.camera, row.started_at, row.ended_at).await?;
    let camera = camera::Entity::find().filter(camera::COLUMN.number.eq(row.camera)).one(&*tx).await?;
    if let Some(camera) = camera {
        let mut details = json!({ "camera": camera.name, "key": key, "from": row.started_at, "until": row.ended_at });
        if !why.is_empty() {
            details["why"] = why.into();
        }
        tx.audit(&Actor::system(), Action::RecordingLost, Subject::Camera(camera.id), details);
    }
    Ok(())
}

/// The time of a segment becomes a gap.
pub(super) async fn missing(tx: &WriteTxn<'_>, row: &segment::Model, reason: Reason, detail: &str) -> Result<()> {
    turn::take(tx, row.camera).await?;
    let gap = gap::Model {
        camera: row.camera,
        started_at: row.started_at,
        ended_at: Some(row.ended_at),
        reason: reason.as_str().into(),
        detail: detail.into(),
        run_id: Some(row.run_id),
    };
    gaps::put(tx, gap).await
}
