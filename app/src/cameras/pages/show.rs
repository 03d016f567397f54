//! The page of one camera: how it is, what it recorded, who sees it, what happened.

use chrono_tz::Tz;

use super::{
    list::film,
    tried::{Tried, tried},
    uptime::strip,
};
use crate::{
    audit::{action_in_words, model::entry},
    cameras::{Line, State, model::status},
    ui::prelude::*,
    urls,
};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Shown {
    pub now: Now,
    /// Newest first.
    pub history: Vec<entry::Model>,
    pub tried: Option<Tried>,
    pub may_audit: bool,
}

/// What changes while the page is open, and what stands beside it.
#[derive(Clone, Debug)]
pub struct Now {
    pub line: Line,
    pub site: String,
    /// Of a recorder on another site.
    pub recorder: Option<String>,
    /// How many people it is open to, besides admins.
    pub people: usize,
    pub may_manage: bool,
    pub now: i64,
    pub zone: Tz,
}

impl Shown {
    #[must_use]
    pub fn page(&self) -> Page {
        let line = &self.now.line;
        let state = match line.camera.archived_at {
            Some(_) => "archived".to_owned(),
            None => line.state().word().to_lowercase(),
        };
        Page::new(format!("{}, {state}", line.camera.name), Area::Cameras).crumb("Cameras", urls::CAMERAS).wide()
    }

    pub fn body(self) -> impl IntoView {
        let Self { now, history, tried: look, may_audit } = self;
        let actions = now.may_manage.then(|| actions(&now.line));
        let (zone, camera) = (now.zone, &now.line.camera);
        let watch = urls::recordings(&[&camera.slug], "", "");
        let (title, events) = (camera.name.clone(), urls::camera_do(camera.id, "events"));
        let archived = camera.archived_at.is_some();
        let now = match archived {
            true => now.body().into_any(),
            false => view! { <div data-live=events>{now.body()}</div> }.into_any(),
        };
        let moments = history
            .into_iter()
            .map(|entry| {
                let from = entry.ip.filter(|_| may_audit).map(|ip| format!(" from {ip}")).unwrap_or_default();
                let text = format!("{} by {}{from}", action_in_words(&entry.action), entry.actor_name);
                view! { <Moment at=entry.at tz=zone>{text}</Moment> }
            })
            .collect_view();
        view! {
            <PageHead title=title>
                <LinkButton label="Watch" href=watch kind=Kind::Primary icon="clock"/>
                {actions}
            </PageHead>
            {look.map(tried)}
            {now}
            <section><h2>"History"</h2><Timeline>{moments}</Timeline></section>
        }
    }
}

impl Now {
    pub fn body(self) -> impl IntoView {
        let facts = facts(&self);
        let Self { line, now, zone, .. } = self;
        let state = line.state();
        let Line { camera, status, picture, uptime, .. } = line;
        let trouble = (state.is_lost() && camera.archived_at.is_none())
            .then(|| trouble(state, status.as_ref().map(|status| status.detail.clone())));
        let picture = match (picture, status.as_ref().and_then(|status| status.snapshot_at)) {
            (Some(url), Some(at)) => {
                let alt = format!("What {} saw last", camera.name);
                view! {
                    <figure>
                        <img class="look" src=url alt=alt/>
                        <figcaption class="hint">"Seen "<Time at tz=zone style=TimeStyle::since(at, now, zone)/></figcaption>
                    </figure>
                }
                .into_any()
            }
            _ => view! { <p>"No picture yet: one is kept every few minutes while it records."</p> }.into_any(),
        };
        view! {
            {trouble}
            <div class="beside">
                <div>
                    <section><h2>"Last picture"</h2>{picture}</section>
                    <section class="week"><h2>"Seven days"</h2>{strip(&camera.name, &uptime)}</section>
                </div>
                <section><h2>"What it is"</h2>{facts}</section>
            </div>
        }
    }
}

fn trouble(state: State, detail: Option<String>) -> impl IntoView {
    let detail = detail.filter(|detail| !detail.is_empty()).map(|detail| format!(": {detail}.")).unwrap_or_default();
    view! {
        <Notice tone=state.tone()>
            <p><strong>{state.word()}</strong>{detail}</p>
            {state.remedy().map(|remedy| view! { <p>{remedy}</p> })}
        </Notice>
    }
}

fn actions(line: &Line) -> impl IntoView + use<> {
    let camera = &line.camera;
    let to = |what: &str| urls::camera_do(camera.id, what);
    let (switch, label) = if camera.enabled { ("disable", "Switch off") } else { ("enable", "Switch on") };
    let in_use = camera.archived_at.is_none().then(|| {
        let tried =
            camera.recorder_id.is_none().then(|| view! { <ButtonForm action=to("test") label="Test" icon="eye"/> });
        view! {
            <LinkButton label="Edit" href=to("edit") icon="pencil"/>
            <LinkButton label="Who sees it" href=to("grants") icon="users"/>
            {tried}
            <ButtonForm action=to(switch) label=label/>
        }
    });
    let archive = if camera.archived_at.is_some() { "Bring back" } else { "Archive" };
    view! { {in_use}<LinkButton label=archive href=to("archive")/> }
}

fn facts(shown: &Now) -> impl IntoView + use<> {
    let Now { line, site, recorder, people, may_manage, zone, .. } = shown.clone();
    let (state, Line { camera, status, .. }) = (line.state(), line);
    let (tone, word) = match camera.archived_at {
        Some(_) => (Tone::Neutral, "Archived"),
        None => (state.tone(), state.word()),
    };
    let place = if camera.host.contains(':') {
        format!("[{}]:{}", camera.host, camera.port)
    } else {
        format!("{}:{}", camera.host, camera.port)
    };
    let hours = match camera.schedule.trim() {
        "" => "Always".to_owned(),
        lines => lines.replace('\n', "; "),
    };
    let kept = camera.retention_days.map_or_else(|| "As long as all recordings".into(), |days| format!("{days} days"));
    let seen_by = match (camera.open_to_all, people) {
        (true, _) => "Everybody who may see cameras".to_owned(),
        (false, 0) => "Admins alone".to_owned(),
        (false, 1) => "Admins and one other person".to_owned(),
        (false, n) => format!("Admins and {n} other people"),
    };
    let sound = if camera.audio { "Recorded where it is AAC" } else { "Not recorded" };
    let transport = if camera.transport == "udp" { "UDP" } else { "TCP" };
    // Where it stands in the network is for those who look after it.
    let place = may_manage.then(|| view! { <Fact label="Address" mono=true>{place}</Fact> });
    let seen_by = may_manage.then(|| view! { <Fact label="Seen by">{seen_by}</Fact> });
    let how = status.as_ref().map(|status| how_it_is(status, recorder, zone));
    let (slug, added) = (camera.slug.clone(), camera.created_at);
    view! {
        <Facts>
            <Fact label="State"><Status tone word/></Fact>
            {how}
            <Fact label="Site">{site}</Fact>
            {place}
            <Fact label="Film comes by">{transport}</Fact>
            <Fact label="Sound">{sound}</Fact>
            <Fact label="Hours">{hours}</Fact>
            <Fact label="Kept for">{kept}</Fact>
            {seen_by}
            <Fact label="Stands in keys as" mono=true>{slug}</Fact>
            <Fact label="Added"><Time at=added tz=zone style=TimeStyle::Date/></Fact>
        </Facts>
    }
}

fn how_it_is(status: &status::Model, recorder: Option<String>, zone: Tz) -> impl IntoView + use<> {
    let clock = status.clock_offset_ms.map(|offset| {
        let seconds = offset.unsigned_abs() / 1000;
        match offset {
            -999..=999 => "Right to a second".to_owned(),
            1000.. => format!("{seconds} s ahead of ours"),
            ..-999 => format!("{seconds} s behind ours"),
        }
    });
    let by = Some(status.recorder_name.clone()).filter(|name| !name.is_empty()).or(recorder);
    let film = Some(film(status)).filter(|film| !film.is_empty()).unwrap_or_else(|| "Not known yet".into());
    let (since, last, reconnects) = (status.since, status.last_frame_at, status.reconnects);
    view! {
        <Fact label="Since"><Time at=since tz=zone/></Fact>
        <Fact label="Film">{film}</Fact>
        {by.map(|by| view! { <Fact label="Recorder">{by}</Fact> })}
        {last.map(|at| view! { <Fact label="Last frame"><Time at tz=zone style=TimeStyle::Second/></Fact> })}
        {clock.map(|clock| view! { <Fact label="Its clock">{clock}</Fact> })}
        <Fact label="Connected anew">{match reconnects { 0 => "Never".to_owned(), 1 => "Once".to_owned(), n => format!("{n} times") }}</Fact>
    }
}

/// The page before a camera is archived, or brought back.
pub fn archive(line: &Line, errors: FormErrors) -> impl IntoView + use<> {
    let camera = &line.camera;
    let name = &camera.name;
    let (title, what, button, archived, kind) = match camera.archived_at {
        None => (
            format!("Archive {name}?"),
            "It is no longer recorded and stands in no list. What it recorded stays for as long as it is kept, and you can bring the camera back.",
            "Archive this camera",
            "yes",
            Kind::Danger,
        ),
        Some(_) => (
            format!("Bring {name} back?"),
            "It stands in the lists again, switched off. Switch it on when it is where it belongs.",
            "Bring this camera back",
            "no",
            Kind::Primary,
        ),
    };
    view! {
        <Confirm title action=urls::camera_do(camera.id, "archive") button cancel=urls::camera(camera.id) kind errors>
            <p>{what}</p>
            <Hidden name="archived" value=archived/>
        </Confirm>
    }
}
