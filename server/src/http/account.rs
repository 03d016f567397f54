//! One's own account: name, password, where one is signed in, tokens.

use axum::{http::HeaderMap, response::Response};
use axum_login::AuthSession;
use gatehouse_app::{
    AppError, FormErrors,
    form::FormData,
    ids::{ApiTokenId, UserId},
    ui::frame::{Area, Flash, Page},
    urls,
    users::{
        self, NewToken, Permission,
        model::user,
        pages::{self, AccountPage, SessionsPage, TokensPage},
    },
};

use super::{
    context::Ctx,
    forms::Form,
    passwords::{again, typed},
    path::{Path, Query},
    respond::{OrPage, PageResult},
    route::{Access, Route},
    session::{Next, mark, origin, own_path},
};
use crate::auth::{self, Backend, session_key};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(urls::ACCOUNT, Access::SignedIn, show),
        Route::post(urls::ACCOUNT, Access::SignedIn, rename),
        Route::get(urls::ACCOUNT_PASSWORD, Access::SignedIn, show_password),
        Route::post(urls::ACCOUNT_PASSWORD, Access::SignedIn, change_password),
        Route::get(urls::ACCOUNT_CONFIRM, Access::SignedIn, show_confirm),
        Route::post(urls::ACCOUNT_CONFIRM, Access::SignedIn, confirm),
        Route::get(urls::ACCOUNT_SESSIONS, Access::SignedIn, sessions),
        Route::post(urls::ACCOUNT_SESSIONS, Access::SignedIn, end_sessions),
        Route::get(urls::ACCOUNT_TOKENS, Access::SignedIn, tokens),
        Route::post(urls::ACCOUNT_TOKENS, Access::SignedIn, make_token),
        Route::get("/account/tokens/{id}/revoke", Access::SignedIn, show_revoke_token),
        Route::post("/account/tokens/{id}/revoke", Access::SignedIn, revoke_token),
    ]
}

pub(super) fn page(title: &str) -> Page {
    Page::new(title, Area::None).crumb("Your account", urls::ACCOUNT)
}

/// Whoever is signed in; the guard has seen to it that somebody is.
pub(super) fn own_id(ctx: &Ctx) -> Result<UserId, AppError> {
    ctx.user.as_ref().map(|user| user.id).ok_or(AppError::Forbidden)
}

pub(super) async fn own_row(ctx: &Ctx) -> Result<user::Model, AppError> {
    users::get(&ctx.app, own_id(ctx)?).await
}

/// Where to go first, when the person has not proved who they are of late.
pub(super) async fn unconfirmed(ctx: &Ctx, next: &str) -> Result<Option<Response>, AppError> {
    first_confirm(ctx, next, None).await
}

/// The same for what was sent with a form: it has to be sent once more.
pub(super) async fn unconfirmed_post(ctx: &Ctx, next: &str) -> Result<Option<Response>, AppError> {
    let flash = Flash::warn("Nothing was changed yet. Prove that it is you, then do it once more.");
    first_confirm(ctx, next, Some(flash)).await
}

async fn first_confirm(ctx: &Ctx, next: &str, flash: Option<Flash>) -> Result<Option<Response>, AppError> {
    if auth::is_confirmed(&ctx.app, &ctx.session).await? {
        return Ok(None);
    }
    Ok(Some(ctx.see_other(&urls::confirm_then(next), flash).await))
}

async fn account_page(ctx: &Ctx) -> Result<AccountPage, AppError> {
    let user = own_row(ctx).await?;
    Ok(AccountPage {
        role: ctx.role().ok_or(AppError::Forbidden)?,
        recovery_codes_left: users::recovery_codes_left(&ctx.app, user.id).await?,
        sessions: users::sessions_of(&ctx.app, user.id).await?.len(),
        tokens: users::tokens_of(&ctx.app, user.id).await?.len(),
        user,
    })
}

async fn show(ctx: Ctx) -> PageResult {
    let body = account_page(&ctx).await.or_page(&ctx)?;
    let mut form = FormData::default();
    form.set("name", body.user.name.clone());
    Ok(ctx.page(&Page::new("Your account", Area::None), || body.render(&form, FormErrors::default())))
}

async fn rename(ctx: Ctx, Form(form): Form) -> PageResult {
    let id = own_id(&ctx).or_page(&ctx)?;
    match users::rename(&ctx.app, &ctx.actor, id, form.get("name")).await {
        Ok(()) => Ok(ctx.see_other(urls::ACCOUNT, Some(Flash::ok("Your name is saved."))).await),
        Err(error) => {
            let body = account_page(&ctx).await.or_page(&ctx)?;
            again(&ctx, error, |errors| ctx.page(&Page::new("Your account", Area::None), || body.render(&form, errors)))
        }
    }
}

async fn show_password(ctx: Ctx) -> PageResult {
    if let Some(first) = unconfirmed(&ctx, urls::ACCOUNT_PASSWORD).await.or_page(&ctx)? {
        return Ok(first);
    }
    let user = own_row(&ctx).await.or_page(&ctx)?;
    let second = user.totp_since.is_some();
    let form = FormData::default();
    Ok(ctx.page(&page("Change your password"), || {
        pages::change_password(second, user.email, &form, FormErrors::default())
    }))
}

async fn change_password(ctx: Ctx, mut auth: AuthSession<Backend>, headers: HeaderMap, Form(form): Form) -> PageResult {
    if let Some(first) = unconfirmed_post(&ctx, urls::ACCOUNT_PASSWORD).await.or_page(&ctx)? {
        return Ok(first);
    }
    let user = own_row(&ctx).await.or_page(&ctx)?;
    let (current, new, tokens) = (typed(&form, "current"), typed(&form, "password"), form.has("tokens"));
    match users::change_password(&ctx.app, &ctx.actor, user.id, current, new, tokens).await {
        Ok(row) => {
            auth::stay(&mut auth, &row, origin(&ctx, &headers)).await.or_page(&ctx)?;
            let text = if tokens {
                "Your password is changed. Everywhere else you were signed out, and your API tokens no longer work."
            } else {
                "Your password is changed. Everywhere else you were signed out."
            };
            let mut response = ctx.see_other(urls::ACCOUNT, Some(Flash::ok(text))).await;
            mark(&ctx, &row, &mut response);
            Ok(response)
        }
        Err(error) => {
            let second = user.totp_since.is_some();
            again(&ctx, error, |errors| {
                ctx.page(&page("Change your password"), || pages::change_password(second, user.email, &form, errors))
            })
        }
    }
}

async fn show_confirm(ctx: Ctx, Query(Next { next }): Query<Next>) -> PageResult {
    let second = own_row(&ctx).await.or_page(&ctx)?.totp_since.is_some();
    Ok(ctx.page(&page("Is it still you?"), || pages::confirm(next, second, FormErrors::default())))
}

async fn confirm(ctx: Ctx, auth: AuthSession<Backend>, Form(form): Form) -> PageResult {
    let user = own_row(&ctx).await.or_page(&ctx)?;
    if users::confirm(&ctx.app, &ctx.actor, &user, typed(&form, "password"), form.get("code")).await.or_page(&ctx)? {
        auth.session.cycle_id().await.map_err(anyhow::Error::new).or_page(&ctx)?;
        auth::confirmed(&ctx.app, &auth.session).await.or_page(&ctx)?;
        return Ok(ctx.see_other(own_path(form.get("next")), None).await);
    }
    let second = user.totp_since.is_some();
    let error = AppError::field(
        "password",
        if second {
            "The password or the code is not right, or the code was used already. Check both and try again."
        } else {
            "This is not your password. Type the one you sign in with."
        },
    );
    again(&ctx, error, |errors| {
        ctx.page(&page("Is it still you?"), || pages::confirm(form.get("next").to_owned(), second, errors))
    })
}

async fn sessions(ctx: Ctx) -> PageResult {
    let sessions = users::sessions_of(&ctx.app, own_id(&ctx).or_page(&ctx)?).await.or_page(&ctx)?;
    let body = SessionsPage { sessions, this: this_session(&ctx), zone: ctx.yard.zone };
    Ok(ctx.page(&page("Where you are signed in").wide(), || body.render()))
}

fn this_session(ctx: &Ctx) -> String {
    ctx.session.id().as_ref().map(session_key).unwrap_or_default()
}

async fn end_sessions(ctx: Ctx, Form(form): Form) -> PageResult {
    if let Some(first) = unconfirmed_post(&ctx, urls::ACCOUNT_SESSIONS).await.or_page(&ctx)? {
        return Ok(first);
    }
    let id = own_id(&ctx).or_page(&ctx)?;
    let text = if form.has("others") {
        users::revoke_sessions(&ctx.app, &ctx.actor, id, Some(&this_session(&ctx))).await.or_page(&ctx)?;
        "You are signed out everywhere else."
    } else {
        users::revoke_session(&ctx.app, &ctx.actor, id, form.get("session")).await.or_page(&ctx)?;
        "You are signed out there."
    };
    Ok(ctx.see_other(urls::ACCOUNT_SESSIONS, Some(Flash::ok(text))).await)
}

async fn tokens_page(ctx: &Ctx) -> Result<TokensPage, AppError> {
    let role = ctx.role().ok_or(AppError::Forbidden)?;
    let tokens = users::tokens_of(&ctx.app, own_id(ctx)?).await?;
    let scopes = Permission::ALL.into_iter().filter(|permission| role.may(*permission)).collect();
    Ok(TokensPage { tokens, scopes, zone: ctx.yard.zone })
}

async fn tokens(ctx: Ctx) -> PageResult {
    if let Some(first) = unconfirmed(&ctx, urls::ACCOUNT_TOKENS).await.or_page(&ctx)? {
        return Ok(first);
    }
    let body = tokens_page(&ctx).await.or_page(&ctx)?;
    Ok(ctx.page(&page("API tokens"), || body.render(&FormData::default(), FormErrors::default())))
}

async fn make_token(ctx: Ctx, Form(form): Form) -> PageResult {
    if let Some(first) = unconfirmed_post(&ctx, urls::ACCOUNT_TOKENS).await.or_page(&ctx)? {
        return Ok(first);
    }
    let id = own_id(&ctx).or_page(&ctx)?;
    let new = NewToken {
        name: form.get("name").into(),
        scopes: form.all("scopes").map(str::to_owned).collect(),
        days: form.get("days").into(),
    };
    match users::create_token(&ctx.app, &ctx.actor, id, new).await {
        Ok((row, token)) => Ok(ctx.page(&page("Your new token"), || pages::new_token(&row, token, ctx.yard.zone))),
        Err(error) => {
            let body = tokens_page(&ctx).await.or_page(&ctx)?;
            again(&ctx, error, |errors| ctx.page(&page("API tokens"), || body.render(&form, errors)))
        }
    }
}

async fn show_revoke_token(ctx: Ctx, Path(token): Path<ApiTokenId>) -> PageResult {
    let token = users::token_of(&ctx.app, own_id(&ctx).or_page(&ctx)?, token).await.or_page(&ctx)?;
    let page = page("Revoke a token").crumb("API tokens", urls::ACCOUNT_TOKENS);
    Ok(ctx.page(&page, || pages::confirm_revoke(&token, urls::revoke_token(token.id), urls::ACCOUNT_TOKENS.into())))
}

async fn revoke_token(ctx: Ctx, Path(token): Path<ApiTokenId>) -> PageResult {
    users::revoke_token(&ctx.app, &ctx.actor, own_id(&ctx).or_page(&ctx)?, token).await.or_page(&ctx)?;
    Ok(ctx.see_other(urls::ACCOUNT_TOKENS, Some(Flash::ok("The token no longer works."))).await)
}
