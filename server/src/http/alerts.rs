//! `/alerts`: what is wrong with cameras and recorders, and whom it reaches.

use axum::{extract::State, response::IntoResponse};
use gatehouse_app::{
    AppError, FormErrors,
    alerts::{
        self, Filter, TargetForm,
        pages::{self, Shown, TargetPage},
    },
    cameras,
    ids::{AlertId, AlertTargetId},
    paging::Place,
    ui::{
        self,
        frame::{Area, Flash, Page},
    },
    urls,
    users::Permission::{ManageYard, ReadCameras},
};
use serde::Deserialize;

use super::{
    ServerState,
    context::Ctx,
    forms::Form,
    live::live,
    path::{Path, Query},
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, manage) = (Access::Needs(ReadCameras), Access::Needs(ManageYard));
    vec![
        Route::get("/alerts", read, index),
        Route::get("/alerts/events", read, events),
        Route::post("/alerts/{id}/seen", read, seen),
        Route::get("/alerts/targets", manage, targets),
        Route::post("/alerts/targets", manage, add),
        Route::get("/alerts/targets/{id}", manage, show),
        Route::post("/alerts/targets/{id}", manage, save),
        Route::post("/alerts/targets/{id}/try", manage, try_out),
        Route::get("/alerts/targets/{id}/remove", manage, ask_remove),
        Route::post("/alerts/targets/{id}/remove", manage, remove),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AlertQuery {
    show: String,
    after: Option<String>,
    before: Option<String>,
}

impl AlertQuery {
    fn filter(&self) -> Filter {
        Filter { all: self.show == "all" }
    }
}

async fn index(ctx: Ctx, Query(query): Query<AlertQuery>) -> PageResult {
    let sees = cameras::sees(&ctx.app, &ctx.actor).await.or_page(&ctx)?;
    let filter = query.filter();
    let place = Place::of(query.after.as_deref(), query.before.as_deref());
    let lines = alerts::lines(&ctx.app, sees, filter, place).await.or_page(&ctx)?;
    let (may_manage, now, zone) = (ctx.may(ManageYard), ctx.app.now(), ctx.yard.zone);
    let page = Page::new("Alerts", Area::Cameras).at(urls::ALERTS).wide();
    Ok(ctx.page(&page, || Shown { lines, filter, may_manage, now, zone }.body()))
}

async fn events(ctx: Ctx, State(state): State<ServerState>, Query(query): Query<AlertQuery>) -> impl IntoResponse {
    let (app, actor, zone, filter) = (ctx.app.clone(), ctx.actor.clone(), ctx.yard.zone, query.filter());
    live(state.stop.clone(), move || {
        let (app, actor) = (app.clone(), actor.clone());
        async move {
            let sees = cameras::sees(&app, &actor).await?;
            let lines = alerts::lines(&app, sees, filter, Place::Start).await?;
            let now = app.now();
            Ok(ui::fragment(|| pages::live(lines.rows, filter.all, now, zone)))
        }
    })
}

async fn seen(ctx: Ctx, Path(id): Path<AlertId>) -> PageResult {
    alerts::seen(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    let said = Flash::ok("Noted that you know of it. It closes by itself when its cause is gone.");
    Ok(ctx.see_other(urls::ALERTS, Some(said)).await)
}

async fn targets(ctx: Ctx) -> PageResult {
    list(&ctx, TargetForm::default(), FormErrors::new()).await
}

async fn list(ctx: &Ctx, form: TargetForm, errors: FormErrors) -> PageResult {
    let rows = alerts::targets(&ctx.app).await.or_page(ctx)?;
    let refused = !errors.is_empty();
    let form = TargetPage { form, errors, ..TargetPage::default() };
    let (page, zone) = (form.page(), ctx.yard.zone);
    let body = || pages::targets(rows, form, zone);
    Ok(if refused { ctx.refused(&page, body) } else { ctx.page(&page, body) })
}

async fn add(ctx: Ctx, Form(form): Form) -> PageResult {
    let form = TargetForm::from_form(&form);
    match alerts::save(&ctx.app, &ctx.actor, None, &form).await {
        Ok((id, key)) => saved(&ctx, id, key).await,
        Err(AppError::Invalid(errors)) => list(&ctx, form, errors).await,
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}

async fn show(ctx: Ctx, Path(id): Path<AlertTargetId>) -> PageResult {
    let row = alerts::target(&ctx.app, id).await.or_page(&ctx)?;
    let form = TargetForm::of(&row);
    let page = TargetPage { id: Some(id), address: row.address, form, ..TargetPage::default() };
    Ok(ctx.page(&page.page(), || page.body()))
}

async fn save(ctx: Ctx, Path(id): Path<AlertTargetId>, Form(form): Form) -> PageResult {
    let row = alerts::target(&ctx.app, id).await.or_page(&ctx)?;
    let form = TargetForm { kind: row.kind, ..TargetForm::from_form(&form) };
    match alerts::save(&ctx.app, &ctx.actor, Some(id), &form).await {
        Ok((id, key)) => saved(&ctx, id, key).await,
        Err(AppError::Invalid(errors)) => {
            let page = TargetPage { id: Some(id), address: row.address, form, errors };
            Ok(ctx.refused(&page.page(), || page.body()))
        }
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}

/// With a key, the page that shows it this once.
async fn saved(ctx: &Ctx, id: AlertTargetId, key: Option<String>) -> PageResult {
    let row = alerts::target(&ctx.app, id).await.or_page(ctx)?;
    let Some(key) = key else {
        let said = Flash::ok(format!("{} is saved.", row.address));
        return Ok(ctx.see_other(urls::ALERT_TARGETS, Some(said)).await);
    };
    let page = Page::new(format!("The key of {}", row.address), Area::Cameras)
        .crumb("Alerts", urls::ALERTS)
        .crumb("Whom they reach", urls::ALERT_TARGETS);
    Ok(ctx.page(&page, || pages::key(&row.address, key)))
}

async fn try_out(ctx: Ctx, Path(id): Path<AlertTargetId>) -> PageResult {
    let said = match alerts::try_out(&ctx.app, &ctx.actor, id).await.or_page(&ctx)? {
        Ok(said) => Flash::ok(said),
        Err(said) => Flash::bad(said),
    };
    Ok(ctx.see_other(urls::ALERT_TARGETS, Some(said)).await)
}

async fn ask_remove(ctx: Ctx, Path(id): Path<AlertTargetId>) -> PageResult {
    let row = alerts::target(&ctx.app, id).await.or_page(&ctx)?;
    let page = Page::new(format!("Remove {}", row.address), Area::Cameras)
        .crumb("Alerts", urls::ALERTS)
        .crumb("Whom they reach", urls::ALERT_TARGETS);
    Ok(ctx.page(&page, || pages::remove(&row)))
}

async fn remove(ctx: Ctx, Path(id): Path<AlertTargetId>) -> PageResult {
    alerts::remove(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(ctx.see_other(urls::ALERT_TARGETS, Some(Flash::ok("It is told of no alert any more."))).await)
}
