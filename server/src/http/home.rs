//! The first page.

use axum::response::Response;
use gatehouse_app::ui::frame::{Area, Page, PageHead};
use leptos::prelude::*;

use super::{
    context::Ctx,
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/", Access::SignedIn, today)]
}

async fn today(ctx: Ctx) -> Response {
    ctx.page(&Page::new("Today", Area::Today).at("/"), || view! { <PageHead title="Today"/> })
}
