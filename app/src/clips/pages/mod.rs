//! The pages of clips.

mod confirm;
mod customer;
mod list;
mod new;
mod play;
mod show;

pub use confirm::{erase, hold, release};
pub use customer::{Press, clips as on_link, playing};
pub use list::list;
pub use new::NewClip;
pub use play::play;
pub use show::{ShowClip, live};

use chrono::DateTime;
use chrono_tz::Tz;

use super::{State, model::clip};
use crate::ui::prelude::*;

/// `Ready`, in its shape.
#[component]
pub fn StateTag(state: State) -> impl IntoView {
    view! { <Status tone=state.tone() word=state.label()/> }
}

/// `12 min 31 s`
#[must_use]
pub fn long(milliseconds: i64) -> String {
    let seconds = (milliseconds.max(0) + 500) / 1000;
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// `4.2 MB`
#[must_use]
pub fn size(bytes: i64) -> String {
    match bytes.max(0) {
        bytes @ ..1_000_000 => format!("{} KB", (bytes + 999) / 1000),
        bytes @ 1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        bytes => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// `20 Nov 2026, 14:02:10.250 to 14:09:41.480`, by the yard's clock; milliseconds where there are any.
#[must_use]
pub fn span(from: i64, until: i64, zone: Tz) -> String {
    let local = |at: i64| DateTime::from_timestamp_millis(at).unwrap_or_default().with_timezone(&zone);
    let clock = |at: i64| {
        let pattern = if at.rem_euclid(1000) == 0 { "%H:%M:%S" } else { "%H:%M:%S%.3f" };
        local(at).format(pattern).to_string()
    };
    let day = |at: i64| local(at).format("%-d %b %Y, ").to_string();
    let other = if day(from) == day(until) { String::new() } else { day(until) };
    format!("{}{} to {other}{}", day(from), clock(from), clock(until))
}

fn span_of(clip: &clip::Model, zone: Tz) -> String {
    span(clip.from_at, clip.until_at, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_sizes_and_times_are_said_as_people_say_them() {
        assert_eq!([long(940), long(751_480), long(7_500_000)], ["1 s", "12 min 31 s", "2 h 5 min"]);
        assert_eq!([size(1), size(4_240_000), size(2_150_000_000)], ["1 KB", "4.2 MB", "2.1 GB"]);
        let at = 1_795_204_930_250;
        let zone = Tz::America__Chicago;
        assert_eq!(span(at, at + 451_230, zone), "20 Nov 2026, 14:02:10.250 to 14:09:41.480");
        assert_eq!(span(at - 250, at + 86_400_000 - 250, zone), "20 Nov 2026, 14:02:10 to 21 Nov 2026, 14:02:10");
    }
}
