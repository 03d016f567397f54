//! Reading a form without refusing it: what cannot be read as typed is the page's to say, in words.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use gatehouse_app::{FormErrors, form::FormData, idempotency};
use uuid::Uuid;

use super::{ServerState, context::Ctx, respond::PageError};

/// The body of a form POST, `application/x-www-form-urlencoded`.
#[derive(Debug)]
pub struct Form(pub FormData);

/// More fields than any page has: whoever sends more is not filling in a form.
const MAX_FIELDS: usize = 10_000;

impl FromRequest<ServerState> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, Response> {
        let ctx = request.extensions().get::<Ctx>().cloned();
        let refuse = |status: StatusCode, text: &str| match &ctx {
            Some(ctx) => PageError::other(ctx, status, "That cannot be read", text).into_response(),
            None => status.into_response(),
        };
        let is_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        if !is_form {
            return Err(refuse(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "This is not a form that Gatehouse can read. Nothing was saved.",
            ));
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            refuse(
                rejection.status(),
                "What was sent is too large or broke off. Nothing was saved; send less and try again.",
            )
        })?;
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(&body)
            .take(MAX_FIELDS + 1)
            // NUL cannot be stored as text in Postgres and never means anything in a form.
            .map(|(name, value)| (name.into_owned(), value.replace('\0', "").replace("\r\n", "\n")))
            .collect();
        if pairs.len() > MAX_FIELDS {
            return Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, "The form has too many fields. Nothing was saved."));
        }
        Ok(Self(FormData::new(pairs)))
    }
}

/// The errors and the key that a refused form is shown with again. One that was sent before and says something else now gets a new key, so
/// that the button does as `again` says: `make this clip`.
pub(super) fn refused(ctx: &Ctx, typed: &FormData, errors: FormErrors, again: &str) -> (FormErrors, String) {
    if errors.get(idempotency::FIELD).is_none() {
        return (errors, typed.get("key").to_owned());
    }
    let text =
        format!("This form was sent already, and says something else now. To {again} as well, press the button again.");
    ([(String::new(), text)].into_iter().collect(), ctx.app.id::<Uuid>().to_string())
}
