//! One's own second factor.

use axum::http::HeaderMap;
use axum_login::AuthSession;
use gatehouse_app::{
    AppError, FormErrors,
    ui::frame::Flash,
    urls,
    users::{
        self,
        model::user,
        pages::{self, SecondFactorPage},
    },
};

use super::{
    account::{own_id, own_row, page, unconfirmed, unconfirmed_post},
    context::Ctx,
    forms::Form,
    passwords::{again, typed},
    respond::{OrPage, PageResult},
    route::{Access, Route},
    session::{mark, origin},
};
use crate::auth::{self, Backend};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(urls::SECOND_FACTOR, Access::SignedIn, show),
        Route::post(urls::SECOND_FACTOR, Access::SignedIn, begin),
        Route::post(urls::SECOND_FACTOR_CONFIRM, Access::SignedIn, confirm),
        Route::get(urls::SECOND_FACTOR_OFF, Access::SignedIn, show_off),
        Route::post(urls::SECOND_FACTOR_OFF, Access::SignedIn, turn_off),
        Route::get(urls::RECOVERY_CODES, Access::SignedIn, show_renew_codes),
        Route::post(urls::RECOVERY_CODES, Access::SignedIn, renew_codes),
    ]
}

async fn state(ctx: &Ctx, user: &user::Model) -> Result<SecondFactorPage, AppError> {
    Ok(match (user.totp_since, users::enrolment(&ctx.app, user, &ctx.yard.name)?) {
        (Some(since), _) => {
            SecondFactorPage::On { since, codes_left: users::recovery_codes_left(&ctx.app, user.id).await? }
        }
        (None, Some(enrolment)) => SecondFactorPage::Pending(enrolment),
        (None, None) => SecondFactorPage::Off,
    })
}

async fn show(ctx: Ctx) -> PageResult {
    if let Some(first) = unconfirmed(&ctx, urls::SECOND_FACTOR).await.or_page(&ctx)? {
        return Ok(first);
    }
    let user = own_row(&ctx).await.or_page(&ctx)?;
    let body = state(&ctx, &user).await.or_page(&ctx)?;
    let required = ctx.lacks_second_factor();
    Ok(ctx.page(&page("Second factor"), || body.render(ctx.yard.zone, required, FormErrors::default())))
}

async fn begin(ctx: Ctx) -> PageResult {
    if let Some(first) = unconfirmed_post(&ctx, urls::SECOND_FACTOR).await.or_page(&ctx)? {
        return Ok(first);
    }
    users::begin_second_factor(&ctx.app, own_id(&ctx).or_page(&ctx)?).await.or_page(&ctx)?;
    Ok(ctx.see_other(urls::SECOND_FACTOR, None).await)
}

async fn confirm(ctx: Ctx, mut auth: AuthSession<Backend>, headers: HeaderMap, Form(form): Form) -> PageResult {
    if let Some(first) = unconfirmed_post(&ctx, urls::SECOND_FACTOR).await.or_page(&ctx)? {
        return Ok(first);
    }
    let user = own_row(&ctx).await.or_page(&ctx)?;
    match users::confirm_second_factor(&ctx.app, &ctx.actor, user.id, form.get("code")).await {
        Ok(codes) => {
            let row = own_row(&ctx).await.or_page(&ctx)?;
            auth::stay(&mut auth, &row, origin(&ctx, &headers)).await.or_page(&ctx)?;
            let mut response = ctx.page(&page("Your recovery codes"), || pages::recovery_codes(&codes, true));
            mark(&ctx, &row, &mut response);
            Ok(response)
        }
        Err(error) => {
            let body = state(&ctx, &user).await.or_page(&ctx)?;
            let required = ctx.lacks_second_factor();
            again(&ctx, error, |errors| {
                ctx.page(&page("Second factor"), || body.render(ctx.yard.zone, required, errors))
            })
        }
    }
}

async fn show_renew_codes(ctx: Ctx) -> PageResult {
    if let Some(first) = unconfirmed(&ctx, urls::RECOVERY_CODES).await.or_page(&ctx)? {
        return Ok(first);
    }
    Ok(ctx.page(&page("Make new recovery codes?"), pages::confirm_new_codes))
}

async fn renew_codes(ctx: Ctx) -> PageResult {
    if let Some(first) = unconfirmed_post(&ctx, urls::RECOVERY_CODES).await.or_page(&ctx)? {
        return Ok(first);
    }
    let codes = users::renew_recovery_codes(&ctx.app, &ctx.actor, own_id(&ctx).or_page(&ctx)?).await.or_page(&ctx)?;
    Ok(ctx.page(&page("Your recovery codes"), || pages::recovery_codes(&codes, false)))
}

async fn show_off(ctx: Ctx) -> PageResult {
    if let Some(first) = unconfirmed(&ctx, urls::SECOND_FACTOR_OFF).await.or_page(&ctx)? {
        return Ok(first);
    }
    Ok(ctx.page(&page("Turn off your second factor?"), || pages::turn_off(FormErrors::default())))
}

async fn turn_off(ctx: Ctx, mut auth: AuthSession<Backend>, headers: HeaderMap, Form(form): Form) -> PageResult {
    if let Some(first) = unconfirmed_post(&ctx, urls::SECOND_FACTOR_OFF).await.or_page(&ctx)? {
        return Ok(first);
    }
    match users::turn_off_second_factor(&ctx.app, &ctx.actor, own_id(&ctx).or_page(&ctx)?, typed(&form, "password"))
        .await
    {
        Ok(()) => {
            let row = own_row(&ctx).await.or_page(&ctx)?;
            auth::stay(&mut auth, &row, origin(&ctx, &headers)).await.or_page(&ctx)?;
            let mut response = ctx.see_other(urls::ACCOUNT, Some(Flash::ok("Your second factor is off."))).await;
            mark(&ctx, &row, &mut response);
            Ok(response)
        }
        Err(error) => {
            again(&ctx, error, |errors| ctx.page(&page("Turn off your second factor?"), || pages::turn_off(errors)))
        }
    }
}
