//! The recorders: here or away, and what waits to be sent.

use chrono_tz::Tz;

use crate::{
    recorders::{HERE_MS, Line, model},
    storage::{count, size},
    ui::prelude::*,
    urls,
};

pub fn list(lines: Vec<Line>, may_manage: bool, now: i64, zone: Tz) -> impl IntoView {
    let empty = lines.is_empty();
    let live = live(lines, now, zone);
    view! {
        <PageHead title="Recorders" sub="What records cameras: this installation’s own processes, and programs on other sites.">
            {may_manage.then(|| view! { <LinkButton label="Add a recorder" href=urls::RECORDER_NEW kind=Kind::Primary icon="plus"/> })}
        </PageHead>
        {match empty {
            true => view! {
                <EmptyList title="Every camera is recorded here" icon="camera">
                    <p>"A recorder on another site needs this program, a token and a way to this address."</p>
                    {may_manage.then(|| view! { <p><a href=urls::RECORDER_NEW>"Add a recorder"</a></p> })}
                </EmptyList>
            }
            .into_any(),
            false => view! { <div data-live=urls::RECORDER_EVENTS>{live}</div> }.into_any(),
        }}
    }
}

/// What changes while the page is open.
pub fn live(lines: Vec<Line>, now: i64, zone: Tz) -> impl IntoView + use<> {
    let columns = vec![
        Column::text("Recorder"),
        Column::text("State"),
        Column::text("Site"),
        Column::num("Cameras"),
        Column::text("To be sent"),
        Column::text("Disk").wide(),
        Column::text("Version").wide(),
    ];
    let rows = lines.into_iter().map(|line| row(line, now, zone)).collect_view();
    view! { <Table caption="Recorders" columns keys=true>{rows}</Table> }
}

fn row(line: Line, now: i64, zone: Tz) -> impl IntoView {
    let Line { recorder, site, cameras } = line;
    let (tone, word) = state(&recorder, now);
    let (waits_tone, waits) = waiting(&recorder, now);
    let last = recorder.last_seen_at.map(|at| view! { <br/><small>"heard of "<Time at tz=zone/></small> });
    let disk = disk(&recorder);
    let beneath = format!("{disk} {}", recorder.version).trim().to_owned();
    view! {
        <tr>
            <th scope="row"><a href=urls::recorder(recorder.id)>{recorder.name}</a><Beneath>{beneath}</Beneath></th>
            <td><Status tone word/>{last}</td>
            <td>{site}</td>
            <td class="num">{cameras}</td>
            <td><Status tone=waits_tone word=waits/></td>
            <td class="wide-only">{disk}</td>
            <td class="wide-only">{recorder.version}</td>
        </tr>
    }
}

/// Whether it is heard of.
pub(super) fn state(recorder: &model::Model, now: i64) -> (Tone, &'static str) {
    match (recorder.revoked_at, recorder.last_seen_at) {
        (Some(_), _) => (Tone::Neutral, "Revoked"),
        (None, None) => (Tone::Neutral, "Not heard of yet"),
        (None, Some(at)) if now - at < HERE_MS => (Tone::Ok, "Here"),
        (None, Some(_)) => (Tone::Bad, "Away"),
    }
}

/// What it has recorded and nobody else has yet.
pub(super) fn waiting(recorder: &model::Model, now: i64) -> (Tone, String) {
    let words = || format!("{} wait, {}", count(recorder.queue_segments), size(recorder.queue_bytes));
    match (recorder.queue_segments, recorder.oldest_waiting_at) {
        (..=0, _) => (Tone::Ok, "All sent".to_owned()),
        (_, Some(oldest)) if now - oldest > 3_600_000 => (Tone::Warn, words()),
        _ => (Tone::Progress, words()),
    }
}

/// `1.2 TB of 2.0 TB free`
pub(super) fn disk(recorder: &model::Model) -> String {
    let known = recorder.disk_free.zip(recorder.disk_total);
    known.map_or_else(String::new, |(free, total)| format!("{} of {} free", size(free), size(total)))
}
