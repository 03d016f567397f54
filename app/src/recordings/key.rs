//! Names of files: which camera, and which second it began in.

use chrono::{DateTime, NaiveDateTime};

const PATTERN: &str = "%Y-%m-%d/recording_%H_%M_%S";

/// The key of the object: `recordings/dock_2/2026-11-20/recording_08_00_00.mp4`, in UTC. Of two that begin in one second the `nth` (from 1)
/// tells which: the second one ends with `_2`.
#[must_use]
pub fn key(slug: &str, started_at: i64, nth: i32) -> String {
    let at = DateTime::from_timestamp_millis(started_at).unwrap_or_default().format(PATTERN);
    match nth {
        ..2 => format!("recordings/{slug}/{at}.mp4"),
        nth => format!("recordings/{slug}/{at}_{nth}.mp4"),
    }
}

/// The camera's slug and the second (Unix milliseconds) in a [`key`]; `None` of any other.
pub(super) fn parse(key: &str) -> Option<(&str, i64)> {
    let (slug, rest) = key.strip_prefix("recordings/")?.split_once('/')?;
    let rest = rest.strip_suffix(".mp4")?;
    let (at, nth) = rest.split_at_checked("2026-11-20/recording_08_00_00".len())?;
    let at = NaiveDateTime::parse_from_str(at, PATTERN).ok()?;
    let is_nth = nth.is_empty() || nth.strip_prefix('_').is_some_and(|nth| nth.parse::<i32>().is_ok());
    is_nth.then(|| (slug, at.and_utc().timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_the_camera_and_the_second() {
        let at = 1_795_161_600_777;
        assert_eq!(key("dock_2", at, 1), "recordings/dock_2/2026-11-20/recording_08_00_00.mp4");
        assert_eq!(key("dock_2", at, 2), "recordings/dock_2/2026-11-20/recording_08_00_00_2.mp4");
        for nth in [1, 2, 10] {
            assert_eq!(parse(&key("dock_2", at, nth)), Some(("dock_2", at - 777)));
        }
        for other in ["recordings/a/b.mp4", "bols/2026/a.pdf", "recordings/a/2026-11-20/recording_08_00_00_x.mp4"] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
