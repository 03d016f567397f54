//! The day by hours: bills issued, links opened, PDFs downloaded.

use chrono::{DateTime, Days, NaiveTime, TimeZone, Timelike};
use chrono_tz::Tz;
use sea_orm::FromQueryResult;

use crate::{App, Result, jobs::table::Dialect};

/// What happened in one hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hour {
    /// On the yard's clock; a day with a change of clocks has one twice, or lacks one.
    pub clock: u32,
    pub issued: i64,
    pub opened: i64,
    pub downloaded: i64,
}

/// One day in the yard's zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// When it begins, Unix milliseconds.
    pub from: i64,
    pub hours: Vec<Hour>,
    /// The hour that is going on, by its place in `hours`.
    pub now: usize,
}

impl Day {
    /// Totals: issued, opened, downloaded.
    #[must_use]
    pub fn totals(&self) -> (i64, i64, i64) {
        self.hours
            .iter()
            .fold((0, 0, 0), |sum, hour| (sum.0 + hour.issued, sum.1 + hour.opened, sum.2 + hour.downloaded))
    }
}

const HOUR: i64 = 3_600_000;

#[derive(FromQueryResult)]
struct Counted {
    hour: i64,
    kind: String,
    times: i64,
}

/// The present day in `zone`, hour by hour.
///
/// # Errors
/// When the database does not answer.
pub async fn day(app: &App, zone: Tz) -> Result<Day> {
    let now = app.now();
    let mut day = empty(now, zone);
    let until = day.from + HOUR * i64::try_from(day.hours.len()).unwrap_or(24);
    let sql = "SELECT (listed_at - $1) / 3600000 AS hour, 'issued' AS kind, COUNT(*) AS times FROM bols
            WHERE listed_at >= $1 AND listed_at < $2 AND state <> 'draft' GROUP BY 1
        UNION ALL
        SELECT (at - $1) / 3600000, kind, COUNT(DISTINCT link_id) FROM link_views
            WHERE at >= $1 AND at < $2 AND (kind = 'downloaded' OR (kind = 'fetched' AND flags = '')) GROUP BY 1, 2";
    let statement = Dialect::of(app.db()).statement(sql.into(), vec![day.from.into(), until.into()]);
    for counted in Counted::find_by_statement(statement).all(app.db()).await? {
        let Some(hour) = usize::try_from(counted.hour).ok().and_then(|at| day.hours.get_mut(at)) else { continue };
        match counted.kind.as_str() {
            "issued" => hour.issued = counted.times,
            "downloaded" => hour.downloaded = counted.times,
            _ => hour.opened = counted.times,
        }
    }
    Ok(day)
}

/// The day around `now`, with as many hours as it has in `zone`.
fn empty(now: i64, zone: Tz) -> Day {
    let local = DateTime::from_timestamp_millis(now).unwrap_or_default().with_timezone(&zone);
    let begins = |date: chrono::NaiveDate| {
        // Where the clocks jump over midnight, the day begins with the first hour there is.
        (0..3)
            .filter_map(|hour| NaiveTime::from_hms_opt(hour, 0, 0))
            .find_map(|time| zone.from_local_datetime(&date.and_time(time)).earliest())
            .map(|at| at.timestamp_millis())
    };
    let date = local.date_naive();
    let from = begins(date).unwrap_or(now);
    let until = date.checked_add_days(Days::new(1)).and_then(begins).unwrap_or(from + 24 * HOUR);
    let hours = (from..until)
        .step_by(usize::try_from(HOUR).unwrap_or(usize::MAX))
        .filter_map(DateTime::from_timestamp_millis)
        .map(|at| Hour { clock: at.with_timezone(&zone).hour(), ..Hour::default() })
        .collect();
    Day { from, hours, now: usize::try_from((now - from) / HOUR).unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_the_hours_that_the_yards_clock_gives_it() {
        // 20 November, 8 March (clocks forward) and 1 November (back) of 2026 in Chicago, at noon.
        for (now, hours) in [(1_795_197_600_000, 24), (1_772_989_200_000, 23), (1_793_556_000_000, 25)] {
            let day = empty(now, Tz::America__Chicago);
            assert_eq!(day.hours.len(), hours, "{now}");
            assert_eq!(day.hours[0].clock, 0);
            assert_eq!(day.hours[day.now].clock, 12);
        }
    }
}
