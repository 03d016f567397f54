//! What a field to type in finds in the address book beyond the entries that its page brought along.

use axum::{
    Json,
    http::header,
    response::{IntoResponse, Response},
};
use gatehouse_app::{bols::book, ui::input::Choice, urls, users::Permission::ReadCustomers};
use serde::Deserialize;
use serde_json::json;

use super::{
    context::Ctx,
    path::Query,
    respond::{OrPage, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Needs(ReadCustomers);
    vec![
        Route::get(urls::CHOICES_CUSTOMERS, read, customers),
        Route::get(urls::CHOICES_SITES, read, sites),
        Route::get(urls::CHOICES_CARRIERS, read, carriers),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    q: String,
}

async fn customers(ctx: Ctx, Query(typed): Query<Typed>) -> PageResult {
    Ok(answer(book::find_customers(&ctx.app, &typed.q).await.or_page(&ctx)?))
}

async fn sites(ctx: Ctx, Query(typed): Query<Typed>) -> PageResult {
    Ok(answer(book::find_sites(&ctx.app, &typed.q).await.or_page(&ctx)?))
}

async fn carriers(ctx: Ctx, Query(typed): Query<Typed>) -> PageResult {
    Ok(answer(book::find_carriers(&ctx.app, &typed.q).await.or_page(&ctx)?))
}

fn answer(choices: Vec<Choice>) -> Response {
    let choices: Vec<_> =
        choices.into_iter().map(|choice| json!({ "value": choice.value, "label": choice.label })).collect();
    ([(header::CACHE_CONTROL, "no-store")], Json(choices)).into_response()
}
