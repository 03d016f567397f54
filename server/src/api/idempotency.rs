//! `Idempotency-Key`: a client that repeats a request does not make two.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use gatehouse_app::{
    AppError,
    idempotency::{Turn, claim, finish, give_up},
};
use serde_json::Value;

use crate::http::{
    context::Ctx,
    respond::{ApiError, ApiResult, OrProblem},
};

/// Does `work` once for each key; without a key, each time. `asked` is all that makes the request what it is.
pub(super) async fn once(
    ctx: &Ctx,
    headers: &HeaderMap,
    asked: &Value,
    work: impl AsyncFnOnce() -> Result<(StatusCode, Value), ApiError>,
) -> ApiResult {
    let Some(key) = headers.get("idempotency-key") else {
        let (status, answer) = work().await?;
        return Ok((status, Json(answer)).into_response());
    };
    let unreadable = || AppError::field("Idempotency-Key", "Use plain letters, figures and signs");
    let key = key.to_str().map_err(|_| unreadable()).or_problem(ctx)?;
    let owner = ctx.actor.kind.parts().1.unwrap_or_default();
    let claim = match claim(&ctx.app, owner, key, &asked.to_string()).await.or_problem(ctx)? {
        Turn::First(claim) => claim,
        Turn::Again(status, answer) => return Ok(again(status, answer)),
    };
    match work().await {
        Ok((status, answer)) => {
            finish(&ctx.app, claim, status.as_u16(), answer.to_string()).await.or_problem(ctx)?;
            Ok((status, Json(answer)).into_response())
        }
        Err(error) => {
            give_up(&ctx.app, claim).await.or_problem(ctx)?;
            Err(error)
        }
    }
}

fn again(status: u16, answer: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], answer).into_response();
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    response
}
