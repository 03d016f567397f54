//! Ends a link before its time.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::model::link;
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    ids::LinkId,
};

/// # Errors
/// [`AppError::NotFound`].
pub async fn find(app: &App, id: LinkId) -> Result<link::Model> {
    link::Entity::find_by_id(id).one(app.db()).await?.ok_or(AppError::NotFound("This link"))
}

/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] when it was revoked already.
pub async fn revoke(app: &App, actor: &Actor, id: LinkId) -> Result<link::Model> {
    let link = find(app, id).await?;
    let mut tx = app.begin().await?;
    let revoked = link::Entity::update_many()
        .set(link::ActiveModel { revoked_at: Set(Some(app.now())), ..Default::default() })
        .filter(link::Column::Id.eq(id))
        .filter(link::Column::RevokedAt.is_null())
        .exec(&tx)
        .await?;
    if revoked.rows_affected == 0 {
        return Err(AppError::Conflict("This link was revoked already.".into()));
    }
    tx.audit(actor, Action::LinkRevoked, Subject::Link(id), json!({"bol": link.bol_id, "recipient": link.recipient}));
    tx.commit().await?;
    Ok(link)
}
