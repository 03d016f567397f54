//! `/verify/{code}`: the public page behind the paper's QR code.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use gatehouse_app::{
    links::{self, pages},
    ui::frame::{Area, Page},
};

use super::{
    ServerState,
    context::Ctx,
    path::Path,
    respond::{OrPage, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/verify/{code}", Access::Public, show)]
}

async fn show(ctx: Ctx, State(state): State<ServerState>, Path(code): Path<String>) -> PageResult {
    state.verify_throttle.pass(ctx.peer, ctx.app.now()).or_page(&ctx)?;
    let found = links::verify(&ctx.app, &ctx.actor, &code).await.or_page(&ctx)?;
    let head = |title: &str| Page::new(title, Area::None).noindex();
    let mut response: Response = match found {
        Some(found) => ctx.plain_page(&head(&found.number.clone()), || pages::verified(found)),
        None => (StatusCode::NOT_FOUND, ctx.plain_page(&head("Not on record"), pages::not_on_record)).into_response(),
    };
    response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    Ok(response)
}
