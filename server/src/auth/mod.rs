//! Who is asking: sessions for people, bearer tokens for programs.

mod backend;
pub mod bearer;
mod sessions;

pub use backend::{Backend, SignedInUser};
pub use sessions::{SqlSessions, session_key};

use axum_login::{AuthManagerLayer, AuthManagerLayerBuilder, AuthSession};
use gatehouse_app::{App, AppError, users::model::user};
use serde::{Deserialize, Serialize};
use tower_sessions::{Expiry, Session, SessionManagerLayer, cookie::SameSite};

/// The layer that knows who is signed in.
pub fn layer(app: &App) -> AuthManagerLayer<Backend, SqlSessions> {
    let secure = is_secure(app);
    let sessions = SessionManagerLayer::new(SqlSessions::new(app.clone()))
        .with_name(if secure { "__Host-gatehouse" } else { "gatehouse" })
        .with_secure(secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        // The browser forgets it when it is closed; until then the store decides.
        .with_expiry(Expiry::OnSessionEnd);
    AuthManagerLayerBuilder::new(Backend::new(app.clone()), sessions).with_data_key(sessions::AUTH).build()
}

/// Whether cookies may travel over TLS only.
#[must_use]
pub fn is_secure(app: &App) -> bool {
    app.base_url.scheme() == "https"
}

/// Where a session was begun, for its owner's list.
#[derive(Debug, Serialize, Deserialize)]
pub struct Origin {
    pub ip: Option<String>,
    pub agent: Option<String>,
}

/// When the person last proved who they are, Unix milliseconds.
const CONFIRMED: &str = "confirmed_at";
/// For how long a proof is good for what could lock somebody out or let somebody else in.
const CONFIRMED_MS: i64 = 15 * 60 * 1000;

/// Begins a session for `row`, under a new id and with nothing of the one before. It proves nothing yet: see [`confirmed`].
///
/// # Errors
/// [`AppError::Forbidden`] for somebody who may not sign in.
pub async fn let_in(auth: &mut AuthSession<Backend>, row: &user::Model, origin: Origin) -> Result<(), AppError> {
    let user = SignedInUser::from_row(row).ok_or(AppError::Forbidden)?;
    auth.session.clear().await;
    auth.session.cycle_id().await.map_err(anyhow::Error::new)?;
    auth.session.insert(sessions::ORIGIN, origin).await.map_err(anyhow::Error::new)?;
    auth.login(&user).await.map_err(anyhow::Error::new)?;
    Ok(())
}

/// Lets somebody stay who has just ended every session of theirs, this one too. The proof they gave is as old as it was.
///
/// # Errors
/// [`AppError::Forbidden`] for somebody who may not sign in.
pub async fn stay(auth: &mut AuthSession<Backend>, row: &user::Model, origin: Origin) -> Result<(), AppError> {
    let proved: Option<i64> = auth.session.get(CONFIRMED).await.map_err(anyhow::Error::new)?;
    let_in(auth, row, origin).await?;
    if let Some(at) = proved {
        auth.session.insert(CONFIRMED, at).await.map_err(anyhow::Error::new)?;
    }
    Ok(())
}

/// The person has just proved who they are, with every factor they have.
///
/// # Errors
/// When the session cannot be read.
pub async fn confirmed(app: &App, session: &Session) -> Result<(), AppError> {
    Ok(session.insert(CONFIRMED, app.now()).await.map_err(anyhow::Error::new)?)
}

/// Whether the person proved who they are a moment ago.
///
/// # Errors
/// When the session cannot be read.
pub async fn is_confirmed(app: &App, session: &Session) -> Result<bool, AppError> {
    let at: Option<i64> = session.get(CONFIRMED).await.map_err(anyhow::Error::new)?;
    Ok(at.is_some_and(|at| app.now() - at < CONFIRMED_MS))
}
