//! `/recorders`: what records, and tokens for those on other sites.

use axum::{extract::State, response::IntoResponse};
use gatehouse_app::{
    AppError, FormErrors,
    audit::{self, Action, Subject},
    cameras,
    ids::RecorderId,
    recorders::{
        self, Line, RecorderForm,
        pages::{self, RecorderPage},
    },
    ui::{
        self,
        frame::{Area, Flash, Page},
    },
    urls,
    users::Permission::{ManageCameras, ReadCameras},
};

use super::{
    ServerState,
    context::Ctx,
    forms::Form,
    live::live,
    path::Path,
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, manage) = (Access::Needs(ReadCameras), Access::Needs(ManageCameras));
    vec![
        Route::get("/recorders", read, index),
        Route::get("/recorders/events", read, events),
        Route::get("/recorders/new", manage, new),
        Route::post("/recorders/new", manage, add),
        Route::get("/recorders/{id}", read, show),
        Route::get("/recorders/{id}/events", read, show_events),
        Route::get("/recorders/{id}/revoke", manage, ask_revoke),
        Route::post("/recorders/{id}/revoke", manage, revoke),
    ]
}

/// Entries of a recorder's page.
const HISTORY: u64 = 30;

async fn index(ctx: Ctx) -> PageResult {
    let lines = recorders::lines(&ctx.app).await.or_page(&ctx)?;
    let (may_manage, now, zone) = (ctx.may(ManageCameras), ctx.app.now(), ctx.yard.zone);
    let page = Page::new("Recorders", Area::Cameras).at(urls::RECORDERS).wide();
    Ok(ctx.page(&page, || pages::list(lines, may_manage, now, zone)))
}

async fn events(ctx: Ctx, State(state): State<ServerState>) -> impl IntoResponse {
    let (app, zone) = (ctx.app.clone(), ctx.yard.zone);
    live(state.stop.clone(), move || {
        let app = app.clone();
        async move {
            let lines = recorders::lines(&app).await?;
            let now = app.now();
            Ok(ui::fragment(|| pages::live(lines, now, zone)))
        }
    })
}

async fn form(ctx: &Ctx, form: RecorderForm, errors: FormErrors) -> Result<RecorderPage, PageError> {
    let sites = cameras::sites(&ctx.app, false).await.or_page(ctx)?;
    Ok(RecorderPage { form, errors, sites: sites.into_iter().map(|line| line.site).collect() })
}

async fn new(ctx: Ctx) -> PageResult {
    let body = form(&ctx, RecorderForm::default(), FormErrors::new()).await?;
    Ok(ctx.page(&RecorderPage::page(), || body.body()))
}

async fn add(ctx: Ctx, Form(typed): Form) -> PageResult {
    let typed = RecorderForm::from_form(&typed);
    match recorders::create(&ctx.app, &ctx.actor, &typed).await {
        Ok((row, token)) => {
            let page =
                Page::new(format!("The token of {}", row.name), Area::Cameras).crumb("Recorders", urls::RECORDERS);
            let hub = ctx.app.base_url.to_string();
            Ok(ctx.page(&page, || pages::token(&row, token, &hub)))
        }
        Err(AppError::Invalid(errors)) => {
            let body = form(&ctx, typed, errors).await?;
            Ok(ctx.refused(&RecorderPage::page(), || body.body()))
        }
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}

async fn line(ctx: &Ctx, id: RecorderId) -> Result<Line, PageError> {
    let lines = recorders::lines(&ctx.app).await.or_page(ctx)?;
    let found = lines.into_iter().find(|line| line.recorder.id == id);
    found.ok_or_else(|| PageError::new(ctx, AppError::NotFound("That recorder")))
}

async fn show(ctx: Ctx, Path(id): Path<RecorderId>) -> PageResult {
    let line = line(&ctx, id).await?;
    let subject = Subject::Recorder(id);
    let history = audit::about(&ctx.app, subject, &[Action::RecorderGivenCameras], HISTORY).await.or_page(&ctx)?;
    let cameras = recorders::recorded(&ctx.app, &ctx.actor, &line.recorder).await.or_page(&ctx)?;
    let lost = recorders::lost_of(&ctx.app, &ctx.actor, &line.recorder).await.or_page(&ctx)?;
    let (may_manage, now, zone) = (ctx.may(ManageCameras), ctx.app.now(), ctx.yard.zone);
    let page = Page::new(line.recorder.name.clone(), Area::Cameras).crumb("Recorders", urls::RECORDERS);
    Ok(ctx.page(&page, || pages::show(line, cameras, lost, history, may_manage, now, zone)))
}

async fn show_events(ctx: Ctx, State(state): State<ServerState>, Path(id): Path<RecorderId>) -> PageResult {
    line(&ctx, id).await?;
    let (app, actor, zone) = (ctx.app.clone(), ctx.actor.clone(), ctx.yard.zone);
    let looks = live(state.stop.clone(), move || {
        let (app, actor) = (app.clone(), actor.clone());
        async move {
            let lines = recorders::lines(&app).await?;
            let line = lines.into_iter().find(|line| line.recorder.id == id);
            let line = line.ok_or(AppError::NotFound("That recorder"))?;
            let cameras = recorders::recorded(&app, &actor, &line.recorder).await?;
            let (lost, now) = (recorders::lost_of(&app, &actor, &line.recorder).await?, app.now());
            Ok(ui::fragment(|| pages::state_of(line, cameras, lost, now, zone)))
        }
    });
    Ok(looks.into_response())
}

async fn ask_revoke(ctx: Ctx, Path(id): Path<RecorderId>) -> PageResult {
    let row = recorders::recorder(&ctx.app, id).await.or_page(&ctx)?;
    let page = Page::new(format!("Revoke {}", row.name), Area::Cameras)
        .crumb("Recorders", urls::RECORDERS)
        .crumb(row.name.clone(), urls::recorder(id));
    Ok(ctx.page(&page, || pages::revoke(&row)))
}

async fn revoke(ctx: Ctx, Path(id): Path<RecorderId>) -> PageResult {
    recorders::revoke(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(ctx.see_other(urls::RECORDERS, Some(Flash::ok("The recorder is revoked: its token works no more."))).await)
}
