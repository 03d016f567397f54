//! Of which cameras, from when to when: what every form about film asks.

use chrono_tz::Tz;

use crate::{FormErrors, ui::prelude::*};

/// Three fields, `cameras`, `from` and `until`, in that order.
#[component]
pub fn FilmFields(
    /// By slug.
    cameras: Vec<Choice>,
    ticked: Vec<String>,
    from: String,
    until: String,
    /// Beneath `until`: how late that may be.
    latest: &'static str,
    /// Whether milliseconds are looked at.
    #[prop(optional)]
    exact: bool,
    errors: FormErrors,
    now: i64,
    zone: Tz,
) -> impl IntoView {
    let clock = format_ms(now, zone, TimeStyle::Zone);
    let when = match exact {
        true => format!("On the yard’s clock ({clock}), to the millisecond where it matters: 2026-11-20 14:02:10.250"),
        false => format!("On the yard’s clock ({clock}): 2026-11-20 14:02:10"),
    };
    view! {
        <div class="grid full">
            <Ticks field=errors.field("cameras", "") label="Cameras" options=cameras ticked/>
            <TextField field=errors.field("from", from) label="From" width=Width::Half hint=when autocomplete="off" maxlength=40/>
            <TextField field=errors.field("until", until) label="Until" width=Width::Half hint=latest autocomplete="off" maxlength=40/>
        </div>
    }
}
