//! Signing in and out.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_login::AuthSession;
use gatehouse_app::{
    AppError, FormErrors,
    form::FormData,
    ids::UserId,
    ui::frame::{Area, Page},
    urls,
    users::{self, BROWSER_MARK_MS, CODE_STEP_MS, SignIn, model::user, pages},
};
use serde::{Deserialize, Serialize};

use super::{
    context::Ctx,
    forms::Form,
    path::Query,
    respond::{OrPage, PageResult},
    route::{Access, Route},
};
use crate::auth::{self, Backend, Origin};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(urls::SIGN_IN, Access::Public, show),
        Route::post(urls::SIGN_IN, Access::Public, sign_in),
        Route::get(urls::SIGN_IN_CODE, Access::Public, show_code),
        Route::post(urls::SIGN_IN_CODE, Access::Public, sign_in_with_code),
        Route::post(urls::SIGN_OUT, Access::SignedIn, sign_out),
    ]
}

#[derive(Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    pub next: String,
}

/// Somebody whose password was right and whose code is still to come.
#[derive(Serialize, Deserialize)]
struct Pending {
    user: UserId,
    /// The password was right for these sessions; a new one begins others.
    epoch: i32,
    at: i64,
    next: String,
}

const PENDING: &str = "pending";

async fn show(ctx: Ctx, Query(Next { next }): Query<Next>) -> Response {
    let mut form = FormData::default();
    form.set("next", next);
    ctx.plain_page(&page(), || pages::sign_in(&form, FormErrors::default()))
}

async fn sign_in(ctx: Ctx, auth: AuthSession<Backend>, headers: HeaderMap, Form(form): Form) -> PageResult {
    let password = form.raw("password").unwrap_or_default().to_owned();
    let mark = browser_mark(&ctx, &headers);
    match users::sign_in(&ctx.app, &ctx.actor, mark.as_deref(), form.get("email"), password).await.or_page(&ctx)? {
        SignIn::Done(row) => come_in(&ctx, auth, &headers, &row, form.get("next")).await,
        SignIn::CodeNeeded(row) => {
            let next = own_path(form.get("next")).to_owned();
            let pending = Pending { user: row.id, epoch: row.session_epoch, at: ctx.app.now(), next };
            auth.session.cycle_id().await.map_err(anyhow::Error::new).or_page(&ctx)?;
            auth.session.insert(PENDING, pending).await.map_err(anyhow::Error::new).or_page(&ctx)?;
            Ok(ctx.see_other(urls::SIGN_IN_CODE, None).await)
        }
        SignIn::Refused => {
            let mut errors = FormErrors::default();
            errors.add("email", "The email address or the password is wrong. Check both and try again.");
            Ok((StatusCode::UNPROCESSABLE_ENTITY, ctx.plain_page(&page(), || pages::sign_in(&form, errors)))
                .into_response())
        }
    }
}

async fn show_code(ctx: Ctx) -> PageResult {
    if pending(&ctx).await.or_page(&ctx)?.is_none() {
        return Ok(ctx.see_other(urls::SIGN_IN, None).await);
    }
    Ok(ctx.plain_page(&page(), || pages::code(FormErrors::default())))
}

async fn sign_in_with_code(ctx: Ctx, auth: AuthSession<Backend>, headers: HeaderMap, Form(form): Form) -> PageResult {
    let Some(pending) = pending(&ctx).await.or_page(&ctx)? else {
        return Ok(ctx.see_other(urls::SIGN_IN, None).await);
    };
    let Pending { user, epoch, .. } = pending;
    match users::sign_in_with_code(&ctx.app, &ctx.actor, user, epoch, form.get("code")).await.or_page(&ctx)? {
        SignIn::Done(row) => come_in(&ctx, auth, &headers, &row, &pending.next).await,
        SignIn::CodeNeeded(_) | SignIn::Refused => {
            let mut errors = FormErrors::default();
            errors.add("code", "This code is not right, or it was used already. Wait for the next one and type it in.");
            Ok((StatusCode::UNPROCESSABLE_ENTITY, ctx.plain_page(&page(), || pages::code(errors))).into_response())
        }
    }
}

async fn pending(ctx: &Ctx) -> Result<Option<Pending>, AppError> {
    let pending: Option<Pending> = ctx.session.get(PENDING).await.map_err(anyhow::Error::new)?;
    let Some(pending) = pending.filter(|pending| ctx.app.now() - pending.at < CODE_STEP_MS) else { return Ok(None) };
    let epoch = users::get(&ctx.app, pending.user).await?.session_epoch;
    Ok(Some(pending).filter(|pending| pending.epoch == epoch))
}

async fn come_in(
    ctx: &Ctx,
    mut auth: AuthSession<Backend>,
    headers: &HeaderMap,
    row: &user::Model,
    next: &str,
) -> PageResult {
    auth::let_in(&mut auth, row, origin(ctx, headers)).await.or_page(ctx)?;
    auth::confirmed(&ctx.app, &auth.session).await.or_page(ctx)?;
    let mut response = ctx.see_other(own_path(next), None).await;
    mark(ctx, row, &mut response);
    Ok(response)
}

/// Marks the browser as one that `row` signs in with.
pub(super) fn mark(ctx: &Ctx, row: &user::Model, response: &mut Response) {
    let secure = if auth::is_secure(&ctx.app) { "; Secure" } else { "" };
    let (name, mark, life) = (mark_name(ctx), users::browser_mark(&ctx.app, row), BROWSER_MARK_MS / 1000);
    let cookie = format!("{name}={mark}; Path=/; HttpOnly; SameSite=Strict; Max-Age={life}{secure}");
    if let Ok(value) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

async fn sign_out(ctx: Ctx, mut auth: AuthSession<Backend>) -> PageResult {
    auth.logout().await.map_err(anyhow::Error::new).or_page(&ctx)?;
    users::signed_out(&ctx.app, &ctx.actor).await.or_page(&ctx)?;
    let mut response = ctx.see_other(urls::SIGN_IN, None).await;
    response.headers_mut().insert("clear-site-data", header::HeaderValue::from_static("\"cache\""));
    Ok(response)
}

/// Where a request comes from, as the list of sessions shows it.
pub(super) fn origin(ctx: &Ctx, headers: &HeaderMap) -> Origin {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Origin { ip: ctx.actor.ip.clone(), agent: agent.map(|agent| agent.chars().take(300).collect()) }
}

fn mark_name(ctx: &Ctx) -> &'static str {
    if auth::is_secure(&ctx.app) { "__Host-gatehouse-known" } else { "gatehouse-known" }
}

fn browser_mark(ctx: &Ctx, headers: &HeaderMap) -> Option<String> {
    let cookies = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'));
    cookies
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == mark_name(ctx))
        .map(|(_, value)| value.to_owned())
}

/// Where to go after signing in: only to a page of ours, whatever the query says.
pub(super) fn own_path(next: &str) -> &str {
    let own =
        next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') && !next.contains(char::is_control);
    if own { next } else { urls::TODAY }
}

fn page() -> Page {
    Page::new("Sign in", Area::None).noindex()
}
