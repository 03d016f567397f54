//! On a bill's page: what its dock's cameras saw while it was loaded.

use chrono::DateTime;
use chrono_tz::Tz;

use crate::{
    bols::model::bol,
    clips::{
        ClipLine,
        pages::{StateTag, long},
    },
    docks::{Footage, Loaded, Seen, Tile},
    recordings::{
        Track,
        window::{Span, link_time},
    },
    ui::prelude::*,
    urls,
};

/// Of one strip, pixels.
const HEIGHT: i64 = 14;
/// Gaps that are said in words below it; on the strip are all.
const TOLD: usize = 3;

/// Where and when it was loaded, a strip and a picture of each camera, and the way to the film.
pub fn panel(
    footage: Footage,
    bill: &bol::Model,
    zone: Tz,
    may_write: bool,
    may_export: bool,
) -> impl IntoView + use<> {
    let Footage { loaded, has_docks, until, cameras, clips } = footage;
    let (bol, clips) = (bill.id, clips_of(clips));
    let Some(loaded) = loaded else {
        let say = (may_write && has_docks)
            .then(|| view! { <p><a href=urls::bol_loading(bol)>"Say where and when it was loaded"</a></p> });
        return view! { <section><h2>"Loading"</h2><p class="hint">"Not noted yet."</p>{say}{clips}</section> }
            .into_any();
    };
    let from = loaded.from;
    let when = when(&loaded, zone);
    let change = may_write.then(|| view! { " "<a href=urls::bol_loading(bol)>"Change"</a> });
    let watch = watch(&cameras, from, until, bill.number.as_deref().filter(|_| may_export), zone);
    let strips = cameras.into_iter().map(|seen| strip(seen, from, until, zone)).collect_view();
    view! {
        <section class="footage">
            <h2>"Loading"</h2>
            <p>{when}{change}</p>
            {strips}
            {watch}
            {clips}
        </section>
    }
    .into_any()
}

/// `Dock 2, 20 Nov 2026, 14:02 to 14:31`
fn when(loaded: &Loaded, zone: Tz) -> String {
    let began = format_ms(loaded.from, zone, TimeStyle::Minute);
    let ended = match loaded.until {
        None => "and is being loaded".into(),
        Some(until) if format_ms(until, zone, TimeStyle::Date) == format_ms(loaded.from, zone, TimeStyle::Date) => {
            format!("to {}", format_ms(until, zone, TimeStyle::Clock))
        }
        Some(until) => format!("to {}", format_ms(until, zone, TimeStyle::Minute)),
    };
    format!("{}, {began} {ended}", loaded.dock_name)
}

/// The clips there are.
fn clips_of(clips: Vec<ClipLine>) -> impl IntoView {
    let lines = clips
        .into_iter()
        .map(|ClipLine { clip, cameras }| {
            let state = clip.state();
            let what = format!("{}, {}", long(clip.until_at - clip.from_at), cameras.join(", "));
            view! { <li><a href=urls::clip(clip.id)>{clip.title}</a>" "<StateTag state/>" "<small>{what}</small></li> }
        })
        .collect::<Vec<_>>();
    (!lines.is_empty()).then(|| view! { <h3>"Clips"</h3><ul class="links">{lines}</ul> })
}

/// The recording browser over that time, and a clip of it: `number` is the bill's, for who may make one.
fn watch(cameras: &[Seen], from: i64, until: i64, number: Option<&str>, zone: Tz) -> impl IntoView + use<> {
    if cameras.is_empty() {
        let none = "No camera that you may see looks at this dock.";
        return view! { <p class="hint">{none}</p> }.into_any();
    }
    let slugs: Vec<&str> = cameras.iter().map(|seen| seen.track.slug.as_str()).collect();
    let long = until - from;
    let span = Span::ALL.into_iter().find(|span| span.milliseconds() >= long).unwrap_or(Span::Day);
    let href = urls::recordings(&slugs, &link_time(i64::midpoint(from, until), zone), span.word());
    let make = number.map(|number| {
        let (from, until) = (link_time(from, zone), link_time(until, zone));
        let asked = [("cameras", slugs.join(",")), ("from", from), ("until", until), ("bol", number.to_owned())];
        let asked: Vec<(&str, &str)> = asked.iter().map(|(name, value)| (*name, value.as_str())).collect();
        view! { <LinkButton href=urls::with_query(urls::CLIP_NEW, &asked) label="Make a clip" icon="copy"/> }
    });
    view! { <div class="buttons"><LinkButton href label="Watch" icon="camera"/>{make}</div> }.into_any()
}

fn strip(seen: Seen, from: i64, until: i64, zone: Tz) -> impl IntoView {
    let Seen { track: Track { id, name, spans, waiting, open, gaps, share: percent, .. }, picture } = seen;
    let share = |at: i64| (at.clamp(from, until) - from) as f64 * 100.0 / (until - from).max(1) as f64;
    let bar = |class: &'static str, began: i64, ended: i64, title: Option<String>| {
        let (x, width) = (format!("{:.3}%", share(began)), format!("{:.3}%", share(ended) - share(began)));
        let title = title.map(|title| view! { <title>{title}</title> });
        view! { <g>{title}<rect class=class x=x y="0" width=width height=HEIGHT></rect></g> }
    };
    let clock = |at: i64| {
        DateTime::from_timestamp_millis(at).unwrap_or_default().with_timezone(&zone).format("%H:%M:%S").to_string()
    };
    let words = match (spans.is_empty() && waiting.is_empty(), gaps.first()) {
        (true, Some(gap)) => gap.reason.label().to_owned(),
        (true, None) => "nothing is recorded of this time".to_owned(),
        // What is whole is not said to be 99 % for a frame at its end.
        _ if gaps.is_empty() && percent >= 98 => "all of it is recorded".to_owned(),
        _ => format!("{percent} % of it is recorded"),
    };
    let why = gaps
        .iter()
        .map(|gap| {
            let ends =
                gap.until.filter(|end| *end < until).map_or_else(|| "on".into(), |end| format!("to {}", clock(end)));
            let began =
                if gap.from <= from { "from the beginning".into() } else { format!("from {}", clock(gap.from)) };
            format!("{}: {began} {ends}", gap.reason.label())
        })
        .collect::<Vec<_>>();
    let ink = spans.into_iter().map(|(from, until)| bar("ink", from, until, None)).collect_view();
    let sent = waiting
        .into_iter()
        .map(|(from, until)| bar("sent", from, until, Some("On its way here".into())))
        .collect_view();
    let being = open.map(|(from, until)| bar("sent", from, until, Some("Being recorded".into())));
    let told = why.iter().take(TOLD).cloned().collect::<Vec<_>>().join("; ");
    let told = (!told.is_empty()).then(|| view! { <p class="hint">{told}</p> });
    let missing = gaps
        .iter()
        .zip(why)
        .map(|(gap, why)| bar("hole", gap.from, gap.until.unwrap_or(until), Some(why)))
        .collect_view();
    let label = format!("{name}: {words}");
    view! {
        <div class="seen">
            {picture.map(tile)}
            <div>
                <p><a href=urls::camera(id)>{name}</a>", "{words}</p>
                <svg role="img" aria-label=label width="100%" height=HEIGHT>{ink}{sent}{being}{missing}</svg>
                {told}
            </div>
        </div>
    }
}

/// One picture out of its sheet.
fn tile(tile: Tile) -> impl IntoView {
    let Tile { url, width, height, nth, of, .. } = tile;
    let window = format!("0 {} {width} {height}", nth * height);
    view! {
        <svg class="tile" viewBox=window role="img" aria-label="A picture of that time">
            <image href=url width=width height=of * height/>
        </svg>
    }
}
