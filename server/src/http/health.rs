//! `/healthz`, `/readyz`, `/metrics`, and the health page.

use std::convert::Infallible;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use gatehouse_app::{
    ui::{
        frame::{Area, Page},
        status::Tone,
    },
    urls,
    users::Permission,
    yard::pages,
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    ServerState,
    context::Ctx,
    peer::Peer,
    respond::{OrPage, PageResult},
    route::{Access, Route},
};
use crate::{health, metrics};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::bare("/healthz", alive),
        Route::bare("/readyz", ready),
        Route::bare("/metrics", scrape),
        Route::get("/health", Access::Needs(Permission::ReadJobs), show),
    ]
}

/// The process runs and answers.
pub(super) async fn alive() -> Response {
    no_store("ok\n".into_response())
}

/// Whether requests should be sent here. A storage that is down degrades Gatehouse; it does not stop it.
async fn ready(ctx: Ctx, State(state): State<ServerState>) -> Response {
    let probes = state.probes.get(async {
        let found = tokio::join!(health::disk(&ctx.config), health::storage(&ctx.app));
        Ok::<_, Infallible>(found)
    });
    let (database, Ok((disk, storage))) = tokio::join!(health::database(&ctx.app), probes);
    let down = database.tone == Tone::Bad || disk.tone == Tone::Bad;
    let word = match (down, storage.tone) {
        (true, _) => "failing",
        (false, Tone::Bad) => "degraded",
        (false, _) => "ready",
    };
    let ok = |tone| if tone == Tone::Bad { "failing" } else { "ok" };
    let body = json!({ "status": word, "checks": { "database": ok(database.tone), "disk": ok(disk.tone), "storage": ok(storage.tone) } });
    let status = if down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    no_store((status, Json(body)).into_response())
}

/// For Prometheus: with the token where one is set, else from this machine alone.
async fn scrape(ctx: Ctx, headers: HeaderMap) -> Response {
    if !may_scrape(&ctx.config.metrics_token, ctx.peer, &headers) {
        return not_for_all();
    }
    match metrics::render(&ctx.app, &ctx.config).await {
        Ok(text) => figures(text),
        Err(error) => ctx.refuse(error),
    }
}

/// Whoever bears `token`; where there is none, this machine alone.
pub(super) fn may_scrape(token: &str, peer: Option<Peer>, headers: &HeaderMap) -> bool {
    if token.is_empty() { peer.is_some_and(|peer| peer.is_here()) } else { bears(headers, token) }
}

pub(super) fn not_for_all() -> Response {
    let text = "Metrics are for this machine alone, or for whoever bears GATEHOUSE_METRICS_TOKEN.\n";
    no_store((StatusCode::FORBIDDEN, text).into_response())
}

/// In Prometheus' text format.
pub(super) fn figures(text: String) -> Response {
    no_store(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

/// Compared by hash, so that the time it takes tells nothing.
fn bears(headers: &HeaderMap, token: &str) -> bool {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .is_some_and(|given| Sha256::digest(given) == Sha256::digest(token))
}

async fn show(ctx: Ctx) -> PageResult {
    let (checks, workers) = health::all(&ctx.app, &ctx.config).await.or_page(&ctx)?;
    let versions = vec![
        ("Gatehouse".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("Address".to_owned(), ctx.app.base_url.to_string()),
        ("Storage".to_owned(), ctx.app.ports.plane.policy().default.join(" + ")),
        ("Mail".to_owned(), ctx.app.ports.mailer.destination()),
    ];
    let zone = ctx.yard.zone;
    let page = Page::new("Health", Area::Yard).at(urls::HEALTH).wide();
    Ok(ctx.page(&page, || pages::health::page(checks, workers, versions, zone)))
}

pub(super) fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
