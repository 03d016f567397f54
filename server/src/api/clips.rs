//! Clips: footage that is cut out and kept as evidence.

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use gatehouse_app::{
    cameras,
    clips::{self, ClipForm, ClipKey, ClipLine, Shown, State, What},
    ids::{BolId, CameraId, ClipId},
    users::Permission::{ExportFootage, ReadCameras},
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
    let (read, export) = (Access::Api(ReadCameras), Access::Api(ExportFootage));
    vec![
        Route::get("/api/v1/clips", read, index),
        Route::post("/api/v1/clips", export, create),
        Route::get("/api/v1/clips/{id}", read, show),
        Route::get("/api/v1/clips/{id}/manifest", read, manifest),
        Route::get("/api/v1/clips/{id}/download", read, download),
    ]
}

/// A clip in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClipSummary {
    pub id: ClipId,
    #[schema(example = "Truck 4411 at Dock 2")]
    pub title: String,
    /// `waiting`, `cutting`, `ready`, `failed` or `erased`.
    #[schema(example = "ready")]
    pub state: String,
    pub from: String,
    pub until: String,
    /// Names of its cameras.
    pub cameras: Vec<String>,
    pub created_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ClipList {
    pub items: Vec<ClipSummary>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ClipQuery {
    /// 1–200, by default 50.
    #[param(required = false)]
    limit: Option<usize>,
    /// `next` of the page before.
    #[param(required = false)]
    cursor: Option<String>,
}

/// Lists the clips that the token's owner may see, newest first.
#[utoipa::path(get, path = "/api/v1/clips", tag = "Clips", params(ClipQuery),
    responses((status = 200, body = ClipList), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx, Asked(query): Asked<ClipQuery>) -> Answer<ClipList> {
    let place = place::<ClipKey>(query.cursor.as_deref()).or_problem(&ctx)?;
    let limit = limit(query.limit).or_problem(&ctx)?;
    let slice = clips::list(&ctx.app, &ctx.actor, &place, limit).await.or_problem(&ctx)?;
    let line = |ClipLine { clip, cameras }: ClipLine| ClipSummary {
        id: clip.id,
        title: clip.title,
        state: clip.state,
        from: time(clip.from_at),
        until: time(clip.until_at),
        cameras,
        created_at: time(clip.created_at),
    };
    Ok(Json(ClipList { items: slice.rows.into_iter().map(line).collect(), next: slice.older }))
}

/// One file of a clip: what one camera recorded without a break.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClipFile {
    pub number: i32,
    #[schema(example = "dock_2_20261120_200210.mp4")]
    pub name: String,
    pub camera_id: CameraId,
    /// When its first frame was taken.
    pub from: String,
    pub until: String,
    pub frames: i64,
    #[schema(example = "avc1.640028")]
    pub video: String,
    /// Bytes, with the seal.
    pub size: i64,
    /// Of all bytes, lower-case hex.
    pub sha256: String,
    /// Of the film in front of the seal: what the manifest speaks of.
    pub film_sha256: String,
}

/// A clip and its files.
#[derive(Debug, Serialize, ToSchema)]
pub struct Clip {
    pub id: ClipId,
    pub title: String,
    pub reason: String,
    /// `waiting`, `cutting`, `ready`, `failed` or `erased`.
    #[schema(example = "ready")]
    pub state: String,
    /// What went wrong, or what it waits for.
    pub error: Option<String>,
    pub from: String,
    pub until: String,
    pub cameras: Vec<CameraId>,
    pub bol_id: Option<BolId>,
    pub done_bytes: i64,
    pub total_bytes: i64,
    /// The key that signed it: 16 hexadecimal digits.
    pub key_id: Option<String>,
    pub files: Vec<ClipFile>,
    /// Of the zip of all files, where there are several.
    pub package_size: Option<i64>,
    pub created_by: String,
    pub created_at: String,
    /// When its files were erased: by a person, or after the time that clips are kept. From then on they are named here and cannot be had.
    pub erased_at: Option<String>,
}

impl From<Shown> for Clip {
    fn from(shown: Shown) -> Self {
        let Shown { clip, cameras, parts, package, .. } = shown;
        let erased_at = (clip.state() == State::Erased).then(|| time(clip.updated_at));
        let file = |part: clips::Part| ClipFile {
            number: part.part.number,
            name: part.name().to_owned(),
            camera_id: part.part.camera_id,
            from: time(part.part.from_at),
            until: time(part.part.until_at),
            frames: part.part.frames,
            video: part.part.video,
            size: part.object.size,
            sha256: part.object.sha256,
            film_sha256: part.part.film_sha256,
        };
        Self {
            id: clip.id,
            title: clip.title,
            reason: clip.reason,
            state: clip.state,
            error: clip.error,
            from: time(clip.from_at),
            until: time(clip.until_at),
            cameras: cameras.into_iter().map(|camera| camera.id).collect(),
            bol_id: clip.bol_id,
            done_bytes: clip.done_bytes,
            total_bytes: clip.total_bytes,
            key_id: clip.key_id,
            files: parts.into_iter().map(file).collect(),
            package_size: package.map(|package| package.size),
            created_by: clip.created_by_name,
            created_at: time(clip.created_at),
            erased_at,
        }
    }
}

async fn clip(ctx: &Ctx, id: ClipId, on_record: bool) -> Result<Clip, ApiError> {
    Ok(clips::show(&ctx.app, &ctx.actor, id, on_record).await.or_problem(ctx)?.into())
}

/// A clip to make.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClip {
    #[schema(min_items = 1, max_items = 9)]
    cameras: Vec<CameraId>,
    /// RFC 3339, to the millisecond.
    #[schema(example = "2026-11-20T14:02:10.250-06:00")]
    from: String,
    /// Twelve hours later at most.
    #[schema(example = "2026-11-20T14:09:41.480-06:00")]
    until: String,
    #[schema(example = "Truck 4411 at Dock 2")]
    title: String,
    /// Why it is made; it stands in the manifest.
    #[schema(example = "A claim of the customer")]
    reason: String,
    /// The bill that it belongs to and can be sent with.
    bol_id: Option<BolId>,
}

/// Has a clip made, by a job. Send an `Idempotency-Key` so that a repeated request makes no second one.
#[utoipa::path(post, path = "/api/v1/clips", tag = "Clips", request_body = NewClip,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters, new for each clip")),
    responses((status = 202, body = Clip), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create(ctx: Ctx, headers: HeaderMap, Body(input): Body<NewClip>) -> ApiResult {
    let (request, actor, zone) = (json!(["clip", input]), ctx.actor.clone(), ctx.yard.zone);
    let names = cameras::slugs(&ctx.app, &ctx.actor, &input.cameras).await.or_problem(&ctx)?;
    let form = ClipForm {
        cameras: names,
        from: input.from,
        until: input.until,
        title: input.title,
        reason: input.reason,
        bol: input.bol_id.map(|bol| bol.to_string()).unwrap_or_default(),
    };
    let made = once(&ctx, &headers, &request, async move |app| clips::ask(&app, &actor, &form, zone).await).await?;
    let clip = clip(&ctx, *made.get(), false).await?;
    Ok(about(&made, (StatusCode::ACCEPTED, Json(clip)).into_response()))
}

/// One clip.
#[utoipa::path(get, path = "/api/v1/clips/{id}", tag = "Clips", params(("id" = ClipId, Path)),
    responses((status = 200, body = Clip), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show(ctx: Ctx, At(id): At<ClipId>) -> Answer<Clip> {
    Ok(Json(clip(&ctx, id, true).await?))
}

/// The manifest of a clip: the very bytes that were signed.
#[utoipa::path(get, path = "/api/v1/clips/{id}/manifest", tag = "Clips", params(("id" = ClipId, Path)),
    responses((status = 200, body = serde_json::Value), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn manifest(ctx: Ctx, At(id): At<ClipId>) -> ApiResult {
    let text = clips::manifest(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct FileQuery {
    /// The number of a file; absent: all of them, as a zip where there are several.
    #[param(required = false)]
    file: Option<i32>,
}

/// Where a clip is to be had, for five minutes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClipUrl {
    #[schema(format = "uri")]
    pub url: String,
}

/// A URL that saves the clip, or one of its files.
#[utoipa::path(get, path = "/api/v1/clips/{id}/download", tag = "Clips", params(("id" = ClipId, Path), FileQuery),
    responses((status = 200, body = ClipUrl), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn download(ctx: Ctx, At(id): At<ClipId>, Asked(query): Asked<FileQuery>) -> Answer<ClipUrl> {
    let what = query.file.map_or(What::All, What::File);
    let url = clips::download(&ctx.app, &ctx.actor, id, what).await.or_problem(&ctx)?;
    Ok(Json(ClipUrl { url: url.into() }))
}
