//! Errors as pages and as problem documents.

use std::{any::Any, panic::AssertUnwindSafe};

use axum::{
    Json,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use futures::FutureExt;
use gatehouse_app::{
    AppError,
    ui::{
        form::LinkButton,
        frame::{Area, Frame, Page, Trouble},
    },
    urls,
    users::Permission,
};
use leptos::prelude::*;
use serde_json::json;

use super::{REQUEST_ID, context::Ctx};

/// What a page's handler returns.
pub type PageResult = Result<Response, PageError>;

/// What an error has to know of the request that it answers.
#[derive(Clone, Debug, Default)]
pub struct Asker {
    pub request_id: String,
    /// A program, which reads problem documents.
    program: bool,
    /// Whoever asks meant to change something, and wants to know whether it was.
    changing: bool,
    /// The address was given to somebody outside, who has no business with the rest of the house.
    outside: bool,
}

impl Asker {
    #[must_use]
    pub fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let request_id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
        Self {
            request_id,
            program: ["/api/", "/recorder/"].iter().any(|prefix| uri.path().starts_with(prefix)),
            changing: !method.is_safe(),
            outside: super::headers::opens_something(uri.path()),
        }
    }

    /// The error as whoever asked can read it, where nothing is known of them.
    #[must_use]
    pub fn refuse(self, error: AppError) -> Response {
        if self.program {
            return ApiError { error, asker: self, unauthenticated: false, said: None }.into_response();
        }
        let frame = Frame { request_id: self.request_id.clone(), ..Frame::default() };
        PageError { error, frame, asker: self, said: None }.into_response()
    }
}

/// An error that is shown as a page.
#[derive(Debug)]
pub struct PageError {
    error: AppError,
    frame: Frame,
    asker: Asker,
    /// What no verb says, but the transport: a status, a title and words of their own.
    said: Option<(StatusCode, &'static str, String)>,
}

impl PageError {
    #[must_use]
    pub fn new(ctx: &Ctx, error: AppError) -> Self {
        Self { error, frame: ctx.frame(), asker: ctx.asker.clone(), said: None }
    }

    /// A request that does not reach a verb.
    #[must_use]
    pub fn other(ctx: &Ctx, status: StatusCode, title: &'static str, text: &str) -> Self {
        let error = AppError::Conflict(String::new());
        Self { said: Some((status, title, text.into())), ..Self::new(ctx, error) }
    }
}

/// Handlers write `verb(…).await.or_page(&ctx)?`.
pub trait OrPage<T> {
    /// # Errors
    /// The same error, as a page in this request's frame.
    fn or_page(self, ctx: &Ctx) -> Result<T, PageError>;
}

impl<T, E: Into<AppError>> OrPage<T> for Result<T, E> {
    fn or_page(self, ctx: &Ctx) -> Result<T, PageError> {
        self.map_err(|error| PageError::new(ctx, error.into()))
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let stranger = self.frame.viewer.is_none();
        let (status, title, what) = match self.said {
            Some(said) => said,
            None => {
                let status = StatusCode::from_u16(self.error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let (title, what) = match &self.error {
                    AppError::Forbidden if stranger => (
                        "This does not open",
                        "The address is not whole, or it was not made for you. Ask whoever gave it to you for a new one."
                            .into(),
                    ),
                    error => in_words(error, self.asker.changing),
                };
                (status, title, what)
            }
        };
        let id = Some(self.frame.request_id.clone()).filter(|id| !id.is_empty());
        let role = self.frame.viewer.as_ref().map(|viewer| viewer.role);
        let ask_back = match &self.error {
            AppError::Archived(away) if role.is_some_and(|role| role.may(Permission::ReadJobs)) => {
                let label = if away.asked { "See how it stands" } else { "Ask for it back" };
                Some(view! { <LinkButton href=urls::stored(away.object) label icon="refresh"/>" " })
            }
            _ => None,
        };
        let way_on = match (stranger, self.asker.outside) {
            (false, _) => Some(view! { <LinkButton href=urls::TODAY label="Go to Today"/> }),
            (true, false) => Some(view! { <LinkButton href=urls::SIGN_IN label="Sign in"/> }),
            // A customer, or whoever scanned the code on a paper: there is no door for them here.
            (true, true) => None,
        };
        let body = self.frame.render(&Page::new(title, Area::None), move || {
            view! { <Trouble title what request_id=id>{ask_back}{way_on}</Trouble> }
        });
        let mut response = (status, Html(body)).into_response();
        finish(&self.error, &mut response);
        response
    }
}

/// A title and a sentence or two: what happened, whether anything was saved, what to do.
fn in_words(error: &AppError, changing: bool) -> (&'static str, String) {
    let (title, text) = match error {
        AppError::NotFound(what) => {
            ("Not found", format!("{what} is not here. It may have been deleted, or the address is mistyped."))
        }
        AppError::Forbidden => (
            "You may not do this",
            "Your role does not allow it, so nothing was changed. An admin can give you another role.".into(),
        ),
        AppError::Conflict(text) => ("That does not fit any more", text.clone()),
        AppError::Archived(away) => ("In the archive", away.to_string()),
        AppError::Invalid(errors) => ("Something needs mending", format!("Nothing was saved. {errors}")),
        AppError::Gone(text) => ("No longer available", text.clone()),
        AppError::TooMany { retry_after_secs } => {
            ("Too many attempts", format!("Nothing was changed. Wait {retry_after_secs} seconds, then try again."))
        }
        AppError::Unavailable(text) => ("Not available just now", text.clone()),
        AppError::Internal(_) => (
            "Something broke here",
            "It is our fault, not yours. Nothing was saved half-done. Try again; if it comes back, tell an admin the request number.".into(),
        ),
    };
    // Most verbs say it in words that fit; where one does not, it is said here.
    match changing && !text.contains("othing was") {
        true => (title, format!("{text} Nothing was saved.")),
        false => (title, text),
    }
}

/// Logs what only the operator may know, and tells clients when to come back.
fn finish(error: &AppError, response: &mut Response) {
    if let AppError::Internal(cause) = error {
        tracing::error!(error = format!("{cause:#}"), "internal error");
    }
    let retry_after = match error {
        AppError::TooMany { retry_after_secs } => Some(*retry_after_secs),
        // Before it is asked for, waiting does not help.
        AppError::Archived(away) if away.asked => Some(u64::try_from(away.takes / 1000).unwrap_or_default().max(60)),
        _ => None,
    };
    if let Some(secs) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, secs.into());
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// What an API handler returns.
pub type ApiResult<T = Response> = Result<T, ApiError>;

/// An error as a problem document (RFC 9457).
#[derive(Debug)]
pub struct ApiError {
    error: AppError,
    asker: Asker,
    /// No token, or none that counts: 401 rather than 403.
    unauthenticated: bool,
    /// What no verb says, but the transport: 400, 405, 413, 415.
    said: Option<(StatusCode, String)>,
}

impl ApiError {
    #[must_use]
    pub fn new(ctx: &Ctx, error: AppError) -> Self {
        let unauthenticated = matches!(error, AppError::Forbidden) && ctx.user.is_none();
        Self { error, asker: ctx.asker.clone(), unauthenticated, said: None }
    }

    /// A request that does not reach a verb.
    #[must_use]
    pub fn other(ctx: &Ctx, status: StatusCode, detail: &str) -> Self {
        let error = AppError::Conflict(String::new());
        Self { error, asker: ctx.asker.clone(), unauthenticated: false, said: Some((status, detail.into())) }
    }
}

/// Handlers write `verb(…).await.or_problem(&ctx)?`.
pub trait OrProblem<T> {
    /// # Errors
    /// The same error, as a problem document.
    fn or_problem(self, ctx: &Ctx) -> Result<T, ApiError>;
}

impl<T, E: Into<AppError>> OrProblem<T> for Result<T, E> {
    fn or_problem(self, ctx: &Ctx) -> Result<T, ApiError> {
        self.map_err(|error| ApiError::new(ctx, error.into()))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = match &self.said {
            Some((status, _)) => status.as_u16(),
            None if self.unauthenticated => 401,
            None => self.error.status(),
        };
        let (title, detail) = if let Some((status, detail)) = &self.said {
            (status.canonical_reason().unwrap_or("Refused"), detail.clone())
        } else if self.unauthenticated {
            ("No valid token", "Send “Authorization: Bearer <token>” with a token that has not expired.".into())
        } else {
            in_words(&self.error, self.asker.changing)
        };
        let mut problem = json!({
            "type": "about:blank", "title": title, "status": status, "detail": detail, "request_id": self.asker.request_id,
        });
        if let AppError::Invalid(errors) = &self.error {
            problem["errors"] =
                errors.iter().map(|(field, message)| json!({"field": field, "message": message})).collect();
        }
        if let AppError::Archived(away) = &self.error {
            problem["object"] = json!(away.object);
        }
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(problem)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.unauthenticated {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        finish(&self.error, &mut response);
        response
    }
}

pub(super) async fn not_found(ctx: Ctx) -> Response {
    ctx.refuse(AppError::NotFound("That page"))
}

/// The path is there, but not for this method.
pub(super) async fn method_not_allowed(ctx: Ctx) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    if ctx.asker.program {
        return ApiError::other(&ctx, status, "This path does not take this method; see /api/v1/openapi.json.")
            .into_response();
    }
    let text = "This address cannot be used in this way. Nothing was changed.";
    PageError::other(&ctx, status, "Not in this way", text).into_response()
}

impl Ctx {
    /// The error as whoever asked can read it.
    #[must_use]
    pub fn refuse(&self, error: AppError) -> Response {
        match self.asker.program {
            true => ApiError::new(self, error).into_response(),
            false => PageError::new(self, error).into_response(),
        }
    }
}

/// Refuses NUL, which no text in Postgres can hold and no address of ours has.
pub(super) async fn refuse_nul(request: Request, next: Next) -> Response {
    let asker = || Asker::of(request.method(), request.uri(), request.headers());
    if request.uri().path().contains("%00") {
        return asker().refuse(AppError::NotFound("That page"));
    }
    if request.uri().query().is_some_and(|query| query.contains("%00")) {
        return asker()
            .refuse(AppError::field("", "The address has a character in it that is no text: take out “%00”."));
    }
    next.run(request).await
}

/// Gives an answer to what would have none: a handler that panicked, a session that could not be read or kept.
pub(super) async fn catch(request: Request, next: Next) -> Response {
    let asker = Asker::of(request.method(), request.uri(), request.headers());
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        // Ours have words, hence a type; the layers of sign-in answer like this when the database is away.
        Ok(response)
            if response.status() == StatusCode::INTERNAL_SERVER_ERROR
                && !response.headers().contains_key(header::CONTENT_TYPE) =>
        {
            let what = match asker.changing {
                // It may be the session that was not kept, after the change was.
                true => {
                    "The database stopped answering. Nothing was saved half-done: look whether it is on record, then try again."
                }
                false => "The database does not answer. Try again in a minute.",
            };
            asker.refuse(AppError::Unavailable(what.into()))
        }
        Ok(response) => response,
        Err(panic) => asker.refuse(AppError::Internal(anyhow::anyhow!("a handler panicked: {}", said(&panic)))),
    }
}

fn said(panic: &Box<dyn Any + Send>) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, middleware, routing::get};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn answer(path: &str) -> (StatusCode, HeaderMap, String) {
        async fn boom() -> Response {
            panic!("boom")
        }
        async fn empty() -> StatusCode {
            StatusCode::INTERNAL_SERVER_ERROR
        }
        let router = Router::new()
            .route("/boom", get(boom))
            .route("/api/boom", get(boom))
            .route("/empty", get(empty))
            .layer(middleware::from_fn(catch));
        let request = Request::builder().uri(path).header(REQUEST_ID, "0123abcd").body(Body::empty()).unwrap();
        let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
    }

    #[tokio::test]
    async fn a_panic_is_a_page_with_the_request_on_it_and_a_problem_to_programs() {
        let (status, _, body) = answer("/boom").await;
        assert_eq!(status, 500);
        assert!(body.contains("Something broke here") && body.contains("0123abcd") && !body.contains("boom"), "{body}");
        let (status, headers, body) = answer("/api/boom").await;
        assert_eq!(
            (status.as_u16(), &headers["content-type"]),
            (500, &HeaderValue::from_static("application/problem+json"))
        );
        assert_eq!(serde_json::from_str::<serde_json::Value>(&body).unwrap()["request_id"], "0123abcd");
    }

    #[tokio::test]
    async fn an_answer_without_words_gets_some() {
        let (status, _, body) = answer("/empty").await;
        assert_eq!(status, 503);
        assert!(body.contains("The database does not answer") && body.contains("0123abcd"), "{body}");
    }
}
