//! Signing in and out.

use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use axum_login::AuthSession;
use gatehouse_app::{
    FormErrors,
    audit::{Action, Subject},
    form::FormData,
    ui::prelude::*,
    urls,
};
use serde::Deserialize;
use serde_json::json;

use super::{
    context::Ctx,
    forms::Form,
    respond::{OrPage, PageResult},
    route::{Access, Route},
};
use crate::auth::{Backend, Credentials};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(urls::SIGN_IN, Access::Public, show),
        Route::post(urls::SIGN_IN, Access::Public, sign_in),
        Route::post(urls::SIGN_OUT, Access::SignedIn, sign_out),
    ]
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn show(ctx: Ctx, Query(Next { next }): Query<Next>) -> Response {
    let mut form = FormData::default();
    form.set("next", next);
    ctx.plain_page(&page(), || body(form, FormErrors::new()))
}

async fn sign_in(ctx: Ctx, mut auth: AuthSession<Backend>, Form(form): Form) -> PageResult {
    let credentials = Credentials {
        email: form.get("email").to_lowercase(),
        password: form.raw("password").unwrap_or_default().into(),
    };
    let user = auth.authenticate(credentials).await.map_err(anyhow::Error::new).or_page(&ctx)?;
    let mut tx = ctx.app.begin().await.or_page(&ctx)?;
    let Some(user) = user else {
        tx.audit(&ctx.actor, Action::SignInFailed, Subject::Yard, json!({}));
        tx.commit().await.or_page(&ctx)?;
        let mut errors = FormErrors::new();
        errors.add("email", "The email address or the password is wrong. Check both and try again.");
        return Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, ctx.plain_page(&page(), || body(form, errors)))
            .into_response());
    };
    tx.audit(&ctx.actor, Action::SignedIn, Subject::User(user.id), json!({}));
    tx.commit().await.or_page(&ctx)?;
    auth.login(&user).await.map_err(anyhow::Error::new).or_page(&ctx)?;
    Ok(ctx.see_other(own_path(form.get("next")), None).await)
}

async fn sign_out(ctx: Ctx, mut auth: AuthSession<Backend>) -> PageResult {
    auth.logout().await.map_err(anyhow::Error::new).or_page(&ctx)?;
    let mut tx = ctx.app.begin().await.or_page(&ctx)?;
    tx.audit(
        &ctx.actor,
        Action::SignedOut,
        ctx.user.as_ref().map_or(Subject::Yard, |user| Subject::User(user.id)),
        json!({}),
    );
    tx.commit().await.or_page(&ctx)?;
    Ok(ctx.see_other(urls::SIGN_IN, None).await)
}

/// Where to go after signing in: only to a page of ours, whatever the query says.
fn own_path(next: &str) -> &str {
    let own =
        next.starts_with('/') && !next.starts_with("//") && !next.starts_with("/\\") && !next.contains(['\n', '\r']);
    if own { next } else { urls::TODAY }
}

fn page() -> Page {
    Page::new("Sign in", Area::None).noindex()
}

fn body(form: FormData, errors: FormErrors) -> impl IntoView {
    let email = errors.field("email", form.get("email"));
    let next = form.get("next").to_owned();
    view! {
        <div class="narrow">
            <ErrorSummary errors/>
            <h1>"Sign in"</h1>
            <PostForm action=urls::SIGN_IN>
                <Hidden name="next" value=next/>
                <TextField field=email label="Email" kind=Input::Email autocomplete="username"/>
                <TextField field=FieldState::new("password", "") label="Password" kind=Input::Password autocomplete="current-password"/>
                <div class="buttons"><Button label="Sign in"/></div>
            </PostForm>
        </div>
    }
}
