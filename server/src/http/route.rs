//! A route and who may use it.

use axum::{
    Router,
    handler::Handler,
    http::Method,
    middleware,
    routing::{MethodFilter, MethodRouter, on},
};
use gatehouse_app::users::Permission;

use super::{ServerState, guard};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody: sign-in, customers' links, verification, health.
    Public,
    /// Whoever is signed in, for their own affairs.
    SignedIn,
    /// Whoever is signed in and may do this.
    Needs(Permission),
    /// A program with a token whose scopes and whose owner's role allow this.
    Api(Permission),
    /// A program with any valid token.
    ApiAny,
    /// A recorder on another site, with its own kind of token.
    Recorder,
}

/// One method of one path.
#[derive(Clone)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    /// Answered without a session and without the database: what must answer while that is away.
    pub(super) bare: bool,
    handler: MethodRouter<ServerState>,
}

impl Route {
    fn new<H, T>(method: Method, filter: MethodFilter, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, ServerState>,
        T: 'static,
    {
        Self { method, path, access, bare: false, handler: on(filter, handler) }
    }

    /// GET, and HEAD with it.
    pub fn get<H: Handler<T, ServerState>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self::new(Method::GET, MethodFilter::GET, path, access, handler)
    }

    /// The same without a session and without a look at the database beforehand.
    pub(super) fn bare<H: Handler<T, ServerState>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self { bare: true, ..Self::get(path, Access::Public, handler) }
    }

    pub fn post<H: Handler<T, ServerState>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self::new(Method::POST, MethodFilter::POST, path, access, handler)
    }

    pub fn put<H: Handler<T, ServerState>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self::new(Method::PUT, MethodFilter::PUT, path, access, handler)
    }

    pub fn delete<H: Handler<T, ServerState>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self::new(Method::DELETE, MethodFilter::DELETE, path, access, handler)
    }

    /// Adds it to `router`, behind its guard.
    pub(super) fn mount(self, router: Router<ServerState>, state: &ServerState) -> Router<ServerState> {
        let guard = middleware::from_fn_with_state((state.clone(), self.access), guard::check);
        router.route(self.path, self.handler.route_layer(guard))
    }
}
