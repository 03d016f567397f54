//! How much may leave the house a second.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// Shared by everything that is sent to one bucket.
#[derive(Debug)]
pub struct Bandwidth {
    /// Bytes a second; 0: no limit.
    rate: u64,
    /// When what was let through so far has had its time.
    free: Mutex<Option<Instant>>,
}

impl Bandwidth {
    /// `kbps`: thousands of bits a second; 0: no limit.
    #[must_use]
    pub fn new(kbps: u64) -> Self {
        Self { rate: kbps.saturating_mul(1000) / 8, free: Mutex::new(None) }
    }

    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.rate > 0
    }

    /// Pieces of such a size keep the flow even: a quarter of a second each, and never more than `most` bytes.
    #[must_use]
    pub fn grain(&self, most: usize) -> usize {
        match usize::try_from(self.rate / 4) {
            Ok(0) | Err(_) => most,
            Ok(quarter) => quarter.clamp(1024.min(most), most),
        }
    }

    /// Waits until `bytes` more may go.
    pub async fn take(&self, bytes: usize) {
        if let Some(at) = self.book(bytes) {
            sleep_until(at).await;
        }
    }

    /// Takes the next stretch of time that is free; whoever comes later queues behind it.
    fn book(&self, bytes: usize) -> Option<Instant> {
        if self.rate == 0 {
            return None;
        }
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let begin = free.map_or(now, |free| free.max(now));
        *free = Some(begin + Duration::from_secs_f64(bytes as f64 / self.rate as f64));
        (begin > now).then_some(begin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_send_together_keeps_to_the_rate() {
        // 800 kbit/s are 100,000 bytes a second.
        let bandwidth = Bandwidth::new(800);
        let began = Instant::now();
        let last = (0..20).filter_map(|_| bandwidth.book(25_000)).last().unwrap();
        // Twenty quarters of a second; the last of them begins when the nineteen before it are over.
        assert_eq!(last.duration_since(began).as_millis() / 100, 47);
        assert_eq!(bandwidth.grain(1 << 20), 25_000);
    }

    #[test]
    fn no_limit_waits_for_nothing() {
        let bandwidth = Bandwidth::new(0);
        assert_eq!(bandwidth.book(usize::MAX), None);
        assert_eq!(bandwidth.grain(1 << 20), 1 << 20);
    }
}
