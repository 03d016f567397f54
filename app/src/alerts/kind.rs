//! What alerts are about, and which moments of theirs are told.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::ui::status::Tone;

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

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::CameraLost => "Camera does not record",
            Self::NothingWritten => "Nothing is written",
            Self::UploadLate => "Film is sent late",
            Self::DiskFilling => "Disk fills up",
            Self::ClockDrift => "Clock is off",
            Self::RecorderLost => "Recorder is away",
        }
    }

    /// So many of them, in a sentence.
    #[must_use]
    pub fn counted(self, count: usize) -> String {
        let (one, many) = match self {
            Self::CameraLost => ("One camera does not record", "cameras do not record"),
            Self::NothingWritten => {
                ("One camera is connected and nothing is written", "cameras are connected and nothing is written")
            }
            Self::UploadLate => ("One recorder sends its film late", "recorders send their film late"),
            Self::DiskFilling => ("One recorder’s disk fills up", "recorders’ disks fill up"),
            Self::ClockDrift => ("One clock is off", "clocks are off"),
            Self::RecorderLost => ("One recorder is away", "recorders are away"),
        };
        if count == 1 { one.into() } else { format!("{count} {many}") }
    }

    /// How grave it is: film is being lost, or will be if nobody looks.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::CameraLost | Self::NothingWritten | Self::DiskFilling | Self::RecorderLost => Tone::Bad,
            Self::UploadLate | Self::ClockDrift => Tone::Warn,
        }
    }

    /// For how long, in milliseconds, it must be found without a break before it is an alert. Twice in a row it is in any case.
    #[must_use]
    pub fn patience(self) -> i64 {
        match self {
            Self::CameraLost => 2 * 60_000,
            Self::ClockDrift => 5 * 60_000,
            Self::NothingWritten | Self::UploadLate | Self::DiskFilling | Self::RecorderLost => 0,
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
