//! A bill's scans and photos.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use gatehouse_app::{
    attachments::{self, Announced, Way, model},
    ids::{AttachmentId, BolId},
    users::Permission::{ReadPaper, WritePaper},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    extract::{Answer, At, Body},
    idempotency::{about, once},
    problem::Problem,
    time,
};
use crate::http::{
    context::Ctx,
    respond::{ApiResult, OrProblem},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Access::Api(ReadPaper), Access::Api(WritePaper));
    vec![
        Route::get("/api/v1/bols/{id}/attachments", read, index),
        Route::post("/api/v1/bols/{id}/attachments", write, begin),
        Route::get("/api/v1/attachments/{id}", read, show),
        Route::delete("/api/v1/attachments/{id}", write, remove),
        Route::post("/api/v1/attachments/{id}/resume", write, resume),
        Route::post("/api/v1/attachments/{id}/arrived", write, arrived),
        Route::get("/api/v1/attachments/{id}/download", read, download),
    ]
}

/// A scan or photo that belongs to a bill.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attachment {
    pub id: AttachmentId,
    pub bol_id: BolId,
    /// `signed_bol`, `seal`, `ticket` or `other`.
    #[schema(example = "signed_bol")]
    pub kind: String,
    #[schema(example = "signed.pdf")]
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// What its bytes are, once they were looked at.
    pub content_type: Option<String>,
    /// `expected`, `checking`, `ready`, `refused`, `removed` or `given_up`.
    #[schema(example = "ready")]
    pub state: String,
    /// Why it was refused.
    pub error: Option<String>,
    pub created_at: String,
    pub created_by: String,
}

impl From<model::Model> for Attachment {
    fn from(row: model::Model) -> Self {
        Self {
            id: row.id,
            bol_id: row.bol_id,
            kind: row.kind,
            name: row.name,
            size: row.size,
            content_type: row.content_type,
            state: row.state,
            error: row.error,
            created_at: time(row.created_at),
            created_by: row.created_by_name,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Attachments {
    /// Oldest first, without what was removed or never arrived.
    pub items: Vec<Attachment>,
}

/// Lists the attachments of a bill.
#[utoipa::path(get, path = "/api/v1/bols/{id}/attachments", tag = "Attachments", params(("id" = BolId, Path)),
    responses((status = 200, body = Attachments), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx, At(id): At<BolId>) -> Answer<Attachments> {
    let (_, rows) = attachments::look(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?;
    Ok(Json(Attachments { items: rows.into_iter().map(Attachment::from).collect() }))
}

/// What is about to be sent.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAttachment {
    /// `signed_bol`, `seal`, `ticket` or `other`.
    #[schema(example = "seal")]
    kind: String,
    /// What the file is called.
    #[schema(example = "seal.jpg")]
    name: String,
    /// Bytes, exactly: 1 to 1,000,000,000.
    size: u64,
    /// Sends the bytes to Gatehouse itself, where the bucket cannot be reached.
    #[serde(default)]
    to_house: bool,
}

/// A header that a PUT must carry.
#[derive(Debug, Serialize, ToSchema)]
pub struct PutHeader {
    pub name: String,
    pub value: String,
}

/// Bytes `from` to `to` (exclusive) of the file, and where they are PUT.
#[derive(Debug, Serialize, ToSchema)]
pub struct Piece {
    pub from: u64,
    pub to: u64,
    #[schema(format = "uri")]
    pub url: String,
    pub headers: Vec<PutHeader>,
}

/// What is still to be sent. PUT every piece, in any order, then call `arrived`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sending {
    pub id: AttachmentId,
    /// Bytes that are there already.
    pub there: u64,
    pub pieces: Vec<Piece>,
    /// When the URLs are over; `resume` gives fresh ones.
    pub expires_at: String,
}

impl From<attachments::Sending> for Sending {
    fn from(sending: attachments::Sending) -> Self {
        let header = |(name, value)| PutHeader { name, value };
        let piece = |piece: attachments::Piece| Piece {
            from: piece.from,
            to: piece.to,
            url: piece.url,
            headers: piece.headers.into_iter().map(header).collect(),
        };
        Self {
            id: sending.id,
            there: sending.there,
            pieces: sending.pieces.into_iter().map(piece).collect(),
            expires_at: time(sending.expires_at),
        }
    }
}

/// Announces an attachment. PDF, JPEG, PNG, TIFF, WebP and HEIC are taken; what counts are the bytes.
#[utoipa::path(post, path = "/api/v1/bols/{id}/attachments", tag = "Attachments", request_body = NewAttachment,
    params(("id" = BolId, Path), ("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters")),
    responses((status = 201, body = Sending), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn begin(ctx: Ctx, At(id): At<BolId>, headers: HeaderMap, Body(asked): Body<NewAttachment>) -> ApiResult {
    let (request, actor) = (json!(["attachment", id, asked]), ctx.actor.clone());
    let way = if asked.to_house { Way::House } else { Way::Direct };
    let announced = Announced { kind: asked.kind, name: asked.name, size: asked.size };
    let made =
        once(&ctx, &headers, &request, async move |app| attachments::announce(&app, &actor, id, &announced, way).await)
            .await?;
    let sending = attachments::sending(&ctx.app, *made.get()).await.or_problem(&ctx)?;
    Ok(about(&made, (StatusCode::CREATED, Json(Sending::from(sending)))))
}

/// Says what of an attachment is still to be sent, with fresh URLs.
#[utoipa::path(post, path = "/api/v1/attachments/{id}/resume", tag = "Attachments", params(("id" = AttachmentId, Path)),
    responses((status = 200, body = Sending), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn resume(ctx: Ctx, At(id): At<AttachmentId>) -> Answer<Sending> {
    Ok(Json(attachments::sending(&ctx.app, id).await.or_problem(&ctx)?.into()))
}

/// Says that every piece was put. A job checks what arrived; `state` tells what became of it.
#[utoipa::path(post, path = "/api/v1/attachments/{id}/arrived", tag = "Attachments", params(("id" = AttachmentId, Path)),
    responses((status = 200, body = Attachment), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn arrived(ctx: Ctx, At(id): At<AttachmentId>) -> Answer<Attachment> {
    attachments::arrived(&ctx.app, id).await.or_problem(&ctx)?;
    Ok(Json(attachments::find(ctx.app.db(), id).await.or_problem(&ctx)?.into()))
}

/// One attachment.
#[utoipa::path(get, path = "/api/v1/attachments/{id}", tag = "Attachments", params(("id" = AttachmentId, Path)),
    responses((status = 200, body = Attachment), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show(ctx: Ctx, At(id): At<AttachmentId>) -> Answer<Attachment> {
    Ok(Json(attachments::look_at(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?.into()))
}

/// Where an attachment's file is to be had, for five minutes.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentUrl {
    #[schema(format = "uri")]
    pub url: String,
}

/// A URL that saves the attachment as a file.
#[utoipa::path(get, path = "/api/v1/attachments/{id}/download", tag = "Attachments", params(("id" = AttachmentId, Path)),
    responses((status = 200, body = AttachmentUrl), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn download(ctx: Ctx, At(id): At<AttachmentId>) -> Answer<AttachmentUrl> {
    let url = attachments::download(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?;
    Ok(Json(AttachmentUrl { url: url.into() }))
}

/// Why an attachment is removed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveAttachment {
    #[schema(example = "Wrong bill")]
    reason: String,
}

/// Removes an attachment: every copy of it is deleted by a job, the record of it stays.
#[utoipa::path(delete, path = "/api/v1/attachments/{id}", tag = "Attachments", request_body = RemoveAttachment, params(("id" = AttachmentId, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove(ctx: Ctx, At(id): At<AttachmentId>, Body(asked): Body<RemoveAttachment>) -> ApiResult {
    attachments::remove(&ctx.app, &ctx.actor, id, &asked.reason).await.or_problem(&ctx)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
