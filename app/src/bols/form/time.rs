//! Times as a form shows them: the yard's clock, `2026-11-20T14:02`.

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeZone};
use chrono_tz::Tz;

/// The instant on the yard's clock. Where the clock shows this time twice and the later one is meant, the offset stands behind it.
pub(crate) fn write(ms: i64, zone: Tz) -> String {
    let Some(at) = DateTime::from_timestamp_millis(ms) else { return String::new() };
    let local = at.with_timezone(&zone);
    let (seconds, millis) = (ms.div_euclid(1000).rem_euclid(60), ms.rem_euclid(1000));
    let pattern = match (seconds, millis) {
        (0, 0) => "%Y-%m-%dT%H:%M",
        (_, 0) => "%Y-%m-%dT%H:%M:%S",
        _ => "%Y-%m-%dT%H:%M:%S%.3f",
    };
    let text = local.format(pattern).to_string();
    if read(&text, zone) == Some(ms) { text } else { format!("{text}{}", local.format("%:z")) }
}

/// The instant that `text` means; `None` where it is no time.
pub(crate) fn read(text: &str, zone: Tz) -> Option<i64> {
    let text = text.trim().replacen(' ', "T", 1);
    let patterns = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let local = patterns.iter().find_map(|pattern| NaiveDateTime::parse_from_str(&text, pattern).ok());
    let ms = match local {
        // A time that the clock skips (the hour summer time takes away) does not exist.
        Some(local) => zone.from_local_datetime(&local).earliest()?.timestamp_millis(),
        None => patterns
            .iter()
            .find_map(|pattern| DateTime::<FixedOffset>::parse_from_str(&text, &format!("{pattern}%:z")).ok())?
            .timestamp_millis(),
    };
    // Four digits of year are what a form can show again.
    (-62_135_596_800_000..253_402_300_800_000).contains(&ms).then_some(ms)
}

/// Whether a browser's own field for times can show `text` again; anything else has to stay visible as typed.
pub(super) fn is_plain(text: &str) -> bool {
    text.is_empty()
        || ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"].iter().any(|p| NaiveDateTime::parse_from_str(text, p).is_ok())
}
