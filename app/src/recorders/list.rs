//! The recorders there are.

use sea_orm::{EntityTrait, QueryFilter, QueryOrder};

use super::model;
use crate::{App, Result};

/// Recorders on other sites that are in use, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn remote(app: &App) -> Result<Vec<model::Model>> {
    let rows = model::Entity::find()
        .filter(model::COLUMN.kind.eq("remote"))
        .filter(model::COLUMN.revoked_at.is_null())
        .order_by_asc(model::Column::NameKey);
    Ok(rows.all(app.db()).await?)
}
