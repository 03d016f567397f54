//! Templates: what a bill says again and again, under a name.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::{find, model::template, rules};
use crate::{
    App,
    audit::{Action, Actor, Subject},
    error::{AppError, Result},
    ids::{BolId, TemplateId},
};

const TEMPLATE: &str = "This template";
/// The longest name, in characters.
const MAX_NAME: usize = 80;

/// All of them, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<template::Model>> {
    Ok(template::Entity::find().order_by_asc(template::Column::Name).all(db).await?)
}

/// # Errors
/// [`AppError::NotFound`].
pub async fn get(db: &impl ConnectionTrait, id: TemplateId) -> Result<template::Model> {
    template::Entity::find_by_id(id).one(db).await?.ok_or(AppError::NotFound(TEMPLATE))
}

/// The template that has this name.
///
/// # Errors
/// When the database does not answer.
pub async fn named(db: &impl ConnectionTrait, name: &str) -> Result<Option<template::Model>> {
    Ok(template::Entity::find().filter(template::Column::Name.eq(name.trim())).one(db).await?)
}

/// Keeps what the bill says, without what belongs to its load alone, as a template called `name`; with `replace` in place of the
/// one that has the name already.
///
/// # Errors
/// [`AppError::Invalid`] where the name is empty, too long or taken.
pub async fn save_as_template(app: &App, actor: &Actor, bol: BolId, name: &str, replace: bool) -> Result<TemplateId> {
    let mut content = find::current(app.db(), bol).await?.content;
    content.clear_load();
    let content = serde_json::to_string(&content.tidy())?;
    let now = app.now();
    let mut tx = app.begin().await?;
    let twin = named(&tx, name).await?.filter(|_| replace);
    let name = check_name(&tx, name, twin.as_ref().map(|twin| twin.id)).await?;
    let replaced = twin.is_some();
    let id = match twin {
        Some(twin) => {
            let id = twin.id;
            let mut row: template::ActiveModel = twin.into();
            row.content = Set(content);
            row.updated_at = Set(now);
            row.update(&tx).await?;
            id
        }
        None => {
            let id: TemplateId = app.id();
            let row = template::Model {
                id,
                name: name.clone(),
                content,
                created_by: actor.user_id(),
                created_at: now,
                updated_at: now,
            };
            template::ActiveModel::from(row).insert(&tx).await?;
            id
        }
    };
    let details = json!({ "name": name, "bol": bol, "replaced": replaced });
    tx.audit(actor, Action::TemplateSaved, Subject::Template(id), details);
    tx.made(&id).await?;
    tx.commit().await?;
    Ok(id)
}

/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`] where the name is empty, too long or taken.
pub async fn rename(app: &App, actor: &Actor, id: TemplateId, name: &str) -> Result<()> {
    let mut tx = app.begin().await?;
    let old = get(&tx, id).await?;
    let name = check_name(&tx, name, Some(id)).await?;
    let was = old.name.clone();
    let mut row: template::ActiveModel = old.into();
    row.name = Set(name.clone());
    row.updated_at = Set(app.now());
    row.update(&tx).await?;
    tx.audit(actor, Action::TemplateSaved, Subject::Template(id), json!({ "name": name, "was": was }));
    tx.commit().await
}

/// # Errors
/// [`AppError::NotFound`].
pub async fn delete(app: &App, actor: &Actor, id: TemplateId) -> Result<()> {
    let mut tx = app.begin().await?;
    let old = get(&tx, id).await?;
    template::Entity::delete_by_id(id).exec(&tx).await?;
    tx.audit(actor, Action::TemplateDeleted, Subject::Template(id), json!({ "name": old.name }));
    tx.commit().await
}

async fn check_name(db: &impl ConnectionTrait, name: &str, own: Option<TemplateId>) -> Result<String> {
    let name = name.trim();
    if name.is_empty() {
        return Err(AppError::field("name", "Give the template a name"));
    }
    rules::check_text(name, MAX_NAME, false).map_err(|message| AppError::field("name", message))?;
    match named(db, name).await? {
        Some(other) if Some(other.id) != own => {
            Err(AppError::field("name", format!("There is a template called {name} already; choose another name")))
        }
        _ => Ok(name.to_owned()),
    }
}
