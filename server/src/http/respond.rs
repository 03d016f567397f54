//! Errors as pages and as problem documents.

use std::any::Any;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use gatehouse_app::{
    AppError,
    ui::{
        form::LinkButton,
        frame::{Area, Frame, Page, Trouble},
    },
};
use leptos::prelude::*;
use serde_json::json;

use super::context::Ctx;

/// What a page's handler returns.
pub type PageResult = Result<Response, PageError>;

/// An error that is shown as a page.
#[derive(Debug)]
pub struct PageError {
    error: AppError,
    frame: Frame,
}

impl PageError {
    #[must_use]
    pub fn new(ctx: &Ctx, error: AppError) -> Self {
        Self { error, frame: ctx.frame() }
    }

    /// Without anything known of the request: the house around the page is missing, not the page.
    #[must_use]
    pub fn bare(error: AppError) -> Self {
        Self { error, frame: Frame::default() }
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
        let status = StatusCode::from_u16(self.error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (title, what) = in_words(&self.error);
        let id = Some(self.frame.request_id.clone()).filter(|id| !id.is_empty());
        let body = self.frame.render(&Page::new(title, Area::None), move || {
            view! { <Trouble title what request_id=id><LinkButton href="/" label="Go to Today"/></Trouble> }
        });
        let mut response = (status, Html(body)).into_response();
        finish(&self.error, &mut response);
        response
    }
}

/// A title and a sentence or two: what happened, whether anything was saved, what to do.
fn in_words(error: &AppError) -> (&'static str, String) {
    match error {
        AppError::NotFound(what) => ("Not found", format!("{what} is not here. It may have been deleted, or the address is mistyped.")),
        AppError::Forbidden => (
            "You may not do this",
            "Your role does not allow it, so nothing was changed. An admin can give you another role.".into(),
        ),
        AppError::Conflict(text) => ("That does not fit any more", text.clone()),
        AppError::Invalid(errors) => ("Something needs mending", format!("Nothing was saved. {errors}")),
        AppError::Gone(text) => ("No longer available", text.clone()),
        AppError::TooMany { retry_after_secs } => (
            "Too many attempts",
            format!("Nothing was changed. Wait {retry_after_secs} seconds, then try again."),
        ),
        AppError::Unavailable(text) => ("Not available just now", text.clone()),
        AppError::Internal(_) => (
            "Something broke here",
            "It is our fault, not yours. Nothing was saved half-done. Try again; if it comes back, tell an admin the request number.".into(),
        ),
    }
}

/// Logs what only the operator may know, and tells clients when to come back.
fn finish(error: &AppError, response: &mut Response) {
    if let AppError::Internal(cause) = error {
        tracing::error!(error = format!("{cause:#}"), "internal error");
    }
    if let AppError::TooMany { retry_after_secs } = error
        && let Ok(value) = HeaderValue::from_str(&retry_after_secs.to_string())
    {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// What an API handler returns.
pub type ApiResult<T = Response> = Result<T, ApiError>;

/// An error as a problem document (RFC 9457).
#[derive(Debug)]
pub struct ApiError {
    error: AppError,
    request_id: String,
    /// No token, or none that counts: 401 rather than 403.
    unauthenticated: bool,
    /// What no verb says, but the transport: 400, 405, 413, 415.
    other: Option<(StatusCode, String)>,
}

impl ApiError {
    #[must_use]
    pub fn new(ctx: &Ctx, error: AppError) -> Self {
        let unauthenticated = matches!(error, AppError::Forbidden) && ctx.user.is_none();
        Self { error, request_id: ctx.request_id.clone(), unauthenticated, other: None }
    }

    /// A request that does not reach a verb.
    #[must_use]
    pub fn other(request_id: &str, status: StatusCode, detail: &str) -> Self {
        let error = AppError::Conflict(String::new());
        Self { error, request_id: request_id.into(), unauthenticated: false, other: Some((status, detail.into())) }
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
        let status = match &self.other {
            Some((status, _)) => status.as_u16(),
            None if self.unauthenticated => 401,
            None => self.error.status(),
        };
        let (title, detail) = if let Some((status, detail)) = &self.other {
            (status.canonical_reason().unwrap_or("Refused"), detail.clone())
        } else if self.unauthenticated {
            ("No valid token", "Send “Authorization: Bearer <token>” with a token that has not expired.".into())
        } else {
            in_words(&self.error)
        };
        let mut problem = json!({
            "type": "about:blank", "title": title, "status": status, "detail": detail, "request_id": self.request_id,
        });
        if let AppError::Invalid(errors) = &self.error {
            problem["errors"] =
                errors.iter().map(|(field, message)| json!({"field": field, "message": message})).collect();
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

pub(super) async fn not_found(ctx: Ctx, uri: axum::http::Uri) -> Response {
    let error = AppError::NotFound("That page");
    if uri.path().starts_with("/api/") {
        ApiError { error, request_id: ctx.request_id, unauthenticated: false, other: None }.into_response()
    } else {
        PageError::new(&ctx, error).into_response()
    }
}

/// The path is there, but not for this method.
pub(super) async fn method_not_allowed(ctx: Ctx, uri: axum::http::Uri) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    if uri.path().starts_with("/api/") {
        return ApiError::other(
            &ctx.request_id,
            status,
            "This path does not take this method; see /api/v1/openapi.json.",
        )
        .into_response();
    }
    let error = AppError::Conflict("This address cannot be used in this way. Nothing was changed.".into());
    (status, PageError::new(&ctx, error)).into_response()
}

#[expect(clippy::needless_pass_by_value, reason = "the signature is the layer's")]
pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    PageError::bare(AppError::Internal(anyhow::anyhow!("a handler panicked: {}", text.unwrap_or("no message"))))
        .into_response()
}
