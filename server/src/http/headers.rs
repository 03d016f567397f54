//! Headers that every answer has.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use gatehouse_app::App;

/// Nothing inline, nothing from elsewhere; a page that needs more (a form that ends at a bucket) sets its own.
pub const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
    form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'";

/// Browsers that came by https once come by nothing else for a year.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

pub(super) async fn add(State(secure): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if secure {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Lets a page play film and show pictures that lie in buckets. Players build what they play in memory, hence `blob:`.
#[must_use]
pub fn with_media(app: &App, mut response: Response) -> Response {
    let origins = [String::new()].into_iter().chain(app.ports.plane.origins()).collect::<Vec<_>>().join(" ");
    let csp = format!("{CSP}; media-src 'self' blob:{origins}")
        .replace("img-src 'self'", &format!("img-src 'self'{origins}"))
        .replace("connect-src 'self'", &format!("connect-src 'self'{origins}"));
    if let Ok(csp) = HeaderValue::try_from(csp) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, csp);
    }
    response
}

/// Lets a page's forms end at a bucket, or at where people reach Gatehouse: what a press saves comes from there.
#[must_use]
pub fn with_saving(app: &App, mut response: Response) -> Response {
    let mut ends = format!("form-action 'self' {}", app.base_url.origin().ascii_serialization());
    for origin in app.ports.plane.origins() {
        ends.push(' ');
        ends.push_str(&origin);
    }
    let said = response.headers().get(header::CONTENT_SECURITY_POLICY).and_then(|csp| csp.to_str().ok());
    if let Ok(csp) = HeaderValue::try_from(said.unwrap_or(CSP).replace("form-action 'self'", &ends)) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, csp);
    }
    response
}

/// Beginnings of paths whose rest opens something for whoever has it.
const OPENERS: [&str; 6] = ["/d/", "/files/", "/setup/", "/invitation/", "/reset/", "/verify/"];

/// Whether the path itself opens something, so that people outside come by it.
#[must_use]
pub fn opens_something(path: &str) -> bool {
    OPENERS.iter().any(|prefix| path.starts_with(prefix))
}

/// A path that may be logged: without what opens something.
#[must_use]
pub fn without_tokens(path: &str) -> String {
    match OPENERS.iter().find(|prefix| path.starts_with(**prefix)) {
        Some(prefix) => format!("{prefix}…"),
        None => path.to_owned(),
    }
}
