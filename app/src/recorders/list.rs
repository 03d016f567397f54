//! The recorders there are.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{HERE_MS, model};
use crate::{
    App, Result,
    audit::Actor,
    cameras::{
        State,
        model::{camera, site, status},
        sees,
    },
    ids::{CameraId, RecorderId, YardSiteId},
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

/// A camera on its recorder's page.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub id: CameraId,
    pub name: String,
    pub state: State,
    pub detail: String,
    pub since: Option<i64>,
}

/// The cameras in use that a remote recorder records and `actor` may see, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn recorded(app: &App, actor: &Actor, recorder: &model::Model) -> Result<Vec<Recorded>> {
    let cameras = camera::Entity::find()
        .filter(camera::Column::RecorderId.eq(recorder.id))
        .filter(camera::Column::ArchivedAt.is_null())
        .filter(sees(app, actor).await?)
        .order_by_asc(camera::Column::NameKey)
        .all(app.db())
        .await?;
    let states = status::Entity::find()
        .filter(status::Column::CameraId.is_in(cameras.iter().map(|camera| camera.id)))
        .all(app.db())
        .await?;
    let mut states: HashMap<_, _> = states.into_iter().map(|status| (status.camera_id, status)).collect();
    let is_away = recorder.last_seen_at.is_none_or(|at| app.now() - at >= HERE_MS);
    let recorded = |camera: camera::Model| {
        let status = states.remove(&camera.id);
        let said = status.as_ref().and_then(|status| status.state.parse().ok()).unwrap_or(State::Waiting);
        let state = match (camera.enabled, is_away) {
            (false, _) => State::Off,
            (true, true) => State::RecorderAway,
            (true, false) => said,
        };
        let since = status.as_ref().map(|status| status.since);
        let detail = status.map(|status| status.detail).filter(|_| state.is_lost()).unwrap_or_default();
        Recorded { id: camera.id, name: camera.name, state, detail, since }
    };
    Ok(cameras.into_iter().map(recorded).collect())
}
