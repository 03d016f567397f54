//! `/cameras`: the list, one camera, who sees it.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use gatehouse_app::{
    AppError, FormErrors, alerts,
    audit::{self, Action, Subject},
    cameras::{
        self, Pictures,
        pages::{self, List, Now, People, Shown, Tried},
    },
    ids::CameraId,
    recorders,
    ui::{
        self,
        frame::{Area, Flash, Page},
    },
    urls,
    users::Permission::{ManageCameras, ReadAudit, ReadCameras},
};

use super::{
    ServerState,
    context::Ctx,
    customers::ListQuery,
    forms::Form,
    headers::{CSP, with_media},
    live::live,
    path::{Path, Query},
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, manage) = (Access::Needs(ReadCameras), Access::Needs(ManageCameras));
    vec![
        Route::get("/cameras", read, index),
        Route::get("/cameras/events", read, events),
        Route::get("/cameras/{id}", read, show),
        Route::get("/cameras/{id}/events", read, show_events),
        Route::post("/cameras/{id}/enable", manage, enable),
        Route::post("/cameras/{id}/disable", manage, disable),
        Route::post("/cameras/{id}/test", manage, test),
        Route::get("/cameras/{id}/archive", manage, ask_archive),
        Route::post("/cameras/{id}/archive", manage, archive),
        Route::get("/cameras/{id}/grants", manage, grants),
        Route::post("/cameras/{id}/grants", manage, save_grants),
    ]
}

/// Entries of a camera's page.
const HISTORY: u64 = 30;

async fn index(ctx: Ctx, Query(query): Query<ListQuery>) -> PageResult {
    let (lines, hidden) = cameras::lines(&ctx.app, &ctx.actor, query.put_away(), Pictures::With).await.or_page(&ctx)?;
    let (archived, may_manage) = (query.put_away(), ctx.may(ManageCameras));
    let (now, zone) = (ctx.app.now(), ctx.yard.zone);
    let sees = cameras::sees(&ctx.app, &ctx.actor).await.or_page(&ctx)?;
    let alerts = alerts::count_open(&ctx.app, sees, false).await.or_page(&ctx)?;
    let list = List { lines, hidden, alerts, archived, may_manage, now, zone };
    let page = Page::new("Cameras", Area::Cameras).at(urls::CAMERAS).wide();
    Ok(with_media(&ctx.app, ctx.page(&page, || pages::list(list))))
}

async fn events(ctx: Ctx, State(state): State<ServerState>, Query(query): Query<ListQuery>) -> impl IntoResponse {
    let (app, actor, zone, archived) = (ctx.app.clone(), ctx.actor.clone(), ctx.yard.zone, query.put_away());
    live(state.stop.clone(), move || {
        let (app, actor) = (app.clone(), actor.clone());
        async move {
            let (lines, _) = cameras::lines(&app, &actor, archived, Pictures::Again).await?;
            let now = app.now();
            Ok(ui::fragment(|| pages::live(lines, now, zone)))
        }
    })
}

async fn show(ctx: Ctx, Path(id): Path<CameraId>) -> PageResult {
    camera(&ctx, id, None).await
}

/// The page of one camera, with what came of trying it out.
async fn camera(ctx: &Ctx, id: CameraId, tried: Option<Tried>) -> PageResult {
    let now = now(ctx, id, Pictures::With).await.or_page(ctx)?;
    let subject = Subject::Camera(id);
    let history = audit::about(&ctx.app, subject, &[Action::CameraPictures], HISTORY).await.or_page(ctx)?;
    let shown = Shown { now, history, tried, may_audit: ctx.may(ReadAudit) };
    Ok(with_media(&ctx.app, ctx.page(&shown.page(), || shown.body())))
}

/// How a camera is, for whoever may see it.
async fn now(ctx: &Ctx, id: CameraId, pictures: Pictures) -> gatehouse_app::Result<Now> {
    let line = cameras::line(&ctx.app, &ctx.actor, id, pictures).await?;
    let site = cameras::site(ctx.app.db(), line.camera.site_id).await?.name;
    let recorder = match line.camera.recorder_id {
        Some(id) => recorders::remote(&ctx.app).await?.into_iter().find(|row| row.id == id).map(|row| row.name),
        None => None,
    };
    let may_manage = ctx.may(ManageCameras);
    let people = match may_manage {
        true => cameras::grantees(&ctx.app, &ctx.actor, id).await?.iter().filter(|one| one.granted).count(),
        false => 0,
    };
    Ok(Now { line, site, recorder, people, may_manage, now: ctx.app.now(), zone: ctx.yard.zone })
}

async fn show_events(ctx: Ctx, State(state): State<ServerState>, Path(id): Path<CameraId>) -> PageResult {
    // What is not the camera's own state is as it was when the stream began; it is begun anew often enough.
    let begun = now(&ctx, id, Pictures::Again).await.or_page(&ctx)?;
    let (app, actor) = (ctx.app.clone(), ctx.actor.clone());
    let looks = live(state.stop.clone(), move || {
        let (app, actor, begun) = (app.clone(), actor.clone(), begun.clone());
        async move {
            let line = cameras::line(&app, &actor, id, Pictures::Again).await?;
            let now = Now { line, now: app.now(), ..begun };
            Ok(ui::fragment(|| now.body()))
        }
    });
    Ok(looks.into_response())
}

/// Lets a page show a picture that stands in it, and is kept nowhere.
pub(super) fn with_picture(mut response: Response) -> Response {
    let csp = response.headers().get(header::CONTENT_SECURITY_POLICY).and_then(|csp| csp.to_str().ok());
    let csp = csp.unwrap_or(CSP).replace("img-src 'self'", "img-src 'self' data:");
    if let Ok(csp) = HeaderValue::try_from(csp) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, csp);
    }
    response
}

async fn test(ctx: Ctx, Path(id): Path<CameraId>) -> PageResult {
    let tried = cameras::test(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(with_picture(camera(&ctx, id, Some(tried)).await?))
}

async fn enable(ctx: Ctx, Path(id): Path<CameraId>) -> PageResult {
    cameras::enable(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(ctx.see_other(&urls::camera(id), Some(Flash::ok("It is switched on, and records by its hours."))).await)
}

async fn disable(ctx: Ctx, Path(id): Path<CameraId>) -> PageResult {
    cameras::disable(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    let said = Flash::ok("It is switched off. What it recorded stays.");
    Ok(ctx.see_other(&urls::camera(id), Some(said)).await)
}

async fn ask_archive(ctx: Ctx, Path(id): Path<CameraId>) -> PageResult {
    archive_page(&ctx, id, FormErrors::new()).await
}

async fn archive_page(ctx: &Ctx, id: CameraId, errors: FormErrors) -> PageResult {
    let line = cameras::line(&ctx.app, &ctx.actor, id, Pictures::Without).await.or_page(ctx)?;
    let verb = if line.camera.archived_at.is_none() { "Archive" } else { "Bring back" };
    let page = Page::new(format!("{verb} {}", line.camera.name), Area::Cameras)
        .crumb("Cameras", urls::CAMERAS)
        .crumb(line.camera.name.clone(), urls::camera(id));
    Ok(match errors.is_empty() {
        true => ctx.page(&page, || pages::archive(&line, errors)),
        false => ctx.refused(&page, || pages::archive(&line, errors)),
    })
}

async fn archive(ctx: Ctx, Path(id): Path<CameraId>, Form(form): Form) -> PageResult {
    let away = form.get("archived") != "no";
    match cameras::archive(&ctx.app, &ctx.actor, id, away).await {
        Ok(()) => {}
        Err(AppError::Invalid(errors)) => return archive_page(&ctx, id, errors).await,
        Err(error) => return Err(PageError::new(&ctx, error)),
    }
    let said = match away {
        true => "The camera is archived. What it recorded stays for as long as it is kept.",
        false => "The camera is back, switched off.",
    };
    let to = if away { urls::CAMERAS.to_owned() } else { urls::camera(id) };
    Ok(ctx.see_other(&to, Some(Flash::ok(said))).await)
}

async fn grants(ctx: Ctx, Path(id): Path<CameraId>) -> PageResult {
    grants_page(&ctx, id, None, FormErrors::new()).await
}

async fn grants_page(ctx: &Ctx, id: CameraId, typed: Option<People>, errors: FormErrors) -> PageResult {
    let camera = cameras::visible(&ctx.app, &ctx.actor, id).await.or_page(ctx)?;
    let people = cameras::grantees(&ctx.app, &ctx.actor, id).await.or_page(ctx)?;
    let page = Page::new(format!("Who sees {}", camera.name), Area::Cameras)
        .crumb("Cameras", urls::CAMERAS)
        .crumb(camera.name.clone(), urls::camera(id));
    Ok(match errors.is_empty() {
        true => ctx.page(&page, || pages::grants(&camera, people, typed.as_ref(), errors)),
        false => ctx.refused(&page, || pages::grants(&camera, people, typed.as_ref(), errors)),
    })
}

async fn save_grants(ctx: Ctx, Path(id): Path<CameraId>, Form(form): Form) -> PageResult {
    let people = People::from_form(&form);
    let People { listed, chosen, open_to_all } = &people;
    match cameras::save_grants(&ctx.app, &ctx.actor, id, listed, chosen, *open_to_all).await {
        Ok(()) => Ok(ctx.see_other(&urls::camera(id), Some(Flash::ok("Who sees it is saved."))).await),
        Err(AppError::Invalid(errors)) => grants_page(&ctx, id, Some(people), errors).await,
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}
