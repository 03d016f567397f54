//! HTTP: a file per URL area, each a table of routes that say who may.

mod account;
mod alerts;
mod anywhere;
mod assets;
mod attachments;
mod audit;
mod bol_form;
mod bol_list;
mod bols;
mod camera_form;
mod camera_sites;
mod cameras;
mod carriers;
mod choices;
mod clips;
pub mod context;
pub mod cross_site;
mod customer;
mod customers;
mod docks;
mod doctor;
mod files;
mod film_back;
mod film_holds;
pub mod forms;
mod guard;
pub mod headers;
mod health;
mod hold;
mod jobs;
mod links;
pub mod listen;
mod live;
mod loading;
mod moves;
mod outbox;
mod paper;
mod passwords;
pub mod path;
pub mod peer;
mod proven;
mod pulse;
mod recorder_api;
mod recorder_probes;
mod recorders;
pub(crate) mod recordings;
mod releases;
pub mod respond;
pub mod route;
mod second_factor;
mod session;
mod settings;
mod storage;
mod templates;
mod throttle;
mod today;
mod users;
mod verify;

use std::{ops::Deref, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef, Request},
    http::{HeaderName, HeaderValue},
    middleware::{self, Next},
    response::Response,
};
use gatehouse_app::{
    App,
    yard::{Yard, pages::health::Check},
};
use ipnet::IpNet;
use tokio_util::sync::CancellationToken;
use tower_http::{
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
    request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    timeout::RequestBodyTimeoutLayer,
    trace::TraceLayer,
};

use crate::{auth, config::Config, doctor::Practice, fresh::Fresh};
pub use recorder_probes::recorder_probes;
use route::Route;
use throttle::Throttle;

/// What handlers share. Every layer and handler holds one, so a clone is one count.
#[derive(Clone, Debug)]
pub struct ServerState(Arc<Shared>);

impl Deref for ServerState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

#[derive(Debug)]
pub struct Shared {
    pub app: App,
    pub config: Arc<Config>,
    pub pulse: pulse::Pulse,
    /// The yard's settings: at most a second old, and at once after a change in this process.
    yard: Fresh<Arc<Yard>>,
    /// What disk and storage said last: anybody may ask, and each answer costs a write.
    probes: Fresh<(Check, Check)>,
    /// What the doctor found last.
    practice: Practice,
    proxies: Vec<IpNet>,
    /// Cancelled when the process stops: what would go on for long ends.
    stop: CancellationToken,
    /// Customers' pages, and the verification page: anybody may come, nobody without end.
    link_throttle: Throttle,
    verify_throttle: Throttle,
}

impl FromRef<ServerState> for App {
    fn from_ref(state: &ServerState) -> Self {
        state.app.clone()
    }
}

/// The largest form or document that is read; uploads have routes of their own.
const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// How long a body may stand still on its way here.
const BODY_PATIENCE: Duration = Duration::from_secs(20);

/// Every route there is. The router is made of it, and a test walks it with every role.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = Vec::new();
    routes.extend(today::routes());
    routes.extend(anywhere::routes());
    routes.extend(jobs::routes());
    routes.extend(moves::routes());
    routes.extend(audit::routes());
    routes.extend(settings::routes());
    routes.extend(storage::routes());
    routes.extend(health::routes());
    routes.extend(doctor::routes());
    routes.extend(assets::routes());
    routes.extend(session::routes());
    routes.extend(bol_list::routes());
    routes.extend(customers::routes());
    routes.extend(choices::routes());
    routes.extend(carriers::routes());
    routes.extend(releases::routes());
    routes.extend(links::routes());
    routes.extend(outbox::routes());
    routes.extend(customer::routes());
    routes.extend(files::routes());
    routes.extend(verify::routes());
    routes.extend(passwords::routes());
    routes.extend(account::routes());
    routes.extend(second_factor::routes());
    routes.extend(users::routes());
    routes.extend(bols::routes());
    routes.extend(hold::routes());
    routes.extend(paper::routes());
    routes.extend(attachments::routes());
    routes.extend(bol_form::routes());
    routes.extend(templates::routes());
    routes.extend(alerts::routes());
    routes.extend(cameras::routes());
    routes.extend(camera_form::routes());
    routes.extend(camera_sites::routes());
    routes.extend(recorders::routes());
    routes.extend(recorder_api::routes());
    routes.extend(recordings::routes());
    routes.extend(film_holds::routes());
    routes.extend(film_back::routes());
    routes.extend(clips::routes());
    routes.extend(docks::routes());
    routes.extend(loading::routes());
    routes.extend(crate::api::routes());
    routes
}

impl ServerState {
    fn new(app: &App, config: &Config, stop: CancellationToken) -> Self {
        if let Err(error) = crate::metrics::recorder() {
            tracing::warn!(%error, "nothing is counted for /metrics");
        }
        Self(Arc::new(Shared {
            app: app.clone(),
            config: Arc::new(config.clone()),
            pulse: pulse::Pulse::default(),
            yard: Fresh::new(Duration::from_secs(1)),
            probes: Fresh::new(Duration::from_secs(5)),
            practice: Practice::default(),
            // Refused at the start where it cannot be read.
            proxies: config.proxies().unwrap_or_default(),
            stop,
            link_throttle: Throttle::new(300),
            verify_throttle: Throttle::new(60),
        }))
    }

    /// The settings are others now.
    pub(crate) fn yard_changed(&self) {
        self.yard.forget();
    }
}

/// The whole site.
pub fn router(app: &App, config: &Config) -> Router {
    router_until(app, config, CancellationToken::new())
}

/// The whole site; what would go on for long ends with `stop`.
pub fn router_until(app: &App, config: &Config, stop: CancellationToken) -> Router {
    let state = ServerState::new(app, config, stop);
    let (bare, rest): (Vec<_>, Vec<_>) = routes().into_iter().partition(|route| route.bare);
    let house = mounted(rest, &state)
        .fallback(respond::not_found)
        .method_not_allowed_fallback(respond::method_not_allowed)
        .layer(middleware::from_fn_with_state(state.clone(), cross_site::refuse))
        .layer(middleware::from_fn_with_state(state.clone(), context::enter))
        .layer(auth::layer(app));
    framed(bare_routes(bare, &state).merge(house), &state)
}

/// Health, readiness and figures alone, for a process that serves no pages.
pub fn probes(app: &App, config: &Config, stop: CancellationToken) -> Router {
    let state = ServerState::new(app, config, stop);
    let probes = health::routes().into_iter().filter(|route| route.bare).collect();
    framed(bare_routes(probes, &state), &state)
}

fn mounted(routes: Vec<Route>, state: &ServerState) -> Router<ServerState> {
    routes.into_iter().fold(Router::new(), |router, route| route.mount(router, state))
}

fn bare_routes(routes: Vec<Route>, state: &ServerState) -> Router<ServerState> {
    mounted(routes, state)
        .method_not_allowed_fallback(respond::method_not_allowed)
        .layer(middleware::from_fn_with_state(state.clone(), context::enter_bare))
}

/// What every answer has: a request id, a line in the log, headers, words.
fn framed(router: Router<ServerState>, state: &ServerState) -> Router {
    // Those that must know the route, or stand close to what may panic.
    let house = router
        .layer(middleware::from_fn(respond::refuse_nul))
        .layer(middleware::from_fn(respond::catch))
        .layer(middleware::from_fn(crate::metrics::measure))
        .with_state(state.clone());
    // The others stand around the house once: a layer on a router is around each of its routes, and is cloned with all that is in it.
    Router::new()
        .fallback_service(house)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(RequestBodyTimeoutLayer::new(BODY_PATIENCE))
        .layer(middleware::from_fn_with_state(auth::is_secure(&state.app), headers::add))
        // Events are sent as they come; compressing them would hold them back.
        .layer(
            CompressionLayer::new()
                .compress_when(DefaultPredicate::new().and(NotForContentType::new("text/event-stream"))),
        )
        .layer(TraceLayer::new_for_http().make_span_with(span).on_response(answered))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, NewRequestId(state.app.clone())))
        .layer(middleware::from_fn(own_request_id))
}

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Clone)]
struct NewRequestId(App);

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        let id = self.0.ports.ids.uuid().simple().to_string();
        HeaderValue::from_str(&id).ok().map(RequestId::new)
    }
}

/// Request ids are made here: one from outside would let a stranger write into the log.
async fn own_request_id(mut request: Request, next: Next) -> Response {
    request.headers_mut().remove(REQUEST_ID);
    next.run(request).await
}

/// The path alone: queries hold signatures and searches, and tokens in paths are cut out.
fn span<B>(request: &axum::http::Request<B>) -> tracing::Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", request_id = id, method = %request.method(), path = headers::without_tokens(request.uri().path()))
}

fn answered<B>(response: &axum::http::Response<B>, took: std::time::Duration, _: &tracing::Span) {
    tracing::info!(
        status = response.status().as_u16(),
        ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
}
