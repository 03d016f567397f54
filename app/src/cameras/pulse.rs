//! How cameras are, as whoever records them says every few seconds.

use sea_orm::ConnectionTrait;

use super::State;
use crate::{
    App, Result,
    ids::{CameraId, RecorderId},
    jobs::table::Dialect,
    ports::Tracks,
};

/// What a camera is doing, for whoever looks. What is not known stays as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulse {
    pub state: State,
    /// Why, in words without addresses and secrets; empty while there is nothing to say.
    pub detail: String,
    pub tracks: Option<Tracks>,
    pub fps_milli: Option<u32>,
    pub bits_per_second: Option<u64>,
    /// Unix milliseconds.
    pub last_frame_at: Option<i64>,
    /// The camera's clock less ours; `None` where it does not say its time.
    pub clock_offset_ms: Option<i64>,
    /// Connections after the first one, since it was taken.
    pub reconnects: u64,
}

impl Pulse {
    #[must_use]
    pub fn of(state: State) -> Self {
        Self {
            state,
            detail: String::new(),
            tracks: None,
            fps_milli: None,
            bits_per_second: None,
            last_frame_at: None,
            clock_offset_ms: None,
            reconnects: 0,
        }
    }
}

/// Who records, as pages call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    pub id: Option<RecorderId>,
    pub name: String,
}

/// Takes note of how many cameras are, in one commit. What `holder` says of a camera that is another's by now counts for nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn note(app: &App, holder: &str, who: &Who, beats: Vec<(CameraId, Pulse)>) -> Result<()> {
    if beats.is_empty() {
        return Ok(());
    }
    let tx = app.begin().await?;
    let sql = "UPDATE camera_states SET \
        since = CASE WHEN state = $2 THEN since ELSE $3 END, state = $2, detail = $4, heard_at = $3, \
        recorder_id = $5, recorder_name = $6, \
        video = COALESCE($7, video), audio = COALESCE($8, audio), width = COALESCE($9, width), height = COALESCE($10, height), \
        fps_milli = $11, bits_per_second = $12, last_frame_at = COALESCE($13, last_frame_at), clock_offset_ms = $14, reconnects = $15 \
        WHERE camera_id = $1 AND EXISTS (SELECT 1 FROM camera_leases l WHERE l.camera_id = $1 AND l.holder = $16)";
    for (camera, pulse) in beats {
        let tracks = pulse.tracks.as_ref();
        let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        let values = vec![
            camera.to_string().into(),
            pulse.state.as_str().into(),
            app.now().into(),
            pulse.detail.clone().into(),
            who.id.map(|id| id.to_string()).into(),
            who.name.clone().into(),
            tracks.map(|tracks| tracks.video.clone()).into(),
            tracks.map(|tracks| tracks.audio.clone()).into(),
            tracks.map(|tracks| number(tracks.width)).into(),
            tracks.map(|tracks| number(tracks.height)).into(),
            pulse.fps_milli.map(number).into(),
            pulse.bits_per_second.map(|bits| i64::try_from(bits).unwrap_or(i64::MAX)).into(),
            pulse.last_frame_at.into(),
            pulse.clock_offset_ms.into(),
            i64::try_from(pulse.reconnects).unwrap_or(i64::MAX).into(),
            holder.into(),
        ];
        tx.execute_raw(Dialect::of(&tx).statement(sql.into(), values)).await?;
    }
    tx.commit().await
}
