//! Ends a link before its time, with every fresh one that was sent for it: the recipient is cut off, not one address of many.

use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::model::link;
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    ids::LinkId,
    objects::lock_bol,
};

/// # Errors
/// [`AppError::NotFound`].
pub async fn find(app: &App, id: LinkId) -> Result<link::Model> {
    link::Entity::find_by_id(id).one(app.db()).await?.ok_or(AppError::NotFound("This link"))
}

/// The link, the one it renews, and every fresh one between.
pub(super) fn chain(link: &link::Model) -> Condition {
    let first = link.renews.unwrap_or(link.id);
    Condition::any().add(link::Column::Id.eq(first)).add(link::Column::Renews.eq(first))
}

/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] when it was revoked already.
pub async fn revoke(app: &App, actor: &Actor, id: LinkId) -> Result<link::Model> {
    let link = find(app, id).await?;
    let mut tx = app.begin().await?;
    // Under the bill's lock nobody renews one in between.
    lock_bol(&tx, link.bol_id).await?;
    let open = link::Entity::find()
        .filter(chain(&link))
        .filter(link::Column::RevokedAt.is_null())
        .order_by_asc(link::Column::Id)
        .all(&tx)
        .await?;
    if open.is_empty() {
        return Err(AppError::Conflict("This link was revoked already.".into()));
    }
    link::Entity::update_many()
        .set(link::ActiveModel { revoked_at: Set(Some(app.now())), ..Default::default() })
        .filter(link::Column::Id.is_in(open.iter().map(|link| link.id)))
        .exec(&tx)
        .await?;
    for link in &open {
        let details = json!({"bol": link.bol_id, "recipient": link.recipient});
        tx.audit(actor, Action::LinkRevoked, Subject::Link(link.id), details);
    }
    tx.commit().await?;
    Ok(link)
}
