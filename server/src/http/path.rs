//! What an address says: the variable part of its path, and its query.

use axum::{extract::FromRequestParts, http::request::Parts, response::Response};
use gatehouse_app::AppError;
use serde::de::DeserializeOwned;

use super::{ServerState, context::Ctx, respond::Asker};

/// Like axum's, but what is no id is a page that does not exist, not a bad request.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<ServerState> for Path<T> {
    type Rejection = Response;

    #[expect(clippy::disallowed_types, reason = "wrapped here")]
    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Response> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(refuse(parts, AppError::NotFound("That page"))),
        }
    }
}

/// Like axum's, but what cannot be read is told on a page of the house.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<ServerState> for Query<T> {
    type Rejection = Response;

    #[expect(clippy::disallowed_types, reason = "wrapped here")]
    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Response> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(_) => Err(refuse(
                parts,
                AppError::field(
                    "",
                    "The part of the address behind “?” cannot be read: something stands there twice, or is no text.",
                ),
            )),
        }
    }
}

fn refuse(parts: &Parts, error: AppError) -> Response {
    match parts.extensions.get::<Ctx>() {
        Some(ctx) => ctx.refuse(error),
        None => Asker::of(&parts.method, &parts.uri, &parts.headers).refuse(error),
    }
}
