//! The page of one recorder.

use chrono_tz::Tz;

use super::list::{disk, state, waiting};
use crate::{
    audit::{action_in_words, model::entry},
    recorders::{Line, model},
    storage::size,
    ui::prelude::*,
    urls,
};

pub fn show(line: Line, history: Vec<entry::Model>, may_manage: bool, now: i64, zone: Tz) -> impl IntoView {
    let Line { recorder, site, cameras } = line;
    let (tone, word) = state(&recorder, now);
    let (waits_tone, waits) = waiting(&recorder, now);
    let in_use = recorder.kind == "remote" && recorder.revoked_at.is_none();
    let revoke = (may_manage && in_use).then(|| {
        view! { <LinkButton label="Revoke…" href=urls::recorder_revoke(recorder.id)/> }
    });
    let kind = if recorder.kind == "remote" { "A program on another site" } else { "A process of this installation" };
    let disk = Some(disk(&recorder)).filter(|disk| !disk.is_empty());
    let clock = recorder.clock_offset_ms.map(|offset| match offset {
        0.. => format!("{offset} ms ahead of ours"),
        _ => format!("{} ms behind ours", offset.unsigned_abs()),
    });
    let spool = (recorder.spool_limit > 0)
        .then(|| format!("{} of {} used", size(recorder.spool_bytes), size(recorder.spool_limit)));
    let moments = history
        .into_iter()
        .map(|entry| {
            let text = format!("{} by {}", action_in_words(&entry.action), entry.actor_name);
            view! { <Moment at=entry.at tz=zone>{text}</Moment> }
        })
        .collect_view();
    let model::Model { name, version, node, ip, last_seen_at, oldest_waiting_at, aside, created_at, .. } = recorder;
    view! {
        <PageHead title=name status=move || view! { <Status tone word/> }>{revoke}</PageHead>
        <Facts>
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
        <section><h2>"History"</h2><Timeline>{moments}</Timeline></section>
    }
}

/// What was refused here is kept there for a week: its time was taken, or its bytes were not what was announced.
fn files_aside(files: i64) -> String {
    match files {
        1 => "1 file was refused here and lies in its folder aside".into(),
        files => format!("{files} files were refused here and lie in its folder aside"),
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
