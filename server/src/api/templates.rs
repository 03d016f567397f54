//! Templates of bills.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use gatehouse_app::{
    bols::{self, content::BolContent, model::template, templates},
    ids::{BolId, TemplateId},
    users::Permission::{ReadPaper, WritePaper},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    bols::{Bol, bill},
    extract::{Answer, At, Body},
    idempotency::{about, once},
    problem::Problem,
    time,
};
use crate::http::{
    context::Ctx,
    respond::{ApiError, ApiResult, OrProblem},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Access::Api(ReadPaper), Access::Api(WritePaper));
    vec![
        Route::get("/api/v1/templates", read, index),
        Route::get("/api/v1/templates/{id}", read, show),
        Route::put("/api/v1/templates/{id}", write, rename),
        Route::delete("/api/v1/templates/{id}", write, delete),
        Route::post("/api/v1/templates/{id}/begin", write, begin),
        Route::post("/api/v1/bols/{id}/template", write, save),
    ]
}

/// What bills begin with, under a name.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateSummary {
    pub id: TemplateId,
    pub name: String,
    pub created_at: String,
    pub updated_at: String,
}

impl From<&template::Model> for TemplateSummary {
    fn from(row: &template::Model) -> Self {
        Self { id: row.id, name: row.name.clone(), created_at: time(row.created_at), updated_at: time(row.updated_at) }
    }
}

/// A template with what it says.
#[derive(Debug, Serialize, ToSchema)]
pub struct Template {
    #[serde(flatten)]
    pub summary: TemplateSummary,
    pub content: BolContent,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Templates {
    pub items: Vec<TemplateSummary>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateName {
    #[schema(example = "Mill scale to Gary")]
    name: String,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveTemplate {
    #[schema(example = "Mill scale to Gary")]
    name: String,
    /// Takes the place of the template of that name, where there is one.
    #[serde(default)]
    replace: bool,
}

/// Lists the templates by name.
#[utoipa::path(get, path = "/api/v1/templates", tag = "Templates",
    responses((status = 200, body = Templates), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx) -> Answer<Templates> {
    let rows = templates::list(ctx.app.db()).await.or_problem(&ctx)?;
    Ok(Json(Templates { items: rows.iter().map(TemplateSummary::from).collect() }))
}

/// One template.
#[utoipa::path(get, path = "/api/v1/templates/{id}", tag = "Templates", params(("id" = TemplateId, Path)),
    responses((status = 200, body = Template), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show(ctx: Ctx, At(id): At<TemplateId>) -> Answer<Template> {
    Ok(Json(one(&ctx, id).await?))
}

/// Renames a template.
#[utoipa::path(put, path = "/api/v1/templates/{id}", tag = "Templates", params(("id" = TemplateId, Path)), request_body = TemplateName,
    responses((status = 200, body = Template), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn rename(ctx: Ctx, At(id): At<TemplateId>, Body(asked): Body<TemplateName>) -> Answer<Template> {
    templates::rename(&ctx.app, &ctx.actor, id, &asked.name).await.or_problem(&ctx)?;
    Ok(Json(one(&ctx, id).await?))
}

/// Deletes a template; the bills that began with it stay.
#[utoipa::path(delete, path = "/api/v1/templates/{id}", tag = "Templates", params(("id" = TemplateId, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn delete(ctx: Ctx, At(id): At<TemplateId>) -> ApiResult {
    templates::delete(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Makes a draft that begins as the template does.
#[utoipa::path(post, path = "/api/v1/templates/{id}/begin", tag = "Templates",
    params(("id" = TemplateId, Path), ("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters")),
    responses((status = 201, body = Bol), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn begin(ctx: Ctx, At(id): At<TemplateId>, headers: HeaderMap) -> ApiResult {
    let actor = ctx.actor.clone();
    let made: gatehouse_app::idempotency::Made<BolId> = once(&ctx, &headers, &json!(["begin", id]), async move |app| {
        bols::create_from_template(&app, &actor, id).await
    })
    .await?;
    Ok(about(&made, (StatusCode::CREATED, Json(bill(&ctx, *made.get(), false).await?))))
}

/// Keeps what a bill says, without what belongs to its load alone, as a template.
#[utoipa::path(post, path = "/api/v1/bols/{id}/template", tag = "Templates", request_body = SaveTemplate,
    params(("id" = BolId, Path), ("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters")),
    responses((status = 201, body = Template), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn save(ctx: Ctx, At(id): At<BolId>, headers: HeaderMap, Body(asked): Body<SaveTemplate>) -> ApiResult {
    let actor = ctx.actor.clone();
    let request = json!(["template", id, asked]);
    let made = once(&ctx, &headers, &request, async move |app| {
        templates::save_as_template(&app, &actor, id, &asked.name, asked.replace).await
    })
    .await?;
    Ok(about(&made, (StatusCode::CREATED, Json(one(&ctx, *made.get()).await?))))
}

async fn one(ctx: &Ctx, id: TemplateId) -> Result<Template, ApiError> {
    let row = templates::get(ctx.app.db(), id).await.or_problem(ctx)?;
    let content = serde_json::from_str(&row.content).or_problem(ctx)?;
    Ok(Template { summary: (&row).into(), content })
}
