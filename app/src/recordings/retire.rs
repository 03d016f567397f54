//! Film that was kept long enough goes, many files in one transaction; a day of a camera that is over is told of once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::DateTime;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::json;

use super::{
    cover,
    coverage::DAY,
    erased::picture,
    key::parse,
    model::{coverage, gap, run, segment},
    turn,
};
use crate::{
    Result, WriteTxn,
    audit::{Action, Actor, Subject},
    cameras::model::camera,
    ids::CameraNo,
    objects::{Class, model::object},
};

/// Takes what shows these objects away with them: segments and their minutes, sheets, last pictures. The objects' rows are locked already.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn retired(tx: &mut WriteTxn<'_>, objects: &[object::Model]) -> Result<()> {
    let (films, pictures): (Vec<_>, Vec<_>) =
        objects.iter().partition(|object| object.class == Class::Recording.as_str());
    for object in pictures.into_iter().filter(|object| object.class == Class::Media.as_str()) {
        picture(tx, object).await?;
    }
    if films.is_empty() {
        return Ok(());
    }
    let cameras = camera::Entity::find().all(&*tx).await?;
    let by_slug: HashMap<_, _> = cameras.iter().map(|camera| (camera.slug.as_str(), camera)).collect();
    let mut going: BTreeMap<CameraNo, (&camera::Model, Vec<i64>)> = BTreeMap::new();
    for (slug, second) in films.iter().filter_map(|object| parse(&object.key)) {
        if let Some(camera) = by_slug.get(slug) {
            going.entry(camera.number).or_insert((camera, Vec::new())).1.push(second);
        }
    }
    let ids: HashSet<_> = films.iter().map(|object| object.id).collect();
    for (camera, seconds) in going.into_values() {
        // They go in the order of time, so what lies between the first and the last is what goes, but for what is held.
        let (Some(first), Some(last)) = (seconds.iter().min(), seconds.iter().max()) else { continue };
        let between = segment::Entity::find()
            .filter(segment::COLUMN.camera.eq(camera.number))
            .filter(segment::COLUMN.started_at.between(*first, last + 999))
            .all(&*tx)
            .await?;
        let gone = between.into_iter().filter(|segment| ids.contains(&segment.object_id)).collect();
        forget(tx, camera, gone).await?;
    }
    Ok(())
}

async fn forget(tx: &mut WriteTxn<'_>, camera: &camera::Model, gone: Vec<segment::Model>) -> Result<()> {
    turn::take(tx, camera.number).await?;
    segment::Entity::delete_many()
        .filter(segment::COLUMN.camera.eq(camera.number))
        .filter(segment::COLUMN.started_at.is_in(gone.iter().map(|segment| segment.started_at)))
        .exec(&*tx)
        .await?;
    let mut of_days: BTreeMap<i64, (i32, i64)> = BTreeMap::new();
    let mut touched = BTreeSet::new();
    for segment in &gone {
        let sum = of_days.entry(segment.started_at.div_euclid(DAY)).or_default();
        *sum = (sum.0 + 1, sum.1 + segment.size);
        touched.extend(super::coverage::days(segment.started_at, segment.ended_at));
    }
    let mut is_over = false;
    for day in touched {
        let (count, bytes) = of_days.get(&day).copied().unwrap_or_default();
        let left = cover::lessen(tx, camera.number, day, count, bytes).await?;
        if left.segments > 0 || left.gone == 0 {
            continue;
        }
        let date = DateTime::from_timestamp_millis(day * DAY).unwrap_or_default().format("%Y-%m-%d").to_string();
        let details = json!({ "camera": camera.name, "day": date, "segments": left.gone, "bytes": left.gone_bytes });
        tx.audit(&Actor::system(), Action::RecordingsRetired, Subject::Camera(camera.id), details);
        coverage::Entity::delete_by_id((camera.number, left.day)).exec(&*tx).await?;
        is_over = true;
    }
    if is_over { tidy(tx, camera.number).await } else { Ok(()) }
}

/// Gaps and runs from before a camera's oldest film are nothing that anybody looks for.
async fn tidy(tx: &WriteTxn<'_>, camera: CameraNo) -> Result<()> {
    let first = segment::Entity::find()
        .filter(segment::COLUMN.camera.eq(camera))
        .order_by_asc(segment::Column::StartedAt)
        .one(tx)
        .await?;
    let Some(first) = first else { return Ok(()) };
    gap::Entity::delete_many()
        .filter(gap::COLUMN.camera.eq(camera))
        .filter(gap::COLUMN.ended_at.lte(first.started_at))
        .exec(tx)
        .await?;
    // Not as a list: a camera that flaps has more of them than a statement takes.
    let named = gap::Entity::find()
        .select_only()
        .column(gap::Column::RunId)
        .filter(gap::COLUMN.camera.eq(camera))
        .filter(gap::COLUMN.run_id.is_not_null())
        .into_query();
    run::Entity::delete_many()
        .filter(run::COLUMN.camera.eq(camera))
        .filter(run::COLUMN.ended_at.lte(first.started_at))
        .filter(run::COLUMN.id.ne(first.run_id))
        .filter(run::Column::Id.not_in_subquery(named))
        .exec(tx)
        .await?;
    Ok(())
}
