//! Where a delivery stands.

use std::{fmt, str::FromStr};

use super::model::delivery;
use crate::ui::status::Tone;

/// ```text
/// queued ─┬─ sending ─┬─ sent
///   ▲     │           ├─ refused
/// deferred┼───────────┴─ unknown
///         └─ barred
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    Queued,
    /// Its text is going out. Who finds this after a restart knows only that nobody knows.
    Sending,
    Sent,
    /// Not taken now; tried again by itself.
    Deferred,
    /// Not taken at all; a person has to look.
    Refused,
    /// The mail server does not let this installation in: no mail goes out before its settings are mended.
    Barred,
    /// The text went out and no answer came. Never sent again by itself.
    Unknown,
    Cancelled,
}

impl State {
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Deferred,
        Self::Refused,
        Self::Barred,
        Self::Unknown,
        Self::Cancelled,
    ];

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Deferred => "deferred",
            Self::Refused => "refused",
            Self::Barred => "barred",
            Self::Unknown => "unknown",
            Self::Cancelled => "cancelled",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "Waiting",
            Self::Sending => "Sending",
            Self::Sent => "Sent",
            Self::Deferred => "Trying again",
            Self::Refused => "Refused",
            Self::Barred => "Not let in",
            Self::Unknown => "Unknown",
            Self::Cancelled => "Cancelled",
        }
    }

    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Queued | Self::Sending => Tone::Progress,
            Self::Sent => Tone::Ok,
            Self::Deferred => Tone::Warn,
            Self::Refused | Self::Barred | Self::Unknown => Tone::Bad,
            Self::Cancelled => Tone::Neutral,
        }
    }

    /// Nobody got it for sure, and it goes no further by itself: a person has to look.
    #[must_use]
    pub fn is_stuck(self) -> bool {
        matches!(self, Self::Refused | Self::Barred | Self::Unknown)
    }

    /// Still on its way by itself, and not yet going out.
    #[must_use]
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::Queued | Self::Deferred)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| anyhow::anyhow!("“{text}” is not a state of a delivery"))
    }
}

impl delivery::Model {
    /// # Errors
    /// When the row holds a word that this version does not know.
    pub fn state(&self) -> anyhow::Result<State> {
        self.state.parse()
    }
}
