//! Frames and bits a second, as a page shows them: of the last seconds.

use std::collections::VecDeque;

use super::event::Progress;

/// So many microseconds count.
const WINDOW: i64 = 5_000_000;

#[derive(Clone, Debug, Default)]
pub struct Rates {
    /// Of each fragment: how long it lasts, its frames and its bytes.
    last: VecDeque<(i64, u64, u64)>,
}

impl Rates {
    pub fn add(&mut self, progress: &Progress) {
        self.last.push_back((progress.lasts, progress.frames.into(), progress.bytes as u64));
        while self.last.len() > 1 && self.time() - self.last.front().map_or(0, |first| first.0) >= WINDOW {
            self.last.pop_front();
        }
    }

    /// Thousandths of a frame a second.
    #[must_use]
    pub fn fps_milli(&self) -> Option<u32> {
        u32::try_from(self.a_second(self.last.iter().map(|part| part.1 * 1000).sum())?).ok()
    }

    #[must_use]
    pub fn bits_per_second(&self) -> Option<u64> {
        self.a_second(self.last.iter().map(|part| part.2 * 8).sum())
    }

    fn time(&self) -> i64 {
        self.last.iter().map(|part| part.0).sum()
    }

    fn a_second(&self, all: u64) -> Option<u64> {
        let time = u128::try_from(self.time()).ok().filter(|time| *time > 0)?;
        u64::try_from(u128::from(all) * 1_000_000 / time).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::clock::TimeFrom;

    #[test]
    fn they_are_of_the_last_seconds() {
        let part = |frames, bytes| Progress {
            at: 0,
            lasts: 1_000_000,
            bytes,
            frames,
            lost: 0,
            time: TimeFrom::Recorder,
            camera_off: None,
        };
        let mut rates = Rates::default();
        assert_eq!((rates.fps_milli(), rates.bits_per_second()), (None, None));
        (0..9).for_each(|_| rates.add(&part(25, 500_000)));
        assert_eq!((rates.fps_milli(), rates.bits_per_second()), (Some(25_000), Some(4_000_000)));
        (0..9).for_each(|_| rates.add(&part(10, 0)));
        assert_eq!((rates.fps_milli(), rates.bits_per_second()), (Some(10_000), Some(0)));
    }
}
