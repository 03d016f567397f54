//! Why capture ended: every end has a reason that a person can act on.

use std::io;

use gatehouse_app::recordings::Reason;

/// What was waited for when nothing came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The connection and what the camera says it has.
    Describe,
    Setup,
    Play,
}

/// Why a run, or the attempt at one, ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum End {
    /// We were told to.
    #[error("stopped")]
    Stopped,
    #[error("the address is not one of a camera: {0}")]
    BadAddress(String),
    /// The host says that nobody listens there.
    #[error("nothing listens at this address and port")]
    Refused,
    /// No such name, no way to it, no answer to a connection.
    #[error("the camera cannot be reached: {0}")]
    Unreachable(String),
    #[error("the camera does not take this name and password")]
    WrongPassword,
    #[error("the camera has no stream of this name")]
    NoSuchStream,
    /// Another RTSP status than those that have a reason of their own.
    #[error("the camera answers with status {0}")]
    Status(u16),
    #[error("what answers there does not speak RTSP")]
    NotRtsp,
    #[error("the camera offers no picture")]
    NoVideo,
    #[error("the camera sends {0}; H.264 and H.265 are recorded")]
    UnsupportedCodec(String),
    #[error("the camera did not answer in time ({0:?})")]
    NoAnswer(Step),
    #[error("the camera sent no key frame in time")]
    NoKeyFrame,
    /// The line is open, perhaps even answers, and no picture comes.
    #[error("the camera stopped sending")]
    Stalled,
    #[error("the camera closed the line")]
    Closed,
    /// Packets that cannot be what they should be.
    #[error("the camera sends what cannot be read: {0}")]
    Garbage(String),
    /// Another resolution or other parameter sets: a new run goes on with the very next picture.
    #[error("the camera changed its picture's format")]
    ParametersChanged,
    /// By so many milliseconds, the camera's time against ours; forward is positive. A new run begins by the new time.
    #[error("the time of the pictures jumped by {0} ms")]
    ClockJumped(i64),
    /// The disk did not take it.
    #[error("the disk did not take it: {0}")]
    Disk(String),
}

impl End {
    /// One word for the database and for metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::BadAddress(_) => "bad_address",
            Self::Refused => "refused",
            Self::Unreachable(_) => "unreachable",
            Self::WrongPassword => "wrong_password",
            Self::NoSuchStream => "no_such_stream",
            Self::Status(_) => "status",
            Self::NotRtsp => "not_rtsp",
            Self::NoVideo => "no_video",
            Self::UnsupportedCodec(_) => "unsupported_codec",
            Self::NoAnswer(_) => "no_answer",
            Self::NoKeyFrame => "no_key_frame",
            Self::Stalled => "stalled",
            Self::Closed => "closed",
            Self::Garbage(_) => "garbage",
            Self::ParametersChanged => "parameters_changed",
            Self::ClockJumped(_) => "clock_jumped",
            Self::Disk(_) => "disk",
        }
    }

    /// What stands on the timeline. Who stopped it knows better why.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Stopped => Reason::Stopped,
            Self::BadAddress(_) | Self::Refused | Self::Unreachable(_) | Self::NoAnswer(_) => Reason::Unreachable,
            Self::WrongPassword => Reason::Refused,
            Self::NoSuchStream | Self::Status(_) | Self::NotRtsp | Self::NoVideo => Reason::NotRtsp,
            Self::UnsupportedCodec(_) => Reason::Unsupported,
            Self::NoKeyFrame | Self::Stalled => Reason::Stalled,
            Self::Closed => Reason::Closed,
            Self::Garbage(_) => Reason::Garbled,
            Self::ParametersChanged => Reason::Parameters,
            Self::ClockJumped(_) => Reason::ClockJump,
            Self::Disk(_) => Reason::NoRoom,
        }
    }

    /// Whether a person has to mend something first: then trying again soon only fills logs, or locks an account.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        matches!(
            self,
            Self::BadAddress(_)
                | Self::WrongPassword
                | Self::NoSuchStream
                | Self::NotRtsp
                | Self::NoVideo
                | Self::UnsupportedCodec(_)
        )
    }

    /// What an error of the RTSP library means. It has no kinds, only a status and words: what is looked for in them are those of
    /// retina 0.4.21, and `tests/ends.rs` has each from a real socket.
    #[must_use]
    pub fn of(error: &retina::Error) -> Self {
        match error.status_code() {
            Some(401 | 403) => return Self::WrongPassword,
            Some(404) => return Self::NoSuchStream,
            Some(status) if !(200..300).contains(&status) => return Self::Status(status),
            _ => {}
        }
        let words = error.to_string();
        // What follows is bytes, addresses and times, for whoever reads packets.
        let first: String = words.lines().next().unwrap_or_default().chars().take(200).collect();
        if let Some(why) = first.strip_prefix("Unable to connect to RTSP server: ") {
            return if why.contains("refused") { Self::Refused } else { Self::Unreachable(why.to_owned()) };
        }
        if first.starts_with("Error reading from RTSP peer") || first.starts_with("Error writing") {
            return Self::Closed;
        }
        Self::Garbage(first)
    }

    /// The same before the camera has said anything that was RTSP.
    #[must_use]
    pub fn of_first_words(error: &retina::Error) -> Self {
        match Self::of(error) {
            Self::Garbage(why) if why.contains("Invalid RTSP message") || why.contains("Incomplete RTSP message") => {
                Self::NotRtsp
            }
            end => end,
        }
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Disk(error.to_string())
    }
}
