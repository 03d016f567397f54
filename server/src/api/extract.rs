//! Reading requests of programs: whatever is wrong with one comes back as a problem document.

use axum::{
    Json,
    body::Bytes,
    extract::{self, FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    http::{StatusCode, header, request::Parts},
};
use gatehouse_app::{AppError, FormErrors};
use serde::de::DeserializeOwned;

use crate::http::{ServerState, context::Ctx, respond::ApiError};

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<ServerState> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, ApiError> {
        let ctx = context(request.extensions());
        let is_json =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|value| {
                let kind = value.split(';').next().unwrap_or_default().trim();
                kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
            });
        if !is_json {
            return Err(problem(
                &ctx,
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Send JSON, and “Content-Type: application/json”.",
            ));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|error| too_large(&ctx, &error))?;
        if escapes_nul(&bytes) {
            return Err(problem(
                &ctx,
                StatusCode::UNPROCESSABLE_ENTITY,
                "“\\u0000” is no text. Leave it out and send again.",
            ));
        }
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            let inner = error.into_inner();
            match inner.is_data() {
                // It is JSON, but not what is asked for here.
                true => ApiError::new(
                    &ctx,
                    AppError::field(if path == "." { String::new() } else { field(&path) }, sentence(&inner)),
                ),
                false => problem(&ctx, StatusCode::BAD_REQUEST, &format!("This is not JSON: {inner}.")),
            }
        })?;
        reader.end().map_err(|error| {
            problem(&ctx, StatusCode::BAD_REQUEST, &format!("Something follows the JSON: {error}."))
        })?;
        Ok(Self(value))
    }
}

/// Whether a string holds `\u0000`: JSON allows it, and no database keeps it as text.
fn escapes_nul(json: &[u8]) -> bool {
    let mut escapes = json.windows(6).enumerate().filter(|(_, window)| window == br"\u0000");
    // After an odd number of backslashes it is a backslash and five letters.
    escapes.any(|(at, _)| json[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0)
}

/// `lines[0].gross` as pages name it: `lines.0.gross`.
fn field(path: &str) -> String {
    path.replace('[', ".").replace(']', "")
}

fn sentence(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    format!("{}{}", text[..1].to_uppercase(), &text[1..])
}

fn too_large(ctx: &Ctx, error: &BytesRejection) -> ApiError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            problem(ctx, StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than 2 MB. Nothing was saved.")
        }
        status => problem(ctx, status, "The body broke off. Nothing was saved; send it again."),
    }
}

/// What stands in the path.
#[derive(Debug)]
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<ServerState> for At<T> {
    type Rejection = ApiError;

    #[expect(clippy::disallowed_types, reason = "wrapped here")]
    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, ApiError> {
        let ctx = context(&parts.extensions);
        match extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(ApiError::new(&ctx, AppError::NotFound("That record"))),
        }
    }
}

/// The query.
#[derive(Debug)]
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<ServerState> for Asked<T> {
    type Rejection = ApiError;

    #[expect(clippy::disallowed_types, reason = "wrapped here")]
    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, ApiError> {
        let ctx = context(&parts.extensions);
        match extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(extract::Query(value)) => Ok(Self(value)),
            Err(error) => {
                let text = error.body_text();
                let text = text.rsplit_once("query string: ").map_or(text.as_str(), |(_, why)| why);
                let (name, why) = text.split_once(": ").unwrap_or(("", text));
                let errors: FormErrors = [(name.to_owned(), why.to_owned())].into_iter().collect();
                Err(ApiError::new(&ctx, AppError::Invalid(errors)))
            }
        }
    }
}

#[expect(clippy::expect_used, reason = "every route is behind the context layer")]
fn context(extensions: &axum::http::Extensions) -> Ctx {
    extensions.get::<Ctx>().cloned().expect("the context layer ran")
}

fn problem(ctx: &Ctx, status: StatusCode, detail: &str) -> ApiError {
    ApiError::other(ctx, status, detail)
}

/// What a handler answers with.
pub type Answer<T> = Result<Json<T>, ApiError>;

#[cfg(test)]
mod tests {
    use super::escapes_nul;

    #[test]
    fn an_escaped_nul_is_told_from_an_escaped_backslash() {
        assert!(escapes_nul(br#"{"name": "a\u0000b"}"#));
        assert!(escapes_nul(br#"{"name": "a\\\u0000b"}"#));
        assert!(!escapes_nul(br#"{"name": "a\\u0000b"}"#));
        assert!(!escapes_nul(br#"{"name": "a\u0001b"}"#));
    }
}
