//! Bills of lading.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use gatehouse_app::{
    audit::{Action, Subject},
    bols::{
        self, State,
        content::BolContent,
        delete_draft,
        download::download_url,
        ebol::ebol,
        find,
        list::{self, Filter},
        model::bol,
        readiness::{Facts, readiness},
    },
    ids::{BolId, CustomerId},
    users::Permission::{ReadPaper, WritePaper},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{Answer, Asked, At, Body},
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
        Route::get("/api/v1/bols", read, index),
        Route::post("/api/v1/bols", write, create),
        Route::get("/api/v1/bols/{id}", read, show),
        Route::put("/api/v1/bols/{id}", write, update),
        Route::delete("/api/v1/bols/{id}", write, discard),
        Route::post("/api/v1/bols/{id}/issue", write, issue),
        Route::post("/api/v1/bols/{id}/revise", write, revise),
        Route::post("/api/v1/bols/{id}/void", write, void),
        Route::post("/api/v1/bols/{id}/duplicate", write, duplicate),
        Route::get("/api/v1/bols/{id}/ebol", read, as_ebol),
        Route::get("/api/v1/bols/{id}/download", read, download),
    ]
}

/// A bill as lists show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct BolSummary {
    pub id: BolId,
    /// `draft`, `issued` or `void`.
    #[schema(example = "issued")]
    pub state: String,
    #[schema(example = "PRT-2026-0001")]
    pub number: Option<String>,
    pub gs1: Option<String>,
    pub customer_id: Option<CustomerId>,
    pub customer: String,
    pub carrier: String,
    /// Thousandths of `net_unit`.
    pub net_milli: Option<i64>,
    pub net_unit: Option<String>,
    pub created_at: String,
    pub issued_at: Option<String>,
    pub voided_at: Option<String>,
    pub void_reason: Option<String>,
    /// When the customer first opened it.
    pub opened_at: Option<String>,
    pub downloaded_at: Option<String>,
}

impl From<bol::Model> for BolSummary {
    fn from(bol: bol::Model) -> Self {
        Self {
            id: bol.id,
            state: bol.state,
            number: bol.number,
            gs1: bol.gs1,
            customer_id: bol.customer_id,
            customer: bol.customer_name,
            carrier: bol.carrier_name,
            net_milli: bol.net_milli,
            net_unit: bol.net_unit,
            created_at: time(bol.created_at),
            issued_at: bol.issued_at.map(time),
            voided_at: bol.voided_at.map(time),
            void_reason: bol.void_reason,
            opened_at: bol.opened_at.map(time),
            downloaded_at: bol.downloaded_at.map(time),
        }
    }
}

/// A bill with what stands on it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Bol {
    #[serde(flatten)]
    pub summary: BolSummary,
    /// 1, 2, 3 …
    pub revision: i32,
    /// Goes up with every save; given back with the next, so that nobody overwrites what they have not seen.
    pub version: i32,
    /// `none`, `waiting`, `ready` or `failed`.
    pub pdf: String,
    pub content: BolContent,
    /// What is missing before it can be issued; empty once it is.
    pub missing: Vec<super::problem::FieldProblem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BolPage {
    pub items: Vec<BolSummary>,
    /// The cursor of the next page; absent on the last. A search may give an empty page and go on.
    pub next: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ListBols {
    /// Words that all must begin some word of the bill: number, customer, carrier, seal, trailer, release, heat.
    #[param(required = false)]
    q: String,
    /// `draft`, `issued` or `void`.
    state: Option<String>,
    #[param(value_type = Option<String>, format = "uuid")]
    customer: Option<CustomerId>,
    /// Unix milliseconds: listed at or after.
    since: Option<i64>,
    /// Unix milliseconds: listed before.
    until: Option<i64>,
    /// Whether the customer has opened it.
    opened: Option<bool>,
    /// Those whose PDF could not be made.
    #[param(required = false)]
    pdf_failed: bool,
    /// 1–200, by default 50.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists bills, newest first.
#[utoipa::path(get, path = "/api/v1/bols", tag = "Bills of lading", params(ListBols),
    responses((status = 200, body = BolPage), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx, Asked(query): Asked<ListBols>) -> Answer<BolPage> {
    let state = match query.state.as_deref() {
        None | Some("") => None,
        Some(state) => {
            Some(state.parse::<State>().map_err(|why| gatehouse_app::AppError::field("state", why)).or_problem(&ctx)?)
        }
    };
    let filter = Filter {
        query: query.q,
        state,
        customer: query.customer,
        since: query.since,
        until: query.until,
        opened: query.opened,
        pdf_failed: query.pdf_failed,
        ready: None,
    };
    let place = super::place(query.cursor.as_deref()).or_problem(&ctx)?;
    let limit = super::limit(query.limit).or_problem(&ctx)?;
    let slice = list::list(&ctx.app, &filter, &place, limit).await.or_problem(&ctx)?.slice;
    Ok(Json(BolPage { items: slice.rows.into_iter().map(|row| row.bol.into()).collect(), next: slice.older }))
}

/// Makes a draft. Send an `Idempotency-Key` so that a repeated request makes no second one.
#[utoipa::path(post, path = "/api/v1/bols", tag = "Bills of lading", request_body = BolContent,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters, new for each bill")),
    responses((status = 201, body = Bol), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create(ctx: Ctx, headers: HeaderMap, Body(content): Body<BolContent>) -> ApiResult {
    let (asked, actor) = (json!(["create", content]), ctx.actor.clone());
    let made = once(&ctx, &headers, &asked, async move |app| bols::create(&app, &actor, content).await).await?;
    Ok(about(&made, (StatusCode::CREATED, Json(bill(&ctx, *made.get(), false).await?))))
}

/// One bill: its newest frozen revision, or with `draft=true` what is being typed.
#[utoipa::path(get, path = "/api/v1/bols/{id}", tag = "Bills of lading", params(("id" = BolId, Path), WhichRevision),
    responses((status = 200, body = Bol), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show(ctx: Ctx, At(id): At<BolId>, Asked(which): Asked<WhichRevision>) -> Answer<Bol> {
    let bill = bill(&ctx, id, which.draft).await?;
    ctx.app.record_read(&ctx.actor, Action::BolViewed, Subject::Bol(id), json!({})).await.or_problem(&ctx)?;
    Ok(Json(bill))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct WhichRevision {
    /// The revision being typed instead of the newest frozen one.
    #[param(required = false)]
    draft: bool,
}

/// A draft's new content.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Update {
    /// The `version` this change was made from.
    version: i32,
    content: BolContent,
}

/// Replaces what is typed of a draft, or of the next revision of an issued bill.
#[utoipa::path(put, path = "/api/v1/bols/{id}", tag = "Bills of lading", params(("id" = BolId, Path)), request_body = Update,
    responses((status = 200, body = Bol), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn update(ctx: Ctx, At(id): At<BolId>, Body(update): Body<Update>) -> Answer<Bol> {
    bols::save(&ctx.app, &ctx.actor, id, update.version, update.content).await.or_problem(&ctx)?;
    Ok(Json(bill(&ctx, id, true).await?))
}

/// Throws away what is being typed: a draft, or the next revision of an issued bill.
#[utoipa::path(delete, path = "/api/v1/bols/{id}", tag = "Bills of lading", params(("id" = BolId, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn discard(ctx: Ctx, At(id): At<BolId>) -> ApiResult {
    delete_draft(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// The `version` that was looked at last.
    version: i32,
    /// Why an issued bill is revised; not needed for its first revision.
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Issued {
    #[schema(example = "PRT-2026-0001")]
    number: String,
    revision: i32,
}

/// Issues what is typed: it gets its number and is frozen. What is missing comes back in `errors`.
#[utoipa::path(post, path = "/api/v1/bols/{id}/issue", tag = "Bills of lading", request_body = Issue,
    params(("id" = BolId, Path), ("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters")),
    responses((status = 200, body = Issued), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn issue(ctx: Ctx, At(id): At<BolId>, headers: HeaderMap, Body(issue): Body<Issue>) -> ApiResult {
    let (asked, actor) = (json!(["issue", id, issue]), ctx.actor.clone());
    let made = once(&ctx, &headers, &asked, async move |app| {
        bols::issue(&app, &actor, id, issue.version, issue.reason.as_deref()).await
    })
    .await?;
    let bols::Issued { number, revision, .. } = made.get().clone();
    Ok(about(&made, Json(Issued { number, revision })))
}

/// Begins the next revision of an issued bill.
#[utoipa::path(post, path = "/api/v1/bols/{id}/revise", tag = "Bills of lading", params(("id" = BolId, Path)),
    responses((status = 200, body = Bol), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn revise(ctx: Ctx, At(id): At<BolId>) -> Answer<Bol> {
    bols::revise(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?;
    Ok(Json(bill(&ctx, id, true).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Void {
    #[schema(example = "Truck left empty")]
    reason: String,
}

/// Voids an issued bill for ever; it keeps its number.
#[utoipa::path(post, path = "/api/v1/bols/{id}/void", tag = "Bills of lading", params(("id" = BolId, Path)), request_body = Void,
    responses((status = 200, body = Bol), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn void(ctx: Ctx, At(id): At<BolId>, Body(void): Body<Void>) -> Answer<Bol> {
    bols::void(&ctx.app, &ctx.actor, id, &void.reason).await.or_problem(&ctx)?;
    Ok(Json(bill(&ctx, id, false).await?))
}

/// Makes a draft that says the same.
#[utoipa::path(post, path = "/api/v1/bols/{id}/duplicate", tag = "Bills of lading",
    params(("id" = BolId, Path), ("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters")),
    responses((status = 201, body = Bol), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn duplicate(ctx: Ctx, At(id): At<BolId>, headers: HeaderMap) -> ApiResult {
    let (asked, actor) = (json!(["duplicate", id]), ctx.actor.clone());
    let made = once(&ctx, &headers, &asked, async move |app| bols::duplicate(&app, &actor, id).await).await?;
    Ok(about(&made, (StatusCode::CREATED, Json(bill(&ctx, *made.get(), false).await?))))
}

/// The bill as NMFTA eBOL 2.1.
#[utoipa::path(get, path = "/api/v1/bols/{id}/ebol", tag = "Bills of lading", params(("id" = BolId, Path)),
    responses((status = 200, body = serde_json::Value), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn as_ebol(ctx: Ctx, At(id): At<BolId>) -> Answer<serde_json::Value> {
    let bill = find::current(ctx.app.db(), id).await.or_problem(&ctx)?;
    ctx.app
        .record_read(&ctx.actor, Action::BolExported, Subject::Bol(id), json!({ "as": "ebol" }))
        .await
        .or_problem(&ctx)?;
    Ok(Json(ebol(&bill.bol, bill.revision.revision, &bill.content, ctx.yard.zone)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExpiresIn {
    /// Seconds; by default, and at most, as long as the yard's settings say (24 hours unless changed).
    expires_in: Option<u64>,
}

/// Where the PDF is to be had.
#[derive(Debug, Serialize, ToSchema)]
pub struct Download {
    /// Whoever holds it gets the file until it expires.
    #[schema(format = "uri")]
    url: String,
    #[schema(format = "date-time")]
    expires_at: String,
    #[schema(example = "PRT-2026-0001.pdf")]
    filename: String,
}

/// A URL of the newest PDF. Every request is on record.
#[utoipa::path(get, path = "/api/v1/bols/{id}/download", tag = "Bills of lading", params(("id" = BolId, Path), ExpiresIn),
    responses((status = 200, body = Download), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn download(ctx: Ctx, At(id): At<BolId>, Asked(asked): Asked<ExpiresIn>) -> Response {
    match download_url(&ctx.app, &ctx.actor, id, asked.expires_in).await.or_problem(&ctx) {
        Ok(found) => {
            let body =
                Download { url: found.url.to_string(), expires_at: time(found.expires_at), filename: found.filename };
            ([(axum::http::header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
        }
        Err(error) => error.into_response(),
    }
}

pub(super) async fn bill(ctx: &Ctx, id: BolId, draft: bool) -> Result<Bol, crate::http::respond::ApiError> {
    let db = ctx.app.db();
    let bill = if draft { find::draft(db, id).await } else { find::current(db, id).await }.or_problem(ctx)?;
    let missing = match bill.revision.issued_at {
        Some(_) => Vec::new(),
        None => {
            let facts = Facts::load(db, id, &bill.content).await.or_problem(ctx)?;
            let missing = readiness(&bill.content, &facts).into_iter();
            missing
                .map(|missing| super::problem::FieldProblem { field: missing.field, message: missing.message })
                .collect()
        }
    };
    Ok(Bol {
        summary: bill.bol.into(),
        revision: bill.revision.revision,
        version: bill.revision.version,
        pdf: bill.revision.pdf_state,
        content: bill.content,
        missing,
    })
}
