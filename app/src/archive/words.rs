//! How long an archive takes, in words and in time.

use crate::ports::{Archive, RestoreTier};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// What has become of a restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The store was not told yet.
    Asked,
    Restoring,
    /// It was readable when it was looked at last, until it ends.
    Ready,
    Failed,
}

impl State {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Restoring => "restoring",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

impl RestoreTier {
    pub const ALL: [Self; 3] = [Self::Expedited, Self::Standard, Self::Bulk];

    /// As it is stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expedited => "expedited",
            Self::Standard => "standard",
            Self::Bulk => "bulk",
        }
    }
}

/// The tier that `word` stands for.
#[must_use]
pub fn tier_named(word: &str) -> Option<RestoreTier> {
    RestoreTier::ALL.into_iter().find(|tier| tier.as_str() == word)
}

/// The longest that the store's documents say a restore takes, in milliseconds; `None` where the class has no such tier.
#[must_use]
pub fn expected(storage_class: &str, tier: RestoreTier) -> Option<i64> {
    match (storage_class, tier) {
        ("DEEP_ARCHIVE", RestoreTier::Expedited) => None,
        ("DEEP_ARCHIVE", RestoreTier::Standard) => Some(12 * HOUR),
        ("DEEP_ARCHIVE", RestoreTier::Bulk) => Some(48 * HOUR),
        (_, RestoreTier::Expedited) => Some(5 * MINUTE),
        (_, RestoreTier::Standard) => Some(5 * HOUR),
        (_, RestoreTier::Bulk) => Some(12 * HOUR),
    }
}

/// `about 5 hours`, of milliseconds.
#[must_use]
pub fn roughly(takes: i64) -> String {
    match (takes + 59_999).div_euclid(60_000) {
        ..5 => "a few minutes".into(),
        minutes @ ..=60 => format!("about {minutes} minutes"),
        minutes => format!("about {} hours", (minutes + 59) / 60),
    }
}

/// `archived`, `being restored`, `restored`, `at hand`.
#[must_use]
pub fn in_words(archive: Archive) -> &'static str {
    match archive {
        Archive::Ready => "at hand",
        Archive::Archived => "archived",
        Archive::Restoring => "being restored",
        Archive::Restored(_) => "restored",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_archive_is_slower_and_never_at_once() {
        for tier in RestoreTier::ALL {
            assert_eq!(tier_named(tier.as_str()), Some(tier));
            let (glacier, deep) = (expected("GLACIER", tier), expected("DEEP_ARCHIVE", tier));
            assert!(deep.is_none_or(|deep| Some(deep) > glacier), "{tier:?}");
        }
        assert_eq!(expected("DEEP_ARCHIVE", RestoreTier::Expedited), None);
    }
}
