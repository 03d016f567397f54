//! A bill's revisions, and where the PDF of each stands.

use axum::Json;
use gatehouse_app::{
    audit::{Action, Subject},
    bols::{self, content::BolContent, find, model::revision},
    ids::BolId,
    users::Permission::{ReadPaper, WritePaper},
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    extract::{Answer, At},
    problem::Problem,
    time,
};
use crate::http::{
    context::Ctx,
    respond::OrProblem,
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Access::Api(ReadPaper), Access::Api(WritePaper));
    vec![
        Route::get("/api/v1/bols/{id}/revisions", read, index),
        Route::get("/api/v1/bols/{id}/revisions/{revision}", read, show),
        Route::get("/api/v1/bols/{id}/revisions/{revision}/pdf", read, pdf),
        Route::post("/api/v1/bols/{id}/revisions/{revision}/pdf-retry", write, retry),
    ]
}

/// One revision of a bill.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionSummary {
    /// 1, 2, 3 …
    pub revision: i32,
    /// Absent while it is being typed.
    pub issued_at: Option<String>,
    /// Why the bill was revised.
    pub reason: Option<String>,
    pub edited_at: String,
    pub edited_by: String,
    /// `none`, `waiting`, `ready` or `failed`.
    #[schema(example = "ready")]
    pub pdf: String,
}

impl From<revision::Model> for RevisionSummary {
    fn from(row: revision::Model) -> Self {
        Self {
            revision: row.revision,
            issued_at: row.issued_at.map(time),
            reason: row.reason,
            edited_at: time(row.edited_at),
            edited_by: row.edited_by,
            pdf: row.pdf_state,
        }
    }
}

/// A revision with what stands on it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Revision {
    #[serde(flatten)]
    pub summary: RevisionSummary,
    pub content: BolContent,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Revisions {
    pub items: Vec<RevisionSummary>,
}

/// Where a revision's PDF stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pdf {
    /// `none`, `waiting`, `ready` or `failed`.
    #[schema(example = "ready")]
    pub state: String,
    /// What went wrong last.
    pub error: Option<String>,
}

/// Lists the revisions of a bill, newest first.
#[utoipa::path(get, path = "/api/v1/bols/{id}/revisions", tag = "Bills of lading", params(("id" = BolId, Path)),
    responses((status = 200, body = Revisions), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx, At(id): At<BolId>) -> Answer<Revisions> {
    find::find(ctx.app.db(), id).await.or_problem(&ctx)?;
    let rows = find::revisions(ctx.app.db(), id).await.or_problem(&ctx)?;
    Ok(Json(Revisions { items: rows.into_iter().map(RevisionSummary::from).collect() }))
}

/// One revision of a bill, as it was frozen.
#[utoipa::path(get, path = "/api/v1/bols/{id}/revisions/{revision}", tag = "Bills of lading",
    params(("id" = BolId, Path), ("revision" = i32, Path)),
    responses((status = 200, body = Revision), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show(ctx: Ctx, At((id, number)): At<(BolId, i32)>) -> Answer<Revision> {
    let bill = find::revision(ctx.app.db(), id, number).await.or_problem(&ctx)?;
    let details = json!({ "number": bill.bol.number, "revision": number });
    ctx.app.record_read(&ctx.actor, Action::BolViewed, Subject::Bol(id), details).await.or_problem(&ctx)?;
    Ok(Json(Revision { summary: bill.revision.into(), content: bill.content }))
}

/// Where a revision's PDF stands.
#[utoipa::path(get, path = "/api/v1/bols/{id}/revisions/{revision}/pdf", tag = "Bills of lading",
    params(("id" = BolId, Path), ("revision" = i32, Path)),
    responses((status = 200, body = Pdf), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn pdf(ctx: Ctx, At((id, number)): At<(BolId, i32)>) -> Answer<Pdf> {
    let bill = find::revision(ctx.app.db(), id, number).await.or_problem(&ctx)?;
    Ok(Json(Pdf { state: bill.revision.pdf_state, error: bill.revision.pdf_error }))
}

/// Has a revision's PDF made again.
#[utoipa::path(post, path = "/api/v1/bols/{id}/revisions/{revision}/pdf-retry", tag = "Bills of lading",
    params(("id" = BolId, Path), ("revision" = i32, Path)),
    responses((status = 200, body = Pdf), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn retry(ctx: Ctx, At((id, number)): At<(BolId, i32)>) -> Answer<Pdf> {
    bols::retry_pdf(&ctx.app, &ctx.actor, id, number).await.or_problem(&ctx)?;
    pdf(ctx, At((id, number))).await
}
