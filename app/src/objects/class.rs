//! What kinds of objects there are, and how each is kept: docs/design/storage.md has the table.

use std::time::Duration;

const DAY: i64 = 86_400_000;
const MINUTE: u64 = 60;
const HOUR: u64 = 3600;

/// The kind of an object; it decides where it goes, how long it lives and for how long a URL to it is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// PDFs of bills of lading.
    Document,
    /// Segments of cameras' recordings.
    Recording,
    /// Exports and reports on incidents.
    Report,
    /// Thumbnails and snapshots.
    Media,
    /// Images that came with events.
    Event,
    /// What an incident's report pins.
    Evidence,
    /// Scans and photos that staff add.
    Upload,
}

/// From how many days of age on an object is in a cheaper class of a bucket's storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    pub after_days: u32,
    /// In the words of S3's lifecycle rules.
    pub storage_class: &'static str,
}

/// Recordings and what is cut out of them: 0–7 days Standard, 8–30 Intelligent-Tiering, 31–90 Glacier Instant, then Deep Archive.
const RECORDINGS: &[Tier] = &[
    Tier { after_days: 8, storage_class: "INTELLIGENT_TIERING" },
    Tier { after_days: 31, storage_class: "GLACIER_IR" },
    Tier { after_days: 91, storage_class: "DEEP_ARCHIVE" },
];

impl Class {
    pub const ALL: [Self; 7] =
        [Self::Document, Self::Recording, Self::Report, Self::Media, Self::Event, Self::Evidence, Self::Upload];

    /// As it stands in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Recording => "recording",
            Self::Report => "report",
            Self::Media => "media",
            Self::Event => "event",
            Self::Evidence => "evidence",
            Self::Upload => "upload",
        }
    }

    /// What every key of this class begins with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Document => "bols/",
            Self::Recording => "recordings/",
            Self::Report => "reports/",
            Self::Media => "media/",
            Self::Event => "events/",
            Self::Evidence => "evidence/",
            Self::Upload => "uploads/",
        }
    }

    /// The class of what stands at `key`; `None` for what is no object, such as the copy of the audit log's head.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| key.starts_with(class.prefix()))
    }

    /// How long it is kept, in days, unless a person erases it before.
    #[must_use]
    pub fn retention_days(self) -> u32 {
        match self {
            Self::Document | Self::Upload => 7 * 365 + 2,
            Self::Report | Self::Evidence => 3 * 365 + 1,
            Self::Recording | Self::Event | Self::Media => 365,
        }
    }

    /// When an object of `created_at` (Unix milliseconds) has been kept long enough.
    #[must_use]
    pub fn retain_until(self, created_at: i64) -> i64 {
        created_at + i64::from(self.retention_days()) * DAY
    }

    /// How it moves to cheaper storage in a bucket that has such.
    #[must_use]
    pub fn tiers(self) -> &'static [Tier] {
        match self {
            Self::Recording | Self::Media | Self::Event => RECORDINGS,
            Self::Document | Self::Report | Self::Evidence | Self::Upload => &[],
        }
    }

    /// Whether each copy of such an object, and its end, is told of in the audit log when Gatehouse itself sees to it. Of what cameras make there
    /// are a hundred thousand a day: placements say what is where, and what was kept long enough is told of day by day.
    #[must_use]
    pub fn is_told_of(self) -> bool {
        !matches!(self, Self::Recording | Self::Media)
    }

    /// The longest that a URL to it is good for, unless somebody asks for less.
    #[must_use]
    pub fn url_life(self) -> Duration {
        Duration::from_secs(match self {
            Self::Document => 24 * HOUR,
            Self::Recording => 2 * HOUR,
            // Whoever watches half an hour of it seeks for half an hour.
            Self::Evidence => HOUR,
            Self::Report | Self::Media | Self::Event | Self::Upload => 5 * MINUTE,
        })
    }

    /// All URLs made within such a stretch of time are the same, so that browsers cache what is shown on pages. What is saved, and on
    /// record each time, is never cached.
    #[must_use]
    pub fn url_step(self) -> Duration {
        match self {
            Self::Recording | Self::Media | Self::Event => self.url_life() / 4,
            Self::Document | Self::Report | Self::Evidence | Self::Upload => Duration::ZERO,
        }
    }
}

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Class {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|class| class.as_str() == text)
            .ok_or_else(|| format!("“{text}” is not a class of objects"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_a_word_tell_the_class() {
        for class in Class::ALL {
            assert_eq!(class.as_str().parse(), Ok(class));
            assert_eq!(Class::of_key(&format!("{}2026/x", class.prefix())), Some(class));
        }
        assert_eq!(Class::of_key("audit/head.json"), None);
        assert_eq!(Class::of_key("test/connection_test.txt"), None);
    }

    #[test]
    fn rounding_never_takes_more_than_a_quarter() {
        for class in Class::ALL {
            assert!(class.url_step() * 4 <= class.url_life(), "{class}");
        }
    }

    #[test]
    fn documents_are_kept_for_seven_years() {
        // 20 November 2026 to 20 November 2033, two leap days between.
        assert_eq!(Class::Document.retain_until(1_795_132_800_000), 2_016_057_600_000);
    }
}
