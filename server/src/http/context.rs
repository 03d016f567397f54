//! What a handler knows about its request: who, from where, and how to answer.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::request::Parts,
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use axum_login::AuthSession;
use gatehouse_app::{
    App,
    audit::{Actor, ActorKind},
    ui::frame::{Flash, Frame, Page, Viewer},
    users::{Permission, Role},
    yard::Yard,
};
use leptos::IntoView;
use tower_sessions::Session;

use super::{ServerState, peer::Peer, respond::Asker};
use crate::{
    auth::{Backend, SignedInUser, SqlSessions},
    config::Config,
};

/// Taken by handlers as an argument.
#[derive(Clone, Debug)]
pub struct Ctx {
    pub app: App,
    pub config: Arc<Config>,
    pub actor: Actor,
    pub user: Option<SignedInUser>,
    /// What the token allows that a program came with; `None`: a person asks.
    pub scopes: Option<String>,
    pub peer: Option<Peer>,
    pub yard: Arc<Yard>,
    pub session: Session,
    pub request_id: String,
    pub(super) asker: Asker,
    flash: Option<Flash>,
    jobs_running: u64,
}

impl FromRequestParts<ServerState> for Ctx {
    type Rejection = Infallible;

    #[expect(clippy::expect_used, reason = "every route is behind `enter`")]
    async fn from_request_parts(parts: &mut Parts, _: &ServerState) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().expect("the context layer ran"))
    }
}

const FLASH: &str = "flash";

/// Makes the context of every request for a page or the API.
pub(super) async fn enter(
    State(state): State<ServerState>,
    auth: AuthSession<Backend>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let yard = match state.yard.get(async { Yard::load(state.app.db()).await.map(Arc::new) }).await {
        Ok(yard) => yard,
        Err(error) => return Asker::of(request.method(), request.uri(), request.headers()).refuse(error),
    };
    // A document is where a flash is read; an asset or a poll would swallow it.
    let flash = match request.headers().get("accept").and_then(|a| a.to_str().ok()) {
        Some(accept) if accept.contains("text/html") && request.method() == "GET" => take_flash(&session).await,
        _ => None,
    };
    // Only a page has a frame that shows it.
    let jobs_running = match (&auth.user, request.method().as_str()) {
        (Some(_), "GET") => state.pulse.jobs_running(&state.app).await,
        _ => 0,
    };
    let ctx = Ctx { yard, flash, jobs_running, ..Ctx::new(&state, &request, auth.user, session) };
    request.extensions_mut().insert(ctx);
    next.run(request).await
}

/// What the request before left to say. A session is written when something is taken out of it, so it is looked into first.
async fn take_flash(session: &Session) -> Option<Flash> {
    session.get::<Flash>(FLASH).await.ok().flatten()?;
    session.remove(FLASH).await.ok().flatten()
}

/// Makes the context of a request that is answered whatever is away: nobody is signed in, and nothing is looked up.
pub(super) async fn enter_bare(State(state): State<ServerState>, mut request: Request, next: Next) -> Response {
    let session = Session::new(None, Arc::new(SqlSessions::new(state.app.clone())), None);
    let ctx = Ctx::new(&state, &request, None, session);
    request.extensions_mut().insert(ctx);
    next.run(request).await
}

impl Ctx {
    /// Knows who asks and from where, and nothing of the house.
    fn new(state: &ServerState, request: &Request, user: Option<SignedInUser>, session: Session) -> Self {
        let asker = Asker::of(request.method(), request.uri(), request.headers());
        let peer = Peer::of(request.headers(), request.extensions(), &state.proxies);
        let (kind, name) = match &user {
            Some(user) => (ActorKind::User(user.id), user.name.clone()),
            None => (ActorKind::Anonymous, "Somebody".into()),
        };
        let actor =
            Actor { kind, name, ip: peer.map(|peer| peer.ip.to_string()), request_id: Some(asker.request_id.clone()) };
        Self {
            app: state.app.clone(),
            config: Arc::clone(&state.config),
            actor,
            user,
            scopes: None,
            peer,
            yard: Arc::default(),
            session,
            request_id: asker.request_id.clone(),
            asker,
            flash: None,
            jobs_running: 0,
        }
    }

    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        let in_scope = |scopes: &str| scopes.split_whitespace().any(|scope| Some(scope) == permission.scope());
        self.user.as_ref().is_some_and(|user| user.role.may(permission)) && self.scopes.as_deref().is_none_or(in_scope)
    }

    /// Whether the yard asks everybody for a second factor and whoever is signed in has none.
    #[must_use]
    pub fn lacks_second_factor(&self) -> bool {
        self.yard.second_factor && self.user.as_ref().is_some_and(|user| !user.second_factor)
    }

    /// The role of whoever is signed in.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.user.as_ref().map(|user| user.role)
    }

    /// The frame around this request's page.
    #[must_use]
    pub fn frame(&self) -> Frame {
        Frame {
            viewer: self.user.as_ref().map(|user| Viewer { name: user.name.clone(), role: user.role }),
            yard_name: self.yard.name.clone(),
            jobs_running: self.jobs_running,
            request_id: self.request_id.clone(),
            flash: self.flash.clone(),
            csrf: None,
        }
    }

    /// A page of the house.
    pub fn page<V: IntoView + 'static>(&self, page: &Page, body: impl FnOnce() -> V) -> Response {
        Html(self.frame().render(page, body)).into_response()
    }

    /// The same page again, with what was typed and what needs mending: 422.
    pub fn refused<V: IntoView + 'static>(&self, page: &Page, body: impl FnOnce() -> V) -> Response {
        (axum::http::StatusCode::UNPROCESSABLE_ENTITY, self.page(page, body)).into_response()
    }

    /// A page without navigation, for people outside.
    pub fn plain_page<V: IntoView + 'static>(&self, page: &Page, body: impl FnOnce() -> V) -> Response {
        Html(self.frame().render_plain(page, body)).into_response()
    }

    /// 303 to `url`, where `flash` is shown once.
    pub async fn see_other(&self, url: &str, flash: Option<Flash>) -> Response {
        if let Some(flash) = flash
            && let Err(error) = self.session.insert(FLASH, flash).await
        {
            // What was done is done; only the sentence about it is lost.
            tracing::warn!(%error, "flash not kept");
        }
        Redirect::to(url).into_response()
    }
}
