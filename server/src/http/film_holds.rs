//! `/recordings/holds`: film that is kept whatever its age.

use gatehouse_app::{
    AppError, FormErrors, cameras,
    form::FormData,
    ids::FilmHoldId,
    paging::Place,
    recordings::{
        self, HoldForm, HoldKey,
        pages::{self, Holds, NewHold},
    },
    ui::frame::{Area, Flash, Page},
    urls,
    users::Permission::{ManageYard, ReadCameras},
};
use serde::Deserialize;

use super::{
    context::Ctx,
    forms::{Form, refused},
    path::{Path, Query},
    recordings::picks,
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, holding) = (Access::Needs(ReadCameras), Access::Needs(ManageYard));
    vec![
        Route::get(urls::FILM_HOLDS, read, index),
        Route::get(urls::FILM_HOLD_NEW, holding, new),
        Route::post(urls::FILM_HOLD_NEW, holding, hold),
        Route::get("/recordings/holds/{id}/release", holding, ask_release),
        Route::post("/recordings/holds/{id}/release", holding, release),
    ]
}

/// Holds on one page of the list.
const PAGE: usize = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cursors {
    after: Option<String>,
    before: Option<String>,
}

async fn index(ctx: Ctx, Query(cursors): Query<Cursors>) -> PageResult {
    let place = Place::<HoldKey>::of(cursors.after.as_deref(), cursors.before.as_deref());
    let lines = recordings::holds(&ctx.app, &ctx.actor, &place, PAGE).await.or_page(&ctx)?;
    let holds = Holds { lines, may_hold: ctx.may(ManageYard), now: ctx.app.now(), zone: ctx.yard.zone };
    Ok(ctx.page(&Holds::page(), || holds.body()))
}

async fn form(ctx: &Ctx, form: HoldForm, errors: FormErrors, key: String) -> Result<NewHold, PageError> {
    let chosen = cameras::chosen(&ctx.app, &ctx.actor, &form.cameras.join(",")).await.or_page(ctx)?;
    let picks = picks(&ctx.app, &ctx.actor, &chosen).await.or_page(ctx)?;
    Ok(NewHold { form, errors, picks, key, zone: ctx.yard.zone, now: ctx.app.now() })
}

async fn new(ctx: Ctx, Query(query): Query<Vec<(String, String)>>) -> PageResult {
    let asked = HoldForm::from_form(&FormData::new(query));
    let key = ctx.app.id::<FilmHoldId>().to_string();
    let form = form(&ctx, asked, FormErrors::new(), key).await?;
    Ok(ctx.page(&NewHold::page(), || form.body()))
}

async fn hold(ctx: Ctx, Form(typed): Form) -> PageResult {
    let asked = HoldForm::from_form(&typed);
    let errors = match recordings::hold_once(&ctx.app, &ctx.actor, typed.get("key"), &asked, ctx.yard.zone).await {
        Ok(_) => return Ok(ctx.see_other(urls::FILM_HOLDS, Some(Flash::ok("This film is kept."))).await),
        Err(AppError::Invalid(errors)) => errors,
        Err(error) => return Err(PageError::new(&ctx, error)),
    };
    let (errors, key) = refused(&ctx, &typed, errors, "keep this film");
    let form = form(&ctx, asked, errors, key).await?;
    Ok(ctx.refused(&NewHold::page(), || form.body()))
}

fn releasing() -> Page {
    Page::new("Release film", Area::Cameras)
        .crumb("Recordings", urls::RECORDINGS)
        .crumb("Film that is kept", urls::FILM_HOLDS)
}

async fn ask_release(ctx: Ctx, Path(id): Path<FilmHoldId>) -> PageResult {
    let line = recordings::seen_hold(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(ctx.page(&releasing(), || pages::release(line, "", FormErrors::new(), ctx.yard.zone)))
}

async fn release(ctx: Ctx, Path(id): Path<FilmHoldId>, Form(form): Form) -> PageResult {
    match recordings::release(&ctx.app, &ctx.actor, id, form.get("reason")).await {
        Ok(()) => Ok(ctx.see_other(urls::FILM_HOLDS, Some(Flash::ok("The film is released."))).await),
        Err(AppError::Invalid(errors)) => {
            let line = recordings::seen_hold(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
            Ok(ctx.refused(&releasing(), || pages::release(line, form.get("reason"), errors, ctx.yard.zone)))
        }
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}
