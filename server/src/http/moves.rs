//! Moves between storages: the page, its live events, a new one.

use axum::{extract::State, response::IntoResponse};
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
    live::live,
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

fn page() -> Page {
    Page::new("Moves", Area::Yard).at(urls::MOVES).crumb("Storage", urls::STORAGE).wide()
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
    let (app, zone) = (ctx.app.clone(), ctx.yard.zone);
    live(state.stop.clone(), move || {
        let app = app.clone();
        async move {
            let found = moves::latest(&app, SHOWN).await?;
            Ok(ui::fragment(|| list::live(found, zone)))
        }
    })
}
