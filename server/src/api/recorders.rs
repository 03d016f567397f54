//! Recorders: whether they are here, and what waits to be sent.

use axum::Json;
use gatehouse_app::{
    AppError,
    ids::{RecorderId, YardSiteId},
    recorders::{self, Line},
    users::Permission::ReadCameras,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    extract::{Answer, At},
    problem::Problem,
    time,
};
use crate::http::{
    context::Ctx,
    respond::OrProblem,
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Api(ReadCameras);
    vec![Route::get("/api/v1/recorders", read, index), Route::get("/api/v1/recorders/{id}", read, show)]
}

/// A process that records.
#[derive(Debug, Serialize, ToSchema)]
pub struct Recorder {
    pub id: RecorderId,
    #[schema(example = "South yard")]
    pub name: String,
    /// `node` of this installation, or `remote`.
    #[schema(example = "remote")]
    pub kind: String,
    pub site_id: YardSiteId,
    pub cameras: i64,
    pub version: String,
    pub last_seen_at: Option<String>,
    pub clock_offset_ms: Option<i64>,
    pub disk_free: Option<i64>,
    pub disk_total: Option<i64>,
    /// Recordings that are sent nowhere yet, and their bytes.
    pub queue_segments: i64,
    pub queue_bytes: i64,
    pub oldest_waiting_at: Option<String>,
    /// Recordings that were refused here and lie apart on its disk.
    pub aside: i64,
    pub revoked_at: Option<String>,
}

impl From<Line> for Recorder {
    fn from(line: Line) -> Self {
        let row = line.recorder;
        Self {
            id: row.id,
            name: row.name,
            kind: row.kind,
            site_id: row.site_id,
            cameras: line.cameras,
            version: row.version,
            last_seen_at: row.last_seen_at.map(time),
            clock_offset_ms: row.clock_offset_ms,
            disk_free: row.disk_free,
            disk_total: row.disk_total,
            queue_segments: row.queue_segments,
            queue_bytes: row.queue_bytes,
            oldest_waiting_at: row.oldest_waiting_at.map(time),
            aside: row.aside,
            revoked_at: row.revoked_at.map(time),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RecorderList {
    pub items: Vec<Recorder>,
}

/// Lists recorders by name, those that were revoked last.
#[utoipa::path(get, path = "/api/v1/recorders", tag = "Cameras",
    responses((status = 200, body = RecorderList), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx) -> Answer<RecorderList> {
    let lines = recorders::lines(&ctx.app).await.or_problem(&ctx)?;
    Ok(Json(RecorderList { items: lines.into_iter().map(Recorder::from).collect() }))
}

/// One recorder.
#[utoipa::path(get, path = "/api/v1/recorders/{id}", tag = "Cameras", params(("id" = RecorderId, Path)),
    responses((status = 200, body = Recorder), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show(ctx: Ctx, At(id): At<RecorderId>) -> Answer<Recorder> {
    let lines = recorders::lines(&ctx.app).await.or_problem(&ctx)?;
    let found = lines.into_iter().find(|line| line.recorder.id == id);
    Ok(Json(found.ok_or(AppError::NotFound("That recorder")).or_problem(&ctx)?.into()))
}
