//! Where files and fragments end.

use std::time::Duration;

/// Lengths and sizes; times are Unix microseconds.
#[derive(Clone, Copy, Debug)]
pub struct Lengths {
    /// A file ends at the first key frame after so long.
    pub segment: Duration,
    /// The same for the first one of a session: so cameras that began together do not end their files together.
    pub first: Duration,
    /// A fragment ends after so long, key frame or not: it is what a kill can cost.
    pub fragment: Duration,
    /// And before it has more bytes than this, unless one frame alone has: they are held in memory.
    pub bytes: usize,
}

impl Default for Lengths {
    fn default() -> Self {
        Self {
            segment: Duration::from_mins(1),
            first: Duration::from_mins(1),
            fragment: Duration::from_secs(1),
            bytes: 1 << 20,
        }
    }
}

/// Streams of key frames alone would otherwise be a fragment a frame.
const SHORTEST: i64 = 250_000;
/// A camera that sends no key frame for so many times the length of a file makes files that nobody can seek in.
const PATIENCE: i64 = 10;

/// What ends before a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    Nothing,
    Fragment,
    Segment,
    /// No key frame for far too long: the file may end nowhere.
    Overdue,
}

/// What is open, and how long it is.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    /// When its first frame is shown.
    pub segment: i64,
    pub fragment: i64,
    /// When the latest of its frames is shown.
    pub latest: i64,
    pub bytes: usize,
    /// It is the first file of a session.
    pub first: bool,
}

impl Lengths {
    /// What ends before a frame of `size` bytes that is shown at `at`.
    #[must_use]
    pub fn before(&self, open: &Open, at: i64, key: bool, size: usize) -> Cut {
        let micros = |length: Duration| i64::try_from(length.as_micros()).unwrap_or(i64::MAX / PATIENCE);
        if key && at - open.segment >= micros(if open.first { self.first } else { self.segment }) {
            return Cut::Segment;
        }
        if at - open.segment >= PATIENCE * micros(self.segment) {
            return Cut::Overdue;
        }
        // Frames that are shown before one that is in already belong with it.
        let whole = at > open.latest;
        let long = at - open.fragment >= micros(self.fragment);
        let apart = key && at - open.fragment >= SHORTEST;
        if whole && (long || apart) || open.bytes + size > self.bytes { Cut::Fragment } else { Cut::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LENGTHS: Lengths = Lengths {
        segment: Duration::from_mins(1),
        first: Duration::from_secs(7),
        fragment: Duration::from_secs(1),
        bytes: 1 << 20,
    };

    #[test]
    fn a_key_frame_begins_a_fragment_and_after_a_minute_a_file() {
        let open = Open { segment: 0, fragment: 59_600_000, latest: 59_960_000, bytes: 0, first: false };
        assert_eq!(LENGTHS.before(&open, 59_990_000, true, 9), Cut::Fragment);
        assert_eq!(LENGTHS.before(&open, 60_000_000, true, 9), Cut::Segment);
        assert_eq!(LENGTHS.before(&open, 60_000_000, false, 9), Cut::Nothing);
        assert_eq!(LENGTHS.before(&open, 60_700_000, false, 9), Cut::Fragment);
        assert_eq!(LENGTHS.before(&open, 600_000_000, false, 9), Cut::Overdue);
        let first = Open { fragment: 6_600_000, latest: 6_960_000, first: true, ..open };
        assert_eq!(LENGTHS.before(&first, 6_990_000, true, 9), Cut::Fragment);
        assert_eq!(LENGTHS.before(&first, 7_000_000, true, 9), Cut::Segment);
    }

    #[test]
    fn reordered_frames_stay_together_unless_memory_is_short() {
        let open = Open { segment: 0, fragment: 0, latest: 1_200_000, bytes: 0, first: false };
        assert_eq!(LENGTHS.before(&open, 1_100_000, false, 9), Cut::Nothing);
        assert_eq!(LENGTHS.before(&Open { bytes: 1 << 20, ..open }, 1_100_000, false, 9), Cut::Fragment);
    }

    proptest! {
        /// Whatever the camera's pace, distance of key frames and bitrate.
        #[test]
        fn no_fragment_is_longer_than_a_second_and_a_frame_or_larger_than_its_bound(
            pace in 5_000_i64..500_000, gop in 1_usize..300, size in 100_usize..1_400_000,
        ) {
            let mut open = Open { segment: 0, fragment: 0, latest: 0, bytes: 0, first: false };
            for n in 0..2000 {
                let (at, key) = (n as i64 * pace, n % gop == 0);
                match if n == 0 { Cut::Nothing } else { LENGTHS.before(&open, at, key, size) } {
                    Cut::Nothing => {}
                    Cut::Fragment => open = Open { fragment: at, bytes: 0, ..open },
                    Cut::Segment => { prop_assert!(key); open = Open { segment: at, fragment: at, latest: at, bytes: 0, first: false } }
                    Cut::Overdue => { prop_assert!(gop as i64 * pace > 100_000_000); break }
                }
                open = Open { latest: at, bytes: open.bytes + size, ..open };
                prop_assert!(at - open.fragment < 1_000_000 + pace);
                prop_assert!(open.bytes <= LENGTHS.bytes.max(size));
            }
        }
    }
}
