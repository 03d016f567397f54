//! Refuses form posts that another site's page sends with our user's cookies.
//!
//! SameSite=Lax keeps most away; this stops the rest. `Sec-Fetch-Site` is believed first, because under `Referrer-Policy: no-referrer`
//! a customer's own Download button sends `Origin: null`.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{ServerState, context::Ctx, respond::PageError};

pub(super) async fn refuse(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let harmless = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // Programs send no cookies along, only a token that no other site can know.
    let by_token = ["/api/", "/recorder/"].iter().any(|prefix| request.uri().path().starts_with(prefix));
    if harmless || by_token || is_own(request.uri().path(), request.headers(), &state.app.base_url) {
        return next.run(request).await;
    }
    tracing::warn!("refused a form sent from another site");
    let text = "Another site sent this form in your name, so nothing was changed. If it was you, open the page here and send it again.";
    match request.extensions().get::<Ctx>() {
        Some(ctx) => PageError::other(ctx, StatusCode::FORBIDDEN, "Not sent from here", text).into_response(),
        None => (StatusCode::FORBIDDEN, text).into_response(),
    }
}

fn is_own(path: &str, headers: &HeaderMap, base_url: &url::Url) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match text(header::HeaderName::from_static("sec-fetch-site")) {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => match text(header::ORIGIN) {
            // An older browser on a page without referrer: the customer's, whose form has a token of its own.
            Some("null") if path.starts_with("/d/") => true,
            Some(origin) => {
                origin == base_url.origin().ascii_serialization()
                    || text(header::HOST).is_some_and(|host| origin.split_once("://").is_some_and(|(_, at)| at == host))
            }
            // Neither header: not a browser of the last years, or no browser. It has the cookie by its own doing.
            None => true,
        },
    }
}
