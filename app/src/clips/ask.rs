//! Asking for a clip, and asking again for one that failed.

use chrono::DateTime;
use chrono_tz::Tz;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::{
    State,
    model::{clip, clip_camera},
};
use crate::{
    App, AppError, FormErrors, Result,
    audit::{Action, Actor, Subject},
    bols::{find as bills, model::bol, read_time},
    cameras::{self, model::camera},
    customers::check,
    form::{self, FormData},
    idempotency,
    ids::{BolId, ClipId},
    job::Job,
    recordings::pages::PLAYERS,
};

/// The longest clip, milliseconds: twelve hours.
pub const LONGEST: i64 = 12 * 3_600_000;

/// A clip as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ClipForm {
    /// Slugs.
    pub cameras: Vec<String>,
    /// On the yard's clock, or with an offset; milliseconds where they matter.
    pub from: String,
    pub until: String,
    pub title: String,
    /// Why it is made; it stands in the manifest.
    pub reason: String,
    /// The number of a bill, or its id.
    pub bol: String,
}

impl ClipForm {
    /// As a form or a link says it: cameras as ticks, or with commas between them.
    #[must_use]
    pub fn from_form(form: &FormData) -> Self {
        Self {
            cameras: form.list("cameras"),
            from: form.get("from").into(),
            until: form.get("until").into(),
            title: form.get("title").into(),
            reason: form.get("reason").into(),
            bol: form.get("bol").into(),
        }
    }
}

/// An instant as a form has it, or as RFC 3339.
fn instant(typed: &str, zone: Tz) -> Option<i64> {
    let given = DateTime::parse_from_rfc3339(typed).map(|at| at.timestamp_millis());
    given.ok().or_else(|| read_time(typed, zone))
}

/// What is right about a form.
struct Checked {
    cameras: Vec<camera::Model>,
    from: i64,
    until: i64,
    title: String,
    reason: String,
    bol: Option<bol::Model>,
}

async fn check(app: &App, actor: &Actor, form: &ClipForm, zone: Tz) -> Result<Checked> {
    let mut errors = FormErrors::new();
    let cameras = cameras::chosen(app, actor, &form.cameras.join(",")).await?;
    if cameras.is_empty() {
        errors.add("cameras", "Tick the cameras whose footage it is");
    } else if form.cameras.len() > PLAYERS {
        errors.add("cameras", format!("Tick {PLAYERS} cameras at most; these are {}", form.cameras.len()));
    } else if cameras.len() < form.cameras.len() {
        errors.add("cameras", "One of these cameras is not here. Tick those that you want");
    }
    let now = app.now();
    let mut read = |name: &str, typed: &str| {
        let at = instant(typed, zone);
        match at {
            None => errors.add(name, "Give date and time such as 2026-11-20 14:02:10.250"),
            Some(at) if at > now => errors.add(name, "This is yet to come: a clip is of what was"),
            Some(_) => {}
        }
        at
    };
    let (from, until) = (read("from", &form.from), read("until", &form.until));
    if let (Some(from), Some(until)) = (from, until) {
        if until <= from {
            errors.add("until", "It ends before it begins: look at both times");
        } else if until - from > LONGEST {
            errors.add("until", "A clip is twelve hours long at most. Make two of it");
        }
    }
    let title = check::line(&form.title, 120).and_then(|title| match title.is_empty() {
        true => Err("Say what it shows, such as Truck 4411 at Dock 2".into()),
        false => Ok(title),
    });
    let title = title.unwrap_or_else(|why| {
        errors.add("title", why);
        String::new()
    });
    let reason =
        form::reason(&mut errors, &form.reason, "Say why it is made; this stands in the proof that goes with it");
    let bol = match (form.bol.as_str(), form.bol.parse::<BolId>()) {
        ("", _) => None,
        (_, Ok(id)) => Some(bills::find(app.db(), id).await?),
        (number, Err(_)) => {
            let found = bills::numbered(app.db(), number).await?;
            if found.is_none() {
                errors.add("bol", "There is no bill with this number. Look at it again, or leave it empty");
            }
            found
        }
    };
    match (from, until, reason) {
        (Some(from), Some(until), Some(reason)) if errors.is_empty() => {
            Ok(Checked { cameras, from, until, title, reason, bol })
        }
        _ => Err(AppError::Invalid(errors)),
    }
}

/// Has a clip made. `zone` is the yard's, by whose clock times were typed.
///
/// # Errors
/// [`AppError::Invalid`] field by field; a camera that `actor` may not see is as one that is not there.
pub async fn ask(app: &App, actor: &Actor, form: &ClipForm, zone: Tz) -> Result<ClipId> {
    let Checked { cameras, from, until, title, reason, bol } = check(app, actor, form, zone).await?;
    let id: ClipId = app.id();
    let row = clip::Model {
        id,
        title: title.clone(),
        reason: reason.clone(),
        from_at: from,
        until_at: until,
        bol_id: bol.as_ref().map(|bol| bol.id),
        state: State::Waiting.as_str().into(),
        error: None,
        generation: 1,
        done_bytes: 0,
        total_bytes: 0,
        manifest: None,
        signature: None,
        key_id: None,
        package_id: None,
        created_by: actor.user_id(),
        created_by_name: actor.name.clone(),
        created_at: app.now(),
        updated_at: app.now(),
    };
    let mut tx = app.begin().await?;
    clip::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await?;
    let rows = cameras.iter().zip(0..).map(|(camera, position)| {
        clip_camera::Model { clip_id: id, camera_id: camera.id, position }.into_active_model()
    });
    clip_camera::Entity::insert_many(rows).exec_without_returning(&tx).await?;
    let slugs: Vec<_> = cameras.iter().map(|camera| camera.slug.as_str()).collect();
    let details = json!({
        "title": title, "reason": reason, "cameras": slugs, "from": from, "until": until,
        "bol": bol.and_then(|bol| bol.number),
    });
    tx.audit(actor, Action::ClipAsked, Subject::Clip(id), details);
    tx.enqueue(Job::CutClip { clip: id, generation: 1 }).await?;
    tx.made(&id).await?;
    tx.commit().await?;
    Ok(id)
}

/// The same for a page's form, which has a `key` of its own: pressed twice, or loaded again, it makes one clip.
///
/// # Errors
/// As [`ask`]; [`AppError::Invalid`] on [`idempotency::FIELD`] when the form was sent before and says something else now.
pub async fn ask_once(app: &App, actor: &Actor, key: &str, form: &ClipForm, zone: Tz) -> Result<ClipId> {
    let asked = json!(["clip", form]);
    idempotency::once_by_form(app, actor, key, &asked, async |app| ask(&app, actor, form, zone).await).await
}

/// Has a clip cut again that failed.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for one that did not fail.
pub async fn retry(app: &App, actor: &Actor, id: ClipId) -> Result<()> {
    let clip = super::visible(app, actor, id).await?;
    let mut tx = app.begin().await?;
    let change = clip::ActiveModel {
        state: Set(State::Waiting.as_str().into()),
        error: Set(None),
        generation: Set(clip.generation + 1),
        updated_at: Set(app.now()),
        ..Default::default()
    };
    let again = clip::Entity::update_many()
        .set(change)
        .filter(clip::Column::Id.eq(id))
        .filter(clip::Column::Generation.eq(clip.generation))
        .filter(clip::Column::State.eq(State::Failed.as_str()))
        .exec(&tx)
        .await?
        .rows_affected;
    if again == 0 {
        return Err(AppError::Conflict(format!("“{}” has not failed, so there is nothing to try again.", clip.title)));
    }
    tx.audit(actor, Action::ClipAsked, Subject::Clip(id), json!({ "title": clip.title, "again": true }));
    let generation = u32::try_from(clip.generation + 1).unwrap_or_default();
    tx.enqueue(Job::CutClip { clip: id, generation }).await?;
    tx.commit().await
}
