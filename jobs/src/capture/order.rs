//! When each frame is decoded. RTP says only when it is shown, and frames come in the order of decoding.

use std::ops::Range;

/// One sample as a fragment's table has it, in ticks of its track since the run began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    pub decode: i64,
    /// Up to when the next one is decoded. Never 0.
    pub duration: u32,
    /// When it is shown, less when it is decoded.
    pub offset: i32,
}

/// The frames of one fragment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragment {
    pub samples: Vec<Placed>,
    /// The time that it fills: it begins where the one before ended.
    pub shown: Range<i64>,
}

/// Gives the frames of one track their decoding times, fragment by fragment: the n-th frame is decoded at the n-th smallest of the times at
/// which they are shown, less a delay. Without B-frames the delay is 0 and both times are the same. With them it is as long as the
/// reordering goes back, so that nothing is shown before it is decoded: files could say that too, and ffmpeg would show the whole track
/// later than its sound.
///
/// When frames are shown is kept exactly, whatever comes. Decoding times are ours to choose: strictly rising, without a hole.
#[derive(Clone, Debug, Default)]
pub struct Decoding {
    delay: i64,
    /// Where the last fragment ended: what it filled, and decoding.
    next: Option<(i64, i64)>,
}

impl Decoding {
    /// By how much frames are decoded before they are shown, so far.
    #[must_use]
    pub fn delay(&self) -> i64 {
        self.delay
    }

    /// The frames of one fragment, `shown` in the order of decoding; `following` is when the frame after them is shown.
    pub fn place(&mut self, shown: &[i64], following: i64) -> Fragment {
        let mut sorted = shown.to_vec();
        sorted.sort_unstable();
        let (Some(&earliest), Some(&latest)) = (sorted.first(), sorted.last()) else { return Fragment::default() };
        let back = shown.iter().zip(&sorted).map(|(shown, turn)| turn - shown).max().unwrap_or(0);
        self.delay = self.delay.max(back);

        let (begins, decoding) = self.next.unwrap_or((earliest, earliest - self.delay));
        let mut decode = Vec::with_capacity(sorted.len() + 1);
        decode.push(decoding);
        decode.extend(sorted[1..].iter().map(|turn| turn - self.delay));
        // Where frames are reordered, the following frame is not the next one to be shown: that one follows the latest at the pace of the others.
        let pace = sorted.windows(2).last().map_or(1, |pair| pair[1] - pair[0]);
        let ends = if self.delay > 0 { following.min(latest + pace) } else { following };
        let ends = ends.max(begins + 1);
        decode.push(ends - self.delay);
        for i in 1..decode.len() {
            decode[i] = decode[i].max(decode[i - 1] + 1);
        }
        self.next = decode.last().map(|last| (ends, *last));

        let samples = shown
            .iter()
            .zip(decode.windows(2))
            .map(|(&shown, pair)| Placed {
                decode: pair[0],
                duration: u32::try_from(pair[1] - pair[0]).unwrap_or(u32::MAX),
                offset: i32::try_from(shown - pair[0]).unwrap_or(0),
            })
            .collect();
        Fragment { samples, shown: begins..ends }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(fragment: &Fragment) -> Vec<i64> {
        fragment.samples.iter().map(|sample| sample.decode).collect()
    }

    #[test]
    fn without_b_frames_a_frame_is_decoded_when_it_is_shown() {
        let mut decoding = Decoding::default();
        let placed = decoding.place(&[0, 3600, 7300], 10800);
        assert_eq!(
            placed.samples.iter().map(|p| (p.decode, p.duration, p.offset)).collect::<Vec<_>>(),
            [(0, 3600, 0), (3600, 3700, 0), (7300, 3500, 0)]
        );
        assert_eq!(placed.shown, 0..10800);
    }

    #[test]
    fn b_frames_are_decoded_before_they_are_shown_in_turn() {
        let mut decoding = Decoding::default();
        // I0 P3 B1 B2 | P6 B4 B5 | I7
        let first = decoding.place(&[0, 30, 10, 20], 60);
        assert_eq!(decoded(&first), [-10, 0, 10, 20]);
        assert_eq!(first.samples.iter().map(|p| p.offset).collect::<Vec<_>>(), [10, 30, 0, 0]);
        let second = decoding.place(&[60, 40, 50], 70);
        assert_eq!(decoded(&second), [30, 40, 50]);
        assert_eq!((first.shown, second.shown), (0..40, 40..70));
    }

    proptest! {
        /// Frames of any pace, reordered in any way, cut anywhere.
        #[test]
        fn times_of_showing_are_kept_and_times_of_decoding_rise_without_a_hole(
            paces in prop::collection::vec(1_i64..9000, 1..120),
            swaps in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
            cuts in prop::collection::vec(1_usize..30, 1..60),
        ) {
            let mut shown: Vec<i64> = paces.iter().scan(0, |at, pace| { *at += pace; Some(*at) }).collect();
            for swap in &swaps {
                let i = swap.index(shown.len());
                if i + 1 < shown.len() {
                    shown.swap(i, i + 1);
                }
            }
            let (mut decoding, mut rest, mut before) = (Decoding::default(), shown.as_slice(), None);
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (fragment, after) = rest.split_at((*cut).min(rest.len()));
                let placed = decoding.place(fragment, after.first().copied().unwrap_or(fragment[0] + 3600));
                prop_assert_eq!(placed.samples.len(), fragment.len());
                for (placed, shown) in placed.samples.iter().zip(fragment) {
                    prop_assert_eq!(placed.decode + i64::from(placed.offset), *shown);
                    prop_assert!(placed.duration > 0);
                    if let Some((_, before)) = before {
                        prop_assert_eq!(placed.decode, before);
                    }
                    before = Some((0, placed.decode + i64::from(placed.duration)));
                }
                if let Some((ended, _)) = before.filter(|(ended, _)| *ended != 0) {
                    prop_assert_eq!(placed.shown.start, ended);
                }
                prop_assert!(placed.shown.end > placed.shown.start);
                before = before.map(|(_, decoded)| (placed.shown.end, decoded));
                rest = after;
            }
        }

        /// B-frames between the others, whole groups to a fragment, as encoders make them.
        #[test]
        fn nothing_is_shown_before_it_is_decoded(pace in 1_i64..9000, between in 0_i64..6, groups in 1_i64..20) {
            let mut decoding = Decoding::default();
            for group in 0..groups {
                let base = group * 4 * (between + 1);
                // The anchor first, then what is shown before it.
                let anchors = (0..4).map(|n| base + (n + 1) * (between + 1));
                let shown: Vec<i64> = anchors.flat_map(|anchor| {
                    std::iter::once(anchor).chain(anchor - between..anchor)
                }).map(|n| n * pace).collect();
                let following = (base + 5 * (between + 1)) * pace;
                for placed in decoding.place(&shown, following).samples {
                    prop_assert!(placed.offset >= 0, "{placed:?}");
                }
            }
        }
    }
}
