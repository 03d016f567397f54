//! Recorders that are not heard of: what their cameras are doing, nobody knows.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{HERE_MS, model};
use crate::{
    App, Result,
    cameras::{
        State,
        model::{camera, status},
    },
    recordings::{self, Reason},
};

/// Says so at the cameras of recorders that are away, and opens a gap for each, which their film fills when it comes. Returns how many
/// cameras.
///
/// # Errors
/// When the database does not answer.
pub async fn away(app: &App) -> Result<u64> {
    let away = model::Entity::find()
        .filter(model::Column::Kind.eq("remote"))
        .filter(model::Column::RevokedAt.is_null())
        .filter(model::Column::LastSeenAt.lt(app.now() - HERE_MS))
        .all(app.db())
        .await?;
    if away.is_empty() {
        return Ok(0);
    }
    let meant = [State::Off, State::ScheduledOff, State::RecorderAway].map(|state| state.as_str().to_owned());
    let found = camera::Entity::find()
        .filter(camera::Column::RecorderId.is_in(away.iter().map(|recorder| recorder.id)))
        .filter(camera::Column::ArchivedAt.is_null())
        .filter(camera::Column::Enabled.eq(true));
    let cameras = found.all(app.db()).await?;
    let states = status::Entity::find()
        .filter(status::Column::CameraId.is_in(cameras.iter().map(|camera| camera.id)))
        .filter(status::Column::State.is_not_in(meant));
    let states = states.all(app.db()).await?;
    if states.is_empty() {
        return Ok(0);
    }
    let mut tx = app.begin().await?;
    let mut told = 0;
    for status in states {
        let Some(camera) = cameras.iter().find(|camera| camera.id == status.camera_id) else { continue };
        let Some(recorder) = away.iter().find(|recorder| Some(recorder.id) == camera.recorder_id) else { continue };
        let seen = recorder.last_seen_at.unwrap_or(recorder.created_at);
        let mut status = status.into_active_model();
        status.state = Set(State::RecorderAway.as_str().into());
        status.detail = Set(String::new());
        status.since = Set(seen);
        status.update(&tx).await?;
        recordings::begin_gap(&mut tx, camera.number, seen, Reason::RecorderAway, "").await?;
        told += 1;
    }
    tx.commit().await?;
    Ok(told)
}
