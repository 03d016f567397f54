//! How many requests one bucket is asked to serve at a time: more while it keeps up, half as many when it says that it cannot.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

const MOST: f64 = 64.0;
/// A bucket that slows down says so to all who wait at that moment: that is one word, not many.
const ONE_WORD: Duration = Duration::from_secs(1);

/// Shared by all requests to one bucket (additive increase, multiplicative decrease, as TCP does it).
#[derive(Debug)]
pub struct Pace {
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug)]
struct State {
    limit: f64,
    out: u32,
    slowed: Option<Instant>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { state: Mutex::new(State { limit: MOST, out: 0, slowed: None }), freed: Notify::new() }
    }
}

impl Pace {
    /// Waits for a turn; it is given back when dropped.
    pub async fn turn(&self) -> Turn<'_> {
        loop {
            let freed = self.freed.notified();
            {
                let mut state = self.lock();
                if f64::from(state.out) < state.limit.floor() {
                    state.out += 1;
                    return Turn(self);
                }
            }
            freed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to have one request under way.
pub struct Turn<'a>(&'a Pace);

impl Turn<'_> {
    /// The bucket answered in time.
    pub fn went_well(&self) {
        let mut state = self.0.lock();
        if state.limit < MOST {
            state.limit = (state.limit + 1.0 / state.limit).min(MOST);
            self.0.freed.notify_one();
        }
    }

    /// The bucket asked for less (503, 429).
    pub fn slowed(&self) {
        self.slowed_at(Instant::now());
    }

    fn slowed_at(&self, now: Instant) {
        let mut state = self.0.lock();
        if state.slowed.is_none_or(|at| now >= at + ONE_WORD) {
            state.slowed = Some(now);
            state.limit = (state.limit / 2.0).max(1.0);
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.lock().out -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_bucket_that_slows_down_is_asked_for_half_and_then_slowly_for_more() {
        let pace = Pace::default();
        let (turn, now) = (pace.turn().await, Instant::now());
        turn.slowed_at(now);
        turn.slowed_at(now);
        assert!((pace.lock().limit - 32.0).abs() < 0.01);
        for seconds in 1..10 {
            turn.slowed_at(now + ONE_WORD * seconds);
        }
        assert!((pace.lock().limit - 1.0).abs() < 0.01);
        turn.went_well();
        turn.went_well();
        assert!((pace.lock().limit - 2.5).abs() < 0.01);
    }

    #[tokio::test]
    async fn nobody_goes_before_a_turn_is_given_back() {
        let pace = Pace::default();
        pace.lock().limit = 1.0;
        let first = pace.turn().await;
        let waits = tokio::time::timeout(Duration::from_millis(20), pace.turn()).await;
        assert!(waits.is_err());
        drop(first);
        pace.turn().await;
    }
}
