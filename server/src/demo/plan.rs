//! What happens when in the demo's year, in the order of time.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeZone, Weekday};
use chrono_tz::Tz;

use super::dice::Dice;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Somebody begins a bill that leaves the scale at `leaves`.
    Draft {
        customer: usize,
        complete: bool,
        leaves: i64,
    },
    Issue,
    Send,
    /// The customer opens the link, and maybe downloads.
    Open {
        download: bool,
    },
    Revise,
    Void,
}

/// An event, when, and to which bill (counted from 0 in the order they are begun).
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub at: i64,
    pub bill: usize,
    pub event: Event,
}

/// The first instant of the year that `now` is in.
pub(super) fn new_year(now: i64) -> i64 {
    let year = DateTime::from_timestamp_millis(now).unwrap_or_default().year();
    NaiveDate::from_ymd_opt(year, 1, 1)
        .and_then(|day| day.and_hms_opt(6, 0, 0))
        .map_or(now, |at| at.and_utc().timestamp_millis().min(now))
}

/// A bill a week since January, two a working day in the last four weeks, half a dozen today, and a few drafts.
pub(super) fn year(now: i64, zone: Tz, customers: usize, dice: &mut Dice) -> Vec<Step> {
    let mut times = loads(now, zone, dice);
    times.sort_unstable();
    let count = times.len();
    let mut steps = Vec::new();
    for (bill, at) in times.into_iter().enumerate() {
        // Barges are few: what they carry fills a release.
        let mut customer = dice.below(customers);
        if customer == 5 && bill % 20 != 5 {
            customer = dice.below(5);
        }
        let mut step = |at: i64, event| steps.push(Step { at: at.min(now), bill, event });
        step(at - 35 * MINUTE, Event::Draft { customer, complete: true, leaves: at });
        step(at, Event::Issue);
        if bill + 2 == count {
            // Issued this minute, not sent yet.
            continue;
        }
        if bill % 23 == 11 {
            step(at + 20 * MINUTE, Event::Void);
            continue;
        }
        step(at + 3 * MINUTE, Event::Send);
        let opened = at + (15 + i64::try_from(dice.below(200)).unwrap_or(0)) * MINUTE;
        if opened < now && bill % 7 != 6 {
            step(opened, Event::Open { download: bill % 5 != 4 });
        }
        if bill % 17 == 8 && at + 2 * HOUR < now {
            step(at + 2 * HOUR, Event::Revise);
        }
    }
    for n in 0..5 {
        let at = now - (50 - 10 * i64::try_from(n).unwrap_or(0)) * MINUTE / 5;
        let event = Event::Draft { customer: n % customers, complete: n == 0, leaves: now + HOUR };
        steps.push(Step { at, bill: count + n, event });
    }
    steps.sort_by_key(|step| step.at);
    renumber(&mut steps);
    steps
}

/// When trucks left the scale.
fn loads(now: i64, zone: Tz, dice: &mut Dice) -> Vec<i64> {
    let date = |at: i64| DateTime::from_timestamp_millis(at).unwrap_or_default().with_timezone(&zone).date_naive();
    let (first, today) = (date(new_year(now) + DAY), date(now));
    let mut times = Vec::new();
    let mut day = first;
    while day < today {
        let recent = (today - day).num_days() <= 28;
        let trucks = match day.weekday() {
            Weekday::Sat | Weekday::Sun => 0,
            _ if recent => 1 + dice.below(3),
            Weekday::Tue => 1,
            _ => 0,
        };
        for _ in 0..trucks {
            let minutes = 7 * 60 + u32::try_from(dice.below(9 * 60)).unwrap_or(0);
            let local =
                day.and_hms_opt(minutes / 60, minutes % 60, 0).and_then(|at| zone.from_local_datetime(&at).earliest());
            times.extend(local.map(|at| at.timestamp_millis()));
        }
        let Some(next) = day.checked_add_days(Days::new(1)) else { break };
        day = next;
    }
    // Today's, back from now: the page of the day has something to show at any hour.
    times.extend((0..6).map(|n| now - 4 * MINUTE - n * 55 * MINUTE));
    times
}

/// Numbers the bills in the order in which they are begun.
fn renumber(steps: &mut [Step]) {
    let mut order = Vec::new();
    for step in steps.iter().filter(|step| matches!(step.event, Event::Draft { .. })) {
        order.push(step.bill);
    }
    for step in steps {
        step.bill = order.iter().position(|bill| *bill == step.bill).unwrap_or(step.bill);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bill_is_begun_before_anything_happens_to_it_and_nothing_is_in_the_future() {
        // New Year, the first working day, midsummer, now.
        for now in [1_767_250_800_000, 1_767_380_400_000, 1_783_000_000_000, 1_795_183_200_000_i64] {
            let steps = year(now, Tz::America__Chicago, 9, &mut Dice::new());
            let mut begun = 0;
            let mut before = 0;
            for step in steps {
                assert!(step.at <= now && step.at >= before, "{now}: {step:?}");
                before = step.at;
                match step.event {
                    Event::Draft { .. } => {
                        assert_eq!(step.bill, begun);
                        begun += 1;
                    }
                    _ => assert!(step.bill < begun, "{step:?}"),
                }
            }
            assert!(begun >= 11, "{begun}");
        }
    }
}
