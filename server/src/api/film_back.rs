//! Archived film that is asked back.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use gatehouse_app::{
    cameras,
    ids::{CameraId, FilmRestoreId},
    recordings::{self, BackForm, model::film_restore},
    users::Permission::{ExportFootage, ReadCameras},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    extract::{Answer, At, Body},
    idempotency::{about, once},
    problem::Problem,
    time,
};
use crate::http::{
    context::Ctx,
    respond::{ApiError, ApiResult, OrProblem},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/v1/recordings/restores", Access::Api(ExportFootage), create),
        Route::get("/api/v1/recordings/restores/{id}", Access::Api(ReadCameras), show),
    ]
}

/// A stretch of archived film that was asked back.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilmRestore {
    pub id: FilmRestoreId,
    pub cameras: Vec<CameraId>,
    #[schema(format = "date-time")]
    pub from: String,
    #[schema(format = "date-time")]
    pub until: String,
    /// `asking` (file by file), `restoring` (all of it was asked for), `ready` or `failed`.
    #[schema(example = "restoring")]
    pub state: String,
    /// Why it failed.
    pub error: Option<String>,
    /// Files that were looked at.
    pub files: i64,
    /// Of these in an archive.
    pub archived: i64,
    /// Of these readable again.
    pub back: i64,
    #[schema(format = "date-time")]
    pub expected_at: String,
    #[schema(format = "date-time")]
    pub ready_at: Option<String>,
    pub asked_by: String,
    #[schema(format = "date-time")]
    pub asked_at: String,
}

impl From<(film_restore::Model, Vec<CameraId>)> for FilmRestore {
    fn from((row, cameras): (film_restore::Model, Vec<CameraId>)) -> Self {
        Self {
            id: row.id,
            cameras,
            from: time(row.from_at),
            until: time(row.until_at),
            state: row.state,
            error: row.error,
            files: row.files,
            archived: row.archived,
            back: row.back,
            expected_at: time(row.expected_at),
            ready_at: row.ready_at.map(time),
            asked_by: row.asked_by_name,
            asked_at: time(row.asked_at),
        }
    }
}

async fn restore(ctx: &Ctx, id: FilmRestoreId) -> Result<FilmRestore, ApiError> {
    Ok(recordings::seen_restore(&ctx.app, &ctx.actor, id).await.or_problem(ctx)?.into())
}

/// Archived film to have back.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFilmRestore {
    #[schema(min_items = 1, max_items = 9)]
    cameras: Vec<CameraId>,
    /// RFC 3339.
    #[schema(example = "2026-11-20T14:00:00-06:00")]
    from: String,
    /// 31 days later at most.
    #[schema(example = "2026-11-20T15:00:00-06:00")]
    until: String,
    /// `standard`, `bulk` or `expedited`.
    #[schema(example = "standard")]
    tier: String,
    /// How many days it stays readable: 1–30.
    #[schema(example = 7)]
    days: u32,
}

/// Asks for whatever of some time lies in an archive, file by file, by a job. Send an `Idempotency-Key` so that a repeated request asks once.
#[utoipa::path(post, path = "/api/v1/recordings/restores", tag = "Recordings", request_body = NewFilmRestore,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters, new for each wish")),
    responses((status = 202, body = FilmRestore), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create(ctx: Ctx, headers: HeaderMap, Body(input): Body<NewFilmRestore>) -> ApiResult {
    let (request, actor, zone) = (json!(["film back", input]), ctx.actor.clone(), ctx.yard.zone);
    let cameras = cameras::slugs(&ctx.app, &ctx.actor, &input.cameras).await.or_problem(&ctx)?;
    let (from, until, tier, days) = (input.from, input.until, input.tier, input.days.to_string());
    let form = BackForm { cameras, from, until, tier, days };
    let made =
        once(&ctx, &headers, &request, async move |app| recordings::ask_back(&app, &actor, &form, zone).await).await?;
    let asked = restore(&ctx, *made.get()).await?;
    Ok(about(&made, (StatusCode::ACCEPTED, Json(asked)).into_response()))
}

/// How far a stretch is that was asked back.
#[utoipa::path(get, path = "/api/v1/recordings/restores/{id}", tag = "Recordings", params(("id" = FilmRestoreId, Path)),
    responses((status = 200, body = FilmRestore), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show(ctx: Ctx, At(id): At<FilmRestoreId>) -> Answer<FilmRestore> {
    Ok(Json(restore(&ctx, id).await?))
}
