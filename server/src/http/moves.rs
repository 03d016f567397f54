//! Moves between storages: the page, its live events, a new one.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{StreamExt, stream};
use gatehouse_app::{
    AppError, FormErrors,
    moves::{self, MoveForm, pages::list},
    ui::{
        self,
        frame::{Area, Flash, Page},
    },
    urls,
    users::Permission,
};

use super::{
    ServerState,
    context::Ctx,
    forms::Form,
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, manage) = (Access::Needs(Permission::ReadJobs), Access::Needs(Permission::ManageYard));
    vec![
        Route::get("/storage/moves", read, show),
        Route::get("/storage/moves/events", read, events),
        Route::post("/storage/moves", manage, begin),
    ]
}

/// Moves on the page.
const SHOWN: u64 = 50;
/// How often the page is brought up to date; a stream ends after so many looks and the browser asks again, so that nobody goes on watching
/// after their session has ended.
const EVERY: Duration = Duration::from_secs(1);
const AT_MOST: u32 = 30;

fn page() -> Page {
    Page::new("Moves", Area::Yard).at(urls::MOVES).wide()
}

fn stores(ctx: &Ctx) -> Vec<String> {
    ctx.app.ports.plane.stores().map(|store| store.backend().to_owned()).collect()
}

async fn show(ctx: Ctx) -> PageResult {
    let found = moves::latest(&ctx.app, SHOWN).await.or_page(&ctx)?;
    let form = ctx.may(Permission::ManageYard).then(MoveForm::default);
    let (stores, zone) = (stores(&ctx), ctx.yard.zone);
    Ok(ctx.page(&page(), || list::page(found, stores, form, FormErrors::default(), zone)))
}

async fn begin(ctx: Ctx, Form(data): Form) -> PageResult {
    let form = MoveForm::new(&data);
    match moves::ask(&ctx.app, &ctx.actor, &form).await {
        Ok(_) => Ok(ctx.see_other(urls::MOVES, Some(Flash::ok("The objects are on their way."))).await),
        Err(AppError::Invalid(errors)) => {
            let found = moves::latest(&ctx.app, SHOWN).await.or_page(&ctx)?;
            let (stores, zone) = (stores(&ctx), ctx.yard.zone);
            Ok(ctx.refused(&page(), || list::page(found, stores, Some(form), errors, zone)))
        }
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}

async fn events(ctx: Ctx, State(state): State<ServerState>) -> impl IntoResponse {
    let watching = (ctx, String::new(), 0);
    Sse::new(stream::unfold(watching, next).take_until(state.stop.clone().cancelled_owned()))
        .keep_alive(KeepAlive::default())
}

/// Waits until what the page shows has changed, then sends all of it.
async fn next(
    (ctx, mut sent, mut looks): (Ctx, String, u32),
) -> Option<(Result<Event, Infallible>, (Ctx, String, u32))> {
    while looks < AT_MOST {
        if looks > 0 {
            tokio::time::sleep(EVERY).await;
        }
        looks += 1;
        let found = match moves::latest(&ctx.app, SHOWN).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "moves could not be read for a live page");
                continue;
            }
        };
        let zone = ctx.yard.zone;
        let html = ui::fragment(|| list::live(found, zone));
        if html != sent {
            sent.clone_from(&html);
            return Some((Ok(Event::default().event("live").data(html)), (ctx, sent, looks)));
        }
    }
    None
}
