//! What cameras recorded: when, in which files, as a playlist. Every playlist and every file is on record.

use axum::Json;
use chrono::DateTime;
use gatehouse_app::{
    AppError,
    cameras::{self, model::camera},
    ids::CameraId,
    paging::cursor,
    recordings::{self, model::segment},
    users::Permission::ReadCameras,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    before,
    extract::{Answer, Asked, At},
    limit,
    problem::Problem,
    time,
};
use crate::http::{
    context::Ctx,
    recordings::as_answer,
    respond::{ApiError, ApiResult, OrProblem},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Api(ReadCameras);
    vec![
        Route::get("/api/v1/cameras/{id}/timeline", read, timeline),
        Route::get("/api/v1/cameras/{id}/segments", read, segments),
        Route::get("/api/v1/cameras/{id}/playlist.m3u8", read, playlist),
        Route::get("/api/v1/cameras/{id}/segments/{at}/download", read, download),
    ]
}

/// The longest timeline: milliseconds.
const MONTH: i64 = 31 * 86_400_000;

/// A stretch of time.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct During {
    /// RFC 3339.
    #[param(example = "2026-11-20T14:00:00Z")]
    from: String,
    /// RFC 3339, not itself in it.
    #[param(example = "2026-11-20T15:00:00Z")]
    until: String,
}

impl During {
    /// Unix milliseconds.
    fn read(&self) -> Result<(i64, i64), AppError> {
        let read = |name: &str, text: &str| {
            DateTime::parse_from_rfc3339(text)
                .map(|at| at.timestamp_millis())
                .map_err(|_| AppError::field(name, "Give an instant such as 2026-11-20T14:00:00Z"))
        };
        let (from, until) = (read("from", &self.from)?, read("until", &self.until)?);
        if until <= from {
            return Err(AppError::field("until", "Give an instant after “from”"));
        }
        Ok((from, until))
    }
}

/// One camera that the token's owner may see.
async fn camera(ctx: &Ctx, id: CameraId) -> Result<camera::Model, ApiError> {
    cameras::visible(&ctx.app, &ctx.actor, id).await.or_problem(ctx)
}

/// From one instant to another.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stretch {
    #[schema(format = "date-time")]
    pub from: String,
    #[schema(format = "date-time")]
    pub until: String,
}

impl Stretch {
    fn all(stretches: Vec<(i64, i64)>) -> Vec<Self> {
        stretches.into_iter().map(|(from, until)| Self { from: time(from), until: time(until) }).collect()
    }
}

/// Time of which nothing is recorded, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct Gap {
    #[schema(format = "date-time")]
    pub from: String,
    /// Absent: it goes on.
    #[schema(format = "date-time")]
    pub until: Option<String>,
    #[schema(example = "unreachable")]
    pub reason: String,
    pub detail: String,
}

/// What there is of a camera within some time: segment by segment up to a day, by minutes beyond.
#[derive(Debug, Serialize, ToSchema)]
pub struct Timeline {
    /// Recorded, and verified where it is wanted.
    pub recorded: Vec<Stretch>,
    /// Recorded, and on its way. Beyond a day it is in `recorded` too.
    pub waiting: Vec<Stretch>,
    /// Being recorded, in a file that has not ended.
    pub open: Option<Stretch>,
    /// The 300 longest.
    pub missing: Vec<Gap>,
    /// Percent of what has passed of the time.
    #[schema(example = 99)]
    pub share: u8,
    /// RFC 6381; empty: not known.
    #[schema(example = "avc1.640028")]
    pub video: String,
}

/// What a camera recorded, what is missing of it and why. 31 days at most.
#[utoipa::path(get, path = "/api/v1/cameras/{id}/timeline", tag = "Recordings", params(("id" = CameraId, Path), During),
    responses((status = 200, body = Timeline), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn timeline(ctx: Ctx, At(id): At<CameraId>, Asked(during): Asked<During>) -> Answer<Timeline> {
    let camera = camera(&ctx, id).await?;
    let (from, until) = during.read().or_problem(&ctx)?;
    if until - from > MONTH {
        return Err(ApiError::new(&ctx, AppError::field("until", "Ask for 31 days at most")));
    }
    let tracks = recordings::tracks(&ctx.app, &[camera], from, until).await.or_problem(&ctx)?;
    let track = tracks.into_iter().next().ok_or_else(|| ApiError::new(&ctx, AppError::NotFound("That camera")))?;
    let missing = track.gaps.into_iter().map(|gap| Gap {
        from: time(gap.from),
        until: gap.until.map(time),
        reason: gap.reason.as_str().into(),
        detail: gap.detail,
    });
    Ok(Json(Timeline {
        recorded: Stretch::all(track.spans),
        waiting: Stretch::all(track.waiting),
        open: track.open.map(|(from, until)| Stretch { from: time(from), until: time(until) }),
        missing: missing.collect(),
        share: track.share,
        video: track.video,
    }))
}

/// A file of film.
#[derive(Debug, Serialize, ToSchema)]
pub struct Segment {
    /// With the camera it is the segment’s name.
    #[schema(format = "date-time")]
    pub started_at: String,
    #[schema(format = "date-time")]
    pub ended_at: String,
    /// Bytes.
    pub size: i64,
    /// `uploading`, `completed` (a wanted copy is verified), `failed` (no sound copy is left).
    #[schema(example = "completed")]
    pub state: String,
    /// Who recorded it, by the name of then.
    pub recorder: String,
}

impl From<(segment::Model, String)> for Segment {
    fn from((row, recorder): (segment::Model, String)) -> Self {
        let (started_at, ended_at) = (time(row.started_at), time(row.ended_at));
        Self { started_at, ended_at, size: row.size, state: row.state, recorder }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SegmentPage {
    pub items: Vec<Segment>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Paged {
    /// RFC 3339.
    #[param(example = "2026-11-20T14:00:00Z")]
    from: String,
    /// RFC 3339, not itself in it.
    #[param(example = "2026-11-20T15:00:00Z")]
    until: String,
    /// 1–200, by default 50.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists the files that began within some time, oldest first.
#[utoipa::path(get, path = "/api/v1/cameras/{id}/segments", tag = "Recordings", params(("id" = CameraId, Path), Paged),
    responses((status = 200, body = SegmentPage), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn segments(ctx: Ctx, At(id): At<CameraId>, Asked(paged): Asked<Paged>) -> Answer<SegmentPage> {
    let camera = camera(&ctx, id).await?;
    let within = During { from: paged.from, until: paged.until }.read().or_problem(&ctx)?;
    let after: Option<i64> = before(paged.cursor.as_deref()).or_problem(&ctx)?;
    let limit = limit(paged.limit).or_problem(&ctx)? as u64;
    let (rows, more) = recordings::segments(&ctx.app, &camera, within, after, limit).await.or_problem(&ctx)?;
    let next = rows.last().filter(|_| more).map(|(row, _)| cursor(&row.started_at));
    Ok(Json(SegmentPage { items: rows.into_iter().map(Segment::from).collect(), next }))
}

/// The film of some time as HLS (RFC 8216), 24 hours at most; `X-Fresh-For` says for how many seconds its addresses hold.
#[utoipa::path(get, path = "/api/v1/cameras/{id}/playlist.m3u8", tag = "Recordings", params(("id" = CameraId, Path), During),
    responses((status = 200, body = String, content_type = "application/vnd.apple.mpegurl"),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn playlist(ctx: Ctx, At(id): At<CameraId>, Asked(during): Asked<During>) -> ApiResult {
    let camera = camera(&ctx, id).await?;
    let (from, until) = during.read().or_problem(&ctx)?;
    Ok(as_answer(recordings::playlist(&ctx.app, &ctx.actor, &camera, from, until).await.or_problem(&ctx)?))
}

/// Where a file is to be had.
#[derive(Debug, Serialize, ToSchema)]
pub struct SegmentUrl {
    /// Whoever holds it gets the file, for some minutes.
    #[schema(format = "uri")]
    pub url: String,
}

/// A URL that saves the file with the instant `at`: Unix milliseconds or RFC 3339.
#[utoipa::path(get, path = "/api/v1/cameras/{id}/segments/{at}/download", tag = "Recordings",
    params(("id" = CameraId, Path), ("at" = String, Path, example = "2026-11-20T14:00:00Z")),
    responses((status = 200, body = SegmentUrl), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn download(ctx: Ctx, At((id, at)): At<(CameraId, String)>) -> Answer<SegmentUrl> {
    let camera = camera(&ctx, id).await?;
    let at = at.parse().ok().or_else(|| Some(DateTime::parse_from_rfc3339(&at).ok()?.timestamp_millis()));
    let at = at.ok_or(AppError::NotFound("That recording")).or_problem(&ctx)?;
    let url = recordings::download(&ctx.app, &ctx.actor, &camera, at, ctx.yard.zone).await.or_problem(&ctx)?;
    Ok(Json(SegmentUrl { url: url.into() }))
}
