//! Instants on pages: UTC milliseconds shown in the yard's own zone.

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use chrono_tz::Tz;
use leptos::prelude::*;

/// How much of an instant is written out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeStyle {
    /// `20 Nov 2026, 14:02`
    #[default]
    Minute,
    /// `20 Nov 2026, 14:02:31`
    Second,
    /// `20 Nov 2026`
    Date,
    /// `14:02`
    Clock,
    /// `20 Nov, 14:02`, where the year is plain.
    Short,
    /// The zone's short name, like `CET`.
    Zone,
}

impl TimeStyle {
    fn pattern(self) -> &'static str {
        match self {
            Self::Minute => "%-d %b %Y, %H:%M",
            Self::Second => "%-d %b %Y, %H:%M:%S",
            Self::Date => "%-d %b %Y",
            Self::Clock => "%H:%M",
            Self::Short => "%-d %b, %H:%M",
            Self::Zone => "%Z",
        }
    }
}

impl TimeStyle {
    /// The shortest that tells `ms` apart: without the year while that is the year of `now`.
    #[must_use]
    pub fn since(ms: i64, now: i64, tz: Tz) -> Self {
        let year = |ms| DateTime::from_timestamp_millis(ms).map(|utc| utc.with_timezone(&tz).year());
        if year(ms) == year(now) { Self::Short } else { Self::Minute }
    }
}

/// The instant `ms` as text in `tz`; empty when `ms` is beyond what a calendar holds.
#[must_use]
pub fn format_ms(ms: i64, tz: Tz, style: TimeStyle) -> String {
    DateTime::from_timestamp_millis(ms)
        .map(|utc| utc.with_timezone(&tz).format(style.pattern()).to_string())
        .unwrap_or_default()
}

/// An instant as `<time>`: the yard's clock in the text, weekday, seconds and zone in the title, UTC for machines.
#[component]
pub fn Time(
    /// UTC milliseconds.
    at: i64,
    /// The yard's zone.
    tz: Tz,
    #[prop(optional)] style: TimeStyle,
) -> impl IntoView {
    let utc = DateTime::from_timestamp_millis(at).unwrap_or(DateTime::<Utc>::MIN_UTC);
    let title = utc.with_timezone(&tz).format("%A %-d %B %Y, %H:%M:%S %Z (UTC%:z)").to_string();
    view! {
        <time datetime=utc.to_rfc3339_opts(SecondsFormat::Secs, true) title=title>
            {format_ms(at, tz, style)}
        </time>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_shown_on_the_yards_clock() {
        let at = 1_795_204_920_000;
        assert_eq!(format_ms(at, Tz::America__Chicago, TimeStyle::Minute), "20 Nov 2026, 14:02");
        assert_eq!(format_ms(at, Tz::Europe__Berlin, TimeStyle::Date), "20 Nov 2026");
        assert_eq!(format_ms(at, Tz::UTC, TimeStyle::Short), "20 Nov, 20:02");
        assert_eq!(format_ms(i64::MAX, Tz::UTC, TimeStyle::Clock), "");
    }

    #[test]
    fn the_year_is_left_out_while_it_is_the_yards() {
        // 31 December 2026, 23:30 in Chicago, when it is next year in UTC.
        let (at, hour) = (1_798_781_400_000, 3_600_000);
        let style = |now| TimeStyle::since(at, now, Tz::America__Chicago);
        assert_eq!(style(at), TimeStyle::Short);
        assert_eq!(style(at + hour), TimeStyle::Minute);
        assert_eq!(TimeStyle::since(at, at + hour, Tz::UTC), TimeStyle::Short);
    }
}
