//! The timeline: cameras as rows, time across. Drawn here and nowhere else; script swaps it for another window of the same.
//!
//! Ink is what is recorded, dots are what waits to be sent, hatching is what is missing, with its reason on focus. Heights are pixels and
//! widths shares, so that it fits a phone with its words at their size.

use std::fmt::Write;

use chrono::DateTime;
use chrono_tz::Tz;

use crate::{
    recordings::{
        Keeping, Mark, Reason, Track,
        window::{Span, Window, link_time, marks},
    },
    ui::prelude::*,
    urls,
};

/// Of one row.
const ROW: i64 = 36;
const AXIS: i64 = 22;

/// Where on the line of time something lies, as a share of the window.
#[derive(Clone, Copy)]
struct Scale(Window);

impl Scale {
    fn x(self, at: i64) -> String {
        let share = (at - self.0.from()) as f64 / self.0.span.milliseconds() as f64;
        format!("{:.3}%", share.clamp(0.0, 1.0) * 100.0)
    }

    fn width(self, from: i64, until: i64) -> String {
        let (from, until) = (from.max(self.0.from()), until.min(self.0.until()));
        format!("{:.3}%", ((until - from).max(0) as f64 / self.0.span.milliseconds() as f64) * 100.0)
    }
}

/// The rows of `tracks`, the marks above them, and the time below.
pub(super) fn tracks(
    tracks: Vec<Track>,
    above: Vec<Mark>,
    kept: &[Keeping],
    window: Window,
    now: i64,
    zone: Tz,
) -> impl IntoView + use<> {
    let scale = Scale(window);
    let slugs: Vec<String> = tracks.iter().map(|track| track.slug.clone()).collect();
    let link = move |at: i64, span: Span| {
        let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
        urls::recordings(&slugs, &link_time(at, zone), span.word())
    };
    let marks_row = (!above.is_empty()).then(|| marks_above(above, scale));
    let rows = tracks.into_iter().map(|track| row(track, kept, scale, now, zone, &link)).collect_view();
    let axis = axis(scale, zone);
    let (from, until, at) = (window.from(), window.until(), window.at);
    view! {
        <div class="tracks" data-tracks data-from=from data-until=until data-at=at data-now=now>
            {patterns()}
            {marks_row}
            {rows}
            {axis}
            <div class="playhead" aria-hidden="true"></div>
        </div>
    }
}

/// What `style/recordings.css` fills with: dots and hatching tell apart what colour alone would not.
fn patterns() -> impl IntoView {
    view! {
        <svg class="sr" aria-hidden="true" width="0" height="0">
            <defs>
                <pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">
                    <rect class="dots-ground" width="6" height="6"></rect>
                    <circle class="dot" cx="3" cy="3" r="1.5"></circle>
                </pattern>
                <pattern id="missing" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <line class="missing-line" x1="0" x2="0" y1="0" y2="6"></line>
                </pattern>
            </defs>
        </svg>
    }
}

fn row(
    track: Track,
    kept: &[Keeping],
    scale: Scale,
    now: i64,
    zone: Tz,
    link: &dyn Fn(i64, Span) -> String,
) -> impl IntoView + use<> {
    let Track { id, name, spans, waiting, open, gaps, share, .. } = track;
    let ink = spans
        .into_iter()
        .map(|(from, until)| view! { <rect class="ink" x=scale.x(from) y="8" width=scale.width(from, until) height=ROW - 16></rect> })
        .collect_view();
    let dots = waiting
        .into_iter()
        .map(|(from, until)| view! { <rect class="dots" x=scale.x(from) y="8" width=scale.width(from, until) height=ROW - 16></rect> })
        .collect_view();
    let open = open.map(|(from, until)| {
        view! {
            <g>
                <title>"Being recorded"</title>
                <rect class="open" x=scale.x(from) y="8" width=scale.width(from, until) height=ROW - 16></rect>
            </g>
        }
    });
    let missing = gaps
        .into_iter()
        .map(|gap| {
            let until = gap.until.unwrap_or(now);
            let mut words = format!("{}: {}", stretch(gap.from, gap.until, zone), gap.reason.label());
            if !gap.detail.is_empty() {
                let _ = write!(words, " ({})", gap.detail);
            }
            let narrower = scale.0.span.zoomed(-1).unwrap_or(scale.0.span);
            // Even one second is seen, and can be aimed at.
            view! {
                <a href=link(gap.from, narrower) aria-label=words.clone()>
                    <title>{words.clone()}</title>
                    <rect class=gap_class(gap.reason) x=scale.x(gap.from) y="4" width=scale.width(gap.from, until) height=ROW - 8></rect>
                    <rect class="aim" x=scale.x(gap.from) y="0" width="4" height=ROW></rect>
                </a>
            }
        })
        .collect_view();
    let kept = kept
        .iter()
        .filter(|keeping| keeping.cameras.contains(&id))
        .map(|keeping| {
            let words = format!("Kept: {}", keeping.reason);
            view! {
                <g>
                    <title>{words}</title>
                    <rect class="kept" x=scale.x(keeping.from) y=ROW - 5 width=scale.width(keeping.from, keeping.until) height="3"></rect>
                </g>
            }
        })
        .collect_view();
    let future = (now < scale.0.until()).then(|| {
        view! { <rect class="future" x=scale.x(now) y="0" width=scale.width(now, scale.0.until()) height=ROW></rect> }
    });
    let words = format!("{name}: {share} % of this time is recorded");
    view! {
        <div class="track" data-track=id.to_string()>
            <span class="track-name"><a href=urls::camera(id)>{name.clone()}</a></span>
            <svg role="group" aria-label=words width="100%" height=ROW>
                {ink}
                {open}
                {dots}
                {missing}
                {kept}
                {future}
            </svg>
        </div>
    }
}

fn gap_class(reason: Reason) -> &'static str {
    match reason.tone() {
        Tone::Bad => "gap bad",
        Tone::Warn => "gap warn",
        _ => "gap meant",
    }
}

/// `20 Nov, 14:02:31 to 14:05:10, 2 min 39 s`
pub(super) fn stretch(from: i64, until: Option<i64>, zone: Tz) -> String {
    let clock = |at: i64| {
        DateTime::from_timestamp_millis(at)
            .map(|at| at.with_timezone(&zone).format("%H:%M:%S").to_string())
            .unwrap_or_default()
    };
    let day = |at: i64| {
        DateTime::from_timestamp_millis(at)
            .map(|at| at.with_timezone(&zone).format("%-d %b, ").to_string())
            .unwrap_or_default()
    };
    match until {
        None => format!("since {}{}", day(from), clock(from)),
        Some(until) => {
            let other = if day(from) == day(until) { String::new() } else { day(until) };
            format!("{}{} to {other}{}, {}", day(from), clock(from), clock(until), long(until - from))
        }
    }
}

/// The two largest units there are.
pub(super) fn long(milliseconds: i64) -> String {
    let seconds = milliseconds.max(0) / 1000;
    match seconds {
        ..60 => format!("{}.{} s", seconds, milliseconds.max(0) % 1000 / 100),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// Loadings and, one day, events: a bracket each, with a link.
fn marks_above(above: Vec<Mark>, scale: Scale) -> impl IntoView {
    let marks = above
        .into_iter()
        .map(|mark| {
            let title = mark.label.clone();
            view! {
                <a href=mark.url aria-label=mark.label>
                    <title>{title}</title>
                    <rect class="mark" x=scale.x(mark.from) y="6" width=scale.width(mark.from, mark.until) height=ROW - 20></rect>
                    <text x=scale.x(mark.from) y=ROW - 2>{mark.short}</text>
                </a>
            }
        })
        .collect_view();
    view! {
        <div class="track">
            <span class="track-name">"Loadings"</span>
            <svg role="group" aria-label="Loadings" width="100%" height=ROW>{marks}</svg>
        </div>
    }
}

fn axis(scale: Scale, zone: Tz) -> impl IntoView {
    let pattern = match scale.0.span {
        Span::TenMinutes | Span::Hour | Span::SixHours | Span::Day => "%H:%M",
        Span::Week | Span::Month => "%a %-d %b",
    };
    let labels = marks(&scale.0, zone)
        .into_iter()
        .map(|at| {
            let local = DateTime::from_timestamp_millis(at).unwrap_or_default().with_timezone(&zone);
            // At midnight the day is what one wants to know.
            let midnight = scale.0.span.is_exact() && local.format("%H:%M").to_string() == "00:00";
            let words = local.format(if midnight { "%-d %b" } else { pattern }).to_string();
            view! {
                <g>
                    <line x1=scale.x(at) x2=scale.x(at) y1="0" y2="5"></line>
                    <text x=scale.x(at) y=AXIS - 5 text-anchor="middle">{words}</text>
                </g>
            }
        })
        .collect_view();
    view! {
        <div class="track axis">
            <span class="track-name">{format_ms(scale.0.at, zone, TimeStyle::Zone)}</span>
            <svg aria-hidden="true" width="100%" height=AXIS>{labels}</svg>
        </div>
    }
}
