//! Choosing a password by a link: set-up, invitation, reset. GET shows a page and changes nothing; mail scanners follow links.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use gatehouse_app::{
    AppError, FormErrors,
    form::FormData,
    ui::frame::{Area, Flash, Page},
    urls,
    users::{
        self, Person, Purpose,
        model::user,
        pages::{self, Chooser},
    },
};

use super::{
    context::Ctx,
    forms::Form,
    path::Path,
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/setup/{token}", Access::Public, show_setup),
        Route::post("/setup/{token}", Access::Public, set_up),
        Route::get("/invitation/{token}", Access::Public, show_invitation),
        Route::post("/invitation/{token}", Access::Public, take_invitation),
        Route::get("/reset/{token}", Access::Public, show_reset),
        Route::post("/reset/{token}", Access::Public, reset),
        Route::get(urls::FORGOTTEN, Access::Public, show_forgotten),
        Route::post(urls::FORGOTTEN, Access::Public, forgotten),
    ]
}

fn page(title: &str) -> Page {
    Page::new(title, Area::None).noindex()
}

async fn show_setup(ctx: Ctx, Path(token): Path<String>) -> PageResult {
    users::check_setup(&ctx.app, &token).await.or_page(&ctx)?;
    Ok(ctx.plain_page(&page("Set up Gatehouse"), || pages::set_up(&token, &FormData::default(), FormErrors::default())))
}

async fn set_up(ctx: Ctx, Path(token): Path<String>, Form(mut form): Form) -> PageResult {
    users::check_setup(&ctx.app, &token).await.or_page(&ctx)?;
    form.set("role", "admin");
    let made = match Person::from_form(&form) {
        Ok(person) => users::create_first_admin(&ctx.app, &ctx.actor, &token, person, typed(&form, "password")).await,
        Err(errors) => Err(AppError::Invalid(errors)),
    };
    match made {
        Ok(_) => Ok(ctx.see_other(urls::SIGN_IN, Some(Flash::ok("Your account is made. Sign in with it."))).await),
        Err(error) => again(&ctx, error, |errors| {
            ctx.plain_page(&page("Set up Gatehouse"), || pages::set_up(&token, &form, errors))
        }),
    }
}

async fn show_invitation(ctx: Ctx, Path(token): Path<String>) -> PageResult {
    show(&ctx, Purpose::Invitation, &token).await
}

async fn take_invitation(ctx: Ctx, Path(token): Path<String>, Form(form): Form) -> PageResult {
    choose(&ctx, Purpose::Invitation, &token, &form).await
}

async fn show_reset(ctx: Ctx, Path(token): Path<String>) -> PageResult {
    show(&ctx, Purpose::PasswordReset, &token).await
}

async fn reset(ctx: Ctx, Path(token): Path<String>, Form(form): Form) -> PageResult {
    choose(&ctx, Purpose::PasswordReset, &token, &form).await
}

async fn show(ctx: &Ctx, purpose: Purpose, token: &str) -> PageResult {
    let user = users::holder_of(&ctx.app, purpose, token).await.or_page(ctx)?;
    let chooser = chooser(ctx, purpose, token, &user);
    Ok(ctx.plain_page(&page(&chooser.title.clone()), || pages::choose_password(chooser, FormErrors::default())))
}

async fn choose(ctx: &Ctx, purpose: Purpose, token: &str, form: &FormData) -> PageResult {
    let user = users::holder_of(&ctx.app, purpose, token).await.or_page(ctx)?;
    let password = typed(form, "password");
    match users::set_by_link(&ctx.app, &ctx.actor, purpose, token, password, form.get("code")).await {
        Ok(()) => Ok(ctx.see_other(urls::SIGN_IN, Some(Flash::ok("Your password is saved. Sign in with it."))).await),
        Err(error) => again(ctx, error, |errors| {
            let chooser = chooser(ctx, purpose, token, &user);
            ctx.plain_page(&page(&chooser.title.clone()), || pages::choose_password(chooser, errors))
        }),
    }
}

fn chooser(ctx: &Ctx, purpose: Purpose, token: &str, user: &user::Model) -> Chooser {
    let yard = &ctx.yard.name;
    let (title, intro, action) = match purpose {
        Purpose::Invitation => (
            format!("Welcome to {yard}"),
            format!("Hello {}. Choose the password for your account, {}.", user.name, user.email),
            urls::invitation(token),
        ),
        Purpose::PasswordReset => (
            "Choose a new password".into(),
            format!("For the account {}. You are signed out everywhere when it is saved.", user.email),
            urls::reset(token),
        ),
    };
    Chooser { title, intro, action, email: user.email.clone(), second_factor: user.totp_since.is_some() }
}

async fn show_forgotten(ctx: Ctx) -> Response {
    ctx.plain_page(&page("Choose a new password"), || pages::forgotten(&FormData::default(), FormErrors::default()))
}

async fn forgotten(ctx: Ctx, Form(form): Form) -> PageResult {
    if let Err(message) = users::check_email(form.get("email")) {
        let error = AppError::field("email", message);
        return again(&ctx, error, |errors| {
            ctx.plain_page(&page("Choose a new password"), || pages::forgotten(&form, errors))
        });
    }
    users::ask_for_reset(&ctx.app, &ctx.actor, form.get("email")).await.or_page(&ctx)?;
    Ok(ctx.plain_page(&page("Look in your mailbox"), pages::forgotten_sent))
}

/// A password exactly as typed.
pub(super) fn typed(form: &FormData, name: &str) -> String {
    form.raw(name).unwrap_or_default().to_owned()
}

/// The same page with what needs mending, 422; any other error as its own page.
pub(super) fn again(ctx: &Ctx, error: AppError, page: impl FnOnce(FormErrors) -> Response) -> PageResult {
    match error {
        AppError::Invalid(errors) => Ok((StatusCode::UNPROCESSABLE_ENTITY, page(errors)).into_response()),
        error => Err(PageError::new(ctx, error)),
    }
}
