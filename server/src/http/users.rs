//! Users, for admins.

use gatehouse_app::{
    AppError, FormErrors,
    form::FormData,
    ids::{ApiTokenId, UserId},
    ui::frame::{Area, Flash, Page},
    urls,
    users::{
        self, Permission, Person, Purpose,
        model::user,
        pages::{self, UserPage},
    },
};
use serde::Deserialize;

use super::{
    account::{unconfirmed, unconfirmed_post},
    context::Ctx,
    forms::Form,
    passwords::again,
    path::{Path, Query},
    respond::{OrPage, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let admin = Access::Needs(Permission::ManageUsers);
    vec![
        Route::get(urls::USERS, admin, list),
        Route::get(urls::USERS_INVITE, admin, show_invite),
        Route::post(urls::USERS_INVITE, admin, invite),
        Route::get("/users/{id}", admin, show),
        Route::post("/users/{id}", admin, edit),
        Route::post("/users/{id}/link", admin, send_link),
        Route::get("/users/{id}/disable", admin, show_disable),
        Route::post("/users/{id}/disable", admin, disable),
        Route::post("/users/{id}/enable", admin, enable),
        Route::get("/users/{id}/second-factor", admin, show_second_factor),
        Route::post("/users/{id}/second-factor", admin, reset_second_factor),
        Route::get("/users/{id}/sessions", admin, show_end_sessions),
        Route::post("/users/{id}/sessions", admin, end_sessions),
        Route::get("/users/{id}/tokens/{token}/revoke", admin, show_revoke_token),
        Route::post("/users/{id}/tokens/{token}/revoke", admin, revoke_token),
    ]
}

const PER_PAGE: usize = 50;

/// The last row of the page before.
#[derive(Deserialize)]
struct After {
    #[serde(default)]
    name: String,
    #[serde(default)]
    after: String,
}

fn page(title: &str) -> Page {
    Page::new(title, Area::Yard).crumb("Users", urls::USERS)
}

async fn list(ctx: Ctx, Query(after): Query<After>) -> PageResult {
    let from = after.after.parse().ok().map(|id| (after.name.clone(), id));
    let newer = from.is_some().then(|| urls::USERS.to_owned());
    let mut rows = users::list(&ctx.app, from, PER_PAGE as u64 + 1).await.or_page(&ctx)?;
    let more = rows.len() > PER_PAGE;
    rows.truncate(PER_PAGE);
    let older = rows.last().filter(|_| more).map(|last| {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("name", &last.name)
            .append_pair("after", &last.id.to_string())
            .finish();
        format!("{}?{query}", urls::USERS)
    });
    let page = Page::new("Users", Area::Yard).at(urls::USERS).wide();
    Ok(ctx.page(&page, || pages::users(rows, older, newer, ctx.yard.zone)))
}

async fn show_invite(ctx: Ctx) -> PageResult {
    if let Some(first) = unconfirmed(&ctx, urls::USERS_INVITE).await.or_page(&ctx)? {
        return Ok(first);
    }
    let mut form = FormData::default();
    form.set("role", "office");
    Ok(ctx.page(&page("Invite somebody"), || pages::invite(&form, FormErrors::default())))
}

async fn invite(ctx: Ctx, Form(form): Form) -> PageResult {
    if let Some(first) = unconfirmed_post(&ctx, urls::USERS_INVITE).await.or_page(&ctx)? {
        return Ok(first);
    }
    let invited = match Person::from_form(&form) {
        Ok(person) => users::invite(&ctx.app, &ctx.actor, person).await,
        Err(errors) => Err(AppError::Invalid(errors)),
    };
    match invited {
        Ok(user) => {
            let text = format!("{} is invited; the mail goes to {}.", user.name, user.email);
            Ok(ctx.see_other(urls::USERS, Some(Flash::ok(text))).await)
        }
        Err(error) => again(&ctx, error, |errors| ctx.page(&page("Invite somebody"), || pages::invite(&form, errors))),
    }
}

async fn user_page(ctx: &Ctx, id: UserId) -> Result<UserPage, AppError> {
    let user = users::get(&ctx.app, id).await?;
    let sessions = users::sessions_of(&ctx.app, id).await?;
    let tokens = users::tokens_of(&ctx.app, id).await?;
    Ok(UserPage { user, sessions, tokens, zone: ctx.yard.zone })
}

async fn show(ctx: Ctx, Path(id): Path<UserId>) -> PageResult {
    let body = user_page(&ctx, id).await.or_page(&ctx)?;
    let mut form = FormData::default();
    form.set("name", body.user.name.clone());
    form.set("role", body.user.role.clone());
    Ok(ctx.page(&page(&body.user.name.clone()), || body.render(&form, FormErrors::default())))
}

async fn edit(ctx: Ctx, Path(id): Path<UserId>, Form(form): Form) -> PageResult {
    if let Some(first) = unconfirmed_post(&ctx, &urls::user(id)).await.or_page(&ctx)? {
        return Ok(first);
    }
    let edited = match form.get("role").parse() {
        Ok(role) => users::edit(&ctx.app, &ctx.actor, id, form.get("name"), role).await,
        Err(_) => Err(AppError::field("role", "Choose what this person may do.")),
    };
    match edited {
        Ok(()) => Ok(ctx.see_other(&urls::user(id), Some(Flash::ok("Saved."))).await),
        Err(error) => {
            let body = user_page(&ctx, id).await.or_page(&ctx)?;
            again(&ctx, error, |errors| ctx.page(&page(&body.user.name.clone()), || body.render(&form, errors)))
        }
    }
}

async fn send_link(ctx: Ctx, Path(id): Path<UserId>) -> PageResult {
    if let Some(first) = unconfirmed_post(&ctx, &urls::user(id)).await.or_page(&ctx)? {
        return Ok(first);
    }
    let text = match users::send_link_again(&ctx.app, &ctx.actor, id).await.or_page(&ctx)? {
        Purpose::Invitation => "The invitation goes out again; links sent before no longer work.",
        Purpose::PasswordReset => "A reset link goes out; links sent before no longer work.",
    };
    Ok(ctx.see_other(&urls::user(id), Some(Flash::ok(text))).await)
}

async fn one(ctx: &Ctx, id: UserId) -> Result<user::Model, AppError> {
    users::get(&ctx.app, id).await
}

async fn show_disable(ctx: Ctx, Path(id): Path<UserId>) -> PageResult {
    if let Some(first) = unconfirmed(&ctx, &urls::user_do(id, "disable")).await.or_page(&ctx)? {
        return Ok(first);
    }
    let user = one(&ctx, id).await.or_page(&ctx)?;
    Ok(ctx.page(&page("Disable an account"), || pages::confirm_disable(&user)))
}

async fn disable(ctx: Ctx, Path(id): Path<UserId>) -> PageResult {
    if let Some(first) = unconfirmed_post(&ctx, &urls::user_do(id, "disable")).await.or_page(&ctx)? {
        return Ok(first);
    }
    users::disable(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(ctx
        .see_other(&urls::user(id), Some(Flash::ok("The account is disabled, and its owner signed out everywhere.")))
        .await)
}

async fn enable(ctx: Ctx, Path(id): Path<UserId>) -> PageResult {
    if let Some(first) = unconfirmed_post(&ctx, &urls::user(id)).await.or_page(&ctx)? {
        return Ok(first);
    }
    users::enable(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(ctx.see_other(&urls::user(id), Some(Flash::ok("The account is enabled."))).await)
}

async fn show_second_factor(ctx: Ctx, Path(id): Path<UserId>) -> PageResult {
    if let Some(first) = unconfirmed(&ctx, &urls::user_do(id, "second-factor")).await.or_page(&ctx)? {
        return Ok(first);
    }
    let user = one(&ctx, id).await.or_page(&ctx)?;
    Ok(ctx.page(&page("Reset a second factor"), || pages::confirm_second_factor_reset(&user)))
}

async fn reset_second_factor(ctx: Ctx, Path(id): Path<UserId>) -> PageResult {
    if let Some(first) = unconfirmed_post(&ctx, &urls::user_do(id, "second-factor")).await.or_page(&ctx)? {
        return Ok(first);
    }
    users::reset_second_factor(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(ctx
        .see_other(
            &urls::user(id),
            Some(Flash::ok("The second factor is off, and a link to choose a new password is on its way.")),
        )
        .await)
}

async fn show_end_sessions(ctx: Ctx, Path(id): Path<UserId>) -> PageResult {
    let user = one(&ctx, id).await.or_page(&ctx)?;
    Ok(ctx.page(&page("Sign somebody out"), || pages::confirm_sign_out(&user)))
}

async fn end_sessions(ctx: Ctx, Path(id): Path<UserId>) -> PageResult {
    users::revoke_sessions(&ctx.app, &ctx.actor, id, None).await.or_page(&ctx)?;
    Ok(ctx.see_other(&urls::user(id), Some(Flash::ok("They are signed out everywhere."))).await)
}

async fn show_revoke_token(ctx: Ctx, Path((id, token)): Path<(UserId, ApiTokenId)>) -> PageResult {
    let token = users::token_of(&ctx.app, id, token).await.or_page(&ctx)?;
    let (action, back) = (urls::user_token_revoke(id, token.id), urls::user(id));
    Ok(ctx.page(&page("Revoke a token"), || pages::confirm_revoke(&token, action, back)))
}

async fn revoke_token(ctx: Ctx, Path((id, token)): Path<(UserId, ApiTokenId)>) -> PageResult {
    users::revoke_token(&ctx.app, &ctx.actor, id, token).await.or_page(&ctx)?;
    Ok(ctx.see_other(&urls::user(id), Some(Flash::ok("The token no longer works."))).await)
}
