//! The recording browser: the timeline is the page. Above it the players, below it the same as a table with files to save.

use chrono_tz::Tz;

use super::{
    table::{File, table},
    tracks::{figure_of, tracks},
};
use crate::{
    FormErrors,
    recordings::{
        Mark, Track,
        window::{Span, Window, link_time},
    },
    ui::prelude::*,
    urls,
};

/// At most so many play at once.
pub const PLAYERS: usize = 9;

/// A camera that can be chosen.
#[derive(Clone, Debug)]
pub struct Pick {
    pub slug: String,
    pub name: String,
    pub chosen: bool,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Browse {
    pub picks: Vec<Pick>,
    pub window: Window,
    pub tracks: Vec<Track>,
    pub marks: Vec<Mark>,
    /// Files of the window, the newest first; shown where it is an hour or less.
    pub files: Vec<File>,
    pub errors: FormErrors,
    /// The instant as it was typed.
    pub typed: String,
    pub may_export: bool,
    pub now: i64,
    pub zone: Tz,
}

impl Browse {
    #[must_use]
    pub fn page() -> Page {
        Page::new("Recordings", Area::Cameras).at(urls::RECORDINGS).wide()
    }

    pub fn body(self) -> impl IntoView + use<> {
        let Self { picks, window, tracks: rows, marks, files, errors, typed, may_export, now, zone } = self;
        if picks.is_empty() {
            return nothing().into_any();
        }
        let chosen: Vec<String> = picks.iter().filter(|pick| pick.chosen).map(|pick| pick.slug.clone()).collect();
        let none = chosen.is_empty();
        let slugs = chosen.clone();
        let link = move |window: Window| {
            let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
            urls::recordings(&slugs, &link_time(window.at, zone), window.span.word())
        };
        let form = chooser(picks, window, typed, errors);
        let bar = bar(window, now, &link);
        let stage = stage(&rows);
        let (from, until) = (link_time(window.from(), zone), link_time(window.until(), zone));
        let clip = may_export.then(|| {
            let href = urls::with_query(
                urls::CLIP_NEW,
                &[("cameras", &chosen.join(",")), ("from", from.as_str()), ("until", until.as_str())],
            );
            view! { <LinkButton label="Make a clip of this" href=href icon="camera"/> }
        });
        let missing = !rows.iter().any(|track| !track.spans.is_empty() || !track.waiting.is_empty());
        let empty = (!none && missing).then(|| {
            view! { <Notice tone=Tone::Neutral><p>"Nothing is recorded of this time. Hatched stretches say why; move along or zoom out to find what is."</p></Notice> }
        });
        let timeline = tracks(rows, marks, window, now, zone);
        let below = match window.span.is_exact() {
            true => table(files, window, zone).into_any(),
            false => view! { <p class="hint">"Zoom in to a day or less for the files."</p> }.into_any(),
        };
        view! {
            <PageHead title="Recordings">{(!none).then_some(clip)}</PageHead>
            {form}
            {match none {
                true => view! { <EmptyList title="Choose a camera" icon="camera"><p>"Tick up to nine cameras above; they play in step."</p></EmptyList> }.into_any(),
                false => view! {
                    <section data-browser=urls::RECORDINGS_TRACKS data-cameras=chosen.join(",") data-span=window.span.word() data-zone=zone.name()>
                        {stage}
                        {bar}
                        <div data-swap>{timeline}</div>
                        {empty}
                        {legend()}
                    </section>
                    <section><h2>"Files"</h2>{below}</section>
                }
                .into_any(),
            }}
        }
        .into_any()
    }
}

fn chooser(picks: Vec<Pick>, window: Window, typed: String, errors: FormErrors) -> impl IntoView {
    let boxes = picks
        .into_iter()
        .map(|pick| {
            view! {
                <label class="tick">
                    <input type="checkbox" name="cameras" value=pick.slug checked=pick.chosen/>
                    <span>{pick.name}</span>
                </label>
            }
        })
        .collect_view();
    let at = errors.field("at", typed);
    let span = errors.field("span", window.span.word());
    let spans = Span::ALL.map(|span| Choice::new(span.word(), span.label())).to_vec();
    view! {
        <ErrorSummary errors/>
        <form class="filters" method="get" action=urls::RECORDINGS>
            <fieldset class="cameras"><legend class="sr">"Cameras"</legend>{boxes}</fieldset>
            <div class="inline">
                <TextField field=at label="At, on the yard’s clock" hint="Date and time, such as 2026-11-20 14:02:31"/>
                <Select field=span label="Shown" options=spans/>
                <Button label="Show"/>
            </div>
        </form>
    }
}

/// Moving and zooming, as links: they work without script, and script's keys press them.
fn bar(window: Window, now: i64, link: &dyn Fn(Window) -> String) -> impl IntoView + use<> {
    let half = window.span.milliseconds() / 2;
    let to = |label: &'static str, icon: &'static str, key: &'static str, there: Option<Window>| {
        there.map(|there| {
            view! {
                <a class="btn" href=link(there) data-move=key aria-keyshortcuts=key>
                    <Icon name=icon/>
                    <span class="sr">{label}</span>
                </a>
            }
        })
    };
    let zoomed = |by: isize| window.span.zoomed(by).map(|span| Window { span, ..window });
    let earlier = to("Earlier", "arrow-left", "[", Some(window.moved(-half)));
    let later = to("Later", "arrow-right", "]", Some(window.moved(half)).filter(|there| there.from() < now));
    let (closer, wider) = (to("Zoom in", "plus", "+", zoomed(-1)), to("Zoom out", "minus", "-", zoomed(1)));
    let newest = link(Window { at: now - half, ..window });
    view! {
        <nav class="timebar" aria-label="Move along the timeline">
            {earlier}
            {later}
            {closer}
            {wider}
            <a class="btn" href=newest data-move="n">"Newest"</a>
            <output class="num" data-clock></output>
        </nav>
    }
}

/// A player a camera; script shows them, since without it nothing would play several in step.
fn stage(rows: &[Track]) -> impl IntoView + use<> {
    let figures = rows
        .iter()
        .take(PLAYERS)
        .map(|track| {
            let (playlist, picture) = figure_of(track.id);
            let (name, codec) = (track.name.clone(), track.video.clone());
            view! {
                <figure data-film=playlist data-picture=picture data-track=track.id.to_string() data-codec=codec>
                    <video muted playsinline preload="none" aria-label=name.clone()></video>
                    <figcaption><b>{name}</b>" "<span data-says aria-live="polite"></span></figcaption>
                </figure>
            }
        })
        .collect_view();
    view! {
        <div class="stage" data-stage hidden>
            <div class="films">{figures}</div>
            <div class="controls" role="toolbar" aria-label="Playback">
                <button class="btn" type="button" data-do="back" aria-keyshortcuts="j">"−10 s"</button>
                <button class="btn primary" type="button" data-do="play" aria-keyshortcuts="k">"Play"</button>
                <button class="btn" type="button" data-do="on" aria-keyshortcuts="l">"+10 s"</button>
                <button class="btn" type="button" data-do="frame" aria-keyshortcuts=".">"Frame"</button>
                <label>"Speed "
                    <select data-do="speed">
                        <option value="0.25">"¼×"</option><option value="0.5">"½×"</option><option value="1" selected>"1×"</option>
                        <option value="2">"2×"</option><option value="4">"4×"</option><option value="8">"8×"</option>
                    </select>
                </label>
                <button class="btn" type="button" data-do="link">"Copy link to this instant"</button>
            </div>
        </div>
    }
}

fn legend() -> impl IntoView {
    view! {
        <p class="legend-line">
            <span class="key ink">"Recorded"</span>
            <span class="key dots">"Recorded, waiting to be sent"</span>
            <span class="key gap">"Missing; focus says why"</span>
        </p>
    }
}

fn nothing() -> impl IntoView {
    view! {
        <PageHead title="Recordings"/>
        <EmptyList title="No recording is open to you" icon="camera">
            <p>"What cameras record is played here: several at once, from minutes to a month on one line of time."</p>
            <p><a href=urls::CAMERAS>"See the cameras"</a></p>
        </EmptyList>
    }
}
