//! Throws away what was being typed: a draft whole, of an issued bill only the revision in work.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::{
    find,
    model::{bol, revision, term},
};
use crate::{
    App,
    audit::{Action, Actor, Subject},
    error::Result,
    ids::BolId,
};

/// What is left afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    Nothing,
    /// The bill as it was issued.
    Issued,
}

/// # Errors
/// [`AppError::Conflict`](crate::AppError::Conflict) when nothing is being typed here.
pub async fn delete_draft(app: &App, actor: &Actor, id: BolId) -> Result<Left> {
    let mut tx = app.begin().await?;
    let bol = find::lock(&tx, id).await?;
    let draft = find::draft_of(&bol)?;
    let number = find::by_id(&tx, draft).await?.revision;
    revision::Entity::delete_by_id(draft).exec(&tx).await?;
    let left = if bol.current_revision_id.is_some() { Left::Issued } else { Left::Nothing };
    match left {
        Left::Issued => {
            let mut row: bol::ActiveModel = bol.into();
            row.draft_revision_id = Set(None);
            row.updated_at = Set(app.now());
            row.update(&tx).await?;
        }
        Left::Nothing => {
            term::Entity::delete_many().filter(term::Column::BolId.eq(id)).exec(&tx).await?;
            bol::Entity::delete_by_id(id).exec(&tx).await?;
        }
    }
    tx.audit(actor, Action::BolDeleted, Subject::Bol(id), json!({ "revision": number }));
    tx.commit().await?;
    Ok(left)
}
