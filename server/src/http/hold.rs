//! The legal hold on a bill of lading.

use gatehouse_app::{
    AppError, FormErrors,
    audit::Subject,
    bols::{find, model::bol, pages},
    objects,
    ui::prelude::*,
    urls,
    users::Permission,
};

use super::{
    bols::bol_id,
    context::Ctx,
    forms::Form,
    path::Path,
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

const ADMIN: Access = Access::Needs(Permission::ManageYard);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/bols/{id}/hold", ADMIN, ask),
        Route::post("/bols/{id}/hold", ADMIN, hold),
        Route::post("/bols/{id}/hold/release", ADMIN, release),
    ]
}

async fn ask(ctx: Ctx, Path(id): Path<String>) -> PageResult {
    let bol = find::find(ctx.app.db(), bol_id(&ctx, &id)?).await.or_page(&ctx)?;
    form(&ctx, &bol, "", FormErrors::new()).await
}

/// Which of the two it is, is told by whether a hold lies on it.
async fn form(ctx: &Ctx, bol: &bol::Model, typed: &str, errors: FormErrors) -> PageResult {
    let held = objects::holds_of(ctx.app.db(), Subject::Bol(bol.id)).await.or_page(ctx)?;
    let name = pages::name_of(bol);
    let page = Page::new(format!("Legal hold on {name}"), Area::Paper)
        .crumb("Bills of lading", urls::BOLS)
        .crumb(name, urls::bol(bol.id));
    let refused = !errors.is_empty();
    let body = || match &held {
        Some(held) => pages::confirm::release(bol, held, typed, errors).into_any(),
        None => pages::confirm::hold(bol, typed, errors).into_any(),
    };
    Ok(if refused { ctx.refused(&page, body) } else { ctx.page(&page, body) })
}

async fn hold(ctx: Ctx, Path(id): Path<String>, Form(form): Form) -> PageResult {
    let bol = find::find(ctx.app.db(), bol_id(&ctx, &id)?).await.or_page(&ctx)?;
    let outcome = objects::hold(&ctx.app, &ctx.actor, Subject::Bol(bol.id), form.get("reason")).await;
    answer(&ctx, &bol, form.get("reason"), outcome, "It is on legal hold.").await
}

async fn release(ctx: Ctx, Path(id): Path<String>, Form(form): Form) -> PageResult {
    let bol = find::find(ctx.app.db(), bol_id(&ctx, &id)?).await.or_page(&ctx)?;
    let outcome = objects::release(&ctx.app, &ctx.actor, Subject::Bol(bol.id), form.get("reason")).await;
    answer(&ctx, &bol, form.get("reason"), outcome, "The hold is released.").await
}

async fn answer(
    ctx: &Ctx,
    bol: &bol::Model,
    typed: &str,
    outcome: gatehouse_app::Result<()>,
    done: &'static str,
) -> PageResult {
    match outcome {
        Ok(()) => Ok(ctx.see_other(&urls::bol(bol.id), Some(Flash::ok(done))).await),
        Err(AppError::Invalid(errors)) => form(ctx, bol, typed, errors).await,
        Err(error) => Err(PageError::new(ctx, error)),
    }
}
