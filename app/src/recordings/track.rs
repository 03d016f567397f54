//! What a timeline is drawn of, for one camera.

use super::Reason;
use crate::ids::{CameraId, FilmHoldId};

/// Why something is missing, and of when. Unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub from: i64,
    /// `None`: it goes on.
    pub until: Option<i64>,
    pub reason: Reason,
    pub detail: String,
}

/// One camera within a window. Stretches are in their order and do not touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    pub id: CameraId,
    pub slug: String,
    pub name: String,
    /// The codec of its newest run in the window: what a browser is asked whether it plays.
    pub video: String,
    /// Who recorded that run.
    pub recorder: String,
    /// Recorded, and a copy can be played.
    pub spans: Vec<(i64, i64)>,
    /// Recorded, and on its way.
    pub waiting: Vec<(i64, i64)>,
    /// Being recorded, in a file that has not ended.
    pub open: Option<(i64, i64)>,
    /// The longest ones, at most [`GAPS`] of them, in the order of time.
    pub gaps: Vec<Missing>,
    /// Percent of what has passed of the window, rounded down.
    pub share: u8,
}

/// Gaps that are drawn of one camera: more of them cannot be told apart, and a camera that flaps has thousands.
pub const GAPS: usize = 300;

/// Something beside the film: a loading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub from: i64,
    pub until: i64,
    /// `PRT-2026-0042`
    pub short: String,
    /// `PRT-2026-0042 loaded at Dock 2, 14:02 to 14:31`
    pub label: String,
    pub url: String,
}

/// Film that is kept whatever its age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keeping {
    pub hold: FilmHoldId,
    pub from: i64,
    pub until: i64,
    pub reason: String,
    /// Who keeps it.
    pub by: String,
    pub cameras: Vec<CameraId>,
}

/// Joins stretches that are no further apart than `slack`: a month of minutes is a few lines.
#[must_use]
pub fn joined(stretches: impl IntoIterator<Item = (i64, i64)>, slack: i64) -> Vec<(i64, i64)> {
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (from, until) in stretches {
        match joined.last_mut().filter(|(_, end)| from - *end <= slack) {
            Some((_, end)) => *end = (*end).max(until),
            None => joined.push((from, until)),
        }
    }
    joined
}
