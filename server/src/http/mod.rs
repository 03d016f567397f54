//! HTTP: a file per URL area, each a table of routes that say who may.

mod account;
mod assets;
mod audit;
mod bol_form;
mod bol_list;
mod bols;
mod carriers;
mod choices;
pub mod context;
pub mod cross_site;
mod customer;
mod customers;
mod files;
pub mod forms;
mod guard;
pub mod headers;
mod health;
mod jobs;
mod links;
mod outbox;
mod passwords;
pub mod path;
mod pulse;
mod releases;
pub mod respond;
pub mod route;
mod second_factor;
mod session;
mod settings;
mod templates;
mod throttle;
mod today;
mod users;
mod verify;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef, Request},
    http::{HeaderName, HeaderValue},
    middleware::{self, Next},
    response::Response,
};
use gatehouse_app::App;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
    request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    trace::TraceLayer,
};

use crate::{auth, config::Config};
use route::Route;
use throttle::Throttle;

/// What handlers share.
#[derive(Clone, Debug)]
pub struct ServerState {
    pub app: App,
    pub config: Arc<Config>,
    pub pulse: pulse::Pulse,
    /// Customers' pages, and the verification page: anybody may come, nobody without end.
    link_throttle: Arc<Throttle>,
    verify_throttle: Arc<Throttle>,
}

impl FromRef<ServerState> for App {
    fn from_ref(state: &ServerState) -> Self {
        state.app.clone()
    }
}

/// The largest form or document that is read; uploads have routes of their own.
const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// Every route there is. The router is made of it, and a test walks it with every role.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = Vec::new();
    routes.extend(today::routes());
    routes.extend(jobs::routes());
    routes.extend(audit::routes());
    routes.extend(settings::routes());
    routes.extend(health::routes());
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
    routes.extend(bol_form::routes());
    routes.extend(templates::routes());
    routes.extend(crate::api::routes());
    routes
}

/// The whole site.
pub fn router(app: &App, config: &Config) -> Router {
    if let Err(error) = crate::metrics::recorder() {
        tracing::warn!(%error, "nothing is counted for /metrics");
    }
    let state = ServerState {
        app: app.clone(),
        config: Arc::new(config.clone()),
        pulse: pulse::Pulse::default(),
        link_throttle: Arc::new(Throttle::new(300)),
        verify_throttle: Arc::new(Throttle::new(60)),
    };

    let mut router = Router::new();
    for route in routes() {
        router = route.mount(router, &state);
    }
    router
        .fallback(respond::not_found)
        .method_not_allowed_fallback(respond::method_not_allowed)
        .layer(middleware::from_fn_with_state(state.clone(), cross_site::refuse))
        .layer(middleware::from_fn_with_state(state.clone(), context::enter))
        .layer(auth::layer(app))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CatchPanicLayer::custom(respond::panicked))
        .layer(middleware::from_fn(headers::add))
        // Events are sent as they come; compressing them would hold them back.
        .layer(
            CompressionLayer::new()
                .compress_when(DefaultPredicate::new().and(NotForContentType::new("text/event-stream"))),
        )
        .layer(middleware::from_fn(crate::metrics::measure))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_response(answered))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, NewRequestId(app.clone())))
        .layer(middleware::from_fn(own_request_id))
        .with_state(state)
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
