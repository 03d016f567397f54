//! What capture tells whoever keeps the record.

use std::path::PathBuf;

use gatehouse_app::ports::Tracks;

use super::{clock::TimeFrom, end::End, segment::Finished};

/// Times are Unix microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The camera plays.
    Connected,
    /// An unbroken capture begins; its files have one format and follow each other without a hole.
    RunBegan { at: i64, time: TimeFrom, tracks: Tracks },
    /// A file is open; it is called `….part` until it is finished.
    SegmentBegan { path: PathBuf },
    /// A fragment was handed to the disk: what a page shows of a camera that works.
    Wrote(Progress),
    /// A file is there, whole and durable. Acknowledged, it may go into the record.
    Segment(Finished),
    /// The run is over. Up to here there is footage.
    RunEnded { at: i64, end: End },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub at: i64,
    pub lasts: i64,
    pub bytes: usize,
    pub frames: u32,
    /// Packets that did not come, as the camera numbers them. Over TCP a number alone is no proof of a loss.
    pub lost: u32,
    pub time: TimeFrom,
    /// How far the camera's clock is ahead of ours, where it says its time.
    pub camera_off: Option<i64>,
}
