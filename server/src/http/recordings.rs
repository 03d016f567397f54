//! `/recordings`: the recording browser, and what it plays. Every route asks for the grant, and every look is on record.

use axum::{
    Json,
    extract::RawQuery,
    http::{HeaderName, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use chrono::DateTime;
use gatehouse_app::{
    App, AppError, FormErrors, Result,
    audit::Actor,
    cameras::{self, model::camera},
    docks,
    form::FormData,
    ids::CameraId,
    recordings::{
        self,
        pages::{Browse, Pick, Shown},
        window::{Span, Window, instant},
    },
    ui, urls,
    users::Permission::{ExportFootage, ManageYard, ReadCameras, ReadPaper},
};
use serde::Deserialize;

use super::{
    context::Ctx,
    headers,
    path::{Path, Query},
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Needs(ReadCameras);
    vec![
        Route::get(urls::RECORDINGS, read, browse),
        Route::get(urls::RECORDINGS_TRACKS, read, tracks),
        Route::get("/recordings/{camera}/playlist.m3u8", read, playlist),
        Route::get("/recordings/{camera}/picture.json", read, picture),
        Route::get("/recordings/{camera}/{file}", read, file),
    ]
}

/// For how many seconds the addresses in a playlist hold at least.
const FRESH_FOR: HeaderName = HeaderName::from_static("x-fresh-for");
/// When film goes on behind a playlist, Unix milliseconds: a player need not look through days without any.
const NEXT_AT: HeaderName = HeaderName::from_static("x-next-at");
const M3U8: &str = "application/vnd.apple.mpegurl";

/// What is asked for: which cameras, when, how much.
struct Asked {
    chosen: Vec<camera::Model>,
    window: Window,
    typed: String,
    errors: FormErrors,
}

impl Asked {
    /// The query may name cameras once with commas, as links do, or each by itself, as the form does.
    async fn read(ctx: &Ctx, query: Option<&str>) -> Result<Self> {
        let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
        let query = FormData::new(pairs);
        let slugs: Vec<&str> = query.all("cameras").collect();
        let chosen = cameras::chosen(&ctx.app, &ctx.actor, &slugs.join(",")).await?;
        let mut errors = FormErrors::new();
        let span: Span = match query.get("span") {
            "" => Span::default(),
            word => word.parse().unwrap_or_else(|why: String| {
                errors.add("span", why);
                Span::default()
            }),
        };
        let (typed, zone) = (query.get("at").to_owned(), ctx.yard.zone);
        // What stands in the form as it was is the very instant, however often the clock shows it.
        let was = DateTime::parse_from_rfc3339(query.get("was")).ok();
        let as_it_was = was.filter(|at| at.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S").to_string() == typed);
        let at = match as_it_was {
            Some(at) => at.timestamp_millis(),
            None if typed.is_empty() => newest(&ctx.app, &chosen).await?,
            None => match instant(&typed, zone) {
                Ok(at) => at,
                Err(wrong) => {
                    wrong.iter().for_each(|(field, message)| errors.add(field, message));
                    newest(&ctx.app, &chosen).await?
                }
            },
        };
        Ok(Self { chosen, window: Window { at: within_reach(at, span), span }, typed, errors })
    }
}

/// Where one comes in who says no instant: where the newest film is.
async fn newest(app: &App, chosen: &[camera::Model]) -> Result<i64> {
    let numbers: Vec<_> = chosen.iter().map(|camera| camera.number).collect();
    Ok(recordings::newest(app, &numbers).await?.unwrap_or_else(|| app.now()))
}

/// Years that no calendar has are the last one that it has.
fn within_reach(at: i64, span: Span) -> i64 {
    let edge = DateTime::<chrono::Utc>::MAX_UTC.timestamp_millis() / 2;
    at.clamp(-edge, edge - span.milliseconds())
}

async fn shown(ctx: &Ctx, chosen: &[camera::Model], window: Window) -> Result<Shown> {
    let tracks = recordings::tracks(&ctx.app, chosen, window.from(), window.until()).await?;
    let files = match window.span.is_exact() && !chosen.is_empty() {
        true => recordings::files(&ctx.app, chosen, window.from(), window.until()).await?,
        false => Vec::new(),
    };
    let ids: Vec<_> = chosen.iter().map(|camera| camera.id).collect();
    let marks = match ctx.may(ReadPaper) {
        true => docks::marks(&ctx.app, &ids, window.from(), window.until(), ctx.yard.zone).await?,
        false => Vec::new(),
    };
    let kept = recordings::held(&ctx.app, chosen, window.from(), window.until()).await?;
    let asked = recordings::asked_back(&ctx.app, chosen, window.from(), window.until()).await?;
    Ok(Shown { tracks, marks, kept, asked, files, window, now: ctx.app.now(), zone: ctx.yard.zone })
}

async fn browse(ctx: Ctx, RawQuery(query): RawQuery) -> PageResult {
    let Asked { chosen, window, typed, errors } = Asked::read(&ctx, query.as_deref()).await.or_page(&ctx)?;
    let shown = shown(&ctx, &chosen, window).await.or_page(&ctx)?;
    let picks = picks(&ctx.app, &ctx.actor, &chosen).await.or_page(&ctx)?;
    let refused = !errors.is_empty();
    let away = recordings::away(&ctx.app, &chosen, window.from(), window.until()).await.or_page(&ctx)?;
    let (may_export, may_hold) = (ctx.may(ExportFootage), ctx.may(ManageYard));
    let browse = Browse { picks, shown, errors, typed, may_export, away, may_hold };
    let answer = match refused {
        true => ctx.refused(&Browse::page(), || browse.body()),
        false => ctx.page(&Browse::page(), || browse.body()),
    };
    Ok(headers::with_media(&ctx.app, answer))
}

/// The cameras in use that one may choose from, by name; what is archived stands there while it is looked at.
pub(super) async fn picks(app: &App, actor: &Actor, chosen: &[camera::Model]) -> Result<Vec<Pick>> {
    let is_chosen = |slug: &str| chosen.iter().any(|camera| camera.slug == slug);
    let mut picks: Vec<Pick> = cameras::in_use(app, actor)
        .await?
        .into_iter()
        .map(|(slug, name)| Pick { chosen: is_chosen(&slug), slug, name })
        .collect();
    let others = chosen.iter().filter(|camera| picks.iter().all(|pick| pick.slug != camera.slug));
    let others: Vec<_> =
        others.map(|camera| Pick { slug: camera.slug.clone(), name: camera.name.clone(), chosen: true }).collect();
    picks.extend(others);
    Ok(picks)
}

async fn tracks(ctx: Ctx, RawQuery(query): RawQuery) -> PageResult {
    let Asked { chosen, window, errors, .. } = Asked::read(&ctx, query.as_deref()).await.or_page(&ctx)?;
    errors.into_result().or_page(&ctx)?;
    let shown = shown(&ctx, &chosen, window).await.or_page(&ctx)?;
    Ok(Html(ui::fragment(|| shown.part())).into_response())
}

/// Unix milliseconds. What is left out is told to those alone who may know of the camera.
#[derive(Deserialize)]
struct Stretch {
    from: Option<i64>,
    until: Option<i64>,
}

async fn playlist(ctx: Ctx, Path(id): Path<CameraId>, Query(Stretch { from, until }): Query<Stretch>) -> PageResult {
    let camera = cameras::visible(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    let (from, until) = (wanted("from", from).or_page(&ctx)?, wanted("until", until).or_page(&ctx)?);
    let playlist = recordings::playlist(&ctx.app, &ctx.actor, &camera, from, until).await.or_page(&ctx)?;
    Ok(as_answer(playlist))
}

/// A playlist as pages and programs get it.
pub(crate) fn as_answer(playlist: recordings::Playlist) -> Response {
    let headers = [(header::CONTENT_TYPE, M3U8.to_owned()), (FRESH_FOR, playlist.fresh_for.as_secs().to_string())];
    let next = playlist.next_at.map(|at| [(NEXT_AT, at.to_string())]);
    (StatusCode::OK, headers, next, playlist.text).into_response()
}

/// An instant that has to be given: Unix milliseconds.
fn wanted(name: &str, at: Option<i64>) -> Result<i64> {
    at.filter(|at| DateTime::from_timestamp_millis(*at).is_some())
        .ok_or_else(|| AppError::field(name, "Give an instant in Unix milliseconds"))
}

#[derive(Deserialize)]
struct Instant {
    at: Option<i64>,
}

async fn picture(ctx: Ctx, Path(id): Path<CameraId>, Query(Instant { at }): Query<Instant>) -> PageResult {
    let camera = cameras::visible(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    let at = wanted("at", at).or_page(&ctx)?;
    let pictures = recordings::pictures(&ctx.app, &ctx.actor, &camera, at).await.or_page(&ctx)?;
    Ok(Json(pictures).into_response())
}

/// `…/1795204951000.mp4`: the file that has this instant, to save.
async fn file(ctx: Ctx, Path((id, file)): Path<(CameraId, String)>) -> PageResult {
    let camera = cameras::visible(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    let at = file.strip_suffix(".mp4").and_then(|at| at.parse::<i64>().ok());
    let at = at.ok_or_else(|| PageError::new(&ctx, AppError::NotFound("That page")))?;
    let url = recordings::download(&ctx.app, &ctx.actor, &camera, at, ctx.yard.zone).await.or_page(&ctx)?;
    Ok(Redirect::to(url.as_str()).into_response())
}
