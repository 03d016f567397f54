//! One object's row.

use sea_orm::{ConnectionTrait, EntityTrait};

use super::model::object;
use crate::{AppError, Result, ids::ObjectId};

/// # Errors
/// [`AppError::NotFound`].
pub async fn find(db: &impl ConnectionTrait, id: ObjectId) -> Result<object::Model> {
    object::Entity::find_by_id(id).one(db).await?.ok_or(AppError::NotFound("This object"))
}
