//! The doctor's page.

use axum::extract::State;
use gatehouse_app::{
    doctor::pages::show,
    ui::frame::{Area, Flash, Page},
    urls,
    users::Permission,
};

use super::{
    ServerState,
    context::Ctx,
    respond::PageResult,
    route::{Access, Route},
};
use crate::doctor;

pub(super) fn routes() -> Vec<Route> {
    let manage = Access::Needs(Permission::ManageYard);
    vec![Route::get(urls::STORAGE_DOCTOR, manage, show), Route::post(urls::STORAGE_DOCTOR, manage, look)]
}

async fn show(ctx: Ctx, State(state): State<ServerState>) -> PageResult {
    let (report, looking) = state.practice.last();
    let data = show::DoctorPage {
        settings: doctor::settings(&ctx.config),
        report,
        looking,
        may_look: ctx.may(Permission::ManageYard),
        zone: ctx.yard.zone,
    };
    let page = Page::new("Doctor", Area::Yard).at(urls::STORAGE_DOCTOR).wide();
    Ok(ctx.page(&page, || show::page(data)))
}

async fn look(ctx: Ctx, State(state): State<ServerState>) -> PageResult {
    state.practice.look(state.config.clone());
    let flash = Flash::ok("The doctor is looking. What is found will stand here.");
    Ok(ctx.see_other(urls::STORAGE_DOCTOR, Some(flash)).await)
}
