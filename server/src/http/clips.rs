//! `/clips`: footage that is cut out and kept as evidence.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use gatehouse_app::{
    AppError, FormErrors,
    audit::Subject,
    bols::find as bills,
    cameras::{self, Pictures},
    clips::{
        self, ClipForm, ClipKey, What,
        pages::{self, NewClip, ShowClip},
    },
    docks,
    form::FormData,
    ids::ClipId,
    objects,
    paging::Place,
    ui::{
        self,
        frame::{Area, Flash, Page},
    },
    urls,
    users::Permission::{ExportFootage, ManageStorage, ManageYard, ReadAudit, ReadCameras},
};
use serde::Deserialize;

use super::{
    ServerState,
    context::Ctx,
    forms::{Form, refused},
    headers::{with_media, with_saving},
    live::live,
    path::{Path, Query},
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, export) = (Access::Needs(ReadCameras), Access::Needs(ExportFootage));
    let (erasing, holding) = (Access::Needs(ManageStorage), Access::Needs(ManageYard));
    vec![
        Route::get("/clips", read, index),
        Route::get("/clips/new", export, new),
        Route::post("/clips/new", export, make),
        Route::get("/clips/{id}", read, show),
        Route::get("/clips/{id}/events", read, events),
        Route::get("/clips/{id}/{n}", read, play),
        Route::post("/clips/{id}/download", read, download),
        Route::get("/clips/{id}/manifest.json", read, manifest),
        Route::get("/clips/{id}/custody.json", read, custody),
        Route::post("/clips/{id}/retry", export, retry),
        Route::get("/clips/{id}/erase", erasing, ask_erase),
        Route::post("/clips/{id}/erase", erasing, erase),
        Route::get("/clips/{id}/hold", holding, ask_hold),
        Route::post("/clips/{id}/hold", holding, hold),
        Route::post("/clips/{id}/hold/release", holding, release),
    ]
}

/// Clips on one page of the list.
const PAGE: usize = 50;
/// Entries of a clip's history that its page shows; the audit log has all.
const HISTORY: u64 = 100;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cursors {
    after: Option<String>,
    before: Option<String>,
}

async fn index(ctx: Ctx, Query(cursors): Query<Cursors>) -> PageResult {
    let place = Place::<ClipKey>::of(cursors.after.as_deref(), cursors.before.as_deref());
    let clips = clips::list(&ctx.app, &ctx.actor, &place, PAGE).await.or_page(&ctx)?;
    let (may_export, zone) = (ctx.may(ExportFootage), ctx.yard.zone);
    let page = Page::new("Clips", Area::Cameras).at(urls::CLIPS).wide();
    Ok(ctx.page(&page, || pages::list(clips, may_export, zone)))
}

async fn form(ctx: &Ctx, form: ClipForm, errors: FormErrors, key: String) -> Result<NewClip, PageError> {
    let (lines, _) = cameras::lines(&ctx.app, &ctx.actor, false, Pictures::Without).await.or_page(ctx)?;
    let mut cameras: Vec<_> = lines.into_iter().map(|line| (line.camera.slug, line.camera.name)).collect();
    // Of one that was put away there is footage still.
    for camera in cameras::chosen(&ctx.app, &ctx.actor, &form.cameras.join(",")).await.or_page(ctx)? {
        if !cameras.iter().any(|(slug, _)| *slug == camera.slug) {
            cameras.push((camera.slug, camera.name));
        }
    }
    Ok(NewClip { form, errors, cameras, key, zone: ctx.yard.zone, now: ctx.app.now() })
}

async fn new(ctx: Ctx, Query(query): Query<Vec<(String, String)>>) -> PageResult {
    let mut asked = ClipForm::from_form(&FormData::new(query));
    if !asked.bol.is_empty() && asked.title.is_empty() {
        asked.title = proposed(&ctx, &asked.bol).await?;
    }
    let key = ctx.app.id::<ClipId>().to_string();
    let form = form(&ctx, asked, FormErrors::new(), key).await?;
    Ok(ctx.page(&NewClip::page(), || form.body()))
}

/// `Loading of PRT-2026-0042 at Dock 2`
async fn proposed(ctx: &Ctx, bol: &str) -> Result<String, PageError> {
    let Some(bill) = bills::numbered(ctx.app.db(), bol).await.or_page(ctx)? else { return Ok(String::new()) };
    let number = bill.number.unwrap_or_default();
    Ok(match docks::loading(&ctx.app, bill.id).await.or_page(ctx)? {
        Some(loaded) => format!("Loading of {number} at {}", loaded.dock_name),
        None => format!("Footage of {number}"),
    })
}

async fn make(ctx: Ctx, Form(typed): Form) -> PageResult {
    let asked = ClipForm::from_form(&typed);
    let errors = match clips::ask_once(&ctx.app, &ctx.actor, typed.get("key"), &asked, ctx.yard.zone).await {
        Ok(id) => {
            let said = Flash::ok("The clip is being made.");
            return Ok(ctx.see_other(&urls::clip(id), Some(said)).await);
        }
        Err(AppError::Invalid(errors)) => errors,
        Err(error) => return Err(PageError::new(&ctx, error)),
    };
    let (errors, key) = refused(&ctx, &typed, errors, "make this clip");
    let form = form(&ctx, asked, errors, key).await?;
    Ok(ctx.refused(&NewClip::page(), || form.body()))
}

async fn show(ctx: Ctx, Path(id): Path<ClipId>) -> PageResult {
    let shown = clips::show(&ctx.app, &ctx.actor, id, true).await.or_page(&ctx)?;
    let page = ShowClip {
        history: clips::history(&ctx.app, id, HISTORY).await.or_page(&ctx)?,
        hold: objects::holds_of(ctx.app.db(), Subject::Clip(id)).await.or_page(&ctx)?,
        shown,
        zone: ctx.yard.zone,
        may_export: ctx.may(ExportFootage),
        may_erase: ctx.may(ManageStorage),
        may_hold: ctx.may(ManageYard),
        may_audit: ctx.may(ReadAudit),
    };
    Ok(with_saving(&ctx.app, ctx.page(&page.page(), || page.body())))
}

async fn events(ctx: Ctx, State(state): State<ServerState>, Path(id): Path<ClipId>) -> PageResult {
    clips::visible(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    let (app, actor, may_export) = (ctx.app.clone(), ctx.actor.clone(), ctx.may(ExportFootage));
    let events = live(state.stop.clone(), move || {
        let (app, actor) = (app.clone(), actor.clone());
        async move {
            let clip = clips::visible(&app, &actor, id).await?;
            Ok(ui::fragment(|| pages::live(&clip, may_export)))
        }
    });
    Ok(events.into_response())
}

async fn play(ctx: Ctx, Path((id, n)): Path<(ClipId, String)>) -> PageResult {
    let number = n.parse().map_err(|_| PageError::new(&ctx, AppError::NotFound("This file")))?;
    let (shown, part, url) = clips::play(&ctx.app, &ctx.actor, id, number).await.or_page(&ctx)?;
    let (page, body) = pages::play(shown, part, url.into(), ctx.yard.zone);
    Ok(with_saving(&ctx.app, with_media(&ctx.app, ctx.page(&page, || body))))
}

async fn download(ctx: Ctx, Path(id): Path<ClipId>, Form(form): Form) -> PageResult {
    let what = match form.get("file") {
        "" => What::All,
        n => What::File(n.parse().map_err(|_| PageError::new(&ctx, AppError::NotFound("This file")))?),
    };
    let url = clips::download(&ctx.app, &ctx.actor, id, what).await.or_page(&ctx)?;
    let mut response = ctx.see_other(url.as_str(), None).await;
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

fn saved(name: &str, text: String) -> Response {
    let disposition = HeaderValue::from_str(&objects::attachment(name));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], text).into_response()
}

async fn manifest(ctx: Ctx, Path(id): Path<ClipId>) -> PageResult {
    let text = clips::manifest(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(saved(&format!("{id}.manifest.json"), text))
}

async fn custody(ctx: Ctx, Path(id): Path<ClipId>) -> PageResult {
    let text = clips::custody(&ctx.app, &ctx.actor, id, ctx.may(ReadAudit)).await.or_page(&ctx)?;
    Ok(saved(&format!("{id}.custody.json"), text))
}

async fn retry(ctx: Ctx, Path(id): Path<ClipId>) -> PageResult {
    clips::retry(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(ctx.see_other(&urls::clip(id), Some(Flash::ok("It is tried again."))).await)
}

fn confirming(what: &str, title: &str, id: ClipId) -> Page {
    Page::new(format!("{what} {title}"), Area::Cameras).crumb("Clips", urls::CLIPS).crumb(title, urls::clip(id))
}

async fn ask_erase(ctx: Ctx, Path(id): Path<ClipId>) -> PageResult {
    let clip = clips::visible(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(ctx.page(&confirming("Erase", &clip.title, id), || pages::erase(&clip, "", FormErrors::new())))
}

async fn erase(ctx: Ctx, Path(id): Path<ClipId>, Form(form): Form) -> PageResult {
    match clips::erase(&ctx.app, &ctx.actor, id, form.get("reason")).await {
        Ok(()) => Ok(ctx.see_other(&urls::clip(id), Some(Flash::ok("The clip is erased."))).await),
        Err(AppError::Invalid(errors)) => {
            let clip = clips::visible(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
            let page = confirming("Erase", &clip.title, id);
            Ok(ctx.refused(&page, || pages::erase(&clip, form.get("reason"), errors)))
        }
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}

async fn ask_hold(ctx: Ctx, Path(id): Path<ClipId>) -> PageResult {
    holding(&ctx, id, "", FormErrors::new()).await
}

/// Which of the two it is, is told by whether a hold lies on it.
async fn holding(ctx: &Ctx, id: ClipId, typed: &str, errors: FormErrors) -> PageResult {
    let clip = clips::visible(&ctx.app, &ctx.actor, id).await.or_page(ctx)?;
    let held = objects::holds_of(ctx.app.db(), Subject::Clip(id)).await.or_page(ctx)?;
    let (page, refused) = (confirming("Legal hold on", &clip.title, id), !errors.is_empty());
    let body = || match &held {
        Some(held) => leptos::prelude::IntoAny::into_any(pages::release(&clip, held, typed, errors)),
        None => leptos::prelude::IntoAny::into_any(pages::hold(&clip, typed, errors)),
    };
    Ok(if refused { ctx.refused(&page, body) } else { ctx.page(&page, body) })
}

async fn hold(ctx: Ctx, Path(id): Path<ClipId>, Form(form): Form) -> PageResult {
    clips::visible(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    let outcome = objects::hold(&ctx.app, &ctx.actor, Subject::Clip(id), form.get("reason")).await;
    held(&ctx, id, form.get("reason"), outcome, "It is on legal hold.").await
}

async fn release(ctx: Ctx, Path(id): Path<ClipId>, Form(form): Form) -> PageResult {
    clips::visible(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    let outcome = objects::release(&ctx.app, &ctx.actor, Subject::Clip(id), form.get("reason")).await;
    held(&ctx, id, form.get("reason"), outcome, "The hold is released.").await
}

async fn held(
    ctx: &Ctx,
    id: ClipId,
    typed: &str,
    outcome: gatehouse_app::Result<()>,
    done: &'static str,
) -> PageResult {
    match outcome {
        Ok(()) => Ok(ctx.see_other(&urls::clip(id), Some(Flash::ok(done))).await),
        Err(AppError::Invalid(errors)) => holding(ctx, id, typed, errors).await,
        Err(error) => Err(PageError::new(ctx, error)),
    }
}
