//! Segments as timelines, playlists and clips ask for them: those of a camera that have something of a stretch of time.

use std::{collections::HashMap, sync::Arc};

use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::{
    Fragments, Place, key,
    model::{fragment, run, segment},
};
use crate::{
    App, Result,
    cameras::model::camera,
    ids::{CameraNo, RunId},
};

/// No segment is longer, milliseconds: five minutes are the longest setting, and a run without a key frame ends after ten. So what began
/// earlier is over, and the key is asked for a range.
pub(super) const LONGEST: i64 = 20 * 60_000;

/// Backend and bucket by the numbers that segments have.
type Stores = HashMap<i32, (String, String)>;

/// What the primary key has of a segment: all that a timeline and a playlist need.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Glance {
    pub camera: CameraNo,
    /// Unix milliseconds.
    pub started_at: i64,
    pub ended_at: i64,
    pub run_id: RunId,
    pub nth: i32,
    /// Bytes.
    pub size: i64,
    pub init_size: i32,
    /// `uploading`, `completed`, `failed`.
    pub state: String,
    pub store_id: Option<i32>,
}

/// A segment with its run and its fragments.
#[derive(Clone, Debug)]
pub struct Row {
    pub segment: segment::Model,
    pub run: Arc<run::Model>,
    pub fragments: Fragments,
}

/// Which segments have something of `from..until`.
pub(super) fn within(from: i64, until: i64) -> Condition {
    Condition::all()
        .add(segment::Column::StartedAt.gt(from - LONGEST))
        .add(segment::Column::StartedAt.lt(until))
        .add(segment::Column::EndedAt.gt(from))
}

/// Segments of `cameras` that have something of `from..until`, camera by camera, in the order of time.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn glances(app: &App, cameras: &[CameraNo], from: i64, until: i64) -> Result<Vec<Glance>> {
    use segment::Column::{Camera, EndedAt, InitSize, Nth, RunId, Size, StartedAt, State, StoreId};
    let found = segment::Entity::find()
        .select_only()
        .columns([Camera, StartedAt, EndedAt, RunId, Nth, Size, InitSize, State, StoreId])
        .filter(Camera.is_in(cameras.iter().copied()))
        .filter(within(from, until))
        .order_by_asc(Camera)
        .order_by_asc(StartedAt);
    Ok(found.into_model::<Glance>().all(app.db()).await?)
}

/// The fragments of a camera's segments that began in `from..until`, by their beginning.
///
/// # Errors
/// When the database does not answer, or has what no [`pack`](Fragments::pack) made.
pub(super) async fn fragments(app: &App, camera: CameraNo, from: i64, until: i64) -> Result<HashMap<i64, Fragments>> {
    let rows = fragment::Entity::find()
        .filter(fragment::Column::Camera.eq(camera))
        .filter(fragment::Column::StartedAt.gt(from - LONGEST))
        .filter(fragment::Column::StartedAt.lt(until));
    let mut found = HashMap::new();
    for row in rows.all(app.db()).await? {
        let unpacked = Fragments::unpack(&row.fragments);
        let fragments = unpacked
            .ok_or_else(|| anyhow::anyhow!("fragments of camera {} at {} cannot be read", camera.0, row.started_at))?;
        found.insert(row.started_at, fragments);
    }
    Ok(found)
}

/// Every segment of `camera` that has something of `from..until` (Unix milliseconds), in the order of time, wherever its bytes are.
///
/// # Errors
/// When the database does not answer.
pub async fn pieces(app: &App, camera: &camera::Model, from: i64, until: i64) -> Result<Vec<Row>> {
    let segments = segment::Entity::find()
        .filter(segment::Column::Camera.eq(camera.number))
        .filter(within(from, until))
        .order_by_asc(segment::Column::StartedAt)
        .all(app.db())
        .await?;
    let mut listed: Vec<RunId> = segments.iter().map(|segment| segment.run_id).collect();
    listed.dedup();
    let runs = run::Entity::find().filter(run::Column::Id.is_in(listed)).all(app.db()).await?;
    let runs: HashMap<_, _> = runs.into_iter().map(|run| (run.id, Arc::new(run))).collect();
    let mut fragments = fragments(app, camera.number, from, until).await?;
    let row = |segment: segment::Model| {
        let run = runs.get(&segment.run_id)?;
        let fragments = fragments.remove(&segment.started_at).unwrap_or_default();
        Some(Row { run: Arc::clone(run), fragments, segment })
    };
    Ok(segments.into_iter().filter_map(row).collect())
}

/// The copy of a segment that is played, where it can be had from here: neither on another machine's disk nor in a bucket that is configured
/// no more.
pub(super) fn played(app: &App, stores: &Stores, slug: &str, glance: &Glance) -> Option<Place> {
    let (backend, bucket) = stores.get(&glance.store_id?)?;
    app.ports.plane.at(backend, bucket)?;
    let key = key(slug, glance.started_at, glance.nth);
    Some(Place { backend: backend.clone(), bucket: bucket.clone(), key })
}
