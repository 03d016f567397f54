//! Mail on its way.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
};
use gatehouse_app::{
    AppError,
    ids::{BolId, DeliveryId, LinkId},
    mail::{self, Filter, State, model::delivery},
    paging::cursor,
    users::Permission::{ReadPaper, WritePaper},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{
    before,
    extract::{Answer, Asked, At},
    idempotency::{about, once},
    limit,
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
        Route::get("/api/v1/deliveries", read, index),
        Route::get("/api/v1/deliveries/{id}", read, show),
        Route::post("/api/v1/deliveries/{id}/again", write, again),
        Route::post("/api/v1/deliveries/{id}/now", write, now),
        Route::post("/api/v1/deliveries/{id}/settle", write, settle),
        Route::post("/api/v1/deliveries/{id}/cancel", write, cancel),
    ]
}

/// One mail to one address.
#[derive(Debug, Serialize, ToSchema)]
pub struct Delivery {
    pub id: DeliveryId,
    /// `bol_link`, `fresh_link`, `invitation` or `password_reset`.
    pub kind: String,
    /// `queued`, `sending`, `sent`, `deferred`, `refused`, `barred` (the mail server does not let Gatehouse in), `unknown` or `cancelled`.
    #[schema(example = "sent")]
    pub state: String,
    pub recipient: String,
    pub subject: String,
    pub bol_id: Option<BolId>,
    pub link_id: Option<LinkId>,
    pub attempts: i32,
    /// What the mail server said last.
    pub answer: Option<String>,
    pub created_at: String,
    pub updated_at: String,
    pub sent_at: Option<String>,
    pub next_attempt_at: Option<String>,
    /// The mail that was sent in its place.
    pub replaced_by: Option<DeliveryId>,
    /// Since when it needs nobody any more.
    pub settled_at: Option<String>,
}

impl From<delivery::Model> for Delivery {
    fn from(row: delivery::Model) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            recipient: row.recipient,
            subject: row.subject,
            bol_id: row.bol_id,
            link_id: row.link_id,
            attempts: row.attempts,
            answer: row.answer,
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
            sent_at: row.sent_at.map(time),
            next_attempt_at: row.next_attempt_at.map(time),
            replaced_by: row.replaced_by,
            settled_at: row.settled_at.map(time),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryPage {
    pub items: Vec<Delivery>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ListDeliveries {
    /// Such as `refused`.
    state: Option<String>,
    /// 1–200, by default 50.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists mail about bills, newest first.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "Mail", params(ListDeliveries),
    responses((status = 200, body = DeliveryPage), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx, Asked(query): Asked<ListDeliveries>) -> Answer<DeliveryPage> {
    let unknown = |error: anyhow::Error| AppError::field("state", error.to_string());
    let state = query.state.as_deref().filter(|word| !word.is_empty()).map(str::parse::<State>);
    let before = before(query.cursor.as_deref()).or_problem(&ctx)?;
    let filter = Filter { state: state.transpose().map_err(unknown).or_problem(&ctx)?, before, accounts: false };
    let limit = limit(query.limit).or_problem(&ctx)? as u64;
    let (lines, more) = mail::list(&ctx.app, &filter, limit).await.or_problem(&ctx)?;
    let next = lines.last().filter(|_| more).map(|line| cursor(&line.delivery.id));
    Ok(Json(DeliveryPage { items: lines.into_iter().map(|line| line.delivery.into()).collect(), next }))
}

/// One mail.
#[utoipa::path(get, path = "/api/v1/deliveries/{id}", tag = "Mail", params(("id" = DeliveryId, Path)),
    responses((status = 200, body = Delivery), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show(ctx: Ctx, At(id): At<DeliveryId>) -> Answer<Delivery> {
    Ok(Json(known(&ctx, id).await?.into()))
}

/// Sends it once more, as a mail of its own; that one comes back.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/again", tag = "Mail",
    params(("id" = DeliveryId, Path), ("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters")),
    responses((status = 202, body = Delivery), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn again(ctx: Ctx, At(id): At<DeliveryId>, headers: HeaderMap) -> ApiResult {
    known(&ctx, id).await?;
    let actor = ctx.actor.clone();
    let made =
        once(&ctx, &headers, &json!(["again", id]), async move |app| mail::again(&app, &actor, id).await).await?;
    let new: Delivery = mail::find(&ctx.app, *made.get()).await.or_problem(&ctx)?.into();
    Ok(about(&made, (StatusCode::ACCEPTED, Json(new))))
}

/// Tries a deferred mail now rather than when its turn comes.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/now", tag = "Mail", params(("id" = DeliveryId, Path)),
    responses((status = 200, body = Delivery), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn now(ctx: Ctx, At(id): At<DeliveryId>) -> Answer<Delivery> {
    known(&ctx, id).await?;
    mail::try_now(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?;
    show(ctx, At(id)).await
}

/// Says that a refused or unknown mail needs nobody any more, without sending it again.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/settle", tag = "Mail", params(("id" = DeliveryId, Path)),
    responses((status = 200, body = Delivery), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn settle(ctx: Ctx, At(id): At<DeliveryId>) -> Answer<Delivery> {
    known(&ctx, id).await?;
    mail::settle(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?;
    show(ctx, At(id)).await
}

/// Stops a mail that has not gone out.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/cancel", tag = "Mail", params(("id" = DeliveryId, Path)),
    responses((status = 200, body = Delivery), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn cancel(ctx: Ctx, At(id): At<DeliveryId>) -> Answer<Delivery> {
    known(&ctx, id).await?;
    mail::cancel(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?;
    show(ctx, At(id)).await
}

/// A mail about a bill. Whoever is invited, and who chooses a new password, is for people who manage users.
async fn known(ctx: &Ctx, id: DeliveryId) -> Result<delivery::Model, ApiError> {
    let delivery = mail::find(&ctx.app, id).await.or_problem(ctx)?;
    match delivery.user_id {
        None => Ok(delivery),
        Some(_) => Err(ApiError::new(ctx, AppError::NotFound("This mail"))),
    }
}
