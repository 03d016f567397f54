//! Seven days of a camera as a strip: an hour a cell, ink for what was recorded.

use crate::{cameras::Uptime, ui::prelude::*};

/// Pixels.
const HEIGHT: u32 = 24;

pub(super) fn strip(name: &str, uptime: &Uptime) -> impl IntoView + use<> {
    let count = uptime.hours.len().max(1);
    let at = |hour: usize| format!("{:.3}%", hour as f64 * 100.0 / count as f64);
    // Hours that are alike are drawn as one.
    let mut stretches: Vec<(usize, usize, &'static str)> = Vec::new();
    for (hour, minutes) in uptime.hours.iter().enumerate() {
        let class = match minutes {
            0 => continue,
            1..60 => "some",
            _ => "all",
        };
        match stretches.last_mut().filter(|(_, end, kind)| *end == hour && *kind == class) {
            Some((_, end, _)) => *end = hour + 1,
            None => stretches.push((hour, hour + 1, class)),
        }
    }
    let cells = stretches
        .into_iter()
        .map(|(from, until, class)| {
            let (y, height) = if class == "all" { (0, HEIGHT) } else { (HEIGHT / 2, HEIGHT / 2) };
            view! { <rect class=class x=at(from) y=y width=at(until - from) height=height></rect> }
        })
        .collect_view();
    let days =
        (1..7).map(|day| view! { <line x1=at(day * 24) x2=at(day * 24) y1="0" y2=HEIGHT></line> }).collect_view();
    let words = uptime.words();
    view! {
        <span class="uptime">
            <svg role="img" aria-label=format!("{name}: {words} of seven days recorded") width="100%" height=HEIGHT>{cells}{days}</svg>
            <small class="num">{words.clone()}</small>
        </span>
    }
}
