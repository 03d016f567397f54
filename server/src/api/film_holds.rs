//! Film that is kept whatever its age.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use gatehouse_app::{
    cameras,
    ids::{CameraId, FilmHoldId},
    recordings::{self, HoldForm, HoldKey, HoldLine},
    users::Permission::{ManageStorage, ReadCameras},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{Answer, Asked, At, Body},
    idempotency::{about, once},
    limit, place,
    problem::Problem,
    time,
};
use crate::http::{
    context::Ctx,
    respond::{ApiError, ApiResult, OrProblem},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    // What a page asks `ManageYard` for has no scope; the same people own tokens with this one.
    let (read, holding) = (Access::Api(ReadCameras), Access::Api(ManageStorage));
    vec![
        Route::get("/api/v1/recordings/holds", read, index),
        Route::post("/api/v1/recordings/holds", holding, create),
        Route::post("/api/v1/recordings/holds/{id}/release", holding, release),
    ]
}

/// A stretch of film that is kept whatever its age, or was.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilmHold {
    pub id: FilmHoldId,
    pub cameras: Vec<CameraId>,
    #[schema(format = "date-time")]
    pub from: String,
    #[schema(format = "date-time")]
    pub until: String,
    #[schema(example = "Case 2026-118")]
    pub reason: String,
    pub held_by: String,
    #[schema(format = "date-time")]
    pub since: String,
    /// Absent: it is kept.
    #[schema(format = "date-time")]
    pub released_at: Option<String>,
    pub released_by: Option<String>,
    pub release_reason: Option<String>,
}

impl From<HoldLine> for FilmHold {
    fn from(HoldLine { hold, cameras }: HoldLine) -> Self {
        Self {
            id: hold.id,
            cameras: cameras.into_iter().map(|(id, _)| id).collect(),
            from: time(hold.from_at),
            until: time(hold.until_at),
            reason: hold.reason,
            held_by: hold.held_by_name,
            since: time(hold.since),
            released_at: hold.released_at.map(time),
            released_by: hold.released_by_name,
            release_reason: hold.release_reason,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FilmHoldList {
    pub items: Vec<FilmHold>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct FilmHoldQuery {
    /// 1–200, by default 50.
    #[param(required = false)]
    limit: Option<usize>,
    /// `next` of the page before.
    #[param(required = false)]
    cursor: Option<String>,
}

/// Lists holds on film, released ones too, of cameras that the token's owner may see; newest first.
#[utoipa::path(get, path = "/api/v1/recordings/holds", tag = "Recordings", params(FilmHoldQuery),
    responses((status = 200, body = FilmHoldList), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx, Asked(query): Asked<FilmHoldQuery>) -> Answer<FilmHoldList> {
    let place = place::<HoldKey>(query.cursor.as_deref()).or_problem(&ctx)?;
    let limit = limit(query.limit).or_problem(&ctx)?;
    let slice = recordings::holds(&ctx.app, &ctx.actor, &place, limit).await.or_problem(&ctx)?;
    Ok(Json(FilmHoldList { items: slice.rows.into_iter().map(FilmHold::from).collect(), next: slice.older }))
}

async fn hold(ctx: &Ctx, id: FilmHoldId) -> Result<FilmHold, ApiError> {
    Ok(recordings::seen_hold(&ctx.app, &ctx.actor, id).await.or_problem(ctx)?.into())
}

/// A stretch of film to keep.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFilmHold {
    #[schema(min_items = 1, max_items = 9)]
    cameras: Vec<CameraId>,
    /// RFC 3339.
    #[schema(example = "2026-11-20T14:00:00-06:00")]
    from: String,
    /// It may be yet to come.
    #[schema(example = "2026-11-20T15:00:00-06:00")]
    until: String,
    #[schema(example = "Case 2026-118")]
    reason: String,
}

/// Keeps film of some time whatever its age: what is here, and what comes later. Send an `Idempotency-Key` so that a repeated request lays no second
/// hold.
#[utoipa::path(post, path = "/api/v1/recordings/holds", tag = "Recordings", request_body = NewFilmHold,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters, new for each hold")),
    responses((status = 201, body = FilmHold), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create(ctx: Ctx, headers: HeaderMap, Body(input): Body<NewFilmHold>) -> ApiResult {
    let (request, actor, zone) = (json!(["film hold", input]), ctx.actor.clone(), ctx.yard.zone);
    let cameras = cameras::slugs(&ctx.app, &ctx.actor, &input.cameras).await.or_problem(&ctx)?;
    let form = HoldForm { cameras, from: input.from, until: input.until, reason: input.reason };
    let made =
        once(&ctx, &headers, &request, async move |app| recordings::hold(&app, &actor, &form, zone).await).await?;
    let held = hold(&ctx, *made.get()).await?;
    Ok(about(&made, (StatusCode::CREATED, Json(held)).into_response()))
}

/// Why a hold is released.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FilmRelease {
    #[schema(example = "The case is over")]
    reason: String,
}

/// Releases film: from then on it goes when its camera's time is over.
#[utoipa::path(post, path = "/api/v1/recordings/holds/{id}/release", tag = "Recordings", params(("id" = FilmHoldId, Path)),
    request_body = FilmRelease,
    responses((status = 200, body = FilmHold), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn release(ctx: Ctx, At(id): At<FilmHoldId>, Body(input): Body<FilmRelease>) -> Answer<FilmHold> {
    recordings::release(&ctx.app, &ctx.actor, id, &input.reason).await.or_problem(&ctx)?;
    Ok(Json(hold(&ctx, id).await?))
}
