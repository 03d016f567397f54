//! The variable part of a path.

use axum::{
    extract::{FromRequestParts, Path as AxumPath},
    http::request::Parts,
    response::{IntoResponse, Response},
};
use gatehouse_app::AppError;
use serde::de::DeserializeOwned;

use super::{
    ServerState,
    context::Ctx,
    respond::{ApiError, PageError},
};

/// Like axum's, but what is no id is a page that does not exist, not a bad request.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<ServerState> for Path<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Response> {
        if let Ok(AxumPath(value)) = AxumPath::<T>::from_request_parts(parts, state).await {
            return Ok(Self(value));
        }
        let error = AppError::NotFound("That page");
        Err(match parts.extensions.get::<Ctx>() {
            Some(ctx) if parts.uri.path().starts_with("/api/") => ApiError::new(ctx, error).into_response(),
            Some(ctx) => PageError::new(ctx, error).into_response(),
            None => PageError::bare(error).into_response(),
        })
    }
}
