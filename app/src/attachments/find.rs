//! Attachments of a bill, and the bytes of one: on record first, then a URL that soon is over.

use std::{collections::HashMap, sync::Arc, time::Duration};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use url::Url;

use super::{State, model, sniff};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    bols::{self, model::bol},
    ids::{AttachmentId, BolId},
    objects::{self, model::object},
    ports::ObjectStore,
};

/// How long a URL to one lives: long enough to follow a redirect.
const LIFE: Duration = Duration::from_mins(5);

/// # Errors
/// [`AppError::NotFound`].
pub async fn find(db: &impl ConnectionTrait, id: AttachmentId) -> Result<model::Model> {
    model::Entity::find_by_id(id).one(db).await?.ok_or(AppError::NotFound("This attachment"))
}

/// The attachment, provided it belongs to `bol`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn find_of(db: &impl ConnectionTrait, bol: BolId, id: AttachmentId) -> Result<model::Model> {
    let row = find(db, id).await?;
    if row.bol_id == bol { Ok(row) } else { Err(AppError::NotFound("This attachment")) }
}

/// What a bill has, oldest first, without what never arrived.
///
/// # Errors
/// When the database does not answer.
pub async fn of_bill(db: &impl ConnectionTrait, bol: BolId) -> Result<Vec<model::Model>> {
    Ok(model::Entity::find()
        .filter(model::Column::BolId.eq(bol))
        .filter(model::Column::State.is_not_in([State::GivenUp.as_str(), State::Removed.as_str()]))
        .order_by_asc(model::Column::CreatedAt)
        .order_by_asc(model::Column::Id)
        .all(db)
        .await?)
}

/// The same, and the bill, for somebody who looks: on record.
///
/// # Errors
/// `NotFound`; when the look cannot be put on record.
pub async fn look(app: &App, actor: &Actor, bol: BolId) -> Result<(bol::Model, Vec<model::Model>)> {
    let bill = bols::find::find(app.db(), bol).await?;
    let rows = of_bill(app.db(), bol).await?;
    let details = json!({ "number": bill.number, "attachments": rows.len() });
    app.record_read(actor, Action::AttachmentsViewed, Subject::Bol(bol), details).await?;
    Ok((bill, rows))
}

/// One attachment for somebody who looks: on record.
///
/// # Errors
/// `NotFound`; when the look cannot be put on record.
pub async fn look_at(app: &App, actor: &Actor, id: AttachmentId) -> Result<model::Model> {
    let row = find(app.db(), id).await?;
    let details = json!({ "attachment": id, "name": row.name });
    app.record_read(actor, Action::AttachmentsViewed, Subject::Bol(row.bol_id), details).await?;
    Ok(row)
}

/// A URL that saves the attachment as a file. It never opens in the browser: what strangers made is not shown under the house's name.
///
/// # Errors
/// `NotFound`; `Conflict` while it is not there; `Archived`.
pub async fn download(app: &App, actor: &Actor, id: AttachmentId) -> Result<Url> {
    let row = find(app.db(), id).await?;
    let object = match (row.state(), row.object_id) {
        (State::Ready, Some(object)) => object,
        (State::Removed, _) => return Err(AppError::Gone(format!("“{}” was removed.", row.name))),
        (state, _) => {
            return Err(AppError::Conflict(format!(
                "“{}” cannot be opened: {}.",
                row.name,
                state.label().to_lowercase()
            )));
        }
    };
    let object =
        object::Entity::find_by_id(object).one(app.db()).await?.ok_or(AppError::NotFound("This attachment"))?;
    let url = objects::link(app, &object, &saved_as(&row), LIFE).await?;
    let details = json!({ "attachment": id, "name": row.name, "kind": row.kind, "sha256": object.sha256 });
    app.record_read(actor, Action::AttachmentDownloaded, Subject::Bol(row.bol_id), details).await?;
    Ok(url)
}

/// What attachments are called, for the list of jobs.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn names(
    db: &impl ConnectionTrait,
    ids: Vec<AttachmentId>,
) -> Result<HashMap<AttachmentId, (BolId, String)>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(AttachmentId, BolId, String)> = model::Entity::find()
        .filter(model::Column::Id.is_in(ids))
        .select_only()
        .columns([model::Column::Id, model::Column::BolId, model::Column::Name])
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().map(|(id, bol, name)| (id, (bol, name))).collect())
}

/// The name it is saved under.
#[must_use]
pub fn saved_as(row: &model::Model) -> String {
    let found = sniff::of_content_type(row.content_type.as_deref().unwrap_or_default());
    found.map_or_else(|| row.name.clone(), |found| sniff::file_name(&row.name, found))
}

/// Where its bytes arrive.
///
/// # Errors
/// `Unavailable` when the installation has no such storage any more.
pub(super) fn staged_on(app: &App, row: &model::Model) -> Result<Arc<dyn ObjectStore>> {
    let gone =
        || AppError::Unavailable(format!("“{}” was sent to a storage that is not configured any more.", row.name));
    app.ports.plane.store(&row.staged_on).cloned().ok_or_else(gone)
}
