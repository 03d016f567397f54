//! A recorder says how it is, and how its cameras are.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use super::{
    cameras::{Manner, config},
    claim::line,
    hello::refuse_other,
    model,
    wire::{Beat, BeatBack, CameraBeat},
};
use crate::{
    App, AppError, Result,
    cameras::{
        State,
        model::{camera, status},
    },
    ids::CameraId,
};

/// More cameras than one machine records.
const MOST: usize = 500;

/// Takes note of how a recorder is, in one commit.
///
/// # Errors
/// [`AppError::Conflict`] when another node with the same token is heard of; [`AppError::Invalid`] of more cameras than there can be.
pub async fn beat(
    app: &App,
    ip: Option<String>,
    recorder: &model::Model,
    beat: &Beat,
    manner: Manner,
) -> Result<BeatBack> {
    if recorder.node != beat.node {
        refuse_other(app, recorder, &beat.node)?;
        return Err(AppError::Conflict("Say hello first: this token belongs to another machine so far.".into()));
    }
    if beat.cameras.len() > MOST {
        return Err(AppError::field("cameras", format!("{MOST} at most")));
    }
    let tx = app.begin().await?;
    let mut row = recorder.clone().into_active_model();
    row.version = Set(line(&beat.version, 100));
    row.ip = Set(ip);
    row.last_seen_at = Set(Some(app.now()));
    row.clock_offset_ms = Set(beat.clock_offset_ms);
    row.disk_free = Set(Some(beat.disk_free.max(0)));
    row.disk_total = Set(Some(beat.disk_total.max(0)));
    row.keep_free = Set(beat.keep_free.max(0));
    row.spool_bytes = Set(beat.spool_bytes.max(0));
    row.spool_limit = Set(beat.spool_limit.max(0));
    row.queue_segments = Set(beat.queue_segments.max(0));
    row.queue_bytes = Set(beat.queue_bytes.max(0));
    row.oldest_waiting_at = Set(beat.oldest_waiting_at);
    row.aside = Set(beat.aside.max(0));
    row.update(&tx).await?;
    // What it says of cameras that are another's by now, or nobody's, counts for nothing.
    let own: Vec<CameraId> = camera::Entity::find()
        .filter(camera::Column::RecorderId.eq(recorder.id))
        .filter(camera::Column::Id.is_in(beat.cameras.iter().map(|camera| CameraId(camera.camera))))
        .select_only()
        .column(camera::Column::Id)
        .into_tuple()
        .all(&tx)
        .await?;
    let states = status::Entity::find().filter(status::Column::CameraId.is_in(own)).all(&tx).await?;
    let said: HashMap<CameraId, &CameraBeat> =
        beat.cameras.iter().map(|camera| (CameraId(camera.camera), camera)).collect();
    for state in states {
        if let Some(said) = said.get(&state.camera_id) {
            state_of(app, recorder, state, said).update(&tx).await?;
        }
    }
    tx.commit().await?;
    Ok(BeatBack { now: app.now(), config: config(app, recorder, manner).await? })
}

fn state_of(app: &App, recorder: &model::Model, row: status::Model, said: &CameraBeat) -> status::ActiveModel {
    let state = said.state.parse().unwrap_or(State::Connecting);
    let mut row = row.into_active_model();
    row.state = Set(state.as_str().into());
    row.detail = Set(line(&said.detail, 300));
    row.since = Set(said.since.min(app.now()));
    row.recorder_id = Set(Some(recorder.id));
    row.recorder_name = Set(recorder.name.clone());
    row.video = Set(line(&said.video, 40));
    row.audio = Set(line(&said.audio, 40));
    row.width = Set(said.width);
    row.height = Set(said.height);
    row.fps_milli = Set(said.fps_milli);
    row.bits_per_second = Set(said.bits_per_second);
    row.last_frame_at = Set(said.last_frame_at);
    row.clock_offset_ms = Set(said.clock_offset_ms);
    row.reconnects = Set(said.reconnects.max(0));
    row.heard_at = Set(app.now());
    row
}
