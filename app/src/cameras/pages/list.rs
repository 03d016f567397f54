//! Cameras: how each is now, and how it was for seven days.

use chrono_tz::Tz;

use super::uptime::strip;
use crate::{
    alerts,
    cameras::{Line, State, model::status},
    ui::prelude::*,
    urls,
};

/// A picture is of now that is younger, milliseconds.
const OLD: i64 = 15 * 60_000;

/// What the page shows.
#[derive(Clone, Debug)]
pub struct List {
    pub lines: Vec<Line>,
    /// How many there are that whoever looks may not see.
    pub hidden: u64,
    /// Alerts that are open, by kind.
    pub alerts: Vec<(alerts::Kind, usize)>,
    pub archived: bool,
    pub may_manage: bool,
    pub now: i64,
    pub zone: Tz,
}

pub fn list(page: List) -> impl IntoView + use<> {
    let List { lines, hidden, alerts, archived, may_manage, now, zone } = page;
    let wanted = lines.iter().filter(|line| !matches!(line.state(), State::Off | State::ScheduledOff)).count();
    let recording = lines.iter().filter(|line| line.state() == State::Connected).count();
    let (tone, word) = match (wanted, recording) {
        (0, _) => (Tone::Neutral, "None is to record now".to_owned()),
        (n, m) if n == m => (Tone::Ok, format!("All {n} record")),
        (n, m) => (Tone::Bad, format!("{m} of {n} record")),
    };
    let empty = lines.is_empty();
    let live = live(lines, now, zone);
    let away = urls::with_query(urls::CAMERAS, &[("show", "away")]);
    let chips = vec![Chip::new("In use", urls::CAMERAS, !archived), Chip::new("Archived", away, archived)];
    let others = (hidden > 0 && !empty).then(|| {
        let words = if hidden == 1 { "One more camera is".to_owned() } else { format!("{hidden} more cameras are") };
        view! { <p class="hint">{words}" not open to you. An admin can open them on their pages."</p> }
    });
    view! {
        <PageHead title="Cameras" status=move || (!empty && !archived).then(|| view! { <Status tone word/> }).into_any()>
            {(!empty).then(|| view! { <LinkButton label="Recordings" href=urls::RECORDINGS icon="clock"/> })}
            {may_manage.then(|| view! {
                <LinkButton label="Find on the network" href=urls::CAMERAS_DISCOVER icon="search"/>
                <LinkButton label="Add a camera" href=urls::CAMERA_NEW kind=Kind::Primary icon="plus"/>
            })}
        </PageHead>
        {alerts::pages::notice(&alerts)}
        {may_manage.then(|| view! { <Chips label="Show" chips/> })}
        {match (empty, archived) {
            (true, true) => none_archived().into_any(),
            (true, false) => nothing(hidden, may_manage).into_any(),
            (false, true) => live.into_any(),
            (false, false) => view! { <div data-live=format!("{}/events", urls::CAMERAS)>{live}</div> }.into_any(),
        }}
        {others}
    }
}

/// What changes while the page is open.
pub fn live(lines: Vec<Line>, now: i64, zone: Tz) -> impl IntoView + use<> {
    let columns = vec![
        Column::text("Camera"),
        Column::text("State"),
        Column::text("Last picture"),
        Column::text("Film").wide(),
        Column::text("Seven days"),
        Column::text("Recorder").wide(),
    ];
    let rows = lines.into_iter().map(|line| row(line, now, zone)).collect_view();
    view! { <Table caption="Cameras" columns keys=true>{rows}</Table> }
}

fn row(line: Line, now: i64, zone: Tz) -> impl IntoView {
    let state = line.state();
    let Line { camera, status, picture, uptime, .. } = line;
    let name = camera.name.clone();
    let picture = match picture {
        Some(url) => {
            let alt = format!("What {name} saw last");
            // One that is of now needs no time.
            let old = status.as_ref().and_then(|status| status.snapshot_at).filter(|at| now - at >= OLD).map(|at| {
                view! { <br/><small><Time at tz=zone style=TimeStyle::since(at, now, zone)/></small> }
            });
            view! { <img class="glimpse" src=url alt=alt width="112" height="63" loading="lazy"/>{old} }.into_any()
        }
        None => view! { <span class="glimpse none">"No picture yet"</span> }.into_any(),
    };
    let since = status.as_ref().map(|status| {
        let since = status.since;
        view! { <br/><small>"since "<Time at=since tz=zone style=TimeStyle::since(since, now, zone)/></small> }
    });
    let detail = status
        .as_ref()
        .filter(|status| state.is_lost() && !status.detail.is_empty())
        .map(|status| view! { <br/><small>{sentence(&status.detail)}</small> });
    let (film, recorder) = match &status {
        Some(status) => (film(status), status.recorder_name.clone()),
        None => (String::new(), String::new()),
    };
    view! {
        <tr>
            <th scope="row"><a href=urls::camera(camera.id)>{name.clone()}</a></th>
            <td><Status tone=state.tone() word=state.word()/>{since}{detail}</td>
            <td>{picture}</td>
            <td class="wide-only">{film}</td>
            <td>{strip(&name, &uptime)}</td>
            <td class="wide-only">{recorder}</td>
        </tr>
    }
}

/// What a camera or the system said, as it begins a line.
pub(super) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `1920 × 1080, H.264, 25 fps, 4.1 Mb/s, with sound`
pub(super) fn film(status: &status::Model) -> String {
    let tenths = |number: i64, unit: i64| {
        let tenths = (number * 10 + unit / 2) / unit;
        if tenths % 10 == 0 { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
    };
    let kind = match status.video.get(..4) {
        Some("avc1" | "avc3") => "H.264",
        Some("hvc1" | "hev1") => "H.265",
        _ => "",
    };
    // What belongs together stays on one line.
    let size = status.width.zip(status.height).map(|(width, height)| format!("{width}\u{a0}×\u{a0}{height}"));
    let fps = status.fps_milli.map(|fps| format!("{}\u{a0}fps", tenths(i64::from(fps), 1000)));
    let rate = status.bits_per_second.map(|bits| format!("{}\u{a0}Mb/s", tenths(bits, 1_000_000)));
    let sound = (!status.audio.is_empty()).then(|| "with sound".to_owned());
    let parts = [size, Some(kind.to_owned()), fps, rate, sound];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn none_archived() -> impl IntoView {
    view! {
        <EmptyList title="No camera is archived" icon="camera">
            <p>"A camera that is no longer there is put away on its page. What it recorded stays for as long as it is kept."</p>
        </EmptyList>
    }
}

fn nothing(hidden: u64, may_manage: bool) -> impl IntoView {
    match (hidden, may_manage) {
        (0, true) => view! {
            <EmptyList title="No camera is recorded yet" icon="camera">
                <p>"Cameras stand here with their state, their last picture and seven days of what they recorded."</p>
                <p>
                    <a href=urls::CAMERA_NEW>"Add one by its address"</a>" or "
                    <a href=urls::CAMERAS_DISCOVER>"look for them on the network"</a>"."
                </p>
            </EmptyList>
        }
        .into_any(),
        (0, false) => view! {
            <EmptyList title="No camera is recorded yet" icon="camera"><p>"An admin adds them, and says who may see them."</p></EmptyList>
        }
        .into_any(),
        (_, _) => view! {
            <EmptyList title="No camera is open to you" icon="camera">
                <p>"There are cameras. An admin opens them to you, one by one, on each camera’s page."</p>
            </EmptyList>
        }
        .into_any(),
    }
}
