//! Why a run ended, and with it why a gap began.

use crate::{cameras::State, ui::status::Tone};

/// Declares the reasons: the word each is stored as, and the words people read.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $label:literal),+ $(,)?) => {
        /// Why nothing is recorded of some time.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason { $($(#[$doc])* $name),+ }

        impl Reason {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As it stands in the database and in manifests.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// For people, on the timeline.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(Self::$name => $label),+ }
            }
        }
    };
}

reasons! {
    /// Somebody switched it off, archived it, or changed its settings.
    SwitchedOff = "switched_off", "Switched off",
    ScheduledOff = "scheduled_off", "Off by schedule",
    Unreachable = "unreachable", "The camera could not be reached",
    Refused = "refused", "The camera did not let us in",
    NotRtsp = "not_rtsp", "What answered was no camera",
    Unsupported = "unsupported", "The camera sent film of a kind that cannot be kept",
    /// Frames stopped, the connection did not.
    Stalled = "stalled", "The camera sent no frames",
    /// It ended the session, or the connection broke.
    Closed = "closed", "The camera ended the connection",
    /// What it sent could not be understood: garbage, packets out of order, another source in the same session.
    Garbled = "garbled", "What the camera sent could not be understood",
    /// New parameter sets: a new file, and a pause of no more than a frame or two.
    Parameters = "parameters", "The camera changed its picture’s format",
    /// Its clock jumped by more than a moment.
    ClockJump = "clock_jump", "The camera’s clock jumped",
    /// The process that recorded it was killed, or its machine.
    WorkerLost = "worker_lost", "The process that recorded it was lost",
    /// The process was stopped in good order.
    Stopped = "stopped", "Gatehouse was restarted",
    /// A remote recorder is not heard of: there may be film, and then this gap is filled.
    RecorderAway = "recorder_away", "The recorder has not been heard of",
    NoRoom = "no_room", "There was no room to write",
    /// The file is gone or broken in every copy.
    Lost = "lost", "The recording was lost",
    /// A person had it erased.
    Erased = "erased", "The recording was erased",
}

impl Reason {
    /// Meant to be so; everything else is a fault.
    #[must_use]
    pub fn is_meant(self) -> bool {
        matches!(self, Self::SwitchedOff | Self::ScheduledOff | Self::Erased)
    }

    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            meant if meant.is_meant() => Tone::Neutral,
            Self::Parameters | Self::ClockJump | Self::Stopped | Self::RecorderAway => Tone::Warn,
            _ => Tone::Bad,
        }
    }

    /// What the camera is called while such a gap goes on.
    #[must_use]
    pub fn state(self) -> State {
        match self {
            Self::SwitchedOff | Self::Erased => State::Off,
            Self::ScheduledOff => State::ScheduledOff,
            Self::Unreachable => State::Unreachable,
            Self::Refused => State::Refused,
            Self::NotRtsp => State::NotRtsp,
            Self::Unsupported => State::Unsupported,
            Self::Stalled => State::Stalled,
            Self::NoRoom => State::NoRoom,
            Self::RecorderAway => State::RecorderAway,
            Self::WorkerLost | Self::Stopped => State::Waiting,
            Self::Closed | Self::Garbled | Self::Parameters | Self::ClockJump | Self::Lost => State::Connecting,
        }
    }
}

impl std::str::FromStr for Reason {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().copied().find(|reason| reason.as_str() == text);
        known.ok_or_else(|| format!("“{text}” is no reason of a gap"))
    }
}
