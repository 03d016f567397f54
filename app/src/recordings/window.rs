//! What the recording browser shows: an instant, and how much time around it.

use chrono::{DateTime, LocalResult, NaiveDateTime, SecondsFormat, TimeZone};
use chrono_tz::Tz;

use crate::FormErrors;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How much time is shown, from ten minutes to a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Span {
    TenMinutes,
    #[default]
    Hour,
    SixHours,
    Day,
    Week,
    Month,
}

impl Span {
    pub const ALL: [Self; 6] = [Self::TenMinutes, Self::Hour, Self::SixHours, Self::Day, Self::Week, Self::Month];

    /// As it stands in URLs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::TenMinutes => "10m",
            Self::Hour => "1h",
            Self::SixHours => "6h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "31d",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::TenMinutes => "10 minutes",
            Self::Hour => "1 hour",
            Self::SixHours => "6 hours",
            Self::Day => "24 hours",
            Self::Week => "7 days",
            Self::Month => "31 days",
        }
    }

    #[must_use]
    pub fn milliseconds(self) -> i64 {
        match self {
            Self::TenMinutes => 10 * MINUTE,
            Self::Hour => HOUR,
            Self::SixHours => 6 * HOUR,
            Self::Day => DAY,
            Self::Week => 7 * DAY,
            Self::Month => 31 * DAY,
        }
    }

    /// Segments one by one up to a day; beyond it a pixel is longer than a minute, and days at a glance do.
    #[must_use]
    pub fn is_exact(self) -> bool {
        self <= Self::Day
    }

    /// The next one in (`-1`) or out (`1`), where there is one.
    #[must_use]
    pub fn zoomed(self, by: isize) -> Option<Self> {
        let at = Self::ALL.iter().position(|span| *span == self)?;
        Self::ALL.get(at.checked_add_signed(by)?).copied()
    }

    /// From one mark of the axis to the next.
    #[must_use]
    pub fn step(self) -> i64 {
        match self {
            Self::TenMinutes => MINUTE,
            Self::Hour => 10 * MINUTE,
            Self::SixHours => HOUR,
            Self::Day => 3 * HOUR,
            Self::Week => DAY,
            Self::Month => 7 * DAY,
        }
    }
}

impl std::str::FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|span| span.word() == text).ok_or_else(|| format!("“{text}” is no span of time"))
    }
}

/// A stretch of time, and the instant in it that is looked at. Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub at: i64,
    pub span: Span,
}

impl Window {
    /// The instant lies in the middle.
    #[must_use]
    pub fn from(&self) -> i64 {
        self.at - self.span.milliseconds() / 2
    }

    #[must_use]
    pub fn until(&self) -> i64 {
        self.from() + self.span.milliseconds()
    }

    #[must_use]
    pub fn moved(self, by: i64) -> Self {
        Self { at: self.at + by, ..self }
    }
}

/// Reads an instant: RFC 3339 as links have it, Unix milliseconds, or the yard's own clock as a form sends it.
///
/// # Errors
/// On `at`: what cannot be read, and an hour that the yard's clocks jump over. One that they go through twice is the first of the two.
pub fn instant(typed: &str, zone: Tz) -> Result<i64, FormErrors> {
    let mut errors = FormErrors::new();
    if let Ok(at) = DateTime::parse_from_rfc3339(typed) {
        return Ok(at.timestamp_millis());
    }
    if let Ok(at) = typed.parse::<i64>()
        && DateTime::from_timestamp_millis(at).is_some()
    {
        return Ok(at);
    }
    let local = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        .into_iter()
        .find_map(|pattern| NaiveDateTime::parse_from_str(typed, pattern).ok());
    match local.map(|local| zone.from_local_datetime(&local)) {
        Some(LocalResult::Single(at) | LocalResult::Ambiguous(at, _)) => return Ok(at.timestamp_millis()),
        Some(LocalResult::None) => {
            errors.add("at", "The clocks were put forward over this time: it never was. Take one an hour later");
        }
        None => errors.add("at", "Give date and time such as 2026-11-20 14:02:31"),
    }
    Err(errors)
}

/// An instant for links, on the yard's clock with its offset: the hour that is there twice is two links.
#[must_use]
pub fn link_time(at: i64, zone: Tz) -> String {
    let utc = DateTime::from_timestamp_millis(at).unwrap_or_default();
    let seconds = if at.rem_euclid(1000) == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
    utc.with_timezone(&zone).to_rfc3339_opts(seconds, true)
}

/// Marks of the axis within a window: at full hours or days of the yard's clock, whatever the clocks do in between.
#[must_use]
pub fn marks(window: &Window, zone: Tz) -> Vec<i64> {
    let step = window.span.step();
    let local = |at: i64| {
        let naive = DateTime::from_timestamp_millis(at).unwrap_or_default().with_timezone(&zone).naive_local();
        naive.and_utc().timestamp_millis()
    };
    // The yard's clock as if it were UTC, so that steps of it are even.
    let first = local(window.from()).div_euclid(step) * step;
    let count = window.span.milliseconds() / step + 3;
    (0..count)
        .filter_map(|n| {
            let naive = DateTime::from_timestamp_millis(first + n * step)?.naive_utc();
            zone.from_local_datetime(&naive).earliest().map(|at| at.timestamp_millis())
        })
        .filter(|at| (window.from()..window.until()).contains(at))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHICAGO: Tz = Tz::America__Chicago;

    #[test]
    fn an_instant_is_read_however_it_was_written() {
        let at = 1_795_204_951_000;
        for typed in ["2026-11-20T14:02:31-06:00", "2026-11-20T20:02:31Z", "1795204951000", "2026-11-20T14:02:31"] {
            assert_eq!(instant(typed, CHICAGO), Ok(at), "{typed}");
        }
        assert_eq!(instant(&link_time(at, CHICAGO), Tz::UTC), Ok(at));
        assert!(instant("yesterday", CHICAGO).is_err());
        // 8 March 2026, 02:30: the clocks jump over it. 1 November, 01:30: it is there twice.
        assert!(instant("2026-03-08T02:30", CHICAGO).is_err());
        assert_eq!(instant("2026-11-01T01:30", CHICAGO), instant("2026-11-01T01:30:00-05:00", CHICAGO));
        assert_ne!(link_time(1_793_514_600_000, CHICAGO), link_time(1_793_518_200_000, CHICAGO));
    }

    #[test]
    fn marks_stand_at_the_yards_hours_on_nights_of_change_too() {
        // Around 1 November 2026, 02:00 in Chicago: 24 hours that have 25 on the clock's face.
        let window = Window { at: 1_793_516_400_000, span: Span::Day };
        let clock: Vec<_> = marks(&window, CHICAGO)
            .into_iter()
            .map(|at| DateTime::from_timestamp_millis(at).unwrap().with_timezone(&CHICAGO).format("%H:%M").to_string())
            .collect();
        assert_eq!(clock, ["15:00", "18:00", "21:00", "00:00", "03:00", "06:00", "09:00", "12:00"]);
    }

    #[test]
    fn zooming_ends_at_both_ends() {
        assert_eq!(Span::TenMinutes.zoomed(-1), None);
        assert_eq!(Span::Month.zoomed(1), None);
        assert_eq!(Span::Day.zoomed(1), Some(Span::Week));
        assert_eq!("7d".parse(), Ok(Span::Week));
    }
}
