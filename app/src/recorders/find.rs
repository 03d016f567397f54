//! One recorder, by its id or by its token.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::model;
use crate::{App, AppError, Result, ids::RecorderId, secrets::token_hash};

/// One recorder.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn recorder(app: &App, id: RecorderId) -> Result<model::Model> {
    model::Entity::find_by_id(id).one(app.db()).await?.ok_or(AppError::NotFound("That recorder"))
}

/// The recorder whose token `presented` is, while it counts.
///
/// # Errors
/// When the database does not answer.
pub async fn by_token(app: &App, presented: &str) -> Result<Option<model::Model>> {
    let found = model::Entity::find()
        .filter(model::Column::TokenHash.eq(token_hash(presented)))
        .filter(model::Column::RevokedAt.is_null());
    Ok(found.one(app.db()).await?)
}
