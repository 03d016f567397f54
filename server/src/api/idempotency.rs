//! `Idempotency-Key`: a client that repeats a request does not make two.

use axum::{
    http::{HeaderMap, HeaderValue},
    response::{IntoResponse, Response},
};
use gatehouse_app::{
    App, AppError, Result,
    idempotency::{self, FIELD, Key, Made},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::http::{
    context::Ctx,
    respond::{ApiError, OrProblem},
};

/// Does `work` once for each key; without a key, each time. `asked` is all that makes the request what it is.
pub(super) async fn once<T: DeserializeOwned>(
    ctx: &Ctx,
    headers: &HeaderMap,
    asked: &Value,
    work: impl AsyncFnOnce(App) -> Result<T>,
) -> Result<Made<T>, ApiError> {
    let Some(key) = headers.get("idempotency-key") else {
        return work(ctx.app.clone()).await.map(Made::Now).or_problem(ctx);
    };
    let unreadable = || AppError::field(FIELD, "Use plain letters, figures and signs");
    let key = key.to_str().map_err(|_| unreadable()).or_problem(ctx)?;
    let owner = ctx.actor.kind.parts().1.unwrap_or_default();
    let key = Key::new(&ctx.app, owner, key, &asked.to_string()).or_problem(ctx)?;
    idempotency::once(&ctx.app, key, work).await.or_problem(ctx)
}

/// The answer about what was made; where that was before, it says so.
pub(super) fn about<T>(made: &Made<T>, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    if matches!(made, Made::Before(_)) {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}
