//! Making a recorder for another site: it comes with a token, which is shown once.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, SqlErr};
use serde_json::json;

use super::model;
use crate::{
    App, AppError, FormErrors, Result,
    audit::{Action, Actor, Subject},
    cameras::model::site,
    customers::check,
    form::FormData,
    ids::YardSiteId,
    secrets::token_hash,
    words::fold,
};

/// How each of these tokens begins, so that scanners of source code find one that was committed.
const PREFIX: &str = "gatehouse_rec_";

/// A recorder as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecorderForm {
    pub name: String,
    /// A site's id.
    pub site: String,
}

impl RecorderForm {
    #[must_use]
    pub fn from_form(form: &FormData) -> Self {
        Self { name: form.get("name").into(), site: form.get("site").into() }
    }
}

/// Makes a recorder; gives its token in full, this once.
///
/// # Errors
/// [`AppError::Invalid`] on `name` and `site`.
pub async fn create(app: &App, actor: &Actor, form: &RecorderForm) -> Result<(model::Model, String)> {
    let mut errors = FormErrors::new();
    let name = check::line(&form.name, 100).and_then(|name| match name.is_empty() {
        true => Err("Give the recorder a name, such as South yard: it stands on every recording".into()),
        false => Ok(name),
    });
    let name = name.unwrap_or_else(|why| {
        errors.add("name", why);
        String::new()
    });
    let site = match form.site.parse::<YardSiteId>() {
        Ok(id) => site::Entity::find_by_id(id).filter(site::COLUMN.archived_at.is_null()).one(app.db()).await?,
        Err(_) => None,
    };
    let Some(site) = site.filter(|_| errors.is_empty()) else {
        if errors.is_empty() {
            errors.add("site", "Choose the site whose cameras it records");
        }
        return Err(AppError::Invalid(errors));
    };
    let mut random = [0; 32];
    app.ports.ids.random(&mut random);
    let token = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(random));
    let row = model::Model {
        id: app.id(),
        site_id: site.id,
        kind: "remote".into(),
        name_key: fold(&name),
        name,
        token_hash: Some(token_hash(&token)),
        node: String::new(),
        version: String::new(),
        ip: None,
        last_seen_at: None,
        clock_offset_ms: None,
        disk_free: None,
        disk_total: None,
        keep_free: 0,
        spool_bytes: 0,
        spool_limit: 0,
        queue_segments: 0,
        queue_bytes: 0,
        oldest_waiting_at: None,
        aside: 0,
        created_by: actor.user_id(),
        created_at: app.now(),
        revoked_at: None,
    };
    let mut tx = app.begin().await?;
    let twin = model::Entity::find()
        .filter(model::Column::NameKey.eq(&*row.name_key))
        .filter(model::Column::RevokedAt.is_null())
        .one(&tx)
        .await?;
    if let Some(twin) = twin {
        return Err(taken(&twin.name));
    }
    model::Entity::insert(row.clone().into_active_model()).exec_without_returning(&tx).await.map_err(|error| {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => taken(&row.name),
            _ => error.into(),
        }
    })?;
    let details = json!({ "name": row.name, "site": site.name });
    tx.audit(actor, Action::RecorderAdded, Subject::Recorder(row.id), details);
    tx.commit().await?;
    Ok((row, token))
}

fn taken(name: &str) -> AppError {
    AppError::field("name", format!("Another recorder is called “{name}”. Give this one another name"))
}
