//! Adding a camera, and changing what is known of one.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, SqlErr,
};
use serde_json::json;

use super::{
    CameraForm, State, enable,
    find::visible,
    form::{Known, Wanted, understand},
    model::{camera, status},
    slug,
};
use crate::{
    App, AppError, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    ids::{CameraId, CameraNo},
    job::Job,
    words::fold,
};

/// Adds a camera that records from now on.
///
/// # Errors
/// [`AppError::Invalid`] field by field; [`AppError::Conflict`] when somebody added another one in that moment.
pub async fn add(app: &App, actor: &Actor, form: &CameraForm) -> Result<CameraId> {
    let wanted = understand(app, actor, form, None).await?;
    let mut tx = app.begin().await?;
    refuse_twin(&tx, &wanted.name, None).await?;
    let (id, now) = (app.id::<CameraId>(), app.now());
    let row = camera::Model {
        id,
        number: next_number(&tx).await?,
        slug: slug::free(&tx, &wanted.name).await?,
        name_key: fold(&wanted.name),
        name: wanted.name.clone(),
        site_id: wanted.site.id,
        recorder_id: wanted.recorder_id,
        host: wanted.address.host.clone(),
        port: i32::from(wanted.address.port),
        sealed: wanted.address.opening.seal(app, id)?,
        transport: wanted.transport.as_str().into(),
        audio: wanted.audio,
        enabled: true,
        schedule: wanted.schedule.to_string(),
        retention_days: wanted.retention_days,
        open_to_all: wanted.open_to_all,
        onvif: wanted.onvif,
        version: 1,
        created_by: actor.user_id(),
        created_at: now,
        updated_at: now,
        archived_at: None,
    };
    let details = json!({
        "name": row.name, "slug": row.slug, "site": wanted.site.name, "host": row.host, "port": row.port,
        "open_to_all": row.open_to_all,
    });
    let records_here = row.recorder_id.is_none();
    camera::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await.map_err(taken)?;
    let status = status::Model { camera_id: id, ..unknown(now) };
    status::Entity::insert(status.into_active_model()).exec_without_returning(&tx).await?;
    if records_here {
        enable::ask(app, &tx, id).await?;
    }
    tx.audit(actor, Action::CameraAdded, Subject::Camera(id), details);
    tx.made(&id).await?;
    tx.commit().await?;
    Ok(id)
}

/// Replaces what is known of a camera. Where something changed that capture has to know, it begins anew.
///
/// # Errors
/// [`AppError::Invalid`] field by field, on `password` where another address would be sent what was typed for this one.
pub async fn edit(app: &App, actor: &Actor, id: CameraId, form: &CameraForm) -> Result<()> {
    let known = Known::of(app, visible(app, actor, id).await?);
    let wanted = understand(app, actor, form, Some(&known)).await?;
    let mut tx = app.begin().await?;
    refuse_twin(&tx, &wanted.name, Some(id)).await?;
    let before = camera::Entity::find_by_id(id).one(&tx).await?.ok_or(AppError::NotFound("That camera"))?;
    // What was understood was held against the address and the seal that were read before.
    if (before.version, before.updated_at) != (known.camera.version, known.camera.updated_at) {
        return Err(AppError::Conflict(
            "Somebody else changed this camera in this moment. Open it again and look.".into(),
        ));
    }
    let new_opening = known.opening.as_ref() != Some(&wanted.address.opening);
    let begins_anew = new_opening || capture_of(&before) != capture_wanted(&wanted);
    let changed = changed_fields(&before, &wanted, new_opening);
    if changed.is_empty() {
        return Ok(());
    }
    let came_here = before.recorder_id.is_some() && wanted.recorder_id.is_none() && before.enabled;
    let retention_changed = before.retention_days != wanted.retention_days;
    let (version, sealed) = (before.version, before.sealed.clone());
    let mut row = before.into_active_model();
    row.name_key = Set(fold(&wanted.name));
    row.name = Set(wanted.name.clone());
    row.site_id = Set(wanted.site.id);
    row.recorder_id = Set(wanted.recorder_id);
    row.host = Set(wanted.address.host.clone());
    row.port = Set(i32::from(wanted.address.port));
    row.sealed = Set(if new_opening { wanted.address.opening.seal(app, id)? } else { sealed });
    row.transport = Set(wanted.transport.as_str().into());
    row.audio = Set(wanted.audio);
    row.schedule = Set(wanted.schedule.to_string());
    row.retention_days = Set(wanted.retention_days);
    row.open_to_all = Set(wanted.open_to_all);
    row.onvif = Set(wanted.onvif.clone());
    row.version = Set(version + i32::from(begins_anew));
    row.updated_at = Set(app.now());
    row.update(&tx).await.map_err(taken)?;
    if came_here {
        enable::ask(app, &tx, id).await?;
    }
    if retention_changed {
        tx.enqueue(Job::Retain { camera: id, asked: app.now() }).await?;
    }
    let details = json!({
        "name": wanted.name, "changed": changed, "site": wanted.site.name, "host": wanted.address.host,
        "port": wanted.address.port, "open_to_all": wanted.open_to_all,
    });
    tx.audit(actor, Action::CameraEdited, Subject::Camera(id), details);
    if new_opening {
        tx.audit(actor, Action::CameraOpeningChanged, Subject::Camera(id), json!({ "name": wanted.name }));
    }
    tx.commit().await
}

/// How a camera is of which nobody has said anything yet.
fn unknown(now: i64) -> status::Model {
    status::Model {
        camera_id: uuid::Uuid::nil().into(),
        state: State::Waiting.as_str().into(),
        detail: String::new(),
        since: now,
        recorder_id: None,
        recorder_name: String::new(),
        video: String::new(),
        audio: String::new(),
        width: None,
        height: None,
        fps_milli: None,
        bits_per_second: None,
        last_frame_at: None,
        last_segment_at: None,
        clock_offset_ms: None,
        reconnects: 0,
        snapshot_id: None,
        snapshot_at: None,
        heard_at: now,
    }
}

type Capture<'a> = (String, &'a str, i32, &'a str, bool, Option<String>, String);

/// What capture works by, besides what opens the camera.
fn capture_of(row: &camera::Model) -> Capture<'_> {
    let recorder = row.recorder_id.map(|id| id.to_string());
    (row.site_id.to_string(), &row.host, row.port, &row.transport, row.audio, recorder, row.schedule.clone())
}

fn capture_wanted(wanted: &Wanted) -> Capture<'_> {
    let recorder = wanted.recorder_id.map(|id| id.to_string());
    let Wanted { address, transport, audio, schedule, .. } = wanted;
    let site = wanted.site.id.to_string();
    (site, &address.host, i32::from(address.port), transport.as_str(), *audio, recorder, schedule.to_string())
}

fn changed_fields(before: &camera::Model, wanted: &Wanted, new_opening: bool) -> Vec<&'static str> {
    let place = before.host == wanted.address.host && before.port == i32::from(wanted.address.port);
    let parts = [
        ("name", before.name != wanted.name),
        ("site", before.site_id != wanted.site.id),
        ("recorder", before.recorder_id != wanted.recorder_id),
        ("address", !place),
        ("opening", new_opening),
        ("transport", before.transport != wanted.transport.as_str()),
        ("audio", before.audio != wanted.audio),
        ("schedule", before.schedule != wanted.schedule.to_string()),
        ("retention_days", before.retention_days != wanted.retention_days),
        ("open_to_all", before.open_to_all != wanted.open_to_all),
        ("onvif", before.onvif != wanted.onvif),
    ];
    parts.into_iter().filter_map(|(part, changed)| changed.then_some(part)).collect()
}

async fn next_number(tx: &WriteTxn<'_>) -> Result<CameraNo> {
    let last =
        camera::Entity::find().order_by_desc(camera::Column::Number).select_only().column(camera::Column::Number);
    let last: Option<CameraNo> = last.into_tuple().one(tx).await?;
    Ok(CameraNo(last.map_or(1, |last| last.0 + 1)))
}

/// Names are each camera's own, among those that are in use.
pub(super) async fn refuse_twin(tx: &impl ConnectionTrait, name: &str, own: Option<CameraId>) -> Result<()> {
    let twin = camera::Entity::find()
        .filter(camera::COLUMN.name_key.eq(fold(name)))
        .filter(camera::COLUMN.archived_at.is_null())
        .one(tx)
        .await?;
    match twin.filter(|twin| Some(twin.id) != own) {
        Some(twin) => Err(AppError::field(
            "name",
            format!("Another camera is called “{}”. Give this one another name", twin.name),
        )),
        None => Ok(()),
    }
}

/// Two who add a camera at once may choose one name, one number or one slug; the database lets one of them through.
pub(super) fn taken(error: DbErr) -> AppError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => AppError::Conflict(
            "Somebody saved another camera in this moment. Nothing was saved here; try again.".into(),
        ),
        _ => error.into(),
    }
}
