//! The time in a sender report (RFC 3550 §6.4.1): seconds since 1900 and their fractions, 32 bits each.

/// From 1900 to 1970.
const TO_UNIX: i64 = 2_208_988_800;
const MICROS: i64 = 1_000_000;

/// Unix microseconds. The seconds begin anew in February 2036 and every 136 years: of all times that they can mean the one nearest to `near` is
/// taken. `None` for what a camera sends that does not know the time.
#[must_use]
pub fn unix_micros(ntp: u64, near: i64) -> Option<i64> {
    let seconds = (ntp >> 32) as u32;
    if seconds == 0 {
        return None;
    }
    let near_seconds = near.div_euclid(MICROS);
    let apart = seconds.wrapping_sub((near_seconds + TO_UNIX) as u32) as i32;
    let fraction = (((ntp & 0xffff_ffff) * 1_000_000) >> 32) as i64;
    Some((near_seconds + i64::from(apart)) * MICROS + fraction)
}

/// The NTP time of a time in Unix microseconds, for the file. The era is lost, as it is in every NTP time.
#[must_use]
pub fn of_unix_micros(at: i64) -> u64 {
    let seconds = (at.div_euclid(MICROS) + TO_UNIX) as u32;
    let fraction = ((at.rem_euclid(MICROS) as u64) << 32).div_ceil(1_000_000);
    (u64::from(seconds) << 32) | (fraction & 0xffff_ffff)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2036-02-07 06:28:16 UTC.
    const TURN: i64 = 2_085_978_496 * MICROS;

    #[test]
    fn the_seconds_begin_anew_in_2036() {
        let before = unix_micros(0xffff_ffff << 32, TURN).unwrap();
        let after = unix_micros((1 << 32) | (1 << 31), TURN).unwrap();
        assert_eq!(before, TURN - MICROS);
        assert_eq!(after, TURN + MICROS + MICROS / 2);
    }

    #[test]
    fn a_camera_that_does_not_know_the_time_has_none() {
        assert_eq!(unix_micros(0, TURN), None);
        assert_eq!(unix_micros(0x1234, TURN), None);
    }

    proptest! {
        #[test]
        fn there_and_back(at in 0_i64..5_000_000_000_000_000, off in -2_000_000_000_000_000_i64..2_000_000_000_000_000) {
            let ntp = of_unix_micros(at);
            // The one second in 136 years that reads as "unknown".
            prop_assume!(ntp >> 32 != 0);
            prop_assert_eq!(unix_micros(ntp, at + off), Some(at));
        }
    }
}
