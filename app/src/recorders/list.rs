//! The recorders there are.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::model;
use crate::{
    App, Result,
    cameras::model::{camera, site},
    ids::{RecorderId, YardSiteId},
};

/// A recorder in the list.
#[derive(Clone, Debug)]
pub struct Line {
    pub recorder: model::Model,
    pub site: String,
    /// Cameras in use that are its own; of a node none is.
    pub cameras: i64,
}

/// Every recorder by name, those that are in use before those that were revoked.
///
/// # Errors
/// When the database does not answer.
pub async fn lines(app: &App) -> Result<Vec<Line>> {
    let counted: Vec<(RecorderId, i64)> = camera::Entity::find()
        .filter(camera::Column::ArchivedAt.is_null())
        .filter(camera::Column::RecorderId.is_not_null())
        .select_only()
        .column(camera::Column::RecorderId)
        .column_as(Expr::col(camera::Column::Id).count(), "cameras")
        .group_by(camera::Column::RecorderId)
        .into_tuple()
        .all(app.db())
        .await?;
    let counted: HashMap<_, _> = counted.into_iter().collect();
    let sites = site::Entity::find().all(app.db()).await?;
    let sites: HashMap<YardSiteId, String> = sites.into_iter().map(|site| (site.id, site.name)).collect();
    let mut rows = model::Entity::find().order_by_asc(model::Column::NameKey).all(app.db()).await?;
    rows.sort_by_key(|row| row.revoked_at.is_some());
    let line = |recorder: model::Model| Line {
        site: sites.get(&recorder.site_id).cloned().unwrap_or_default(),
        cameras: counted.get(&recorder.id).copied().unwrap_or(0),
        recorder,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Recorders on other sites that are in use, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn remote(app: &App) -> Result<Vec<model::Model>> {
    let rows = model::Entity::find()
        .filter(model::Column::Kind.eq("remote"))
        .filter(model::Column::RevokedAt.is_null())
        .order_by_asc(model::Column::NameKey);
    Ok(rows.all(app.db()).await?)
}
