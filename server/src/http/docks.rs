//! `/docks`: where trucks are loaded, and which cameras see it.

use std::collections::HashSet;

use gatehouse_app::{
    AppError, FormErrors,
    cameras::{self, Pictures},
    docks::{
        self, DockForm,
        pages::{self, DockPage},
    },
    ids::DockId,
    ui::frame::{Area, Flash, Page},
    urls,
    users::Permission::{ManageCameras, ReadCameras},
};

use super::{
    context::Ctx,
    customers::ListQuery,
    forms::Form,
    path::{Path, Query},
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, manage) = (Access::Needs(ReadCameras), Access::Needs(ManageCameras));
    vec![
        Route::get("/docks", read, index),
        Route::get("/docks/new", manage, new),
        Route::post("/docks/new", manage, add),
        Route::get("/docks/{id}", manage, edit),
        Route::post("/docks/{id}", manage, save),
        Route::get("/docks/{id}/archive", manage, ask_archive),
        Route::post("/docks/{id}/archive", manage, archive),
    ]
}

async fn index(ctx: Ctx, Query(query): Query<ListQuery>) -> PageResult {
    let archived = query.put_away();
    let lines = docks::docks(&ctx.app, &ctx.actor, archived).await.or_page(&ctx)?;
    let may_manage = ctx.may(ManageCameras);
    let page = Page::new("Docks", Area::Cameras).at(urls::DOCKS);
    Ok(ctx.page(&page, || pages::list(lines, archived, may_manage)))
}

/// The form with what there is to choose from: cameras in use, and those that the dock has.
async fn form(
    ctx: &Ctx,
    id: Option<DockId>,
    typed: Option<DockForm>,
    errors: FormErrors,
) -> Result<DockPage, PageError> {
    let line = match id {
        Some(id) => Some(docks::dock(&ctx.app, &ctx.actor, id).await.or_page(ctx)?),
        None => None,
    };
    let sites: Vec<_> = cameras::sites(&ctx.app, false).await.or_page(ctx)?.into_iter().map(|line| line.site).collect();
    let (lines, _) = cameras::lines(&ctx.app, &ctx.actor, false, Pictures::Without).await.or_page(ctx)?;
    let mut cameras: Vec<_> = lines.into_iter().map(|line| line.camera).collect();
    let in_use: HashSet<_> = cameras.iter().map(|camera| camera.id).collect();
    cameras.extend(line.iter().flat_map(|line| &line.cameras).filter(|camera| !in_use.contains(&camera.id)).cloned());
    let form = match (typed, &line) {
        (Some(typed), _) => typed,
        (None, Some(line)) => DockForm::of(line),
        (None, None) => {
            let only = if let [only] = &sites[..] { only.id.to_string() } else { String::new() };
            DockForm { site: only, ..DockForm::default() }
        }
    };
    let dock = line.map(|line| line.dock);
    let archived = dock.as_ref().is_some_and(|dock| dock.archived_at.is_some());
    let name = dock.map(|dock| dock.name).unwrap_or_default();
    Ok(DockPage { id, name, archived, form, errors, sites, cameras })
}

async fn new(ctx: Ctx) -> PageResult {
    let page = form(&ctx, None, None, FormErrors::new()).await?;
    Ok(ctx.page(&page.page(), || page.body()))
}

async fn edit(ctx: Ctx, Path(id): Path<DockId>) -> PageResult {
    let page = form(&ctx, Some(id), None, FormErrors::new()).await?;
    Ok(ctx.page(&page.page(), || page.body()))
}

async fn add(ctx: Ctx, Form(form): Form) -> PageResult {
    write(ctx, None, DockForm::from_form(&form)).await
}

async fn save(ctx: Ctx, Path(id): Path<DockId>, Form(form): Form) -> PageResult {
    write(ctx, Some(id), DockForm::from_form(&form)).await
}

async fn write(ctx: Ctx, id: Option<DockId>, typed: DockForm) -> PageResult {
    let errors = match docks::save(&ctx.app, &ctx.actor, id, &typed).await {
        Ok(_) => {
            let said = Flash::ok(format!("{} is saved.", typed.name));
            return Ok(ctx.see_other(urls::DOCKS, Some(said)).await);
        }
        Err(AppError::Invalid(errors)) => errors,
        Err(error) => return Err(PageError::new(&ctx, error)),
    };
    let page = form(&ctx, id, Some(typed), errors).await?;
    Ok(ctx.refused(&page.page(), || page.body()))
}

async fn ask_archive(ctx: Ctx, Path(id): Path<DockId>) -> PageResult {
    let dock = docks::dock(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?.dock;
    let verb = if dock.archived_at.is_none() { "Archive" } else { "Bring back" };
    let page = Page::new(format!("{verb} {}", dock.name), Area::Cameras)
        .crumb("Docks", urls::DOCKS)
        .crumb(dock.name.clone(), urls::dock(id));
    Ok(ctx.page(&page, || pages::archive(&dock)))
}

async fn archive(ctx: Ctx, Path(id): Path<DockId>, Form(form): Form) -> PageResult {
    let away = form.get("archived") != "no";
    docks::archive(&ctx.app, &ctx.actor, id, away).await.or_page(&ctx)?;
    let said = if away { "The dock is archived." } else { "The dock is back." };
    Ok(ctx.see_other(urls::DOCKS, Some(Flash::ok(said))).await)
}
