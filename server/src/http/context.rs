//! What a handler knows about its request: who, from where, and how to answer.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
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

use super::{REQUEST_ID, ServerState};
use crate::{
    auth::{Backend, SignedInUser},
    config::Config,
};

/// Taken by handlers as an argument.
#[derive(Clone, Debug)]
pub struct Ctx {
    pub app: App,
    pub config: Arc<Config>,
    pub actor: Actor,
    pub user: Option<SignedInUser>,
    pub yard: Arc<Yard>,
    pub session: Session,
    pub request_id: String,
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

/// Makes the context of every request.
pub(super) async fn enter(
    State(state): State<ServerState>,
    auth: AuthSession<Backend>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let request_id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    let ip = peer(&request, &state.config).map(|ip| ip.to_string());
    let user = auth.user;
    let (kind, name) = match &user {
        Some(user) => (ActorKind::User(user.id), user.name.clone()),
        None => (ActorKind::Anonymous, "Somebody".into()),
    };
    let yard = match Yard::load(state.app.db()).await {
        Ok(yard) => Arc::new(yard),
        Err(error) => return super::respond::PageError::bare(error).into_response(),
    };
    // A document is where a flash is read; an asset or a poll would swallow it.
    let flash = match request.headers().get("accept").and_then(|a| a.to_str().ok()) {
        Some(accept) if accept.contains("text/html") && request.method() == "GET" => take_flash(&session).await,
        _ => None,
    };
    // Only a page has a frame that shows it.
    let jobs_running = match (&user, request.method().as_str()) {
        (Some(_), "GET") => state.pulse.jobs_running(&state.app).await,
        _ => 0,
    };
    let actor = Actor { kind, name, ip, request_id: Some(request_id.clone()) };
    let ctx = Ctx { app: state.app, config: state.config, actor, user, yard, session, request_id, flash, jobs_running };
    request.extensions_mut().insert(ctx);
    next.run(request).await
}

/// What the request before left to say. A session is written when something is taken out of it, so it is looked into first.
async fn take_flash(session: &Session) -> Option<Flash> {
    session.get::<Flash>(FLASH).await.ok().flatten()?;
    session.remove(FLASH).await.ok().flatten()
}

/// The address of whoever asks: the peer, or what a trusted proxy says it is.
fn peer(request: &Request, config: &Config) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())?;
    if !config.trusted_proxies.iter().any(|proxy| proxy.parse() == Ok(peer)) {
        return Some(peer);
    }
    // The last address is the one our proxy saw; those before it are hearsay.
    let forwarded = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok());
    forwarded.and_then(|list| list.rsplit(',').next()).and_then(|last| last.trim().parse().ok()).or(Some(peer))
}

impl Ctx {
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.user.as_ref().is_some_and(|user| user.role.may(permission))
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
