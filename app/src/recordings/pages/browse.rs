//! The recording browser: the timeline is the page. Above it the players, below it the same as a table with files to save.

use chrono::DateTime;
use chrono_tz::Tz;

use super::{
    stage::stage,
    table::table,
    tracks::{stretch, tracks},
};
use crate::{
    FormErrors,
    archive::Away,
    recordings::{
        Asked, BackState, Keeping, Mark, Track,
        window::{Span, Window, link_time},
    },
    ui::prelude::*,
    urls,
};

pub use super::table::File;

/// At most so many play at once.
pub const PLAYERS: usize = 9;

/// A camera that can be chosen.
#[derive(Clone, Debug)]
pub struct Pick {
    pub slug: String,
    pub name: String,
    pub chosen: bool,
}

/// What moves along with the window: the timeline, and its files.
#[derive(Clone, Debug)]
pub struct Shown {
    pub tracks: Vec<Track>,
    pub marks: Vec<Mark>,
    pub kept: Vec<Keeping>,
    pub asked: Vec<Asked>,
    /// The newest first; none beyond a day.
    pub files: Vec<File>,
    pub window: Window,
    pub now: i64,
    pub zone: Tz,
}

impl Shown {
    /// The part of the page that script swaps for another window of the same.
    pub fn part(self) -> impl IntoView + use<> {
        let Self { tracks: rows, marks, kept, asked, files, window, now, zone } = self;
        let slugs: Vec<String> = rows.iter().map(|row| row.slug.clone()).collect();
        let bar = bar(&slugs, window, now, zone);
        let missing = !rows.iter().any(|row| !row.spans.is_empty() || !row.waiting.is_empty() || row.open.is_some());
        let nothing = missing.then(|| {
            view! {
                <p class="hint">
                    "Nothing is recorded of this time. Hatched stretches say why; move along or zoom out to find what is."
                </p>
            }
        });
        let (keepings, asked) = (keepings(&rows, &kept, zone), asked_back(&rows, &asked, zone));
        let files = match window.span.is_exact() {
            true => table(files, &rows, window, zone).into_any(),
            false => view! { <p class="hint">"Zoom in to a day or less for the files."</p> }.into_any(),
        };
        view! {
            {bar}
            {tracks(rows, marks, &kept, window, now, zone)}
            {legend()}
            {asked}
            {keepings}
            {nothing}
            <section class="files"><h2>"Files"</h2>{files}</section>
        }
    }
}

/// The page.
#[derive(Clone, Debug)]
pub struct Browse {
    pub picks: Vec<Pick>,
    pub shown: Shown,
    pub errors: FormErrors,
    /// The instant as it was typed, where it cannot be read.
    pub typed: String,
    /// Clips may be made.
    pub may_export: bool,
    /// The film lies in an archive.
    pub away: Option<Away>,
    /// Film may be held.
    pub may_hold: bool,
}

impl Browse {
    #[must_use]
    pub fn page() -> Page {
        Page::new("Recordings", Area::Cameras).at(urls::RECORDINGS).wide()
    }

    pub fn body(self) -> impl IntoView + use<> {
        let Self { picks, shown, errors, typed, may_export, away, may_hold } = self;
        if picks.is_empty() {
            return nothing().into_any();
        }
        let (window, now, zone) = (shown.window, shown.now, shown.zone);
        let chosen: Vec<String> = picks.iter().filter(|pick| pick.chosen).map(|pick| pick.slug.clone()).collect();
        if chosen.is_empty() {
            let form = chooser(picks, window, zone, typed, errors);
            return view! { <PageHead title="Recordings"/>{form}{choose()} }.into_any();
        }
        let cameras = chosen.join(",");
        let (from, until) = (link_time(window.from(), zone), link_time(window.until().min(now), zone));
        let asked = [("cameras", cameras.as_str()), ("from", from.as_str()), ("until", until.as_str())];
        // What is done with the stretch that is shown; up to which length, milliseconds.
        let with_this = |url: &'static str, longest: Option<i64>, icon: &'static str, label: &'static str| {
            let hidden = longest.is_some_and(|longest| window.span.milliseconds() > longest);
            view! { <a class="btn" hidden=hidden data-stretch=url data-longest=longest href=urls::with_query(url, &asked)><Icon name=icon/>{label}</a> }
        };
        // No clip is longer than twelve hours; whoever zooms in gets it.
        let longest = Some(Span::SixHours.milliseconds());
        let clip = may_export.then(|| with_this(urls::CLIP_NEW, longest, "shield", "Make a clip of this"));
        let keep = may_hold.then(|| with_this(urls::FILM_HOLD_NEW, None, "check", "Keep this film"));
        let back = may_export.then(|| urls::with_query(urls::FILM_BACK_NEW, &asked));
        let away = away.map(|away| {
            let words = format!("The film of this time lies in an archive ({}).", away.storage_class);
            let ask = back.map(|back| {
                let label = format!("Ask for it back ({})", away.in_words());
                view! { " "<a href=back>{label}</a> }
            });
            view! { <Notice tone=Tone::Warn><p>{words}{ask}</p></Notice> }
        });
        let form = chooser(picks, window, zone, typed, errors);
        let stage = stage(&shown.tracks);
        view! {
            <PageHead title="Recordings">
                {clip}
                {keep}
                <a class="btn" href=urls::FILM_HOLDS>"Film that is kept"</a>
            </PageHead>
            {form}
            {away}
            <section
                class="browser"
                aria-label="Film and timeline"
                data-browser=urls::RECORDINGS_TRACKS
                data-cameras=cameras
                data-span=window.span.word()
                data-zone=zone.name()
            >
                {stage}
                <div data-swap>{shown.part()}</div>
            </section>
        }
        .into_any()
    }
}

/// How fields of date and time have an instant.
fn local(at: i64, zone: Tz) -> String {
    let at = DateTime::from_timestamp_millis(at).unwrap_or_default().with_timezone(&zone);
    at.format("%Y-%m-%dT%H:%M:%S").to_string()
}

fn chooser(picks: Vec<Pick>, window: Window, zone: Tz, typed: String, errors: FormErrors) -> impl IntoView {
    // Whoever chose no camera yet wants the newest film of those that they choose.
    let none = !picks.iter().any(|pick| pick.chosen);
    let boxes = picks
        .into_iter()
        .map(|pick| {
            view! {
                <label class="toggle">
                    <input type="checkbox" name="cameras" value=pick.slug checked=pick.chosen/>
                    <span>{pick.name}</span>
                </label>
            }
        })
        .collect_view();
    let wrong = errors.get("at").is_some();
    let shown = if none { String::new() } else { local(window.at, zone) };
    let at = errors.field("at", if wrong { typed } else { shown });
    let kind = if wrong { Input::Text } else { Input::DateTime };
    let span = errors.field("span", window.span.word());
    let spans = Span::ALL.map(|span| Choice::new(span.word(), span.label())).to_vec();
    let label = format!("At, by the clock of {}", zone.name().replace('_', " "));
    view! {
        <ErrorSummary errors/>
        <form class="filters chooser" method="get" action=urls::RECORDINGS>
            <fieldset class="cameras"><legend class="sr">"Cameras"</legend>{boxes}</fieldset>
            <div class="inline">
                <TextField field=at label=label kind=kind step="1"/>
                // An hour that is there twice is the one that it was, as long as nobody types another.
                <Hidden name="was" value=link_time(window.at, zone)/>
                <Select field=span label="Shown" options=spans/>
                <Button label="Show"/>
            </div>
        </form>
    }
}

/// Moving and zooming, as links: they work without script, and script's keys press them.
fn bar(slugs: &[String], window: Window, now: i64, zone: Tz) -> impl IntoView + use<> {
    let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
    let link = |window: Window| urls::recordings(&slugs, &link_time(window.at, zone), window.span.word());
    let newest = urls::recordings(&slugs, "", window.span.word());
    let half = window.span.milliseconds() / 2;
    let to = |label: &'static str, icon: &'static str, key: &'static str, there: Option<Window>| {
        there.map(|there| {
            view! {
                <a class="btn" href=link(there) data-move=key aria-keyshortcuts=key title=label>
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
    view! {
        <nav class="timebar" aria-label="Move along the timeline">
            {earlier}
            {later}
            {closer}
            {wider}
            <a class="btn" href=newest>"Newest"</a>
        </nav>
    }
}

fn legend() -> impl IntoView {
    view! {
        <p class="legend-line">
            <span class="key ink">"Recorded"</span>
            <span class="key open">"Being recorded"</span>
            <span class="key dots">"Recorded, waiting to be sent"</span>
            <span class="key gap">"Missing; its reason is on it"</span>
        </p>
    }
}

/// What is being fetched back of this time, or was, in words.
fn asked_back(rows: &[Track], asked: &[Asked], zone: Tz) -> impl IntoView + use<> {
    let lines = asked
        .iter()
        .map(|asked| {
            let own = rows.iter().filter(|row| asked.cameras.contains(&row.id));
            let names = own.map(|row| row.name.as_str()).collect::<Vec<_>>().join(", ");
            let when = stretch(asked.from, Some(asked.until), zone);
            let (tone, word) = match asked.state {
                BackState::Asking | BackState::Restoring => (Tone::Progress, "Under way"),
                BackState::Ready => (Tone::Ok, "Readable"),
                BackState::Failed => (Tone::Bad, "Failed"),
            };
            let words = format!("{names}: {when}; {}. Asked for by {}.", asked.words, asked.by);
            view! { <li><Status tone word/>" "{words}</li> }
        })
        .collect_view();
    (!asked.is_empty()).then(|| {
        view! {
            <section class="asked">
                <h2>"Asked back from the archive"</h2>
                <ul class="plain-list">{lines}</ul>
            </section>
        }
    })
}

/// What is kept of this time, in words.
fn keepings(rows: &[Track], kept: &[Keeping], zone: Tz) -> impl IntoView + use<> {
    let lines = kept
        .iter()
        .map(|keeping| {
            let own = rows.iter().filter(|row| keeping.cameras.contains(&row.id));
            let names = own.map(|row| row.name.as_str()).collect::<Vec<_>>().join(", ");
            let when = stretch(keeping.from, Some(keeping.until), zone);
            view! { <li>{format!("{names}: {when} ({}: {})", keeping.by, keeping.reason)}</li> }
        })
        .collect_view();
    (!kept.is_empty()).then(|| {
        view! {
            <section class="kept">
                <h2>"Kept whatever its age"</h2>
                <ul>{lines}</ul>
            </section>
        }
    })
}

fn choose() -> impl IntoView {
    view! {
        <EmptyList title="Choose a camera" icon="camera">
            <p>{format!("Tick up to {PLAYERS} cameras above and press Show; they play in step, on one line of time.")}</p>
        </EmptyList>
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
