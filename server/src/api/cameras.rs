//! Cameras: which there are, how they are, and looking after them. What opens one is taken and never given back.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use gatehouse_app::{
    cameras::{self, CameraForm, Line, Pictures},
    ids::{CameraId, RecorderId, YardSiteId},
    ports::{Ended, Look},
    users::Permission::{ManageCameras, ReadCameras},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{Answer, Asked, At, Body},
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
    let (read, manage) = (Access::Api(ReadCameras), Access::Api(ManageCameras));
    vec![
        Route::get("/api/v1/cameras", read, index),
        Route::post("/api/v1/cameras", manage, create),
        Route::get("/api/v1/cameras/{id}", read, show),
        Route::put("/api/v1/cameras/{id}", manage, edit),
        Route::post("/api/v1/cameras/{id}/enable", manage, enable),
        Route::post("/api/v1/cameras/{id}/disable", manage, disable),
        Route::post("/api/v1/cameras/{id}/archive", manage, archive),
        Route::post("/api/v1/cameras/{id}/test", manage, test),
        Route::get("/api/v1/sites", read, sites),
    ]
}

/// A camera as a program gives it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CameraInput {
    #[schema(example = "Dock 2")]
    name: String,
    site_id: YardSiteId,
    /// The recorder on another site that records it; absent: this installation.
    recorder_id: Option<RecorderId>,
    /// With its path. Of a camera that is there, a path that is left out stays as it was.
    #[schema(example = "rtsp://192.168.10.7:554/stream1")]
    url: String,
    /// Left out or empty: as it was; a new camera asks for none.
    #[serde(default)]
    user: String,
    /// Left out or empty: as it was. Another host or port asks for it again.
    #[serde(default)]
    #[schema(value_type = String, write_only)]
    password: Hidden,
    /// The camera asks for neither user nor password: forget those that are kept.
    #[serde(default)]
    open: bool,
    /// `tcp` or `udp`; by default `tcp`.
    #[serde(default)]
    transport: String,
    #[serde(default)]
    audio: bool,
    /// `Mon-Fri 06:00-18:00`, a line each, by the yard's clock; empty: always.
    #[serde(default)]
    #[schema(example = "Mon-Fri 06:00-18:00")]
    schedule: String,
    /// 1 to 3660; absent: as long as all recordings.
    retention_days: Option<u32>,
    /// Everybody sees it who may see cameras; otherwise admins, and those with a grant.
    #[serde(default)]
    open_to_all: bool,
}

/// A text that nothing prints.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
struct Hidden(String);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl From<CameraInput> for CameraForm {
    fn from(input: CameraInput) -> Self {
        let mut form = Self {
            name: input.name,
            site: input.site_id.to_string(),
            recorder: input.recorder_id.map(|id| id.to_string()).unwrap_or_default(),
            url: input.url,
            user: input.user,
            password: input.password.0,
            open: input.open,
            transport: input.transport,
            audio: input.audio,
            schedule: input.schedule,
            retention_days: input.retention_days.map(|days| days.to_string()).unwrap_or_default(),
            open_to_all: input.open_to_all,
            ..Self::default()
        };
        form.take_apart();
        form
    }
}

/// A camera and how it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Camera {
    pub id: CameraId,
    /// What keys of objects call it; never changes.
    #[schema(example = "dock_2")]
    pub slug: String,
    #[schema(example = "Dock 2")]
    pub name: String,
    pub site_id: YardSiteId,
    pub recorder_id: Option<RecorderId>,
    /// Host and port are for those alone who may change cameras.
    pub host: Option<String>,
    pub port: Option<i32>,
    pub transport: String,
    pub audio: bool,
    pub enabled: bool,
    pub schedule: String,
    pub retention_days: Option<i32>,
    pub open_to_all: bool,
    /// `off`, `scheduled_off`, `waiting`, `connecting`, `connected`, `stalled`, `unreachable`, `refused`, `not_rtsp`, `unsupported`, `no_room` or
    /// `recorder_away`.
    #[schema(example = "connected")]
    pub state: String,
    pub detail: String,
    pub since: Option<String>,
    pub recorder: String,
    #[schema(example = "avc1.640028")]
    pub video: String,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub fps_milli: Option<i32>,
    pub bits_per_second: Option<i64>,
    pub last_frame_at: Option<String>,
    pub clock_offset_ms: Option<i64>,
    pub created_at: String,
    pub updated_at: String,
    pub archived_at: Option<String>,
}

impl Camera {
    fn new(line: Line, may_manage: bool) -> Self {
        let state = line.state().as_str().to_owned();
        let Line { camera, status, .. } = line;
        let status = status.as_ref();
        Self {
            id: camera.id,
            slug: camera.slug,
            name: camera.name,
            site_id: camera.site_id,
            recorder_id: camera.recorder_id,
            host: may_manage.then_some(camera.host),
            port: may_manage.then_some(camera.port),
            transport: camera.transport,
            audio: camera.audio,
            enabled: camera.enabled,
            schedule: camera.schedule,
            retention_days: camera.retention_days,
            open_to_all: camera.open_to_all,
            state,
            detail: status.map(|status| status.detail.clone()).unwrap_or_default(),
            since: status.map(|status| time(status.since)),
            recorder: status.map(|status| status.recorder_name.clone()).unwrap_or_default(),
            video: status.map(|status| status.video.clone()).unwrap_or_default(),
            width: status.and_then(|status| status.width),
            height: status.and_then(|status| status.height),
            fps_milli: status.and_then(|status| status.fps_milli),
            bits_per_second: status.and_then(|status| status.bits_per_second),
            last_frame_at: status.and_then(|status| status.last_frame_at).map(time),
            clock_offset_ms: status.and_then(|status| status.clock_offset_ms),
            created_at: time(camera.created_at),
            updated_at: time(camera.updated_at),
            archived_at: camera.archived_at.map(time),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CameraList {
    pub items: Vec<Camera>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct CameraQuery {
    /// The archived ones instead of the others.
    #[param(required = false)]
    archived: bool,
}

/// Lists the cameras that the token's owner may see, by name.
#[utoipa::path(get, path = "/api/v1/cameras", tag = "Cameras", params(CameraQuery),
    responses((status = 200, body = CameraList), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx, Asked(query): Asked<CameraQuery>) -> Answer<CameraList> {
    let (lines, _) = cameras::lines(&ctx.app, &ctx.actor, query.archived, Pictures::Without).await.or_problem(&ctx)?;
    let may_manage = ctx.may(ManageCameras);
    Ok(Json(CameraList { items: lines.into_iter().map(|line| Camera::new(line, may_manage)).collect() }))
}

/// Adds a camera, which records from then on. Send an `Idempotency-Key` so that a repeated request adds no second one.
#[utoipa::path(post, path = "/api/v1/cameras", tag = "Cameras", request_body = CameraInput,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters, new for each camera")),
    responses((status = 201, body = Camera), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create(ctx: Ctx, headers: HeaderMap, Body(input): Body<CameraInput>) -> ApiResult {
    // The password tells one request from another, and is not to be guessed from what is kept of it.
    let opener = ctx.app.secrets.token("camera request", &format!("{} {} {}", input.url, input.user, input.password.0));
    let asked = json!([
        "camera",
        input.name,
        input.site_id,
        input.recorder_id,
        opener,
        input.open,
        input.transport,
        input.audio,
        input.schedule,
        input.retention_days,
        input.open_to_all,
    ]);
    let (form, actor) = (CameraForm::from(input), ctx.actor.clone());
    let made = once(&ctx, &headers, &asked, async move |app| cameras::add(&app, &actor, &form).await).await?;
    let camera = camera(&ctx, *made.get()).await?;
    Ok(about(&made, (StatusCode::CREATED, Json(camera)).into_response()))
}

/// One camera.
#[utoipa::path(get, path = "/api/v1/cameras/{id}", tag = "Cameras", params(("id" = CameraId, Path)),
    responses((status = 200, body = Camera), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show(ctx: Ctx, At(id): At<CameraId>) -> Answer<Camera> {
    Ok(Json(camera(&ctx, id).await?))
}

/// Replaces what is known of a camera. Path, user and password that are left out stay as they were, unless the host, port or site is another.
#[utoipa::path(put, path = "/api/v1/cameras/{id}", tag = "Cameras", params(("id" = CameraId, Path)), request_body = CameraInput,
    responses((status = 200, body = Camera), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn edit(ctx: Ctx, At(id): At<CameraId>, Body(input): Body<CameraInput>) -> Answer<Camera> {
    let known = cameras::visible(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?;
    let form = CameraForm { onvif: known.onvif, ..CameraForm::from(input) };
    cameras::edit(&ctx.app, &ctx.actor, id, &form).await.or_problem(&ctx)?;
    Ok(Json(camera(&ctx, id).await?))
}

/// Switches a camera on.
#[utoipa::path(post, path = "/api/v1/cameras/{id}/enable", tag = "Cameras", params(("id" = CameraId, Path)),
    responses((status = 200, body = Camera), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn enable(ctx: Ctx, At(id): At<CameraId>) -> Answer<Camera> {
    cameras::enable(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?;
    Ok(Json(camera(&ctx, id).await?))
}

/// Switches a camera off. What it recorded stays.
#[utoipa::path(post, path = "/api/v1/cameras/{id}/disable", tag = "Cameras", params(("id" = CameraId, Path)),
    responses((status = 200, body = Camera), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn disable(ctx: Ctx, At(id): At<CameraId>) -> Answer<Camera> {
    cameras::disable(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?;
    Ok(Json(camera(&ctx, id).await?))
}

/// Whether a camera is put away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutCameraAway {
    /// `false` brings it back, switched off.
    archived: bool,
}

/// Archives a camera, or brings it back.
#[utoipa::path(post, path = "/api/v1/cameras/{id}/archive", tag = "Cameras", params(("id" = CameraId, Path)), request_body = PutCameraAway,
    responses((status = 200, body = Camera), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn archive(ctx: Ctx, At(id): At<CameraId>, Body(asked): Body<PutCameraAway>) -> Answer<Camera> {
    cameras::archive(&ctx.app, &ctx.actor, id, asked.archived).await.or_problem(&ctx)?;
    Ok(Json(camera(&ctx, id).await?))
}

/// What came of connecting to a camera once.
#[derive(Debug, Serialize, ToSchema)]
pub struct Outcome {
    pub works: bool,
    /// Where it does not: a word such as `unreachable`.
    #[schema(example = "refused")]
    pub reason: Option<String>,
    pub detail: Option<String>,
    #[schema(example = "avc1.640028")]
    pub video: Option<String>,
    /// Absent: it sends no sound that can be recorded.
    pub audio: Option<String>,
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// Milliseconds until the first whole picture.
    pub took_ms: Option<u64>,
}

impl From<Result<Look, Ended>> for Outcome {
    fn from(tried: Result<Look, Ended>) -> Self {
        let (look, ended) = match tried {
            Ok(look) => (Some(look), None),
            Err(ended) => (None, Some(ended)),
        };
        let tracks = look.as_ref().map(|look| look.tracks.clone());
        Self {
            works: look.is_some(),
            reason: ended.as_ref().map(|ended| ended.reason.as_str().to_owned()),
            detail: ended.map(|ended| ended.detail),
            video: tracks.as_ref().map(|tracks| tracks.video.clone()),
            audio: tracks.as_ref().map(|tracks| tracks.audio.clone()).filter(|audio| !audio.is_empty()),
            width: tracks.as_ref().map(|tracks| tracks.width),
            height: tracks.map(|tracks| tracks.height),
            took_ms: look.and_then(|look| u64::try_from(look.took.as_millis()).ok()),
        }
    }
}

/// Connects to a camera once and says what came of it. Nothing is kept; it takes 15 seconds at most.
#[utoipa::path(post, path = "/api/v1/cameras/{id}/test", tag = "Cameras", params(("id" = CameraId, Path)),
    responses((status = 200, body = Outcome), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn test(ctx: Ctx, At(id): At<CameraId>) -> Answer<Outcome> {
    Ok(Json(cameras::test(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?.into()))
}

async fn camera(ctx: &Ctx, id: CameraId) -> Result<Camera, ApiError> {
    let line = cameras::line(&ctx.app, &ctx.actor, id, Pictures::Without).await.or_problem(ctx)?;
    Ok(Camera::new(line, ctx.may(ManageCameras)))
}

/// A place with cameras.
#[derive(Debug, Serialize, ToSchema)]
pub struct Site {
    pub id: YardSiteId,
    #[schema(example = "Yard")]
    pub name: String,
    pub cameras: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SiteList {
    pub items: Vec<Site>,
}

/// Lists the places that cameras are on, by name.
#[utoipa::path(get, path = "/api/v1/sites", tag = "Cameras",
    responses((status = 200, body = SiteList), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn sites(ctx: Ctx) -> Answer<SiteList> {
    let lines = cameras::sites(&ctx.app, false).await.or_problem(&ctx)?;
    let site = |line: cameras::SiteLine| Site { id: line.site.id, name: line.site.name, cameras: line.cameras };
    Ok(Json(SiteList { items: lines.into_iter().map(site).collect() }))
}
