//! When a camera records: hours of weekdays by the yard's clock.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Offset};
use chrono_tz::Tz;

const MINUTE: i64 = 60_000;
const DAY: i64 = 1440;
const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// No clock is changed more often than at quarters of an hour.
const QUARTER: i64 = 15;

/// Stretches of the week. None at all: always.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule(Vec<Stretch>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Stretch {
    /// On which it begins: a bit a day, Monday the lowest.
    days: u8,
    /// Minutes of the day. One that ends before it begins goes on past midnight.
    from: i64,
    until: i64,
}

impl Stretch {
    fn has(&self, day: i64, minute: i64) -> bool {
        let begins = |day: i64| self.days & 1 << day.rem_euclid(7) != 0;
        match self.from < self.until {
            true => begins(day) && (self.from..self.until).contains(&minute),
            false => (begins(day) && minute >= self.from) || (begins(day - 1) && minute < self.until),
        }
    }
}

impl Schedule {
    #[must_use]
    pub fn is_always(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it records at `at` (Unix milliseconds).
    #[must_use]
    pub fn is_on(&self, at: i64, zone: Tz) -> bool {
        self.has(at.div_euclid(MINUTE), offset(at, zone))
    }

    /// When that changes next after `at`; `None`: it never does.
    #[must_use]
    pub fn next_change(&self, at: i64, zone: Tz) -> Option<i64> {
        if self.is_always() {
            return None;
        }
        let now = self.is_on(at, zone);
        let first = at.div_euclid(MINUTE) + 1;
        let mut minute = first;
        // A week, and a night on which the clock is set back.
        while minute < first + 8 * DAY {
            let offset = offset(minute * MINUTE, zone);
            let next = (minute.div_euclid(QUARTER) + 1) * QUARTER;
            if let Some(changed) = (minute..next).find(|minute| self.has(*minute, offset) != now) {
                return Some(changed * MINUTE);
            }
            minute = next;
        }
        None
    }

    /// `minute` since 1970, `offset` minutes east of Greenwich.
    fn has(&self, minute: i64, offset: i64) -> bool {
        let local = minute + offset;
        // The first day of 1970 was a Thursday.
        let (day, minute) = (local.div_euclid(DAY) + 3, local.rem_euclid(DAY));
        self.is_always() || self.0.iter().any(|stretch| stretch.has(day.rem_euclid(7), minute))
    }
}

fn offset(at: i64, zone: Tz) -> i64 {
    let there = DateTime::from_timestamp_millis(at).map(|at| at.with_timezone(&zone).offset().fix());
    there.map_or(0, |offset| i64::from(offset.local_minus_utc()) / 60)
}

impl FromStr for Schedule {
    /// The line that cannot be read, and what is wrong with it.
    type Err = String;

    /// `Mon-Fri 06:00-18:00`, a line each; hours alone are of every day, and `22:00-06:00` goes on past midnight.
    fn from_str(text: &str) -> Result<Self, String> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Stretch {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("“{line}”: {what}");
        let plain = line.replace(['–', '—'], "-");
        let (days, hours) = plain.rsplit_once(char::is_whitespace).unwrap_or(("", &plain));
        let (from, until) = hours.split_once('-').ok_or_else(|| wrong("give hours such as 06:00-18:00"))?;
        let time = |text: &str| clock(text).ok_or_else(|| wrong("give hours such as 06:00-18:00, up to 24:00"));
        let (from, until) = (time(from)?, time(until)?);
        if from == until || from == DAY {
            return Err(wrong("it ends when it begins; a whole day is 00:00-24:00"));
        }
        let days = days_of(days.trim()).ok_or_else(|| wrong("give days such as Mon-Fri or Sat,Sun"))?;
        Ok(Self { days, from, until })
    }
}

/// Minutes of `06:30`.
fn clock(text: &str) -> Option<i64> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let figures = |text: &str, most: i64| {
        let plain = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|number| plain && *number <= most)
    };
    let at = figures(hours, 24)? * 60 + figures(minutes, 59)?;
    (at <= DAY).then_some(at)
}

fn days_of(text: &str) -> Option<u8> {
    if text.is_empty() || text.eq_ignore_ascii_case("daily") {
        return Some(0x7f);
    }
    let day = |text: &str| {
        let begin = text.trim().get(..3)?;
        NAMES.iter().position(|name| name.eq_ignore_ascii_case(begin))
    };
    text.split(',').try_fold(0, |days, part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        // From Friday to Monday is over the end of the week.
        let count = (last + 7 - first) % 7;
        Some((0..=count).fold(days, |days, n| days | 1 << ((first + n) % 7)))
    })
}

/// As it is stored and edited.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Stretch { days, from, until } in &self.0 {
            let time = |at: i64| format!("{:02}:{:02}", at / 60, at % 60);
            writeln!(f, "{} {}-{}", days_in_words(*days), time(*from), time(*until))?;
        }
        Ok(())
    }
}

fn days_in_words(days: u8) -> String {
    if days == 0x7f {
        return "Daily".into();
    }
    let mut parts: Vec<String> = Vec::new();
    let mut day = 0;
    while day < 7 {
        let count = (day..7).take_while(|day| days & 1 << day != 0).count();
        match count {
            0 => {}
            1 => parts.push(NAMES[day].into()),
            2 => parts.extend([NAMES[day].into(), NAMES[day + 1].into()]),
            _ => parts.push(format!("{}-{}", NAMES[day], NAMES[day + count - 1])),
        }
        day += count.max(1);
    }
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: Tz = Tz::America__Chicago;

    fn at(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    fn schedule(text: &str) -> Schedule {
        text.parse().unwrap()
    }

    #[test]
    fn it_is_read_back_as_it_was_written() {
        let text = "Mon-Fri 06:00-18:00\nSat,Sun 22:00-06:30\nDaily 12:00-24:00\nMon-Wed,Sun 00:00-01:00\n";
        assert_eq!(schedule(text).to_string(), text);
        assert_eq!(schedule(" monday–friday 6:00–18:00\n\n").to_string(), "Mon-Fri 06:00-18:00\n");
        assert_eq!(schedule("Fri-Mon 1:00-2:00").to_string(), "Mon,Fri-Sun 01:00-02:00\n");
        assert!(schedule("").is_always());
        for wrong in ["Mon", "Mon 6-18", "Mon 06:00-06:00", "Mon 24:00-06:00", "Foo 06:00-07:00", "Mon 25:00-26:00"] {
            assert!(wrong.parse::<Schedule>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn hours_are_the_yards() {
        let days = schedule("Mon-Fri 06:00-18:00");
        // A Friday in November.
        assert!(!days.is_on(at("2026-11-20T05:59:59-06:00"), ZONE));
        assert!(days.is_on(at("2026-11-20T06:00:00-06:00"), ZONE));
        assert!(!days.is_on(at("2026-11-20T18:00:00-06:00"), ZONE));
        assert!(!days.is_on(at("2026-11-21T12:00:00-06:00"), ZONE));
        let nights = schedule("Fri 22:00-06:00");
        assert!(nights.is_on(at("2026-11-21T05:59:00-06:00"), ZONE));
        assert!(!nights.is_on(at("2026-11-20T05:59:00-06:00"), ZONE));
    }

    #[test]
    fn the_next_change_is_told_also_when_clocks_change() {
        let next = |text: &str, from: &str| schedule(text).next_change(at(from), ZONE);
        let (days, friday) = ("Mon-Fri 06:00-18:00", "2026-11-20T17:30:20-06:00");
        assert_eq!(next(days, friday), Some(at("2026-11-20T18:00:00-06:00")));
        assert_eq!(next(days, "2026-11-20T18:00:00-06:00"), Some(at("2026-11-23T06:00:00-06:00")));
        assert_eq!(next("", friday), None);
        assert_eq!(next("Daily 00:00-24:00", friday), None);
        // 02:30 is not there on the night of spring: it begins when the clock has jumped over it.
        assert_eq!(next("Sun 02:30-04:00", "2026-03-08T01:00:00-06:00"), Some(at("2026-03-08T03:00:00-05:00")));
        // 01:30 is there twice in autumn, and so is what begins then.
        assert_eq!(next("Sun 00:00-01:30", "2026-11-01T01:10:00-05:00"), Some(at("2026-11-01T01:30:00-05:00")));
        assert_eq!(next("Sun 00:00-01:30", "2026-11-01T01:40:00-05:00"), Some(at("2026-11-01T01:00:00-06:00")));
    }
}
