//! How long to wait before a camera is tried again.

use std::time::Duration;

use super::end::End;

/// A run of this length counts as one that worked.
const WORKED: Duration = Duration::from_secs(30);
const FIRST: Duration = Duration::from_secs(1);
/// In multiples of the first pause.
const MOST: u32 = 60;
/// Where a person has to mend something: cameras lock accounts after some wrong passwords.
const MOST_FOR_A_PERSON: u32 = 600;

/// Doubles from a second to a minute and begins anew after a run that worked.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    failures: u32,
    /// What is a second elsewhere, in tests.
    first: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::from(FIRST)
    }
}

impl From<Duration> for Backoff {
    fn from(first: Duration) -> Self {
        Self { failures: 0, first }
    }
}

impl Backoff {
    /// What to wait after a run of length `lasted` that ended for `end`. `spread`, in 0…1000, is chance: without it all cameras behind a switch
    /// that comes back are asked in the same moment.
    pub fn after(&mut self, end: &End, lasted: Duration, spread: u16) -> Duration {
        if matches!(end, End::ParametersChanged | End::ClockJumped(_)) {
            return Duration::ZERO;
        }
        if lasted >= WORKED {
            self.failures = 0;
        }
        let most = if end.needs_a_person() { MOST_FOR_A_PERSON } else { MOST };
        let whole = self.first.saturating_mul(1 << self.failures.min(16)).min(self.first * most);
        self.failures = self.failures.saturating_add(1);
        // Between three quarters and all of it.
        whole * (3000 + u32::from(spread.min(1000))) / 4000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_to_a_minute_and_begins_anew_after_a_run_that_worked() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..9).map(|_| backoff.after(&End::Refused, Duration::ZERO, 1000).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(backoff.after(&End::Closed, WORKED, 1000), FIRST);
        assert_eq!(backoff.after(&End::ParametersChanged, Duration::ZERO, 1000), Duration::ZERO);
    }

    #[test]
    fn ten_thousand_reconnects_and_a_wrong_password_stay_in_bounds() {
        let mut backoff = Backoff::default();
        for n in 0..10_000_u16 {
            let wait = backoff.after(&End::WrongPassword, Duration::ZERO, n);
            assert!(wait >= FIRST * 3 / 4 && wait <= FIRST * MOST_FOR_A_PERSON);
        }
    }
}
