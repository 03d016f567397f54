//! Share links, and sending.

use axum::{Json, http::StatusCode, response::IntoResponse};
use gatehouse_app::{
    AppError, FormErrors,
    bols::find,
    form::FormData,
    ids::{BolId, DeliveryId, LinkId},
    links::{
        self, NewLink, SendForm,
        model::{link, view},
    },
    users::Permission::{ReadPaper, WritePaper},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    extract::{Answer, At, Body},
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
        Route::get("/api/v1/bols/{id}/links", read, index),
        Route::post("/api/v1/bols/{id}/links", write, create),
        Route::post("/api/v1/bols/{id}/send", write, send),
        Route::post("/api/v1/links/{id}/revoke", write, revoke),
        Route::get("/api/v1/links/{id}/views", read, views),
    ]
}

/// A share link. Its address is shown once, when it is made.
#[derive(Debug, Serialize, ToSchema)]
pub struct Link {
    pub id: LinkId,
    pub bol_id: BolId,
    pub recipient: String,
    pub passcode: bool,
    pub created_at: String,
    pub expires_at: String,
    pub revoked_at: Option<String>,
}

impl From<link::Model> for Link {
    fn from(row: link::Model) -> Self {
        Self {
            id: row.id,
            bol_id: row.bol_id,
            recipient: row.recipient,
            passcode: row.passcode_hash.is_some(),
            created_at: time(row.created_at),
            expires_at: time(row.expires_at),
            revoked_at: row.revoked_at.map(time),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Links {
    pub items: Vec<Link>,
}

/// Lists the links of a bill, newest first, at most 500.
#[utoipa::path(get, path = "/api/v1/bols/{id}/links", tag = "Links", params(("id" = BolId, Path)),
    responses((status = 200, body = Links), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx, At(id): At<BolId>) -> Answer<Links> {
    find::find(ctx.app.db(), id).await.or_problem(&ctx)?;
    let rows =
        link::Entity::find().filter(link::Column::BolId.eq(id)).order_by_desc(link::Column::CreatedAt).limit(500);
    let rows = rows.all(ctx.app.db()).await.or_problem(&ctx)?;
    Ok(Json(Links { items: rows.into_iter().map(Link::from).collect() }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateLink {
    /// Who it is for: “send a fresh link” goes here and nowhere else.
    #[schema(example = "ana.ruiz@garysteel.example")]
    recipient: String,
    /// 1–720; by default as long as the yard's settings say.
    #[serde(default)]
    hours: Option<u32>,
    /// 6–64 characters; without one the link alone opens the page.
    #[serde(default)]
    passcode: Option<String>,
}

/// A new link, with its address.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewLinkMade {
    pub id: LinkId,
    #[schema(format = "uri")]
    pub url: String,
    pub expires_at: String,
}

/// Makes a link without sending it.
#[utoipa::path(post, path = "/api/v1/bols/{id}/links", tag = "Links", params(("id" = BolId, Path)), request_body = CreateLink,
    responses((status = 201, body = NewLinkMade), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create(ctx: Ctx, At(id): At<BolId>, Body(asked): Body<CreateLink>) -> ApiResult {
    let new = NewLink { recipient: asked.recipient, hours: asked.hours, passcode: asked.passcode };
    let made = links::create(&ctx.app, &ctx.actor, id, new).await.or_problem(&ctx)?;
    let body = NewLinkMade { id: made.id, url: made.url, expires_at: time(made.expires_at) };
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Send {
    #[schema(min_items = 1, max_items = 50)]
    recipients: Vec<String>,
    /// 1–720; by default as long as the yard's settings say.
    #[serde(default)]
    hours: Option<u32>,
    #[serde(default)]
    passcode: Option<String>,
    /// A line of the sender's own.
    #[serde(default)]
    note: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Sent {
    /// One for each recipient; the mails go out once the PDF is ready.
    pub deliveries: Vec<DeliveryId>,
}

/// Sends each recipient a link of their own.
#[utoipa::path(post, path = "/api/v1/bols/{id}/send", tag = "Links", params(("id" = BolId, Path)), request_body = Send,
    responses((status = 202, body = Sent), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn send(ctx: Ctx, At(id): At<BolId>, Body(asked): Body<Send>) -> ApiResult {
    // The page's own rules hold here too.
    let mut form: Vec<(String, String)> = asked.recipients.into_iter().map(|to| ("to".to_owned(), to)).collect();
    form.push(("hours".into(), asked.hours.map(|hours| hours.to_string()).unwrap_or_default()));
    form.push(("passcode".into(), asked.passcode.unwrap_or_default()));
    form.push(("note".into(), asked.note));
    let in_json = |errors: FormErrors| {
        let field =
            |field: &str| if matches!(field, "to" | "others") { "recipients".to_owned() } else { field.to_owned() };
        AppError::Invalid(errors.iter().map(|(name, message)| (field(name), message.to_owned())).collect())
    };
    let form = SendForm::read(&FormData::new(form)).map_err(in_json).or_problem(&ctx)?;
    let deliveries = links::send(&ctx.app, &ctx.actor, id, form).await.or_problem(&ctx)?;
    Ok((StatusCode::ACCEPTED, Json(Sent { deliveries })).into_response())
}

/// Revokes a link: it opens nothing any more.
#[utoipa::path(post, path = "/api/v1/links/{id}/revoke", tag = "Links", params(("id" = LinkId, Path)),
    responses((status = 200, body = Link), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn revoke(ctx: Ctx, At(id): At<LinkId>) -> Answer<Link> {
    links::revoke(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?;
    Ok(Json(links::find(&ctx.app, id).await.or_problem(&ctx)?.into()))
}

/// One look at a link.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkView {
    /// `fetched`, `confirmed`, `downloaded` or `refused`.
    pub kind: String,
    pub at: String,
    pub ip: Option<String>,
    pub agent: String,
    /// What makes it look like a machine: `head`, `prefetch`, `soon`, `scripted`.
    pub flags: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LinkViews {
    pub items: Vec<LinkView>,
}

/// Lists who looked at a link, newest first, at most 500.
#[utoipa::path(get, path = "/api/v1/links/{id}/views", tag = "Links", params(("id" = LinkId, Path)),
    responses((status = 200, body = LinkViews), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn views(ctx: Ctx, At(id): At<LinkId>) -> Answer<LinkViews> {
    links::find(&ctx.app, id).await.or_problem(&ctx)?;
    let rows = view::Entity::find().filter(view::Column::LinkId.eq(id)).order_by_desc(view::Column::At).limit(500);
    let rows = rows.all(ctx.app.db()).await.or_problem(&ctx)?.into_iter().map(|row| LinkView {
        kind: row.kind,
        at: time(row.at),
        ip: row.ip,
        agent: row.agent,
        flags: row.flags.split(',').filter(|flag| !flag.is_empty()).map(str::to_owned).collect(),
    });
    Ok(Json(LinkViews { items: rows.collect() }))
}
