//! `/find.json`: for the go-anywhere list.

use axum::{Json, response::IntoResponse};
use gatehouse_app::{anywhere, urls};
use serde::Deserialize;

use super::{
    context::Ctx,
    path::Query,
    respond::{OrPage, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(urls::FIND, Access::SignedIn, find)]
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    q: String,
}

async fn find(ctx: Ctx, Query(typed): Query<Typed>) -> PageResult {
    let hits = match ctx.role() {
        Some(role) => anywhere::find(&ctx.app, &ctx.actor, role, &typed.q).await.or_page(&ctx)?,
        None => Vec::new(),
    };
    Ok(Json(hits).into_response())
}
