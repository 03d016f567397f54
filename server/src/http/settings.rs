//! The yard's settings.

use axum::extract::State;
use gatehouse_app::{
    AppError, FormErrors,
    evidence::Signer,
    ui::frame::{Area, Flash, Page},
    urls,
    users::Permission,
    yard::{self, Yard, YardForm, pages},
};

use super::{
    ServerState,
    context::Ctx,
    forms::Form,
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let manage = Access::Needs(Permission::ManageYard);
    vec![Route::get("/settings", manage, show), Route::post("/settings", manage, save)]
}

fn page() -> Page {
    Page::new("Settings", Area::Yard).at(urls::SETTINGS)
}

/// The id of the key that clips are signed with.
fn key(ctx: &Ctx) -> String {
    Signer::of(&ctx.app.secrets).key_id()
}

async fn show(ctx: Ctx) -> PageResult {
    // Not those of a second ago: what is shown here is saved again.
    let form = YardForm::of(&Yard::load(ctx.app.db()).await.or_page(&ctx)?);
    Ok(ctx.page(&page(), || pages::settings::page(form, FormErrors::default(), key(&ctx))))
}

async fn save(ctx: Ctx, State(state): State<ServerState>, Form(data): Form) -> PageResult {
    let form = YardForm::new(&data);
    match yard::edit(&ctx.app, &ctx.actor, &form).await {
        Ok(_) => {
            state.yard_changed();
            Ok(ctx.see_other(urls::SETTINGS, Some(Flash::ok("The settings are saved and in force."))).await)
        }
        Err(AppError::Invalid(errors)) => Ok(ctx.refused(&page(), || pages::settings::page(form, errors, key(&ctx)))),
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}
