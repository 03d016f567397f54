//! `/healthz`, `/readyz` and `/metrics` of a recorder on another site: whether it is all right, for whoever looks after its machine.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use gatehouse_app::recorders::HERE_MS;
use gatehouse_jobs::outpost::{Gauges, Report};
use serde_json::{Value, json};

use super::{
    health::{alive, figures, may_scrape, no_store, not_for_all},
    peer::Peer,
};
use crate::metrics;

#[derive(Clone)]
struct Probes {
    gauges: Gauges,
    metrics_token: Arc<str>,
}

/// A recorder's own few routes; it has no pages.
pub fn recorder_probes(gauges: Gauges, metrics_token: &str) -> Router {
    if let Err(error) = metrics::recorder() {
        tracing::warn!(%error, "nothing is counted for /metrics");
    }
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(scrape))
        .with_state(Probes { gauges, metrics_token: metrics_token.into() })
}

/// Whether it does what it is there for, without names: anybody may ask. Without its hub it records on: that degrades it, and does not stop it.
async fn ready(State(probes): State<Probes>) -> Response {
    match probes.gauges.report().await {
        Ok(report) => {
            let (status, body) = standing(&report);
            no_store((status, Json(body)).into_response())
        }
        Err(error) => broken(&error),
    }
}

fn standing(report: &Report) -> (StatusCode, Value) {
    let is_here = report.hub_heard_at.is_some_and(|at| report.now - at < HERE_MS);
    let lost = report.cameras.iter().filter(|camera| camera.noted.pulse.state.is_lost()).count();
    let hub = match &report.refused {
        Some(_) => "refuses",
        None if is_here => "ok",
        None => "away",
    };
    let (status, word) = match (report.has_room && report.refused.is_none(), is_here && lost == 0) {
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "failing"),
        (true, false) => (StatusCode::OK, "degraded"),
        (true, true) => (StatusCode::OK, "ready"),
    };
    let disk = if report.has_room { "ok" } else { "full" };
    let checks = json!({ "hub": hub, "disk": disk, "cameras": report.cameras.len(), "cameras_lost": lost });
    (status, json!({ "status": word, "checks": checks }))
}

async fn scrape(State(probes): State<Probes>, headers: HeaderMap, request: Request) -> Response {
    let peer = Peer::of(&headers, request.extensions(), &[]);
    if !may_scrape(&probes.metrics_token, peer, &headers) {
        return not_for_all();
    }
    let text = match probes.gauges.report().await {
        Ok(report) => metrics::figures(&report),
        Err(error) => Err(error),
    };
    text.map_or_else(|error| broken(&error), figures)
}

fn broken(error: &anyhow::Error) -> Response {
    tracing::error!(error = format!("{error:#}"), "the recorder’s database does not answer");
    no_store((StatusCode::SERVICE_UNAVAILABLE, "the recorder’s database does not answer\n").into_response())
}
