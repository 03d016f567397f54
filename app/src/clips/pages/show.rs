//! `/clips/{id}`: the clip, its files, what proves it, and who had it in hand.

use std::collections::HashMap;

use chrono_tz::Tz;

use super::{StateTag, long, size, span, span_of};
use crate::{
    audit::model::entry,
    clips::{Part, Shown, State, model::clip},
    evidence::{Manifest, done},
    objects::model::hold,
    ui::prelude::*,
    urls,
};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct ShowClip {
    pub shown: Shown,
    /// The oldest first.
    pub history: Vec<entry::Model>,
    pub hold: Option<hold::Model>,
    pub zone: Tz,
    pub may_export: bool,
    pub may_erase: bool,
    pub may_hold: bool,
    /// Shows where people came from, which is for those who read the audit log.
    pub may_audit: bool,
}

impl ShowClip {
    #[must_use]
    pub fn page(&self) -> Page {
        let clip = &self.shown.clip;
        Page::new(format!("{}, {}", clip.title, clip.state().label().to_lowercase()), Area::Cameras)
            .crumb("Clips", urls::CLIPS)
    }

    pub fn body(self) -> impl IntoView {
        let Self { shown, history, hold, zone, may_export, may_erase, may_hold, may_audit } = self;
        let (clip, state) = (shown.clip.clone(), shown.clip.state());
        let live = matches!(state, State::Waiting | State::Cutting).then(|| {
            let now = live(&clip, may_export);
            view! { <div data-live=urls::clip_do(clip.id, "events")>{now}</div> }
        });
        // What is still coming is said below, and kept up to date there.
        let settled = live.is_none();
        let failed = (state == State::Failed).then(|| now(&clip, may_export));
        let erased = (state == State::Erased).then(|| erased(&shown, zone));
        let held = hold.as_ref().map(|hold| {
            let why = format!("On legal hold, by {}: {}", hold.held_by, hold.reason);
            view! { <Notice tone=Tone::Warn><p>{why}</p></Notice> }
        });
        let label = if hold.is_some() { "Release the hold" } else { "Legal hold" };
        let holding = (may_hold && state == State::Ready)
            .then(|| view! { <LinkButton href=urls::clip_do(clip.id, "hold") label icon="lock"/> });
        let erase = (may_erase && state != State::Erased)
            .then(|| view! { <LinkButton href=urls::clip_do(clip.id, "erase") label="Erase" icon="trash"/> });
        let save = (state == State::Ready).then(|| save(&shown));
        let facts = facts(&shown, zone);
        let manifest = clip.manifest.as_deref().and_then(|text| serde_json::from_str::<Manifest>(text).ok());
        let files = (state == State::Ready).then(|| files(&shown, zone));
        let missing = manifest.as_ref().map(|manifest| missing(manifest, zone));
        let proof = manifest.is_some().then(|| proof(&clip));
        let moments = history.into_iter().map(|entry| moment(entry, zone, may_audit)).collect_view();
        view! {
            <PageHead title=clip.title.clone() status=move || settled.then(|| view! { <StateTag state/> })>{save}{holding}{erase}</PageHead>
            {live}
            {failed}
            {erased}
            {held}
            {facts}
            {files}
            {missing}
            {proof}
            <section><h2>"Who had it in hand"</h2><Timeline>{moments}</Timeline></section>
        }
    }
}

/// How far it has come, or that a fresh look at the page shows it: what server-sent events bring up to date.
pub fn live(clip: &clip::Model, may_export: bool) -> AnyView {
    let page = urls::clip(clip.id);
    match clip.state() {
        State::Waiting | State::Cutting | State::Failed => now(clip, may_export),
        State::Ready => view! {
            <Notice tone=Tone::Ok><p>"It is ready. "<a href=page>"Show its files"</a></p></Notice>
        }
        .into_any(),
        State::Erased => view! { <Notice tone=Tone::Neutral><p>"It was erased."</p></Notice> }.into_any(),
    }
}

fn now(clip: &clip::Model, may_export: bool) -> AnyView {
    let (why, retry) = (clip.error.clone(), urls::clip_do(clip.id, "retry"));
    match clip.state() {
        State::Failed => {
            let retry = may_export.then(|| {
                view! { <ButtonForm action=retry label="Try again" icon="refresh" kind=Kind::Primary/> }
            });
            view! {
                <Notice tone=Tone::Bad><p>"It could not be made. "{why}</p></Notice>
                <div class="buttons">{retry}</div>
            }
            .into_any()
        }
        State::Cutting => {
            let mb = |bytes: i64| u64::try_from(bytes / 1_000_000).unwrap_or_default();
            let (done, of) = (mb(clip.done_bytes), Some(mb(clip.total_bytes)).filter(|of| *of > 0));
            let why = why.map(|why| view! { <p class="hint">{format!("The last try failed; the next one comes by itself. {why}")}</p> });
            view! {
                <div class="panel">
                    <p><Status tone=Tone::Progress word="Being cut, in megabytes"/></p>
                    <Progress label="Cutting the clip" done of/>
                    {why}
                </div>
            }
            .into_any()
        }
        _ => {
            let why = why.unwrap_or_else(|| "It begins in a moment.".into());
            view! {
                <div class="panel">
                    <p><Status tone=Tone::Progress word="Waiting"/></p>
                    <p>{why}</p>
                    <p class="hint">"It is looked at again each minute, by itself."</p>
                </div>
            }
            .into_any()
        }
    }
}

/// When its files went, and whether that was because their time was over.
fn erased(shown: &Shown, zone: Tz) -> impl IntoView + use<> {
    let is_over = |part: &Part| {
        let Some(erased_at) = part.object.erased_at else { return false };
        part.object.retain_until.is_some_and(|until| until <= erased_at)
    };
    let at = shown.clip.updated_at;
    let why = shown.parts.iter().any(is_over).then_some(": they were kept for as long as clips are kept");
    view! { <Notice tone=Tone::Neutral><p>"Its files were erased on "<Time at tz=zone/>{why}". What it was stays on record."</p></Notice> }
}

/// All of it in one press.
fn save(shown: &Shown) -> impl IntoView + use<> {
    let label = if shown.package.is_some() { "Download all (zip)" } else { "Download" };
    let action = urls::clip_do(shown.clip.id, "download");
    view! { <ButtonForm action label kind=Kind::Primary icon="download"/> }
}

fn facts(shown: &Shown, zone: Tz) -> impl IntoView + use<> {
    let clip = &shown.clip;
    let asked = format!("{}, {}", span_of(clip, zone), long(clip.until_at - clip.from_at));
    let zone_name = zone.name();
    let cameras = shown
        .cameras
        .iter()
        .enumerate()
        .map(|(n, camera)| {
            let comma = if n == 0 { "" } else { ", " };
            view! { {comma}<a href=urls::camera(camera.id)>{camera.name.clone()}</a> }
        })
        .collect_view();
    let bol = shown.bol.clone().map(|(id, number)| {
        view! { <Fact label="Bill of lading"><a class="mono" href=urls::bol(id)>{number}</a></Fact> }
    });
    let (reason, who, at) = (clip.reason.clone(), clip.created_by_name.clone(), clip.created_at);
    view! {
        <section>
            <Facts>
                <Fact label="Shows">{asked}" ("{zone_name}")"</Fact>
                <Fact label="Cameras">{cameras}</Fact>
                <Fact label="Reason">{reason}</Fact>
                {bol}
                <Fact label="Asked for by">{who}", "<Time at tz=zone/></Fact>
            </Facts>
        </section>
    }
}

fn files(shown: &Shown, zone: Tz) -> impl IntoView + use<> {
    let names: HashMap<_, _> = shown.cameras.iter().map(|camera| (camera.id, camera.name.clone())).collect();
    let id = shown.clip.id;
    let rows = shown
        .parts
        .iter()
        .map(|file| {
            let Part { part, object } = file;
            let (name, number) = (file.name().to_owned(), part.number.to_string());
            let camera = names.get(&part.camera_id).cloned().unwrap_or_default();
            let shows = span(part.from_at, part.until_at, zone);
            let beneath = format!("{camera}, {shows}");
            let hidden = vec![("file", number.clone())];
            view! {
                <tr>
                    <th scope="row"><a href=urls::clip_do(id, &number)>{name}</a><Beneath>{beneath}</Beneath></th>
                    <td class="wide-only">{camera}</td>
                    <td class="wide-only">{shows}</td>
                    <td class="num">{part.frames}</td>
                    <td class="num">{size(object.size)}</td>
                    <td><ButtonForm action=urls::clip_do(id, "download") label="Download" hidden icon="download"/></td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![
        Column::text("File"),
        Column::text("Camera").wide(),
        Column::text("Shows").wide(),
        Column::num("Frames"),
        Column::num("Size"),
        Column::hidden("Save"),
    ];
    view! { <section><h2>"Files"</h2><Table caption="Files of the clip" columns keys=true>{rows}</Table></section> }
}

fn missing(manifest: &Manifest, zone: Tz) -> impl IntoView + use<> {
    let at =
        |text: &str| chrono::DateTime::parse_from_rfc3339(text).map(|at| at.timestamp_millis()).unwrap_or_default();
    let several = manifest.cameras.len() > 1;
    let lines: Vec<String> = manifest
        .cameras
        .iter()
        .flat_map(|camera| camera.missing.iter().map(move |missing| (camera, missing)))
        .map(|(camera, missing)| {
            let of = if several { format!("{}, ", camera.name) } else { String::new() };
            format!("{of}{}: {}", span(at(&missing.from), at(&missing.until), zone), missing.words)
        })
        .collect();
    (!lines.is_empty()).then(|| {
        let lines = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
        view! { <section><h2>"Missing of this time"</h2><ul>{lines}</ul></section> }
    })
}

fn proof(clip: &clip::Model) -> impl IntoView + use<> {
    let key = clip.key_id.clone().unwrap_or_default();
    let command = format!("gatehouse evidence verify FILE --key {key}");
    view! {
        <section>
            <h2>"Proof"</h2>
            <p>"Each file carries a signed statement of what it is: whose film, of when, made of what, by whom and why, and what is missing. One changed byte breaks it. Whoever has the file checks it without us:"</p>
            <p class="mono">{command}</p>
            <Facts>
                <Fact label="Signed by key" mono=true>{key}</Fact>
            </Facts>
            <div class="buttons">
                <LinkButton href=urls::clip_do(clip.id, "manifest.json") label="The statement (JSON)" icon="document"/>
                <LinkButton href=urls::clip_do(clip.id, "custody.json") label="Who had it, signed (JSON)" icon="shield"/>
            </div>
        </section>
    }
}

fn moment(entry: entry::Model, zone: Tz, may_audit: bool) -> AnyView {
    let tone = match entry.action.as_str() {
        "clip.signed" => Tone::Ok,
        "clip.failed" | "clip.erased" => Tone::Bad,
        "hold.placed" => Tone::Warn,
        _ => Tone::Neutral,
    };
    let from = entry.ip.filter(|_| may_audit).map(|ip| format!(" from {ip}")).unwrap_or_default();
    let text = format!("{} {}{from}", entry.actor_name, done(&entry.action));
    view! { <Moment at=entry.at tz=zone tone>{text}</Moment> }.into_any()
}
