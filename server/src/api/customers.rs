//! The address book: customers, carriers, releases.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use gatehouse_app::{
    customers::{
        self, CustomerInput, Filter, Record,
        carriers::{self, CarrierInput},
        model::carrier,
        releases::{self, ReleaseInput},
    },
    ids::{CarrierId, CustomerId, ReleaseId},
    users::Permission::{ReadCustomers, WriteCustomers},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{Answer, Asked, At, Body},
    idempotency::{about, once},
    limit, place,
    problem::Problem,
    time,
};
use crate::http::{
    context::Ctx,
    respond::{ApiResult, OrProblem},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Access::Api(ReadCustomers), Access::Api(WriteCustomers));
    vec![
        Route::get("/api/v1/customers", read, list_customers),
        Route::post("/api/v1/customers", write, create_customer),
        Route::get("/api/v1/customers/{id}", read, show_customer),
        Route::put("/api/v1/customers/{id}", write, edit_customer),
        Route::post("/api/v1/customers/{id}/archive", write, archive_customer),
        Route::get("/api/v1/carriers", read, list_carriers),
        Route::post("/api/v1/carriers", write, create_carrier),
        Route::get("/api/v1/carriers/{id}", read, show_carrier),
        Route::put("/api/v1/carriers/{id}", write, edit_carrier),
        Route::post("/api/v1/carriers/{id}/archive", write, archive_carrier),
        Route::get("/api/v1/releases", read, list_releases),
        Route::post("/api/v1/releases", write, create_release),
        Route::get("/api/v1/releases/{id}", read, show_release),
        Route::put("/api/v1/releases/{id}", write, edit_release),
        Route::post("/api/v1/releases/{id}/close", write, close_release),
    ]
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// What to look for.
    #[param(required = false)]
    q: String,
    /// The archived or closed ones instead of the others.
    #[param(required = false)]
    archived: bool,
    /// 1–200, by default 50.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Customer {
    pub id: CustomerId,
    pub created_at: String,
    pub updated_at: String,
    pub archived_at: Option<String>,
    #[serde(flatten)]
    pub card: CustomerInput,
}

impl From<Record> for Customer {
    fn from(record: Record) -> Self {
        Self {
            card: record.input(),
            id: record.customer.id,
            created_at: time(record.customer.created_at),
            updated_at: time(record.customer.updated_at),
            archived_at: record.customer.archived_at.map(time),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerPage {
    pub items: Vec<Customer>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// Lists customers by name. `q` holds words that all must begin some word of the name, code, a city or a contact.
#[utoipa::path(get, path = "/api/v1/customers", tag = "Address book", params(ListQuery),
    responses((status = 200, body = CustomerPage), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_customers(ctx: Ctx, Asked(query): Asked<ListQuery>) -> Answer<CustomerPage> {
    let (place, limit) = (place(query.cursor.as_deref()).or_problem(&ctx)?, limit(query.limit).or_problem(&ctx)?);
    let filter = Filter { query: query.q, archived: query.archived };
    let slice = customers::list(&ctx.app, &filter, &place, limit).await.or_problem(&ctx)?.map(Customer::from);
    Ok(Json(CustomerPage { items: slice.rows, next: slice.older }))
}

/// Adds a customer. Send an `Idempotency-Key` so that a repeated request adds no second one.
#[utoipa::path(post, path = "/api/v1/customers", tag = "Address book", request_body = CustomerInput,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters, new for each customer")),
    responses((status = 201, body = Customer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create_customer(ctx: Ctx, headers: HeaderMap, Body(input): Body<CustomerInput>) -> ApiResult {
    let (asked, actor) = (json!(["customer", input]), ctx.actor.clone());
    let made = once(&ctx, &headers, &asked, async move |app| customers::create(&app, &actor, &input).await).await?;
    Ok(about(&made, created(customer(&ctx, *made.get()).await?)))
}

/// One customer.
#[utoipa::path(get, path = "/api/v1/customers/{id}", tag = "Address book", params(("id" = CustomerId, Path)),
    responses((status = 200, body = Customer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show_customer(ctx: Ctx, At(id): At<CustomerId>) -> Answer<Customer> {
    Ok(Json(customer(&ctx, id).await?))
}

/// Replaces what is known of a customer. Sites and contacts that are left out are removed; give `id`s back to keep them.
#[utoipa::path(put, path = "/api/v1/customers/{id}", tag = "Address book", params(("id" = CustomerId, Path)), request_body = CustomerInput,
    responses((status = 200, body = Customer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn edit_customer(ctx: Ctx, At(id): At<CustomerId>, Body(input): Body<CustomerInput>) -> Answer<Customer> {
    customers::edit(&ctx.app, &ctx.actor, id, &input, None).await.or_problem(&ctx)?;
    Ok(Json(customer(&ctx, id).await?))
}

/// What is put away, or brought back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutAway {
    /// `false` brings it back.
    archived: bool,
}

/// Archives a customer, or brings it back.
#[utoipa::path(post, path = "/api/v1/customers/{id}/archive", tag = "Address book", params(("id" = CustomerId, Path)), request_body = PutAway,
    responses((status = 200, body = Customer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn archive_customer(ctx: Ctx, At(id): At<CustomerId>, Body(asked): Body<PutAway>) -> Answer<Customer> {
    customers::archive(&ctx.app, &ctx.actor, id, asked.archived).await.or_problem(&ctx)?;
    Ok(Json(customer(&ctx, id).await?))
}

async fn customer(ctx: &Ctx, id: CustomerId) -> Result<Customer, crate::http::respond::ApiError> {
    Ok(customers::record(ctx.app.db(), id).await.or_problem(ctx)?.into())
}

/// A carrier.
#[derive(Debug, Serialize, ToSchema)]
pub struct Carrier {
    pub id: CarrierId,
    pub created_at: String,
    pub archived_at: Option<String>,
    #[serde(flatten)]
    pub card: CarrierInput,
}

impl From<carrier::Model> for Carrier {
    fn from(row: carrier::Model) -> Self {
        Self {
            card: (&row).into(),
            id: row.id,
            created_at: time(row.created_at),
            archived_at: row.archived_at.map(time),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CarrierPage {
    pub items: Vec<Carrier>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// Lists carriers by name. `q` is the beginning of a name, or a SCAC.
#[utoipa::path(get, path = "/api/v1/carriers", tag = "Address book", params(ListQuery),
    responses((status = 200, body = CarrierPage), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_carriers(ctx: Ctx, Asked(query): Asked<ListQuery>) -> Answer<CarrierPage> {
    let (place, limit) = (place(query.cursor.as_deref()).or_problem(&ctx)?, limit(query.limit).or_problem(&ctx)?);
    let slice =
        carriers::list(&ctx.app, &query.q, query.archived, &place, limit).await.or_problem(&ctx)?.map(Carrier::from);
    Ok(Json(CarrierPage { items: slice.rows, next: slice.older }))
}

/// Adds a carrier. Send an `Idempotency-Key` so that a repeated request adds no second one.
#[utoipa::path(post, path = "/api/v1/carriers", tag = "Address book", request_body = CarrierInput,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters, new for each carrier")),
    responses((status = 201, body = Carrier), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create_carrier(ctx: Ctx, headers: HeaderMap, Body(input): Body<CarrierInput>) -> ApiResult {
    let (asked, actor) = (json!(["carrier", input]), ctx.actor.clone());
    let made = once(&ctx, &headers, &asked, async move |app| carriers::save(&app, &actor, None, &input).await).await?;
    Ok(about(&made, created(carrier(&ctx, *made.get()).await?)))
}

/// One carrier.
#[utoipa::path(get, path = "/api/v1/carriers/{id}", tag = "Address book", params(("id" = CarrierId, Path)),
    responses((status = 200, body = Carrier), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show_carrier(ctx: Ctx, At(id): At<CarrierId>) -> Answer<Carrier> {
    Ok(Json(carrier(&ctx, id).await?))
}

/// Replaces what is known of a carrier.
#[utoipa::path(put, path = "/api/v1/carriers/{id}", tag = "Address book", params(("id" = CarrierId, Path)), request_body = CarrierInput,
    responses((status = 200, body = Carrier), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn edit_carrier(ctx: Ctx, At(id): At<CarrierId>, Body(input): Body<CarrierInput>) -> Answer<Carrier> {
    carriers::save(&ctx.app, &ctx.actor, Some(id), &input).await.or_problem(&ctx)?;
    Ok(Json(carrier(&ctx, id).await?))
}

/// Archives a carrier, or brings it back.
#[utoipa::path(post, path = "/api/v1/carriers/{id}/archive", tag = "Address book", params(("id" = CarrierId, Path)), request_body = PutAway,
    responses((status = 200, body = Carrier), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn archive_carrier(ctx: Ctx, At(id): At<CarrierId>, Body(asked): Body<PutAway>) -> Answer<Carrier> {
    carriers::archive(&ctx.app, &ctx.actor, id, asked.archived).await.or_problem(&ctx)?;
    Ok(Json(carrier(&ctx, id).await?))
}

async fn carrier(ctx: &Ctx, id: CarrierId) -> Result<Carrier, crate::http::respond::ApiError> {
    Ok(carriers::carrier(ctx.app.db(), id).await.or_problem(ctx)?.into())
}

fn created(body: impl Serialize) -> Response {
    (StatusCode::CREATED, Json(body)).into_response()
}

/// A release with what was drawn on it; weights are thousandths of `unit`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Release {
    pub id: ReleaseId,
    #[schema(example = "REL-2026-118")]
    pub number: String,
    pub customer_id: CustomerId,
    pub customer: String,
    pub commodity: String,
    pub unit: String,
    pub allowed_milli: i64,
    pub drawn_milli: i64,
    pub remaining_milli: i64,
    pub created_at: String,
    pub closed_at: Option<String>,
}

impl From<releases::Release> for Release {
    fn from(release: releases::Release) -> Self {
        let remaining_milli = release.remaining().milli;
        Self {
            id: release.row.id,
            number: release.row.number,
            customer_id: release.row.customer_id,
            customer: release.customer_name,
            commodity: release.row.commodity,
            unit: release.row.unit,
            allowed_milli: release.allowed.milli,
            drawn_milli: release.drawn.milli,
            remaining_milli,
            created_at: time(release.row.created_at),
            closed_at: release.row.closed_at.map(time),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReleasePage {
    pub items: Vec<Release>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// Lists releases by number. `q` is the beginning of a number.
#[utoipa::path(get, path = "/api/v1/releases", tag = "Address book", params(ListQuery),
    responses((status = 200, body = ReleasePage), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list_releases(ctx: Ctx, Asked(query): Asked<ListQuery>) -> Answer<ReleasePage> {
    let (place, limit) = (place(query.cursor.as_deref()).or_problem(&ctx)?, limit(query.limit).or_problem(&ctx)?);
    let slice =
        releases::list(&ctx.app, &query.q, query.archived, &place, limit).await.or_problem(&ctx)?.map(Release::from);
    Ok(Json(ReleasePage { items: slice.rows, next: slice.older }))
}

/// Adds a release. Send an `Idempotency-Key` so that a repeated request adds no second one.
#[utoipa::path(post, path = "/api/v1/releases", tag = "Address book", request_body = ReleaseInput,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters, new for each release")),
    responses((status = 201, body = Release), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create_release(ctx: Ctx, headers: HeaderMap, Body(input): Body<ReleaseInput>) -> ApiResult {
    let (asked, actor) = (json!(["release", input]), ctx.actor.clone());
    let made = once(&ctx, &headers, &asked, async move |app| releases::save(&app, &actor, None, &input).await).await?;
    Ok(about(&made, created(release(&ctx, *made.get()).await?)))
}

/// One release.
#[utoipa::path(get, path = "/api/v1/releases/{id}", tag = "Address book", params(("id" = ReleaseId, Path)),
    responses((status = 200, body = Release), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show_release(ctx: Ctx, At(id): At<ReleaseId>) -> Answer<Release> {
    Ok(Json(release(&ctx, id).await?))
}

/// Replaces what is known of a release.
#[utoipa::path(put, path = "/api/v1/releases/{id}", tag = "Address book", params(("id" = ReleaseId, Path)), request_body = ReleaseInput,
    responses((status = 200, body = Release), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn edit_release(ctx: Ctx, At(id): At<ReleaseId>, Body(input): Body<ReleaseInput>) -> Answer<Release> {
    releases::save(&ctx.app, &ctx.actor, Some(id), &input).await.or_problem(&ctx)?;
    Ok(Json(release(&ctx, id).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Close {
    /// `false` opens it again.
    closed: bool,
}

/// Closes a release, or opens it again.
#[utoipa::path(post, path = "/api/v1/releases/{id}/close", tag = "Address book", params(("id" = ReleaseId, Path)), request_body = Close,
    responses((status = 200, body = Release), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn close_release(ctx: Ctx, At(id): At<ReleaseId>, Body(asked): Body<Close>) -> Answer<Release> {
    releases::close(&ctx.app, &ctx.actor, id, asked.closed).await.or_problem(&ctx)?;
    Ok(Json(release(&ctx, id).await?))
}

async fn release(ctx: &Ctx, id: ReleaseId) -> Result<Release, crate::http::respond::ApiError> {
    Ok(releases::release(ctx.app.db(), id).await.or_problem(ctx)?.into())
}
