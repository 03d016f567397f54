//! What an attachment is of, and what has become of it.

use crate::ui::status::Tone;

/// What it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    SignedBol,
    Seal,
    Ticket,
    Other,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::SignedBol, Self::Seal, Self::Ticket, Self::Other];

    /// As it is stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedBol => "signed_bol",
            Self::Seal => "seal",
            Self::Ticket => "ticket",
            Self::Other => "other",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::SignedBol => "Signed bill of lading",
            Self::Seal => "Photo of a seal",
            Self::Ticket => "Scale ticket",
            Self::Other => "Other paper or photo",
        }
    }

    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What has become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its bytes are on their way.
    Expected,
    /// They arrived; a job looks at them.
    Checking,
    Ready,
    /// It is not what it was said to be, or nothing that is taken.
    Refused,
    /// Somebody took it away.
    Removed,
    /// Its bytes never came.
    GivenUp,
}

impl State {
    pub const ALL: [Self; 6] =
        [Self::Expected, Self::Checking, Self::Ready, Self::Refused, Self::Removed, Self::GivenUp];

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Checking => "checking",
            Self::Ready => "ready",
            Self::Refused => "refused",
            Self::Removed => "removed",
            Self::GivenUp => "given_up",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Expected => "On its way",
            Self::Checking => "Being checked",
            Self::Ready => "Kept",
            Self::Refused => "Refused",
            Self::Removed => "Removed",
            Self::GivenUp => "Never arrived",
        }
    }

    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Expected => Tone::Warn,
            Self::Checking => Tone::Progress,
            Self::Ready => Tone::Ok,
            Self::Refused => Tone::Bad,
            Self::Removed | Self::GivenUp => Tone::Neutral,
        }
    }
}

impl super::model::Model {
    /// What has become of it. A word that nobody wrote counts as refused.
    #[must_use]
    pub fn state(&self) -> State {
        State::ALL.into_iter().find(|state| state.as_str() == self.state).unwrap_or(State::Refused)
    }

    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::named(&self.kind).unwrap_or(Kind::Other)
    }
}
