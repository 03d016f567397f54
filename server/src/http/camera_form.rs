//! Adding a camera, changing one, trying it out before either.

use axum::response::Response;
use gatehouse_app::{
    AppError, FormErrors,
    cameras::{
        self, CameraForm,
        model::camera,
        pages::{CameraPage, Tried},
    },
    ids::CameraId,
    recorders,
    ui::frame::Flash,
    urls,
    users::Permission::ManageCameras,
};

use serde::Deserialize;

use super::{
    cameras::with_picture,
    context::Ctx,
    forms::Form,
    path::{Path, Query},
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let manage = Access::Needs(ManageCameras);
    vec![
        Route::get("/cameras/new", manage, new),
        Route::post("/cameras/new", manage, add),
        Route::post("/cameras/test", manage, try_out),
        Route::get("/cameras/{id}/edit", manage, edit),
        Route::post("/cameras/{id}/edit", manage, save),
    ]
}

/// The form with what the page needs besides; `known` is the camera that is edited.
async fn page(ctx: &Ctx, known: Option<camera::Model>, form: CameraForm) -> Result<CameraPage, PageError> {
    let sites = cameras::sites(&ctx.app, false).await.or_page(ctx)?;
    let recorders = recorders::remote(&ctx.app).await.or_page(ctx)?;
    let (id, name) = known.map_or((None, String::new()), |camera| (Some(camera.id), camera.name));
    Ok(CameraPage {
        id,
        name,
        form: form.carrying(&ctx.app, &ctx.actor),
        sites: sites.into_iter().map(|line| line.site).collect(),
        recorders: recorders.into_iter().map(|row| (row.id, row.name)).collect(),
        ..Default::default()
    })
}

/// What discovery found is filled in, and nothing else: a link chooses nothing for somebody.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Found {
    name: String,
    site: String,
    url: String,
    onvif: String,
}

async fn new(ctx: Ctx, Query(found): Query<Found>) -> PageResult {
    let Found { name, site, url, onvif } = found;
    let form = CameraForm { name, site, url, onvif, ..CameraForm::default() };
    let mut page = page(&ctx, None, form).await?;
    if let ([only], "") = (page.sites.as_slice(), page.form.site.as_str()) {
        page.form.site = only.id.to_string();
    }
    Ok(ctx.page(&page.page(), || page.body()))
}

async fn add(ctx: Ctx, Form(form): Form) -> PageResult {
    let form = CameraForm::from_form(&form);
    match cameras::add(&ctx.app, &ctx.actor, &form).await {
        Ok(id) => {
            let said = Flash::ok(format!("{} is added, and records from now on.", form.name));
            Ok(ctx.see_other(&urls::camera(id), Some(said)).await)
        }
        Err(error) => refused(&ctx, None, form, error).await,
    }
}

async fn edit(ctx: Ctx, Path(id): Path<CameraId>) -> PageResult {
    let camera = cameras::visible(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    let form = CameraForm::of(&camera);
    let page = page(&ctx, Some(camera), form).await?;
    Ok(ctx.page(&page.page(), || page.body()))
}

async fn save(ctx: Ctx, Path(id): Path<CameraId>, Form(form): Form) -> PageResult {
    let form = CameraForm::from_form(&form);
    match cameras::edit(&ctx.app, &ctx.actor, id, &form).await {
        Ok(()) => Ok(ctx.see_other(&urls::camera(id), Some(Flash::ok(format!("{} is saved.", form.name)))).await),
        Err(error) => refused(&ctx, Some(id), form, error).await,
    }
}

async fn try_out(ctx: Ctx, Form(form): Form) -> PageResult {
    let id = form.get("camera").parse::<CameraId>().ok();
    let form = CameraForm::from_form(&form);
    match cameras::try_out(&ctx.app, &ctx.actor, id, &form).await {
        Ok(tried) => shown(&ctx, id, form, Some(tried), FormErrors::new()).await,
        Err(error) => refused(&ctx, id, form, error).await,
    }
}

async fn refused(ctx: &Ctx, id: Option<CameraId>, form: CameraForm, error: AppError) -> PageResult {
    match error {
        AppError::Invalid(errors) => shown(ctx, id, form, None, errors).await,
        error => Err(PageError::new(ctx, error)),
    }
}

async fn shown(
    ctx: &Ctx,
    id: Option<CameraId>,
    form: CameraForm,
    tried: Option<Tried>,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let known = match id {
        Some(id) => Some(cameras::visible(&ctx.app, &ctx.actor, id).await.or_page(ctx)?),
        None => None,
    };
    let mut page = page(ctx, known, form).await?;
    (page.tried, page.errors) = (tried, errors);
    Ok(match page.errors.is_empty() {
        true => with_picture(ctx.page(&page.page(), || page.body())),
        false => ctx.refused(&page.page(), || page.body()),
    })
}
