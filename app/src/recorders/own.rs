//! Which cameras a recorder may speak of: its own, and those that it was given before, of which it may still have film.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;

use super::model;
use crate::{
    App, Result,
    audit::{Action, model::entry},
    cameras::model::camera,
    ids::CameraId,
};

/// Times that a recorder was given cameras: more are not looked through.
const LOOKED_THROUGH: u64 = 200;

#[derive(Deserialize)]
struct Given {
    cameras: Vec<CameraId>,
}

/// Those of `found` that `recorder` may speak of.
pub(super) async fn own(
    app: &App,
    recorder: &model::Model,
    found: Vec<camera::Model>,
) -> Result<HashMap<CameraId, camera::Model>> {
    let (own, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|camera| camera.recorder_id == Some(recorder.id));
    let mut own: HashMap<_, _> = own.into_iter().map(|camera| (camera.id, camera)).collect();
    if !others.is_empty() {
        let before = given_before(app, recorder).await?;
        own.extend(others.into_iter().filter(|camera| before.contains(&camera.id)).map(|camera| (camera.id, camera)));
    }
    Ok(own)
}

/// What it was given is on record.
async fn given_before(app: &App, recorder: &model::Model) -> Result<HashSet<CameraId>> {
    let details: Vec<String> = entry::Entity::find()
        .filter(entry::Column::SubjectKind.eq("recorder"))
        .filter(entry::Column::SubjectId.eq(recorder.id.to_string()))
        .filter(entry::Column::Action.eq(Action::RecorderGivenCameras.as_str()))
        .order_by_desc(entry::Column::Seq)
        .limit(LOOKED_THROUGH)
        .select_only()
        .column(entry::Column::Details)
        .into_tuple()
        .all(app.db())
        .await?;
    let given = details.iter().filter_map(|details| serde_json::from_str::<Given>(details).ok());
    Ok(given.flat_map(|given| given.cameras).collect())
}
