//! One UTC day as a bit a minute: what a month's timeline is drawn of.
//!
//! Minutes and not hours, because a yard's zone may lie half an hour beside UTC, and because a pixel of a month is half an hour wide.

/// Minutes of a day.
const MINUTES: usize = 1440;
const MINUTE: i64 = 60_000;
/// Milliseconds.
pub const DAY: i64 = 86_400_000;

/// The minutes of one day of which something is recorded, the first in the lowest bit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minutes([u8; MINUTES / 8]);

impl Default for Minutes {
    fn default() -> Self {
        Self([0; MINUTES / 8])
    }
}

impl Minutes {
    /// `None` where the bytes are not those of a day.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Marks what `from..until` (Unix milliseconds) has of the day that begins at `midnight`.
    pub fn mark(&mut self, midnight: i64, from: i64, until: i64) {
        let minute = |at: i64| (at - midnight).clamp(0, DAY);
        let (first, last) = (minute(from) / MINUTE, (minute(until) + MINUTE - 1) / MINUTE);
        for at in first..last {
            self.0[at as usize / 8] |= 1 << (at % 8);
        }
    }

    #[must_use]
    pub fn has(&self, minute: usize) -> bool {
        minute < MINUTES && self.0[minute / 8] & 1 << (minute % 8) != 0
    }

    /// Stretches without a break, as minutes of the day.
    pub fn stretches(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            let first = (at..MINUTES).find(|minute| self.has(*minute))?;
            at = (first..MINUTES).find(|minute| !self.has(*minute)).unwrap_or(MINUTES);
            Some((first, at))
        })
    }
}

/// The days (since 1970) that `from..until` lies in.
pub fn days(from: i64, until: i64) -> std::ops::RangeInclusive<i64> {
    from.div_euclid(DAY)..=(until - 1).max(from).div_euclid(DAY)
}

/// Stretches as Unix milliseconds, of days in their order; those that meet at midnight are one.
pub fn join(days: impl IntoIterator<Item = (i64, Minutes)>) -> Vec<(i64, i64)> {
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (day, minutes) in days {
        for (first, last) in minutes.stretches() {
            let (from, until) = (day * DAY + first as i64 * MINUTE, day * DAY + last as i64 * MINUTE);
            match joined.last_mut().filter(|(_, end)| *end == from) {
                Some((_, end)) => *end = until,
                None => joined.push((from, until)),
            }
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_minute_that_something_is_of_counts() {
        let mut minutes = Minutes::default();
        minutes.mark(0, 30_000, 90_001);
        minutes.mark(0, DAY - MINUTE, DAY + 5 * MINUTE);
        minutes.mark(DAY, 0, MINUTE);
        assert_eq!(minutes.stretches().collect::<Vec<_>>(), [(0, 2), (1439, 1440)]);
        assert_eq!(Minutes::of(minutes.bytes()), Some(minutes));
        assert_eq!(Minutes::of(&[0; 3]), None);
    }

    #[test]
    fn a_night_is_one_stretch() {
        let (mut evening, mut morning) = (Minutes::default(), Minutes::default());
        evening.mark(0, 22 * 3_600_000, DAY);
        morning.mark(DAY, DAY, DAY + 3_600_000);
        assert_eq!(join([(0, evening), (1, morning)]), [(22 * 3_600_000, DAY + 3_600_000)]);
        assert_eq!(days(DAY - 1, DAY).collect::<Vec<_>>(), [0]);
        assert_eq!(days(DAY - 1, DAY + 1).collect::<Vec<_>>(), [0, 1]);
    }
}
