//! How the cameras are, from one commit to the next.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use gatehouse_app::{cameras::Pulse, ids::CameraId};

/// What cameras are doing, as it was said last, until it is noted.
#[derive(Debug, Default)]
pub struct Pulses(Mutex<HashMap<CameraId, (Pulse, bool)>>);

impl Pulses {
    fn lock(&self) -> MutexGuard<'_, HashMap<CameraId, (Pulse, bool)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn put(&self, camera: CameraId, pulse: Pulse) {
        let mut all = self.lock();
        let is_news = all.get(&camera).is_none_or(|(last, is_news)| {
            *is_news || (last.state, &last.detail, &last.tracks) != (pulse.state, &pulse.detail, &pulse.tracks)
        });
        all.insert(camera, (pulse, is_news));
    }

    /// Those that are news, or all.
    pub(super) fn take(&self, all: bool) -> Vec<(CameraId, Pulse)> {
        let mut pulses = self.lock();
        let taken = pulses.iter_mut().filter(|(_, (_, is_news))| all || *is_news);
        taken
            .map(|(camera, (pulse, is_news))| {
                *is_news = false;
                (*camera, pulse.clone())
            })
            .collect()
    }

    /// It is held no more: its last word.
    pub(super) fn forget(&self, camera: CameraId) -> Option<Pulse> {
        self.lock().remove(&camera).map(|(pulse, _)| pulse)
    }
}
