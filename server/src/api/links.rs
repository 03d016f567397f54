//! Share links, and sending.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
};
use gatehouse_app::{
    AppError, FormErrors,
    bols::find,
    form::FormData,
    ids::{BolId, ClipId, DeliveryId, LinkId},
    links::{self, LinkKey, NewLink, SendForm, ViewKey, model::link},
    users::Permission::{ExportFootage, ReadPaper, WritePaper},
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
    respond::{ApiError, ApiResult, OrProblem},
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
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PageOf {
    /// 1–200, by default 50.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists the links of a bill, newest first.
#[utoipa::path(get, path = "/api/v1/bols/{id}/links", tag = "Links", params(("id" = BolId, Path), PageOf),
    responses((status = 200, body = Links), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx, At(id): At<BolId>, Asked(page): Asked<PageOf>) -> Answer<Links> {
    find::find(ctx.app.db(), id).await.or_problem(&ctx)?;
    let place = place::<LinkKey>(page.cursor.as_deref()).or_problem(&ctx)?;
    let slice = links::links_of(&ctx.app, id, &place, limit(page.limit).or_problem(&ctx)?).await.or_problem(&ctx)?;
    Ok(Json(Links { items: slice.rows.into_iter().map(Link::from).collect(), next: slice.older }))
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
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
    /// Clips of the bill that go along.
    #[serde(default)]
    clips: Vec<ClipId>,
}

/// Footage is handed out by those alone who may export it.
fn may_hand_out(ctx: &Ctx, clips: &[ClipId]) -> Result<(), ApiError> {
    match clips.is_empty() || ctx.may(ExportFootage) {
        true => Ok(()),
        false => Err(ApiError::new(ctx, AppError::Forbidden)),
    }
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
#[utoipa::path(post, path = "/api/v1/bols/{id}/links", tag = "Links", request_body = CreateLink,
    params(("id" = BolId, Path), ("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters")),
    responses((status = 201, body = NewLinkMade), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn create(ctx: Ctx, At(id): At<BolId>, headers: HeaderMap, Body(asked): Body<CreateLink>) -> ApiResult {
    may_hand_out(&ctx, &asked.clips)?;
    let (request, actor) = (json!(["link", id, asked]), ctx.actor.clone());
    let new = NewLink { recipient: asked.recipient, hours: asked.hours, passcode: asked.passcode, clips: asked.clips };
    let made = once(&ctx, &headers, &request, async move |app| links::create(&app, &actor, id, new).await).await?;
    let link = links::find(&ctx.app, *made.get()).await.or_problem(&ctx)?;
    let url = links::address(&ctx.app, link.id).or_problem(&ctx)?;
    Ok(about(&made, (StatusCode::CREATED, Json(NewLinkMade { id: link.id, url, expires_at: time(link.expires_at) }))))
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
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
    /// Clips of the bill that go along.
    #[serde(default)]
    clips: Vec<ClipId>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Sent {
    /// One for each recipient; the mails go out once the PDF is ready.
    pub deliveries: Vec<DeliveryId>,
}

/// Sends each recipient a link of their own. Send an `Idempotency-Key` so that a repeated request mails nobody twice.
#[utoipa::path(post, path = "/api/v1/bols/{id}/send", tag = "Links", request_body = Send,
    params(("id" = BolId, Path), ("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters, new for each sending")),
    responses((status = 202, body = Sent), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn send(ctx: Ctx, At(id): At<BolId>, headers: HeaderMap, Body(asked): Body<Send>) -> ApiResult {
    may_hand_out(&ctx, &asked.clips)?;
    let (request, actor) = (json!(["send", id, asked]), ctx.actor.clone());
    // The page's own rules hold here too.
    let mut form: Vec<(String, String)> = asked.recipients.into_iter().map(|to| ("to".to_owned(), to)).collect();
    form.push(("hours".into(), asked.hours.map(|hours| hours.to_string()).unwrap_or_default()));
    form.push(("passcode".into(), asked.passcode.unwrap_or_default()));
    form.push(("note".into(), asked.note));
    form.extend(asked.clips.iter().map(|clip| ("clips".to_owned(), clip.to_string())));
    let in_json = |errors: FormErrors| {
        let field =
            |field: &str| if matches!(field, "to" | "others") { "recipients".to_owned() } else { field.to_owned() };
        AppError::Invalid(errors.iter().map(|(name, message)| (field(name), message.to_owned())).collect())
    };
    let form = SendForm::read(&FormData::new(form)).map_err(in_json).or_problem(&ctx)?;
    let made = once(&ctx, &headers, &request, async move |app| links::send(&app, &actor, id, form).await).await?;
    Ok(about(&made, (StatusCode::ACCEPTED, Json(Sent { deliveries: made.get().clone() }))))
}

/// Revokes a link, with every fresh one that was sent for it: they open nothing any more.
#[utoipa::path(post, path = "/api/v1/links/{id}/revoke", tag = "Links", params(("id" = LinkId, Path)),
    responses((status = 200, body = Link), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn revoke(ctx: Ctx, At(id): At<LinkId>) -> Answer<Link> {
    links::revoke(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?;
    Ok(Json(links::find(&ctx.app, id).await.or_problem(&ctx)?.into()))
}

/// One look at a link.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkView {
    /// `fetched`, `confirmed`, `downloaded` or `refused`; of a clip `played` or `clip_downloaded`.
    pub kind: String,
    pub at: String,
    pub ip: Option<String>,
    pub agent: String,
    /// What makes it look like a machine: `head`, `prefetch`, `soon`, `scripted`; of a refusal, what was wrong: `passcode`, `digits`.
    pub flags: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LinkViews {
    pub items: Vec<LinkView>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// Lists who looked at a link, newest first.
#[utoipa::path(get, path = "/api/v1/links/{id}/views", tag = "Links", params(("id" = LinkId, Path), PageOf),
    responses((status = 200, body = LinkViews), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn views(ctx: Ctx, At(id): At<LinkId>, Asked(page): Asked<PageOf>) -> Answer<LinkViews> {
    links::find(&ctx.app, id).await.or_problem(&ctx)?;
    let place = place::<ViewKey>(page.cursor.as_deref()).or_problem(&ctx)?;
    let slice = links::views_of(&ctx.app, id, &place, limit(page.limit).or_problem(&ctx)?).await.or_problem(&ctx)?;
    let looks = slice.rows.into_iter().map(|row| LinkView {
        kind: row.kind,
        at: time(row.at),
        ip: row.ip,
        agent: row.agent,
        flags: row.flags.split(',').filter(|flag| !flag.is_empty()).map(str::to_owned).collect(),
    });
    Ok(Json(LinkViews { items: looks.collect(), next: slice.older }))
}
