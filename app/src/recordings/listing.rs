//! The files of a stretch of time, for whoever wants files.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    model::{run, segment},
    pages::{FILES, File},
    stores,
};
use crate::{App, Result, cameras::model::camera, ids::RunId};

/// The newest [`FILES`] segments of `cameras` that began in `from..until` (Unix milliseconds), the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn files(app: &App, cameras: &[camera::Model], from: i64, until: i64) -> Result<Vec<File>> {
    let rows = segment::Entity::find()
        .filter(segment::Column::Camera.is_in(cameras.iter().map(|camera| camera.number)))
        .filter(segment::Column::StartedAt.gte(from))
        .filter(segment::Column::StartedAt.lt(until))
        .order_by_desc(segment::Column::StartedAt)
        .order_by_asc(segment::Column::Camera)
        .limit(FILES)
        .all(app.db())
        .await?;
    let recorders = recorders(app, &rows).await?;
    let stores = stores(app.db()).await?;
    let file = |row: segment::Model| {
        let camera = cameras.iter().find(|camera| camera.number == row.camera)?;
        let store = row.store_id.and_then(|id| stores.get(&id));
        Some(File {
            camera: camera.id,
            camera_name: camera.name.clone(),
            started_at: row.started_at,
            ended_at: row.ended_at,
            bytes: row.size,
            state: row.state,
            recorder: recorders.get(&row.run_id).cloned().unwrap_or_default(),
            is_here: store.is_some_and(|(backend, bucket)| app.ports.plane.at(backend, bucket).is_some()),
        })
    };
    Ok(rows.into_iter().filter_map(file).collect())
}

/// Segments of one camera with the names of their recorders, the oldest first: those that began in `from..until` (Unix milliseconds) and
/// after `after`, at most `limit`, and whether there are more.
///
/// # Errors
/// When the database does not answer.
pub async fn segments(
    app: &App,
    camera: &camera::Model,
    (from, until): (i64, i64),
    after: Option<i64>,
    limit: u64,
) -> Result<(Vec<(segment::Model, String)>, bool)> {
    let mut rows = segment::Entity::find()
        .filter(segment::Column::Camera.eq(camera.number))
        .filter(segment::Column::StartedAt.gte(after.map_or(from, |after| from.max(after.saturating_add(1)))))
        .filter(segment::Column::StartedAt.lt(until))
        .order_by_asc(segment::Column::StartedAt)
        .limit(limit + 1)
        .all(app.db())
        .await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let recorders = recorders(app, &rows).await?;
    let named = |row: segment::Model| {
        let recorder = recorders.get(&row.run_id).cloned().unwrap_or_default();
        (row, recorder)
    };
    Ok((rows.into_iter().map(named).collect(), more))
}

/// Who recorded each run.
async fn recorders(app: &App, rows: &[segment::Model]) -> Result<HashMap<RunId, String>> {
    let mut listed: Vec<RunId> = rows.iter().map(|row| row.run_id).collect();
    listed.sort_unstable();
    listed.dedup();
    let runs = run::Entity::find().filter(run::Column::Id.is_in(listed)).all(app.db()).await?;
    Ok(runs.into_iter().map(|run| (run.id, run.recorder_name)).collect())
}
