//! `/api/v1`: whatever the pages do, for programs with tokens.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::http::{
    context::Ctx,
    route::{Access, Route},
};

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/api/v1/me", Access::ApiAny, me)]
}

/// Whose token it is.
async fn me(ctx: Ctx) -> Response {
    let Some(user) = ctx.user else { return axum::http::StatusCode::UNAUTHORIZED.into_response() };
    Json(json!({ "id": user.id, "name": user.name, "email": user.email, "role": user.role })).into_response()
}
