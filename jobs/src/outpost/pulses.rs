//! How the cameras are, for the next beat.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use gatehouse_app::{cameras::Pulse, recorders::wire::CameraBeat};
use uuid::Uuid;

/// The last word of a camera, and since when it is so.
#[derive(Clone, Debug)]
pub struct Noted {
    pub slug: String,
    pub pulse: Pulse,
    /// Unix milliseconds.
    pub since: i64,
}

/// Of each camera that is recorded here.
#[derive(Debug, Default)]
pub(super) struct Pulses(Mutex<BTreeMap<Uuid, Noted>>);

impl Pulses {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Uuid, Noted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn note(&self, camera: Uuid, slug: &str, pulse: Pulse, now: i64) {
        let mut all = self.lock();
        let before = all.get(&camera).filter(|before| before.pulse.state == pulse.state);
        let since = before.map_or(now, |before| before.since);
        all.insert(camera, Noted { slug: slug.into(), pulse, since });
    }

    /// It is recorded here no more.
    pub fn forget(&self, camera: Uuid) {
        self.lock().remove(&camera);
    }

    pub fn beats(&self) -> Vec<CameraBeat> {
        self.lock().iter().map(|(camera, noted)| beat(*camera, &noted.pulse, noted.since)).collect()
    }

    pub fn all(&self) -> Vec<(Uuid, Noted)> {
        self.lock().iter().map(|(camera, noted)| (*camera, noted.clone())).collect()
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
