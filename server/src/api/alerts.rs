//! Alerts: what is wrong with cameras and recorders, for programs.

use axum::Json;
use gatehouse_app::{
    alerts::{self, Filter, Line},
    cameras,
    ids::{AlertId, CameraId, RecorderId},
    users::Permission::ReadCameras,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{Answer, Asked},
    place,
    problem::Problem,
    time,
};
use crate::http::{
    context::Ctx,
    respond::OrProblem,
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/api/v1/alerts", Access::Api(ReadCameras), index)]
}

/// Something that is wrong, or was.
#[derive(Debug, Serialize, ToSchema)]
pub struct Alert {
    pub id: AlertId,
    /// `camera_lost`, `nothing_written`, `upload_late`, `disk_filling`, `clock_drift`, `recorder_lost`.
    #[schema(example = "camera_lost")]
    pub kind: String,
    pub camera_id: Option<CameraId>,
    #[schema(example = "dock_2")]
    pub camera: Option<String>,
    pub recorder_id: Option<RecorderId>,
    pub recorder: Option<String>,
    #[schema(example = "Dock 2 does not record: unreachable, connection refused.")]
    pub detail: String,
    pub opened_at: String,
    pub closed_at: Option<String>,
    /// Who said that they know.
    pub seen_by: Option<String>,
    pub seen_at: Option<String>,
}

impl From<Line> for Alert {
    fn from(line: Line) -> Self {
        let row = line.alert;
        Self {
            id: row.id,
            kind: row.kind,
            camera_id: row.camera_id,
            camera: line.camera.map(|(slug, _)| slug),
            recorder_id: row.recorder_id,
            recorder: line.recorder,
            detail: row.detail,
            opened_at: time(row.opened_at),
            closed_at: row.closed_at.map(time),
            seen_by: row.seen_by,
            seen_at: row.seen_at.map(time),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AlertList {
    pub items: Vec<Alert>,
    /// The next page: pass it as `cursor`.
    pub next: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlertQuery {
    /// Also those that are over.
    pub all: bool,
    pub cursor: Option<String>,
}

/// Lists alerts, the newest first: those about recorders, and about cameras that the token's owner may see.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "Cameras", params(AlertQuery),
    responses((status = 200, body = AlertList), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx, Asked(query): Asked<AlertQuery>) -> Answer<AlertList> {
    let sees = cameras::sees(&ctx.app, &ctx.actor).await.or_problem(&ctx)?;
    let place = place(query.cursor.as_deref()).or_problem(&ctx)?;
    let found = alerts::lines(&ctx.app, sees, Filter { all: query.all }, place).await.or_problem(&ctx)?;
    Ok(Json(AlertList { items: found.rows.into_iter().map(Alert::from).collect(), next: found.older }))
}
