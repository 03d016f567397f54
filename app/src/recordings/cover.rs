//! Days at a glance, as rows: marked with each segment, made anew where film goes.

use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict};

use super::{
    Minutes, SegmentState,
    coverage::{DAY, days},
    model::{coverage, segment},
    segments::touching,
};
use crate::{Result, WriteTxn, ids::CameraNo};

fn day_of(day: i64) -> i32 {
    i32::try_from(day).unwrap_or_default()
}

impl coverage::Model {
    fn empty(camera: CameraNo, day: i32) -> Self {
        let minutes = Minutes::default().bytes().to_vec();
        Self { camera, day, minutes, segments: 0, bytes: 0, covered_ms: 0, gone: 0, gone_bytes: 0 }
    }

    /// Counts a segment's time within the day, and the segment on the day that it began on.
    fn count(&mut self, from: i64, until: i64, size: i64) {
        let midnight = i64::from(self.day) * DAY;
        let mut minutes = Minutes::of(&self.minutes).unwrap_or_default();
        minutes.mark(midnight, from, until);
        self.minutes = minutes.bytes().to_vec();
        self.covered_ms += until.min(midnight + DAY) - from.max(midnight);
        if from >= midnight {
            (self.segments, self.bytes) = (self.segments + 1, self.bytes + size);
        }
    }
}

async fn put(tx: &WriteTxn<'_>, row: coverage::Model) -> Result<()> {
    use coverage::Column::{Bytes, Camera, CoveredMs, Day, Gone, GoneBytes, Minutes, Segments};
    let again = OnConflict::columns([Camera, Day])
        .update_columns([Minutes, Segments, Bytes, CoveredMs, Gone, GoneBytes])
        .to_owned();
    coverage::Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Adds a segment to the days that it lies in.
pub(super) async fn mark(tx: &WriteTxn<'_>, camera: CameraNo, from: i64, until: i64, size: i64) -> Result<()> {
    for day in days(from, until) {
        let day = day_of(day);
        let known = coverage::Entity::find_by_id((camera, day)).one(tx).await?;
        let mut row = known.unwrap_or_else(|| coverage::Model::empty(camera, day));
        row.count(from, until, size);
        put(tx, row).await?;
    }
    Ok(())
}

/// What a day is by its segments. `None`: nothing is or was recorded of it.
pub(super) async fn anew(db: &impl ConnectionTrait, camera: CameraNo, day: i32) -> Result<Option<coverage::Model>> {
    let midnight = i64::from(day) * DAY;
    let known = coverage::Entity::find_by_id((camera, day)).one(db).await?;
    let mut row = coverage::Model::empty(camera, day);
    if let Some(known) = known {
        (row.gone, row.gone_bytes) = (known.gone, known.gone_bytes);
    }
    let segments =
        touching(camera, midnight, midnight + DAY).filter(segment::COLUMN.state.ne(SegmentState::Failed.as_str()));
    for segment in segments.all(db).await?.into_iter().filter(|segment| segment.ended_at > midnight) {
        row.count(segment.started_at, segment.ended_at, segment.size);
    }
    Ok((row.covered_ms > 0 || row.gone > 0).then_some(row))
}

/// Makes the days anew that `from..until` lies in.
pub(super) async fn remake(tx: &WriteTxn<'_>, camera: CameraNo, from: i64, until: i64) -> Result<()> {
    for day in days(from, until) {
        let day = day_of(day);
        match anew(tx, camera, day).await? {
            Some(row) => put(tx, row).await?,
            None => {
                coverage::Entity::delete_by_id((camera, day)).exec(tx).await?;
            }
        }
    }
    Ok(())
}

/// The same for a day that so many files went from, of so many bytes, because they were kept long enough. Gives what it is by now.
pub(super) async fn lessen(
    tx: &WriteTxn<'_>,
    camera: CameraNo,
    day: i64,
    gone: i32,
    bytes: i64,
) -> Result<coverage::Model> {
    let day = day_of(day);
    let mut row = anew(tx, camera, day).await?.unwrap_or_else(|| coverage::Model::empty(camera, day));
    (row.gone, row.gone_bytes) = (row.gone + gone, row.gone_bytes + bytes);
    put(tx, row.clone()).await?;
    Ok(row)
}
