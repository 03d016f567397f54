//! Sites: places with cameras, and the networks that these may be in.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr, sea_query::Expr,
};
use serde_json::json;

use super::{
    Allow,
    model::{camera, site},
};
use crate::{
    App, AppError, FormErrors, Result,
    audit::{Action, Actor, Subject},
    customers::check,
    docks::model::dock,
    form::FormData,
    ids::YardSiteId,
    recorders::model as recorder,
    words::fold,
};

/// A site as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteForm {
    pub name: String,
    /// An [`Allow`], a line each.
    pub allow: String,
}

impl SiteForm {
    #[must_use]
    pub fn from_form(form: &FormData) -> Self {
        Self { name: form.get("name").into(), allow: form.get("allow").into() }
    }

    #[must_use]
    pub fn of(site: &site::Model) -> Self {
        Self { name: site.name.clone(), allow: site.allow.clone() }
    }

    fn checked(&self) -> Result<(String, Allow), FormErrors> {
        let mut errors = FormErrors::new();
        let name = check::line(&self.name, 100).and_then(|name| match name.is_empty() {
            true => Err("Give the site a name, such as South yard".into()),
            false => Ok(name),
        });
        let name = name.unwrap_or_else(|why| {
            errors.add("name", why);
            String::new()
        });
        let allow = match self.allow.parse::<Allow>() {
            _ if self.allow.len() > 10_000 => {
                Err("The list is longer than any network needs: 10,000 characters at most".into())
            }
            Ok(allow) if allow == Allow::default() => {
                Err("Name one network at least, such as 192.168.10.0/24: no camera is connected to outside of them"
                    .into())
            }
            read => read,
        };
        let allow = allow.unwrap_or_else(|why: String| {
            errors.add("allow", why);
            Allow::default()
        });
        if errors.is_empty() { Ok((name, allow)) } else { Err(errors) }
    }
}

/// A site in the list.
#[derive(Clone, Debug)]
pub struct SiteLine {
    pub site: site::Model,
    /// Cameras in use.
    pub cameras: u64,
}

/// The sites in use by name, or those that were put away.
///
/// # Errors
/// When the database does not answer.
pub async fn sites(app: &App, archived: bool) -> Result<Vec<SiteLine>> {
    let rows = match archived {
        true => site::Entity::find().filter(site::COLUMN.archived_at.is_not_null()),
        false => site::Entity::find().filter(site::COLUMN.archived_at.is_null()),
    };
    let counted: Vec<(YardSiteId, i64)> = camera::Entity::find()
        .filter(camera::COLUMN.archived_at.is_null())
        .select_only()
        .column(camera::Column::SiteId)
        .column_as(Expr::col(camera::Column::Id).count(), "cameras")
        .group_by(camera::Column::SiteId)
        .into_tuple()
        .all(app.db())
        .await?;
    let counted: HashMap<_, _> = counted.into_iter().collect();
    let line = |site: site::Model| {
        let cameras = counted.get(&site.id).and_then(|count| u64::try_from(*count).ok()).unwrap_or(0);
        SiteLine { site, cameras }
    };
    Ok(rows.order_by_asc(site::Column::NameKey).all(app.db()).await?.into_iter().map(line).collect())
}

/// One site.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn site(db: &impl ConnectionTrait, id: YardSiteId) -> Result<site::Model> {
    site::Entity::find_by_id(id).one(db).await?.ok_or(AppError::NotFound("That site"))
}

/// The site in use that is called so; of none, when there is but one, that one.
///
/// # Errors
/// [`AppError::Invalid`] on `site`.
pub async fn site_named(app: &App, name: Option<&str>) -> Result<site::Model> {
    let mut all = sites(app, false).await?;
    let at = match name {
        None if all.len() == 1 => Some(0),
        None => None,
        Some(name) => all.iter().position(|line| line.site.name_key == fold(name)),
    };
    let names = || all.iter().map(|line| line.site.name.clone()).collect::<Vec<_>>().join(", ");
    match at {
        Some(at) => Ok(all.swap_remove(at).site),
        None => Err(AppError::field("site", format!("Name the site that the camera is on: {}", names()))),
    }
}

/// Adds a site, or with `id` replaces what is known of one. With another list, capture of its cameras begins anew.
///
/// # Errors
/// [`AppError::Invalid`] field by field.
pub async fn save_site(app: &App, actor: &Actor, id: Option<YardSiteId>, form: &SiteForm) -> Result<YardSiteId> {
    let (name, list) = form.checked().map_err(AppError::Invalid)?;
    let allow = list.to_string();
    let mut tx = app.begin().await?;
    let twin = site::Entity::find()
        .filter(site::COLUMN.name_key.eq(fold(&name)))
        .filter(site::COLUMN.archived_at.is_null())
        .one(&tx)
        .await?;
    if let Some(twin) = twin.filter(|twin| Some(twin.id) != id) {
        return Err(AppError::field(
            "name",
            format!("Another site is called “{}”. Give this one another name", twin.name),
        ));
    }
    let saved = match id {
        None => {
            let row = site::Model {
                id: app.id(),
                name_key: fold(&name),
                name: name.clone(),
                allow: allow.clone(),
                created_at: app.now(),
                updated_at: app.now(),
                archived_at: None,
            };
            let id = row.id;
            site::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await.map_err(taken)?;
            id
        }
        Some(id) => {
            let row = site(&tx, id).await?;
            let other_list = row.allow.parse() != Ok(list);
            let mut row = row.into_active_model();
            row.name_key = Set(fold(&name));
            row.name = Set(name.clone());
            row.allow = Set(allow.clone());
            row.updated_at = Set(app.now());
            row.update(&tx).await.map_err(taken)?;
            if other_list {
                camera::Entity::update_many()
                    .col_expr(camera::Column::Version, Expr::col(camera::Column::Version).add(1))
                    .filter(camera::COLUMN.site_id.eq(id))
                    .filter(camera::COLUMN.archived_at.is_null())
                    .exec(&tx)
                    .await?;
            }
            id
        }
    };
    let details = json!({ "name": name, "allow": allow.lines().collect::<Vec<_>>(), "new": id.is_none() });
    tx.audit(actor, Action::YardSiteSaved, Subject::YardSite(saved), details);
    tx.made(&saved).await?;
    tx.commit().await?;
    Ok(saved)
}

/// Puts a site away that nothing is on any more, or brings it back.
///
/// # Errors
/// [`AppError::Conflict`] when something is; [`AppError::Invalid`] on `name` when another one is called so by now.
pub async fn archive_site(app: &App, actor: &Actor, id: YardSiteId, archived: bool) -> Result<()> {
    let mut tx = app.begin().await?;
    let row = site(&tx, id).await?;
    if row.archived_at.is_some() == archived {
        return Ok(());
    }
    if archived {
        let cameras = camera::Entity::find()
            .filter(camera::COLUMN.site_id.eq(id))
            .filter(camera::COLUMN.archived_at.is_null())
            .count(&tx)
            .await?;
        let recorders = recorder::Entity::find()
            .filter(recorder::COLUMN.site_id.eq(id))
            .filter(recorder::COLUMN.revoked_at.is_null())
            .count(&tx)
            .await?;
        let docks = dock::Entity::find()
            .filter(dock::COLUMN.site_id.eq(id))
            .filter(dock::COLUMN.archived_at.is_null())
            .count(&tx)
            .await?;
        if cameras + recorders + docks > 0 {
            return Err(AppError::Conflict(format!(
                "{} still has {cameras} cameras, {recorders} recorders and {docks} docks. Archive those first, or move them to another site.",
                row.name
            )));
        }
        if site::Entity::find().filter(site::COLUMN.archived_at.is_null()).count(&tx).await? < 2 {
            return Err(AppError::Conflict("This is the only site. Add another one before you archive it.".into()));
        }
    }
    let name = row.name.clone();
    let mut row = row.into_active_model();
    row.archived_at = Set(archived.then(|| app.now()));
    row.updated_at = Set(app.now());
    row.update(&tx).await.map_err(taken)?;
    tx.audit(actor, Action::YardSiteArchived, Subject::YardSite(id), json!({ "name": name, "archived": archived }));
    tx.commit().await
}

fn taken(error: DbErr) -> AppError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            AppError::field("name", "Another site has this name. Give this one another name first")
        }
        _ => error.into(),
    }
}
