//! Clips that a share link carries beside its bill.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use url::Url;

use super::{
    ClipLine, State,
    find::parts_of,
    get::{SAVED_FOR, WATCHED_FOR, saved_as},
    list::of_bill,
    model::{clip, link_clip, part},
};
use crate::{
    App, AppError, Result, WriteTxn,
    audit::Actor,
    cameras::model::camera,
    ids::{BolId, CameraId, ClipId, LinkId},
    objects::{self, model::object},
};

/// The clips of a bill that `actor` may see and send.
///
/// # Errors
/// When the database does not answer.
pub async fn sendable(app: &App, actor: &Actor, bol: BolId) -> Result<Vec<ClipLine>> {
    let lines = of_bill(app, actor, bol).await?;
    Ok(lines.into_iter().filter(|line| line.clip.state() == State::Ready).collect())
}

/// Has a link carry clips.
pub(crate) async fn attach(tx: &WriteTxn<'_>, link: LinkId, clips: &[ClipId]) -> Result<()> {
    if clips.is_empty() {
        return Ok(());
    }
    let rows = clips.iter().map(|clip| link_clip::Model { link_id: link, clip_id: *clip }.into_active_model());
    link_clip::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// What a link carries, for the one that takes its place.
pub(crate) async fn carried_over(db: &impl ConnectionTrait, link: LinkId) -> Result<Vec<ClipId>> {
    let clips = link_clip::Entity::find().filter(link_clip::Column::LinkId.eq(link));
    Ok(clips.select_only().column(link_clip::Column::ClipId).into_tuple().all(db).await?)
}

/// How many clips a link carries.
pub(crate) async fn carries(app: &App, link: LinkId) -> Result<u64> {
    Ok(link_clip::Entity::find().filter(link_clip::Column::LinkId.eq(link)).count(app.db()).await?)
}

/// A clip as the customer's page names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    pub id: ClipId,
    pub title: String,
    pub from: i64,
    pub until: i64,
    pub cameras: Vec<String>,
    /// Its files are there; otherwise they were erased.
    pub is_there: bool,
    pub files: usize,
    /// Bytes that a download has.
    pub size: i64,
}

/// The clips that a link carries, by the time that they show.
///
/// # Errors
/// When the database does not answer.
pub async fn carried(app: &App, link: LinkId) -> Result<Vec<Carried>> {
    let ids = carried_over(app.db(), link).await?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let clips = clip::Entity::find()
        .filter(clip::Column::Id.is_in(ids.clone()))
        .order_by_asc(clip::Column::FromAt)
        .order_by_asc(clip::Column::Id)
        .all(app.db())
        .await?;
    let parts = part::Entity::find()
        .filter(part::Column::ClipId.is_in(ids))
        .order_by_asc(part::Column::Number)
        .all(app.db())
        .await?;
    let objects = parts.iter().map(|part| part.object_id).chain(clips.iter().filter_map(|clip| clip.package_id));
    let objects: HashMap<_, _> = object::Entity::find()
        .filter(object::Column::Id.is_in(objects))
        .all(app.db())
        .await?
        .into_iter()
        .map(|object| (object.id, object))
        .collect();
    let names: HashMap<CameraId, String> = names(app, parts.iter().map(|part| part.camera_id)).await?;
    let line = |clip: clip::Model| {
        let own: Vec<_> = parts.iter().filter(|part| part.clip_id == clip.id).collect();
        let mut cameras: Vec<String> = own.iter().filter_map(|part| names.get(&part.camera_id).cloned()).collect();
        cameras.dedup();
        let whole = clip.package_id.or(own.first().map(|part| part.object_id)).and_then(|id| objects.get(&id));
        Carried {
            is_there: clip.state() == State::Ready && whole.is_some_and(|object| object.erased_at.is_none()),
            size: whole.map(|object| object.size).unwrap_or_default(),
            files: own.len(),
            id: clip.id,
            title: clip.title,
            from: clip.from_at,
            until: clip.until_at,
            cameras,
        }
    };
    Ok(clips.into_iter().map(line).collect())
}

async fn names(app: &App, ids: impl Iterator<Item = CameraId>) -> Result<HashMap<CameraId, String>> {
    let rows: Vec<(CameraId, String)> = camera::Entity::find()
        .filter(camera::Column::Id.is_in(ids))
        .select_only()
        .columns([camera::Column::Id, camera::Column::Name])
        .into_tuple()
        .all(app.db())
        .await?;
    Ok(rows.into_iter().collect())
}

/// A film that a customer watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Playing {
    pub camera: String,
    pub from: i64,
    pub until: i64,
    pub video: String,
    pub url: Url,
}

/// Where the films of a clip are to be had for an hour.
///
/// # Errors
/// [`AppError::Gone`] when it was erased.
pub(crate) async fn files_to_play(app: &App, clip: ClipId) -> Result<Vec<Playing>> {
    let parts = parts_of(app, clip).await?;
    let names = names(app, parts.iter().map(|part| part.part.camera_id)).await?;
    let mut playing = Vec::with_capacity(parts.len());
    for part in parts {
        // Signing asks no store; a clip has a handful of files.
        let url = objects::url(app, &part.object, None, WATCHED_FOR).await?.url;
        let camera = names.get(&part.part.camera_id).cloned().unwrap_or_default();
        let (from, until) = (part.part.from_at, part.part.until_at);
        playing.push(Playing { camera, from, until, video: part.part.video, url });
    }
    match playing.is_empty() {
        true => Err(AppError::Gone("This clip was erased.".into())),
        false => Ok(playing),
    }
}

/// Where all of a clip is to be had for some minutes.
///
/// # Errors
/// [`AppError::Gone`] when it was erased.
pub(crate) async fn file_to_save(app: &App, id: ClipId) -> Result<Url> {
    let clip = super::find(app, id).await?;
    let object = match clip.package_id {
        Some(package) => object::Entity::find_by_id(package).one(app.db()).await?,
        None => parts_of(app, id).await?.into_iter().next().map(|part| part.object),
    };
    let object = object.ok_or_else(|| AppError::Gone("This clip was erased.".into()))?;
    objects::link(app, &object, &saved_as(&clip.title, &object), SAVED_FOR).await
}
