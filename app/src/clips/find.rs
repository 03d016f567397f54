//! Finding a clip: whoever may see all of its cameras may see it, at that moment.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::model::{clip, clip_camera, part};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    bols::model::bol,
    cameras::{self, model::camera},
    ids::{BolId, CameraId, ClipId, ObjectId},
    objects::model::object,
};

/// A file of a clip.
#[derive(Clone, Debug)]
pub struct Part {
    pub part: part::Model,
    /// With its seal.
    pub object: object::Model,
}

impl Part {
    /// What it is saved as, which is what the manifest calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        name_of(&self.object)
    }
}

/// The last part of an object's key.
pub(super) fn name_of(object: &object::Model) -> &str {
    object.key.rsplit('/').next().unwrap_or_default()
}

/// A clip with all that belongs to it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub clip: clip::Model,
    /// As they were asked for.
    pub cameras: Vec<camera::Model>,
    /// In their order.
    pub parts: Vec<Part>,
    /// All files in one, where there are several.
    pub package: Option<object::Model>,
    pub bol: Option<(BolId, String)>,
}

/// Which rows of `clips` somebody sees who sees `cameras`: those without a camera that they do not.
pub(super) fn seen_with(cameras: Condition) -> Condition {
    let seen = camera::Entity::find().select_only().column(camera::Column::Id).filter(cameras).into_query();
    let others = clip_camera::Entity::find()
        .select_only()
        .column(clip_camera::Column::ClipId)
        .filter(clip_camera::Column::CameraId.not_in_subquery(seen))
        .into_query();
    Condition::all().add(clip::Column::Id.not_in_subquery(others))
}

/// The clip's row, whoever asks.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn find(app: &App, id: ClipId) -> Result<clip::Model> {
    clip::Entity::find_by_id(id).one(app.db()).await?.ok_or(AppError::NotFound("This clip"))
}

/// The clip's row, for somebody who may see all of its cameras.
///
/// # Errors
/// [`AppError::NotFound`] also where there is one that `actor` may not see.
pub async fn visible(app: &App, actor: &Actor, id: ClipId) -> Result<clip::Model> {
    let found = clip::Entity::find_by_id(id).filter(seen_with(cameras::sees(app, actor).await?)).one(app.db()).await?;
    found.ok_or(AppError::NotFound("This clip"))
}

/// A clip with its files, for somebody who may see it. With `on_record` the look is written down first.
///
/// # Errors
/// As [`visible`].
pub async fn show(app: &App, actor: &Actor, id: ClipId, on_record: bool) -> Result<Shown> {
    let clip = visible(app, actor, id).await?;
    if on_record {
        let details = serde_json::json!({ "title": clip.title });
        app.record_read(actor, Action::ClipViewed, Subject::Clip(id), details).await?;
    }
    let (cameras, parts) = tokio::try_join!(cameras_of(app, id), parts_of(app, id))?;
    let package = match clip.package_id {
        Some(package) => object::Entity::find_by_id(package).one(app.db()).await?,
        None => None,
    };
    let bol = match clip.bol_id {
        Some(bol) => bol::Entity::find_by_id(bol).one(app.db()).await?,
        None => None,
    };
    let bol = bol.map(|bol| (bol.id, bol.number.unwrap_or_else(|| "Draft".into())));
    Ok(Shown { clip, cameras, parts, package, bol })
}

/// The cameras that a clip was asked of, in their order.
pub(super) async fn cameras_of(app: &App, id: ClipId) -> Result<Vec<camera::Model>> {
    let ids: Vec<CameraId> = clip_camera::Entity::find()
        .filter(clip_camera::Column::ClipId.eq(id))
        .order_by_asc(clip_camera::Column::Position)
        .select_only()
        .column(clip_camera::Column::CameraId)
        .into_tuple()
        .all(app.db())
        .await?;
    let mut found = camera::Entity::find().filter(camera::Column::Id.is_in(ids.clone())).all(app.db()).await?;
    found.sort_by_key(|camera| ids.iter().position(|id| *id == camera.id));
    Ok(found)
}

/// The files of a clip, in their order.
pub(super) async fn parts_of(app: &App, id: ClipId) -> Result<Vec<Part>> {
    let parts = part::Entity::find()
        .filter(part::Column::ClipId.eq(id))
        .order_by_asc(part::Column::Number)
        .all(app.db())
        .await?;
    let ids: Vec<ObjectId> = parts.iter().map(|part| part.object_id).collect();
    let found = object::Entity::find().filter(object::Column::Id.is_in(ids)).all(app.db()).await?;
    let mut objects: HashMap<ObjectId, object::Model> = found.into_iter().map(|object| (object.id, object)).collect();
    let part = |part: part::Model| Some(Part { object: objects.remove(&part.object_id)?, part });
    Ok(parts.into_iter().filter_map(part).collect())
}
