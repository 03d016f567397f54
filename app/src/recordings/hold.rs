//! Holding a stretch of film, and releasing it.

use chrono_tz::Tz;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use serde_json::json;

use super::{
    model::{film_hold, film_hold_camera},
    pages::PLAYERS,
    turn,
    window::instant,
};
use crate::{
    App, AppError, FormErrors, Result,
    audit::{Action, Actor, Subject},
    cameras::{self, model::camera},
    form::{self, FormData},
    idempotency,
    ids::{CameraId, CameraNo, FilmHoldId},
    job::Job,
    paging::{Place, Slice},
};

/// A hold as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct HoldForm {
    /// Slugs.
    pub cameras: Vec<String>,
    /// On the yard's clock, or with an offset.
    pub from: String,
    pub until: String,
    /// Why it is kept; it stays on record.
    pub reason: String,
}

impl HoldForm {
    /// As a form or a link says it: cameras as ticks, or with commas between them.
    #[must_use]
    pub fn from_form(form: &FormData) -> Self {
        Self {
            cameras: form.list("cameras"),
            from: form.get("from").into(),
            until: form.get("until").into(),
            reason: form.get("reason").into(),
        }
    }
}

/// Cameras and times as they were typed; `None` where something is wrong, which is said in `errors`. `until` comes after `from`.
pub(super) async fn stretch(
    app: &App,
    actor: &Actor,
    slugs: &[String],
    from: &str,
    until: &str,
    zone: Tz,
    errors: &mut FormErrors,
) -> Result<Option<(Vec<camera::Model>, i64, i64)>> {
    let cameras = cameras::chosen(app, actor, &slugs.join(",")).await?;
    if cameras.is_empty() {
        errors.add("cameras", "Tick the cameras whose film it is");
    } else if slugs.len() > PLAYERS {
        errors.add("cameras", format!("Tick {PLAYERS} cameras at most; these are {}", slugs.len()));
    } else if cameras.len() < slugs.len() {
        errors.add("cameras", "One of these cameras is not here. Tick those that you want");
    }
    let mut read = |name: &str, typed: &str| {
        let at = instant(typed, zone);
        if let Err(wrong) = &at {
            wrong.iter().for_each(|(_, message)| errors.add(name, message));
        }
        at.ok()
    };
    let (from, until) = (read("from", from), read("until", until));
    Ok(match (from, until) {
        (Some(from), Some(until)) if until <= from => {
            errors.add("until", "It ends before it begins: look at both times");
            None
        }
        (Some(from), Some(until)) if errors.is_empty() => Some((cameras, from, until)),
        _ => None,
    })
}

/// Holds a stretch of film: what is here of it, and what comes to it. `zone` is the yard's, by whose clock times were typed.
///
/// # Errors
/// [`AppError::Invalid`] field by field; a camera that `actor` may not see is as one that is not there.
pub async fn hold(app: &App, actor: &Actor, form: &HoldForm, zone: Tz) -> Result<FilmHoldId> {
    let mut errors = FormErrors::new();
    let stretch = stretch(app, actor, &form.cameras, &form.from, &form.until, zone, &mut errors).await?;
    let reason = form::reason(&mut errors, &form.reason, "Say why; it is kept on record");
    let (Some((cameras, from, until)), Some(reason)) = (stretch, reason) else {
        return Err(AppError::Invalid(errors));
    };
    let row = film_hold::Model {
        id: app.id(),
        from_at: from,
        until_at: until,
        reason,
        held_by: actor.user_id(),
        held_by_name: actor.name.clone(),
        since: app.now(),
        released_at: None,
        released_by_name: None,
        release_reason: None,
    };
    let mut tx = app.begin().await?;
    turn::of_holds(&tx).await?;
    film_hold::Entity::insert(row.clone().into_active_model()).exec_without_returning(&tx).await?;
    let own = cameras.iter().map(|camera| film_hold_camera::Model { hold_id: row.id, camera: camera.number });
    film_hold_camera::Entity::insert_many(own.map(IntoActiveModel::into_active_model))
        .exec_without_returning(&tx)
        .await?;
    for camera in &cameras {
        let details = json!({ "hold": row.id, "from": from, "until": until, "reason": row.reason });
        tx.audit(actor, Action::RecordingsHeld, Subject::Camera(camera.id), details);
    }
    tx.made(&row.id).await?;
    tx.commit().await?;
    Ok(row.id)
}

/// The same for a page's form, which has a `key` of its own: pressed twice, or loaded again, it lays one hold.
///
/// # Errors
/// As [`hold`]; [`AppError::Invalid`] on [`idempotency::FIELD`] when the form was sent before and says something else now.
pub async fn hold_once(app: &App, actor: &Actor, key: &str, form: &HoldForm, zone: Tz) -> Result<FilmHoldId> {
    let asked = json!(["film hold", form]);
    idempotency::once_by_form(app, actor, key, &asked, async |app| hold(&app, actor, form, zone).await).await
}

/// Takes a hold off again. What was kept long enough by then goes with the next round.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`] without a reason; [`AppError::Conflict`] when it is released already.
pub async fn release(app: &App, actor: &Actor, id: FilmHoldId, reason: &str) -> Result<()> {
    let line = seen_hold(app, actor, id).await?;
    let mut errors = FormErrors::new();
    let reason = form::reason(&mut errors, reason, "Say why; it is kept on record");
    let reason = reason.ok_or(AppError::Invalid(errors))?;
    let mut tx = app.begin().await?;
    let change = film_hold::ActiveModel {
        released_at: Set(Some(app.now())),
        released_by_name: Set(Some(actor.name.clone())),
        release_reason: Set(Some(reason.clone())),
        ..Default::default()
    };
    let open = film_hold::Entity::update_many()
        .set(change)
        .filter(film_hold::Column::Id.eq(id))
        .filter(film_hold::Column::ReleasedAt.is_null());
    if open.exec(&tx).await?.rows_affected == 0 {
        return Err(AppError::Conflict("It is released already.".into()));
    }
    for (camera, _) in line.cameras {
        let details = json!({ "hold": id, "from": line.hold.from_at, "until": line.hold.until_at, "reason": reason });
        tx.audit(actor, Action::RecordingsReleased, Subject::Camera(camera), details);
        // Retiring has put off what it found held; each file gets the end of its camera's retention again.
        tx.enqueue(Job::Retain { camera, asked: app.now() }).await?;
    }
    tx.commit().await
}

/// Where a page of holds begins: since when the one before is, and its id.
pub type HoldKey = (i64, FilmHoldId);

/// A hold in a list.
#[derive(Clone, Debug)]
pub struct HoldLine {
    pub hold: film_hold::Model,
    /// Ids and names of its cameras.
    pub cameras: Vec<(CameraId, String)>,
}

/// The holds whose cameras `actor` sees, all of them, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn holds(app: &App, actor: &Actor, place: &Place<HoldKey>, limit: usize) -> Result<Slice<HoldLine>> {
    use film_hold::Column::{Id, Since};
    let beside = |at: i64, id: FilmHoldId, newer: bool| {
        let (time, same) = if newer { (Since.gt(at), Id.gt(id)) } else { (Since.lt(at), Id.lt(id)) };
        Condition::any().add(time).add(Condition::all().add(Since.eq(at)).add(same))
    };
    let query = film_hold::Entity::find().filter(seen_by(app, actor).await?);
    let query = match place {
        Place::Start => query.order_by_desc(Since).order_by_desc(Id),
        Place::After((at, id)) => query.filter(beside(*at, *id, false)).order_by_desc(Since).order_by_desc(Id),
        Place::Before((at, id)) => query.filter(beside(*at, *id, true)).order_by_asc(Since).order_by_asc(Id),
    };
    let rows = query.limit(limit as u64 + 1).all(app.db()).await?;
    let Slice { rows, newer, older } = Slice::cut(rows, limit, place, |row| (row.since, row.id));
    Ok(Slice { rows: with_cameras(app, rows).await?, newer, older })
}

/// One hold, for somebody who sees all of its cameras.
///
/// # Errors
/// [`AppError::NotFound`]
pub async fn seen_hold(app: &App, actor: &Actor, id: FilmHoldId) -> Result<HoldLine> {
    let found = film_hold::Entity::find_by_id(id).filter(seen_by(app, actor).await?).one(app.db()).await?;
    let mut lines = with_cameras(app, found.into_iter().collect()).await?;
    lines.pop().ok_or(AppError::NotFound("This hold"))
}

/// Which rows of `film_holds` somebody sees: those without a camera that they do not.
async fn seen_by(app: &App, actor: &Actor) -> Result<Condition> {
    let seen = camera::Entity::find().select_only().column(camera::Column::Number);
    let seen = seen.filter(cameras::sees(app, actor).await?).into_query();
    let others = film_hold_camera::Entity::find()
        .select_only()
        .column(film_hold_camera::Column::HoldId)
        .filter(film_hold_camera::Column::Camera.not_in_subquery(seen))
        .into_query();
    Ok(Condition::all().add(film_hold::Column::Id.not_in_subquery(others)))
}

async fn with_cameras(app: &App, rows: Vec<film_hold::Model>) -> Result<Vec<HoldLine>> {
    let own: Vec<(FilmHoldId, CameraNo)> = film_hold_camera::Entity::find()
        .filter(film_hold_camera::Column::HoldId.is_in(rows.iter().map(|hold| hold.id)))
        .order_by_asc(film_hold_camera::Column::Camera)
        .select_only()
        .columns([film_hold_camera::Column::HoldId, film_hold_camera::Column::Camera])
        .into_tuple()
        .all(app.db())
        .await?;
    let names = cameras::numbers(app).await?;
    let line = |hold: film_hold::Model| {
        let own = own.iter().filter(|(id, _)| *id == hold.id);
        let named = own.filter_map(|(_, camera)| names.of(*camera).map(|(id, _, name)| (id, name.to_owned())));
        HoldLine { cameras: named.collect(), hold }
    };
    Ok(rows.into_iter().map(line).collect())
}
