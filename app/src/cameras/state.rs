//! How a camera is: a word, a shape, and what to do about it.

use crate::ui::status::Tone;

/// The state of a camera, as whoever records it said last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Somebody switched it off.
    Off,
    /// Its schedule has it off now.
    ScheduledOff,
    /// No worker has taken it yet.
    Waiting,
    Connecting,
    /// Frames come.
    Connected,
    /// It answers and sends no frames.
    Stalled,
    /// Nobody answers at its address, or its address is not allowed.
    Unreachable,
    /// It does not let us in.
    Refused,
    /// Something answers that does not speak RTSP, or has no film there.
    NotRtsp,
    /// It sends film of a kind that cannot be kept.
    Unsupported,
    /// It would send, and there is no room to write.
    NoRoom,
    /// Its recorder has not been heard of: what it does is not known.
    RecorderAway,
}

impl State {
    pub const ALL: [Self; 12] = [
        Self::Off,
        Self::ScheduledOff,
        Self::Waiting,
        Self::Connecting,
        Self::Connected,
        Self::Stalled,
        Self::Unreachable,
        Self::Refused,
        Self::NotRtsp,
        Self::Unsupported,
        Self::NoRoom,
        Self::RecorderAway,
    ];

    /// As it stands in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::ScheduledOff => "scheduled_off",
            Self::Waiting => "waiting",
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Stalled => "stalled",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::NotRtsp => "not_rtsp",
            Self::Unsupported => "unsupported",
            Self::NoRoom => "no_room",
            Self::RecorderAway => "recorder_away",
        }
    }

    /// For people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "Off",
            Self::ScheduledOff => "Off by schedule",
            Self::Waiting => "Waiting for a worker",
            Self::Connecting => "Connecting",
            Self::Connected => "Recording",
            Self::Stalled => "Stalled",
            Self::Unreachable => "Unreachable",
            Self::Refused => "Refused",
            Self::NotRtsp => "Not a camera",
            Self::Unsupported => "Unsupported film",
            Self::NoRoom => "No room",
            Self::RecorderAway => "Recorder away",
        }
    }

    /// One thing to do about it; `None` where nothing is asked.
    #[must_use]
    pub fn remedy(self) -> Option<&'static str> {
        match self {
            Self::Off | Self::ScheduledOff | Self::Connecting | Self::Connected => None,
            Self::Waiting => {
                Some("Start `gatehouse work` with the queue capture, or raise how many cameras a process holds.")
            }
            Self::Stalled => {
                Some("It answers and sends nothing: restart the camera, or look at its encoder’s settings.")
            }
            Self::Unreachable => Some("Check the cable and the address, and that the site’s list of networks has it."),
            Self::Refused => Some("Check user and password, and that the user may see the stream."),
            Self::NotRtsp => Some("Check port and path: most cameras have them in their manual under RTSP."),
            Self::Unsupported => Some("Set the camera’s encoder to H.264 or H.265, and its audio to AAC or off."),
            Self::NoRoom => Some("Make room on the recorder’s disk, or bring the bucket back that it waits for."),
            Self::RecorderAway => Some("See whether the recorder’s machine runs and reaches this server."),
        }
    }

    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Off | Self::ScheduledOff => Tone::Neutral,
            Self::Waiting | Self::Connecting => Tone::Progress,
            Self::Connected => Tone::Ok,
            Self::RecorderAway => Tone::Warn,
            Self::Stalled | Self::Unreachable | Self::Refused | Self::NotRtsp | Self::Unsupported | Self::NoRoom => {
                Tone::Bad
            }
        }
    }

    /// It should be recording and is not: after two minutes of it that is an alert.
    #[must_use]
    pub fn is_lost(self) -> bool {
        matches!(self.tone(), Tone::Bad | Tone::Warn) || self == Self::Waiting
    }
}

impl std::str::FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("“{text}” is not a state of cameras"))
    }
}
