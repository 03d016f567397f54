//! On a bill's page: its links, and what became of them.

use chrono_tz::Tz;

use crate::{
    links::{LinkLine, Panel, TrailEvent, What},
    ui::prelude::*,
    urls,
    users::pages::browser_name,
};

/// “opened 14:02 from 203.0.113.9, downloaded 14:03”: mails and looks, newest first, and the links that are still open.
#[component]
pub fn Sharing(panel: Panel, zone: Tz, may_write: bool) -> impl IntoView {
    let Panel { links, trail, .. } = panel;
    if links.is_empty() {
        return view! { <p class="hint">"Not sent to anybody yet."</p> }.into_any();
    }
    let links = links.into_iter().map(|line| link(line, zone, may_write)).collect_view();
    let moments = trail.into_iter().map(|event| moment(event, zone)).collect_view();
    view! {
        <h3>"Links"</h3>
        <ul class="links">{links}</ul>
        <h3>"What became of it"</h3>
        <Timeline>{moments}</Timeline>
    }
    .into_any()
}

fn link(line: LinkLine, zone: Tz, may_write: bool) -> impl IntoView {
    let LinkLine { link, alive } = line;
    let (tone, word) = match (alive, link.revoked_at) {
        (true, _) => (Tone::Ok, "Open"),
        (false, Some(_)) => (Tone::Bad, "Revoked"),
        (false, None) => (Tone::Neutral, "Expired"),
    };
    let ends = link.revoked_at.unwrap_or(link.expires_at);
    let until = if alive { "until " } else { "on " };
    let revoke =
        (link.revoked_at.is_none() && may_write).then(|| view! { " "<a href=urls::link_revoke(link.id)>"Revoke"</a> });
    let passcode = link.passcode_hash.is_some().then_some(" · with passcode");
    view! {
        <li>
            {link.recipient}" "<Status tone word/>" "<small>{until}<Time at=ends tz=zone/>{passcode}</small>{revoke}
        </li>
    }
}

fn moment(event: TrailEvent, zone: Tz) -> impl IntoView {
    let (tone, words) = in_words(&event);
    let machine = machine(&event.flags).map(|why| view! { <br/><small>{why}</small> });
    let agent = (!event.agent.is_empty()).then(|| {
        let agent = event.agent.clone();
        view! { <br/><small title=agent.clone()>{browser_name(&agent)}</small> }
    });
    view! { <Moment at=event.at tz=zone tone>{words}{machine}{agent}</Moment> }
}

fn in_words(event: &TrailEvent) -> (Tone, String) {
    let from = event.ip.as_ref().map(|ip| format!(" from {ip}")).unwrap_or_default();
    let who = &event.who;
    match &event.what {
        What::Mail { state, answer } => {
            let answer =
                answer.as_ref().filter(|_| state.tone() != Tone::Ok).map(|a| format!(": {a}")).unwrap_or_default();
            (state.tone(), format!("Mail to {who}: {}{answer}", state.label().to_lowercase()))
        }
        What::Fetched => (Tone::Neutral, format!("Link of {who} opened{from}")),
        What::Confirmed => (Tone::Ok, format!("{who} pressed Download{from}")),
        What::Downloaded => (Tone::Ok, format!("{who} downloaded it{from}")),
        What::Played(title) => (Tone::Ok, format!("{who} watched “{title}”{from}")),
        What::ClipDownloaded(title) => (Tone::Ok, format!("{who} downloaded “{title}”{from}")),
        What::Awaited => (Tone::Progress, format!("{who} waits for it to come back from an archive")),
        What::Refused => {
            let what = if event.flags.iter().any(|flag| flag == "digits") { "digits" } else { "passcode" };
            (Tone::Warn, format!("Wrong {what} on the link of {who}{from}"))
        }
    }
}

/// What makes it look like a mail scanner rather than a person.
fn machine(flags: &[String]) -> Option<String> {
    let why: Vec<&str> = flags
        .iter()
        .filter_map(|flag| match flag.as_str() {
            "head" => Some("asked for the head only"),
            "prefetch" => Some("fetched ahead"),
            "soon" => Some("within a minute of sending"),
            "scripted" => Some("pressed by a script"),
            _ => None,
        })
        .collect();
    (!why.is_empty()).then(|| format!("Perhaps a mail scanner: {}", why.join(", ")))
}
