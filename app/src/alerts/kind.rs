//! What alerts are about, and which moments of theirs are told.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It should record and does not.
    CameraLost,
    /// It is connected, and no file comes of it.
    NothingWritten,
    /// Film waits to be sent for longer than it should.
    UploadLate,
    /// A recorder's disk is nearly full.
    DiskFilling,
    /// A clock is beside ours.
    ClockDrift,
    /// A recorder has not been heard of.
    RecorderLost,
}

impl Kind {
    pub const ALL: [Self; 6] = [
        Self::CameraLost,
        Self::NothingWritten,
        Self::UploadLate,
        Self::DiskFilling,
        Self::ClockDrift,
        Self::RecorderLost,
    ];

    /// As it stands in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CameraLost => "camera_lost",
            Self::NothingWritten => "nothing_written",
            Self::UploadLate => "upload_late",
            Self::DiskFilling => "disk_filling",
            Self::ClockDrift => "clock_drift",
            Self::RecorderLost => "recorder_lost",
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| format!("“{text}” is no kind of alert"))
    }
}

/// What is told of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    Opened,
    Closed,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
        })
    }
}
