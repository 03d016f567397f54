//! Where a clip stands.

use crate::ui::status::Tone;

/// `waiting → cutting → ready → erased`; `failed` in the place of ready, and `waiting` again when somebody asks anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// For its job, or for film that is not here yet.
    Waiting,
    Cutting,
    Ready,
    Failed,
    Erased,
}

impl State {
    const ALL: [Self; 5] = [Self::Waiting, Self::Cutting, Self::Ready, Self::Failed, Self::Erased];

    /// As it stands in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Cutting => "cutting",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Erased => "erased",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Cutting => "Being cut",
            Self::Ready => "Ready",
            Self::Failed => "Failed",
            Self::Erased => "Erased",
        }
    }

    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Waiting | Self::Cutting => Tone::Progress,
            Self::Ready => Tone::Ok,
            Self::Failed => Tone::Bad,
            Self::Erased => Tone::Neutral,
        }
    }
}

impl super::model::clip::Model {
    /// What no version of Gatehouse wrote reads as failed.
    #[must_use]
    pub fn state(&self) -> State {
        State::ALL.into_iter().find(|state| state.as_str() == self.state).unwrap_or(State::Failed)
    }
}
