//! The page of one recorder.

use chrono_tz::Tz;

use super::list::{disk, state, waiting};
use crate::{
    audit::{action_in_words, model::entry},
    recorders::{Line, LostFile, Recorded, model},
    storage::size,
    ui::prelude::*,
    urls,
};

pub fn show(
    line: Line,
    cameras: Vec<Recorded>,
    lost: Vec<LostFile>,
    history: Vec<entry::Model>,
    may_manage: bool,
    now: i64,
    zone: Tz,
) -> impl IntoView {
    let row = &line.recorder;
    let in_use = row.kind == "remote" && row.revoked_at.is_none();
    let revoke = (may_manage && in_use).then(|| {
        view! { <LinkButton label="Revoke…" href=urls::recorder_revoke(row.id)/> }
    });
    let moments = history
        .into_iter()
        .map(|entry| {
            let text = format!("{} by {}", action_in_words(&entry.action), entry.actor_name);
            view! { <Moment at=entry.at tz=zone>{text}</Moment> }
        })
        .collect_view();
    let (name, events) = (row.name.clone(), urls::recorder_events(row.id));
    let live = state_of(line, cameras, lost, now, zone);
    view! {
        <PageHead title=name>{revoke}</PageHead>
        <div data-live=events>{live}</div>
        <section><h2>"History"</h2><Timeline>{moments}</Timeline></section>
    }
}

/// What changes while the page is open.
pub fn state_of(line: Line, recorded: Vec<Recorded>, lost: Vec<LostFile>, now: i64, zone: Tz) -> impl IntoView + use<> {
    let Line { recorder, site, cameras } = line;
    let (tone, word) = state(&recorder, now);
    let (waits_tone, waits) = waiting(&recorder, now);
    let kind = if recorder.kind == "remote" { "A program on another site" } else { "A process of this installation" };
    let disk = Some(disk(&recorder)).filter(|disk| !disk.is_empty());
    let clock = recorder.clock_offset_ms.map(clock);
    let spool = (recorder.spool_limit > 0)
        .then(|| format!("{} of {} used", size(recorder.spool_bytes), size(recorder.spool_limit)));
    let table = (!recorded.is_empty()).then(|| {
        let columns = vec![Column::text("Camera"), Column::text("State")];
        let rows = recorded.into_iter().map(|camera| row_of(camera, zone)).collect_view();
        view! { <section><h2>"Its cameras"</h2><Table caption="Cameras of this recorder" columns>{rows}</Table></section> }
    });
    let lost = (!lost.is_empty()).then(|| {
        let columns = vec![Column::text("Camera"), Column::text("From"), Column::text("Why")];
        let rows = lost.into_iter().map(|file| lost_row(file, zone)).collect_view();
        view! { <section><h2>"Lost there"</h2><Table caption="Files that it cannot send any more" columns>{rows}</Table></section> }
    });
    let model::Model { version, node, ip, last_seen_at, oldest_waiting_at, aside, created_at, .. } = recorder;
    view! {
        <Facts>
            <Fact label="State"><Status tone word/></Fact>
            <Fact label="What it is">{kind}</Fact>
            <Fact label="Site">{site}</Fact>
            <Fact label="Cameras">{cameras}</Fact>
            {last_seen_at.map(|at| view! { <Fact label="Heard of"><Time at tz=zone style=TimeStyle::Second/></Fact> })}
            <Fact label="To be sent"><Status tone=waits_tone word=waits/></Fact>
            {oldest_waiting_at.map(|at| view! { <Fact label="The oldest of it"><Time at tz=zone/></Fact> })}
            {(aside > 0).then(|| view! { <Fact label="Set aside">{files_aside(aside)}</Fact> })}
            {spool.map(|spool| view! { <Fact label="Spool">{spool}</Fact> })}
            {disk.map(|disk| view! { <Fact label="Disk">{disk}</Fact> })}
            {clock.map(|clock| view! { <Fact label="Its clock">{clock}</Fact> })}
            {(!node.is_empty()).then(|| view! { <Fact label="Machine" mono=true>{node}</Fact> })}
            {(!version.is_empty()).then(|| view! { <Fact label="Version" mono=true>{version}</Fact> })}
            {ip.map(|ip| view! { <Fact label="Comes from" mono=true>{ip}</Fact> })}
            <Fact label="Added"><Time at=created_at tz=zone style=TimeStyle::Date/></Fact>
        </Facts>
        {table}
        {lost}
    }
}

fn row_of(camera: Recorded, zone: Tz) -> impl IntoView {
    let Recorded { id, name, state, detail, since } = camera;
    let since = since.map(|at| view! { <br/><small>"since "<Time at tz=zone/></small> });
    let detail = (!detail.is_empty()).then(|| view! { <br/><small>{detail}</small> });
    view! {
        <tr>
            <th scope="row"><a href=urls::camera(id)>{name}</a></th>
            <td><Status tone=state.tone() word=state.word()/>{since}{detail}</td>
        </tr>
    }
}

fn lost_row(file: LostFile, zone: Tz) -> impl IntoView {
    let LostFile { camera, name, from, detail } = file;
    view! {
        <tr>
            <th scope="row"><a href=urls::camera(camera)>{name}</a></th>
            <td><Time at=from tz=zone style=TimeStyle::Second/></td>
            <td>{detail}</td>
        </tr>
    }
}

/// Its clock beside ours, and what follows where that is much.
fn clock(offset: i64) -> String {
    let much = if offset.unsigned_abs() >= 2_000 { ": run NTP there, its times stand on recordings" } else { "" };
    match offset {
        0 => "as ours".into(),
        1.. => format!("{offset} ms ahead of ours{much}"),
        _ => format!("{} ms behind ours{much}", offset.unsigned_abs()),
    }
}

/// What nobody takes is kept there for a week: its time was another file's, or its bytes were not those that were recorded.
fn files_aside(files: i64) -> String {
    match files {
        1 => "1 file was of no use and lies in its folder aside".into(),
        files => format!("{files} files were of no use and lie in its folder aside"),
    }
}

/// The page before a recorder is revoked.
pub fn revoke(recorder: &model::Model) -> impl IntoView + use<> {
    let title = format!("Revoke {}?", recorder.name);
    view! {
        <Confirm title action=urls::recorder_revoke(recorder.id) button="Revoke it" cancel=urls::recorder(recorder.id)>
            <p>"At its next request it is refused: it can send nothing any more, and what it has not sent stays on its disk. Its cameras are recorded by nobody until they get another recorder. A recorder that was revoked does not come back; make a new one."</p>
        </Confirm>
    }
}
