//! `/bols/{id}/loading`: where and when a bill was loaded.

use gatehouse_app::{
    AppError, FormErrors,
    bols::find,
    docks::{self, LoadingForm, pages::LoadingPage},
    ids::BolId,
    ui::frame::Flash,
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

const WRITE: Access = Access::Needs(Permission::WritePaper);

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/bols/{id}/loading", WRITE, ask), Route::post("/bols/{id}/loading", WRITE, set)]
}

async fn page(ctx: &Ctx, id: BolId, typed: Option<LoadingForm>, errors: FormErrors) -> Result<LoadingPage, PageError> {
    let bill = find::current(ctx.app.db(), id).await.or_page(ctx)?;
    let known = docks::loading(&ctx.app, id).await.or_page(ctx)?;
    let mut docks = docks::in_use(&ctx.app).await.or_page(ctx)?;
    // One that was put away since stays what it is.
    if let Some(known) = known.as_ref().filter(|known| !docks.iter().any(|(id, _)| *id == known.dock)) {
        docks.push((known.dock, known.dock_name.clone()));
    }
    let (zone, now) = (ctx.yard.zone, ctx.app.now());
    let proposal = || docks::proposed(&bill.content, &docks, now, zone);
    let (form, proposed) = match (typed, &known) {
        (Some(typed), _) => (typed, false),
        (None, Some(known)) => (LoadingForm::of(known, zone), false),
        (None, None) => {
            let form = proposal();
            let proposed = !form.from.is_empty();
            (form, proposed)
        }
    };
    Ok(LoadingPage { bill: bill.bol, docks, form, errors, known: known.is_some(), proposed, zone, now })
}

async fn ask(ctx: Ctx, Path(id): Path<String>) -> PageResult {
    let id = bol_id(&ctx, &id)?;
    let page = page(&ctx, id, None, FormErrors::new()).await?;
    Ok(ctx.page(&page.page(), || page.body()))
}

async fn set(ctx: Ctx, Path(id): Path<String>, Form(form): Form) -> PageResult {
    let id = bol_id(&ctx, &id)?;
    let typed = LoadingForm::from_form(&form);
    let remove = form.has("remove");
    let wanted = (!remove).then_some(&typed);
    match docks::set(&ctx.app, &ctx.actor, id, wanted, ctx.yard.zone).await {
        Ok(()) => {
            let said = if remove { "The loading is taken away." } else { "The loading is noted." };
            Ok(ctx.see_other(&urls::bol(id), Some(Flash::ok(said))).await)
        }
        Err(AppError::Invalid(errors)) => {
            let page = page(&ctx, id, Some(typed), errors).await?;
            Ok(ctx.refused(&page.page(), || page.body()))
        }
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}
