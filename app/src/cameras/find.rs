//! Who sees which camera: one function decides, and one condition says the same for lists.

use std::{collections::HashMap, sync::Arc};

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::Expr,
};

use super::{
    Address, Allow, Opening, Transport,
    model::{camera, grant, site},
};
use crate::{
    App, AppError, Result,
    audit::{Actor, ActorKind},
    ids::{CameraId, CameraNo, UserId},
    ports::Source,
    recordings::pages::PLAYERS,
    users::{Permission, Role, model::user},
    words::fold,
};

/// Which rows of `cameras` somebody in `role` sees: admins all, others those that are open to everybody and those with a grant.
#[must_use]
pub fn visible_to(role: Role, user: UserId) -> Condition {
    if !role.may(Permission::ReadCameras) {
        return nothing();
    }
    if role == Role::Admin {
        return Condition::all();
    }
    let granted = grant::Entity::find()
        .select_only()
        .column(grant::Column::CameraId)
        .filter(grant::COLUMN.user_id.eq(user))
        .into_query();
    Condition::any().add(camera::COLUMN.open_to_all.eq(true)).add(camera::Column::Id.in_subquery(granted))
}

fn nothing() -> Condition {
    Condition::all().add(Expr::val(1).eq(0))
}

/// The same for whoever acts: a person, a program as its owner, or Gatehouse itself, which sees all.
///
/// # Errors
/// When the database does not answer.
pub async fn sees(app: &App, actor: &Actor) -> Result<Condition> {
    if actor.kind == ActorKind::System {
        return Ok(Condition::all());
    }
    let Some(id) = actor.user_id() else { return Ok(nothing()) };
    let role: Option<String> = user::Entity::find_by_id(id)
        .filter(user::Column::DisabledAt.is_null())
        .select_only()
        .column(user::Column::Role)
        .into_tuple()
        .one(app.db())
        .await?;
    Ok(role.and_then(|role| role.parse().ok()).map_or_else(nothing, |role| visible_to(role, id)))
}

/// One camera, for somebody who may see it.
///
/// # Errors
/// [`AppError::NotFound`] also where there is one that `actor` may not see: they may not know of it.
pub async fn visible(app: &App, actor: &Actor, id: CameraId) -> Result<camera::Model> {
    let found = camera::Entity::find_by_id(id).filter(sees(app, actor).await?).one(app.db()).await?;
    found.ok_or(AppError::NotFound("That camera"))
}

/// The cameras that `slugs` names, joined by commas, in that order: those that `actor` may see, and no more than play together.
///
/// # Errors
/// When the database does not answer.
pub async fn chosen(app: &App, actor: &Actor, slugs: &str) -> Result<Vec<camera::Model>> {
    let mut wanted: Vec<&str> = Vec::new();
    for slug in slugs.split(',').map(str::trim).filter(|slug| !slug.is_empty()) {
        if !wanted.contains(&slug) {
            wanted.push(slug);
        }
    }
    wanted.truncate(PLAYERS);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let found =
        camera::Entity::find().filter(camera::Column::Slug.is_in(wanted.clone())).filter(sees(app, actor).await?);
    let mut found = found.all(app.db()).await?;
    found.sort_by_key(|camera| wanted.iter().position(|slug| *slug == camera.slug));
    Ok(found)
}

/// Cameras in use that `actor` may see and whose names have `typed` in them, at most `limit`, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn like(app: &App, actor: &Actor, typed: &str, limit: usize) -> Result<Vec<(CameraId, String)>> {
    let found = camera::Entity::find()
        .filter(camera::COLUMN.archived_at.is_null())
        .filter(camera::Column::NameKey.contains(fold(typed)))
        .filter(sees(app, actor).await?)
        .order_by_asc(camera::Column::NameKey)
        .limit(limit as u64);
    Ok(found.select_only().columns([camera::Column::Id, camera::Column::Name]).into_tuple().all(app.db()).await?)
}

/// Slug and name of the cameras in use that `actor` may see, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn in_use(app: &App, actor: &Actor) -> Result<Vec<(String, String)>> {
    let found = camera::Entity::find()
        .filter(camera::COLUMN.archived_at.is_null())
        .filter(sees(app, actor).await?)
        .order_by_asc(camera::Column::NameKey);
    Ok(found.select_only().columns([camera::Column::Slug, camera::Column::Name]).into_tuple().all(app.db()).await?)
}

/// The slugs of cameras that `actor` may see; of one that is not there, its id, which is no slug.
///
/// # Errors
/// When the database does not answer.
pub async fn slugs(app: &App, actor: &Actor, ids: &[CameraId]) -> Result<Vec<String>> {
    let found =
        camera::Entity::find().filter(camera::Column::Id.is_in(ids.iter().copied())).filter(sees(app, actor).await?);
    let found: Vec<(CameraId, String)> =
        found.select_only().columns([camera::Column::Id, camera::Column::Slug]).into_tuple().all(app.db()).await?;
    let found: HashMap<_, _> = found.into_iter().collect();
    Ok(ids.iter().map(|id| found.get(id).cloned().unwrap_or_else(|| id.to_string())).collect())
}

/// What is to be connected to, with what opens it.
///
/// # Errors
/// [`AppError::Conflict`] when that cannot be read any more.
pub async fn source(app: &App, camera: &camera::Model) -> Result<Source> {
    let site = site::Entity::find_by_id(camera.site_id).one(app.db()).await?.ok_or(AppError::NotFound("That site"))?;
    Ok(Source {
        address: Address {
            host: camera.host.clone(),
            port: u16::try_from(camera.port).unwrap_or_default(),
            opening: Opening::open(app, camera.id, &camera.sealed)?,
        },
        transport: camera.transport.parse().unwrap_or(Transport::Tcp),
        audio: camera.audio,
        allow: allowed(&site)?,
    })
}

/// The networks of a site as they are understood.
pub(super) fn allowed(site: &site::Model) -> Result<Allow> {
    Ok(site.allow.parse().map_err(|why: String| anyhow::anyhow!("the list of site {}: {why}", site.id))?)
}

/// Which camera a number is, and the other way round.
#[derive(Clone, Debug, Default)]
pub struct Names {
    by_number: HashMap<CameraNo, (CameraId, String, String)>,
    by_id: HashMap<CameraId, CameraNo>,
}

impl Names {
    /// Id, slug and name.
    #[must_use]
    pub fn of(&self, number: CameraNo) -> Option<(CameraId, &str, &str)> {
        self.by_number.get(&number).map(|(id, slug, name)| (*id, slug.as_str(), name.as_str()))
    }

    #[must_use]
    pub fn number(&self, id: CameraId) -> Option<CameraNo> {
        self.by_id.get(&id).copied()
    }
}

/// All cameras there are and were.
///
/// # Errors
/// When the database does not answer.
pub async fn numbers(app: &App) -> Result<Arc<Names>> {
    use camera::Column::{Id, Name, Number, Slug};
    let rows = camera::Entity::find().select_only().columns([Number, Id, Slug, Name]);
    let rows: Vec<(CameraNo, CameraId, String, String)> = rows.into_tuple().all(app.db()).await?;
    let by_id = rows.iter().map(|(number, id, ..)| (*id, *number)).collect();
    let by_number = rows.into_iter().map(|(number, id, slug, name)| (number, (id, slug, name))).collect();
    Ok(Arc::new(Names { by_number, by_id }))
}
