//! Docks: the list, and what is kept of one.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, SqlErr,
};
use serde_json::json;

use super::model::{dock, dock_camera};
use crate::{
    App, AppError, FormErrors, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    cameras::{self, model::camera},
    customers::check,
    form::FormData,
    ids::{CameraId, DockId, YardSiteId},
    words::fold,
};

/// So many cameras play together, and no dock is seen by more.
const MOST: usize = 9;

/// A dock as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DockForm {
    pub name: String,
    pub site: String,
    /// Ids of the cameras that see it, in the order of the form.
    pub cameras: Vec<String>,
}

impl DockForm {
    #[must_use]
    pub fn from_form(form: &FormData) -> Self {
        Self {
            name: form.get("name").into(),
            site: form.get("site").into(),
            cameras: form.all("cameras").map(str::to_owned).collect(),
        }
    }

    /// As it is kept.
    #[must_use]
    pub fn of(line: &DockLine) -> Self {
        Self {
            name: line.dock.name.clone(),
            site: line.dock.site_id.to_string(),
            cameras: line.cameras.iter().map(|camera| camera.id.to_string()).collect(),
        }
    }
}

/// A dock with its cameras: those that whoever asks may see, in their order.
#[derive(Clone, Debug)]
pub struct DockLine {
    pub dock: dock::Model,
    pub cameras: Vec<camera::Model>,
}

/// The docks in use by name, or those that were put away.
///
/// # Errors
/// When the database does not answer.
pub async fn docks(app: &App, actor: &Actor, archived: bool) -> Result<Vec<DockLine>> {
    let rows = match archived {
        true => dock::Entity::find().filter(dock::COLUMN.archived_at.is_not_null()),
        false => dock::Entity::find().filter(dock::COLUMN.archived_at.is_null()),
    };
    let rows = rows.order_by_asc(dock::Column::NameKey).all(app.db()).await?;
    with_cameras(app, actor, rows).await
}

/// One dock.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn dock(app: &App, actor: &Actor, id: DockId) -> Result<DockLine> {
    let row = find(app.db(), id).await?;
    with_cameras(app, actor, vec![row]).await?.pop().ok_or(AppError::NotFound("That dock"))
}

/// Id and name of the docks in use, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn in_use(app: &App) -> Result<Vec<(DockId, String)>> {
    let rows = dock::Entity::find().filter(dock::COLUMN.archived_at.is_null()).order_by_asc(dock::Column::NameKey);
    Ok(rows.select_only().columns([dock::Column::Id, dock::Column::Name]).into_tuple().all(app.db()).await?)
}

pub(super) async fn find(db: &impl ConnectionTrait, id: DockId) -> Result<dock::Model> {
    dock::Entity::find_by_id(id).one(db).await?.ok_or(AppError::NotFound("That dock"))
}

async fn with_cameras(app: &App, actor: &Actor, rows: Vec<dock::Model>) -> Result<Vec<DockLine>> {
    let ids: Vec<DockId> = rows.iter().map(|dock| dock.id).collect();
    let pairs = dock_camera::Entity::find()
        .filter(dock_camera::Column::DockId.is_in(ids))
        .order_by_asc(dock_camera::Column::Position)
        .all(app.db())
        .await?;
    let seen: Vec<CameraId> = pairs.iter().map(|pair| pair.camera_id).collect();
    let found = camera::Entity::find()
        .filter(camera::Column::Id.is_in(seen))
        .filter(cameras::sees(app, actor).await?)
        .all(app.db())
        .await?;
    let found: HashMap<CameraId, camera::Model> = found.into_iter().map(|camera| (camera.id, camera)).collect();
    let line = |dock: dock::Model| {
        let own = pairs.iter().filter(|pair| pair.dock_id == dock.id);
        DockLine { cameras: own.filter_map(|pair| found.get(&pair.camera_id).cloned()).collect(), dock }
    };
    Ok(rows.into_iter().map(line).collect())
}

/// What a form says, held against what there is.
struct Checked {
    name: String,
    site: YardSiteId,
    cameras: Vec<camera::Model>,
}

async fn check(tx: &WriteTxn<'_>, id: Option<DockId>, form: &DockForm) -> Result<Checked> {
    let mut errors = FormErrors::new();
    let name = check::line(&form.name, 100).and_then(|name| match name.is_empty() {
        true => Err("Give the dock a name, such as Dock 2".into()),
        false => Ok(name),
    });
    let name = name.unwrap_or_else(|why| {
        errors.add("name", why);
        String::new()
    });
    let twin = dock::Entity::find()
        .filter(dock::COLUMN.name_key.eq(fold(&name)))
        .filter(dock::COLUMN.archived_at.is_null())
        .one(tx)
        .await?;
    if let Some(twin) = twin.filter(|twin| Some(twin.id) != id) {
        errors.add("name", format!("Another dock is called “{}”. Give this one another name", twin.name));
    }
    let site = match form.site.parse::<YardSiteId>() {
        Ok(site) => Some(cameras::site(tx, site).await?.id),
        Err(_) => {
            errors.add("site", "Choose the site that the dock is on");
            None
        }
    };
    let mut wanted: Vec<CameraId> = Vec::new();
    for camera in form.cameras.iter().filter_map(|camera| camera.parse().ok()) {
        if !wanted.contains(&camera) {
            wanted.push(camera);
        }
    }
    if wanted.len() > MOST {
        errors.add("cameras", format!("Tick nine cameras at most; these are {}", wanted.len()));
    }
    errors.into_result()?;
    let mut found = camera::Entity::find().filter(camera::Column::Id.is_in(wanted.clone())).all(tx).await?;
    found.sort_by_key(|camera| wanted.iter().position(|id| *id == camera.id));
    let site = site.ok_or(AppError::NotFound("That site"))?;
    Ok(Checked { name, site, cameras: found })
}

/// Adds a dock, or with `id` replaces what is known of one.
///
/// # Errors
/// [`AppError::Invalid`] field by field.
pub async fn save(app: &App, actor: &Actor, id: Option<DockId>, form: &DockForm) -> Result<DockId> {
    let mut tx = app.begin().await?;
    let Checked { name, site, cameras } = check(&tx, id, form).await?;
    let saved = match id {
        None => {
            let row = dock::Model {
                id: app.id(),
                site_id: site,
                name_key: fold(&name),
                name: name.clone(),
                created_at: app.now(),
                updated_at: app.now(),
                archived_at: None,
            };
            let id = row.id;
            dock::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await.map_err(taken)?;
            id
        }
        Some(id) => {
            let mut row = find(&tx, id).await?.into_active_model();
            row.site_id = Set(site);
            row.name_key = Set(fold(&name));
            row.name = Set(name.clone());
            row.updated_at = Set(app.now());
            row.update(&tx).await.map_err(taken)?;
            dock_camera::Entity::delete_many().filter(dock_camera::Column::DockId.eq(id)).exec(&tx).await?;
            id
        }
    };
    if !cameras.is_empty() {
        let rows = cameras.iter().zip(0..).map(|(camera, position)| {
            dock_camera::Model { dock_id: saved, camera_id: camera.id, position }.into_active_model()
        });
        dock_camera::Entity::insert_many(rows).exec_without_returning(&tx).await?;
    }
    let slugs: Vec<_> = cameras.iter().map(|camera| camera.slug.as_str()).collect();
    tx.audit(
        actor,
        Action::DockSaved,
        Subject::Dock(saved),
        json!({ "name": name, "cameras": slugs, "new": id.is_none() }),
    );
    tx.made(&saved).await?;
    tx.commit().await?;
    Ok(saved)
}

/// Puts a dock away, or brings it back. What was loaded at it stays.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`] on `name` when another one is called so by now.
pub async fn archive(app: &App, actor: &Actor, id: DockId, archived: bool) -> Result<()> {
    let mut tx = app.begin().await?;
    let row = find(&tx, id).await?;
    if row.archived_at.is_some() == archived {
        return Ok(());
    }
    let name = row.name.clone();
    let mut row = row.into_active_model();
    row.archived_at = Set(archived.then(|| app.now()));
    row.updated_at = Set(app.now());
    row.update(&tx).await.map_err(taken)?;
    tx.audit(actor, Action::DockArchived, Subject::Dock(id), json!({ "name": name, "archived": archived }));
    tx.commit().await
}

fn taken(error: DbErr) -> AppError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            AppError::field("name", "Another dock is called so by now. Give this one another name")
        }
        _ => error.into(),
    }
}
