//! Whose token it is.

use axum::Json;
use gatehouse_app::{AppError, ids::UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{extract::Answer, problem::Problem};
use crate::http::{
    context::Ctx,
    respond::ApiError,
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/api/v1/me", Access::ApiAny, me)]
}

/// The owner of the token.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    pub id: UserId,
    pub name: String,
    pub email: String,
    /// `admin`, `office`, `analyst` or `viewer`.
    #[schema(example = "office")]
    pub role: String,
}

/// Whose token it is.
#[utoipa::path(get, path = "/api/v1/me", tag = "Token",
    responses((status = 200, body = Me), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn me(ctx: Ctx) -> Answer<Me> {
    let Some(user) = ctx.user.clone() else { return Err(ApiError::new(&ctx, AppError::Forbidden)) };
    Ok(Json(Me { id: user.id, name: user.name, email: user.email, role: user.role.to_string() }))
}
