//! What an error looks like in the document.

use gatehouse_app::ids::ObjectId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An error, RFC 9457.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: String,
    #[schema(example = "Something needs mending")]
    pub title: String,
    #[schema(example = 422)]
    pub status: u16,
    /// What happened, whether anything was saved, what to do.
    pub detail: String,
    /// Names the request in the server's log.
    pub request_id: String,
    /// What lies in an archive (409), and is asked for by `POST /objects/{id}/restores`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectId>,
    /// The fields that need mending (422).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<FieldProblem>>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FieldProblem {
    /// Empty: the request as a whole.
    #[schema(example = "lines.0.gross")]
    pub field: String,
    pub message: String,
}
