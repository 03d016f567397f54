//! An exact stretch of film, taken out of recordings and made one file of: no frame is changed and none is encoded anew.
//!
//! Recordings are fragmented MP4 (ISO/IEC 14496-12); what comes of them is progressive, with its `moov` in front, as every player likes it.
//! Whoever cuts reads each recording once ([`Scan`], which is told its bytes as they come by), joins them ([`Film`]), asks for the stretch
//! ([`Film::cut`]) and has its bytes copied ([`Cut::write`]). Nothing here touches a disk, a clock or a database, and film itself is never held
//! in memory: some twenty bytes a frame are.

mod boxes;
mod edit;
mod samples;
mod table;

pub use boxes::{Recording, Scan};
pub use edit::{Cut, Piece};
pub use samples::Film;

/// Why no clip can be made of a recording.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("it is no recording: {0}")]
    NotFilm(String),
    #[error("it ends in the middle of a box")]
    Torn,
    #[error("its tables speak of bytes that are not there")]
    Beyond,
    #[error("it has another format than the recording before it")]
    OtherFormat,
    /// Milliseconds; below nought they overlap. Nothing may look continuous that was not.
    #[error("it does not follow the recording before it: {0} ms are between them")]
    Hole(i64),
    #[error("no frame was taken between the two instants")]
    Nothing,
    #[error("no key frame is in front of what is to be shown")]
    NoKey,
    #[error("there is more of it than a file can say: {0}")]
    TooMuch(String),
}

/// A second, in the unit of all instants here: Unix microseconds.
const SECOND: i128 = 1_000_000;

/// So many ticks of `rate` are in `micros`, to the nearest.
fn ticks(micros: i64, rate: u32) -> i64 {
    clamp((i128::from(micros) * i128::from(rate) + SECOND / 2).div_euclid(SECOND))
}

/// The first tick that is not before `micros`.
fn ticks_from(micros: i64, rate: u32) -> i64 {
    clamp(-(-i128::from(micros) * i128::from(rate)).div_euclid(SECOND))
}

/// So many microseconds are in `ticks`, to the nearest.
fn micros(ticks: i64, rate: u32) -> i64 {
    clamp((i128::from(ticks) * SECOND + i128::from(rate / 2)).div_euclid(i128::from(rate)))
}

/// Ticks of one rate as ticks of another, to the nearest.
fn rescale(ticks: i64, from: u32, to: u32) -> i64 {
    clamp((i128::from(ticks) * i128::from(to) + i128::from(from / 2)).div_euclid(i128::from(from)))
}

fn clamp(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_instant_between_two_ticks_is_the_later_one() {
        assert_eq!((ticks_from(40_000, 90_000), ticks(40_000, 90_000)), (3600, 3600));
        assert_eq!((ticks_from(40_001, 90_000), ticks(40_001, 90_000)), (3601, 3600));
        assert_eq!((ticks_from(-1, 90_000), ticks_from(i64::MIN, 2_000_000)), (0, i64::MIN));
        assert_eq!(rescale(3600, 90_000, 48_000), 1920);
    }

    proptest! {
        #[test]
        fn ticks_are_the_same_there_and_back(tick in -1_000_000_000_000_i64..1_000_000_000_000, rate in 1_u32..1_000_000) {
            prop_assert_eq!(ticks(micros(tick, rate), rate), tick);
        }
    }
}
