//! How the cameras are, for the next beat.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use gatehouse_app::{cameras::Pulse, recorders::wire::CameraBeat};
use uuid::Uuid;

/// The last word of each camera, and since when it is so.
#[derive(Debug, Default)]
pub(super) struct Pulses(Mutex<BTreeMap<Uuid, (Pulse, i64)>>);

impl Pulses {
    pub fn note(&self, camera: Uuid, pulse: Pulse, now: i64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = all.get(&camera).filter(|(before, _)| before.state == pulse.state).map_or(now, |(_, since)| *since);
        all.insert(camera, (pulse, since));
    }

    /// It is recorded here no more.
    pub fn forget(&self, camera: Uuid) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&camera);
    }

    pub fn beats(&self) -> Vec<CameraBeat> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(|(camera, (pulse, since))| beat(*camera, pulse, *since)).collect()
    }
}

fn beat(camera: Uuid, pulse: &Pulse, since: i64) -> CameraBeat {
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let tracks = pulse.tracks.as_ref();
    CameraBeat {
        camera,
        state: pulse.state.as_str().into(),
        detail: pulse.detail.clone(),
        since,
        video: tracks.map(|tracks| tracks.video.clone()).unwrap_or_default(),
        audio: tracks.map(|tracks| tracks.audio.clone()).unwrap_or_default(),
        width: tracks.map(|tracks| number(tracks.width)),
        height: tracks.map(|tracks| number(tracks.height)),
        fps_milli: pulse.fps_milli.map(number),
        bits_per_second: pulse.bits_per_second.map(|bits| i64::try_from(bits).unwrap_or(i64::MAX)),
        last_frame_at: pulse.last_frame_at,
        clock_offset_ms: pulse.clock_offset_ms,
        reconnects: i64::try_from(pulse.reconnects).unwrap_or(i64::MAX),
    }
}
