//! `/cameras/sites` and `/cameras/discover`: where cameras may be, and which ones are there.

use gatehouse_app::{
    AppError,
    cameras::{
        self, SiteForm,
        pages::{self, Found, SitePage, Streams},
    },
    form::FormData,
    ids::YardSiteId,
    ui::frame::{Area, Flash, Page},
    urls,
    users::Permission::ManageCameras,
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
    let manage = Access::Needs(ManageCameras);
    vec![
        Route::get("/cameras/sites", manage, index),
        Route::get("/cameras/sites/new", manage, new),
        Route::post("/cameras/sites/new", manage, add),
        Route::get("/cameras/sites/{id}", manage, edit),
        Route::post("/cameras/sites/{id}", manage, save),
        Route::get("/cameras/sites/{id}/archive", manage, ask_archive),
        Route::post("/cameras/sites/{id}/archive", manage, archive),
        Route::get("/cameras/discover", manage, ask_discover),
        Route::post("/cameras/discover", manage, discover),
        Route::post("/cameras/discover/streams", manage, streams),
    ]
}

async fn index(ctx: Ctx, Query(query): Query<ListQuery>) -> PageResult {
    let archived = query.put_away();
    let lines = cameras::sites(&ctx.app, archived).await.or_page(&ctx)?;
    let page = Page::new("Sites", Area::Cameras).at(urls::CAMERA_SITES).wide();
    Ok(ctx.page(&page, || pages::sites(lines, archived)))
}

async fn new(ctx: Ctx) -> PageResult {
    let page = SitePage::default();
    Ok(ctx.page(&page.page(), || page.body()))
}

async fn edit(ctx: Ctx, Path(id): Path<YardSiteId>) -> PageResult {
    let site = cameras::site(ctx.app.db(), id).await.or_page(&ctx)?;
    let (form, archived) = (SiteForm::of(&site), site.archived_at.is_some());
    let page = SitePage { id: Some(id), name: site.name, archived, form, ..Default::default() };
    Ok(ctx.page(&page.page(), || page.body()))
}

async fn add(ctx: Ctx, Form(form): Form) -> PageResult {
    write(ctx, None, SiteForm::from_form(&form)).await
}

async fn save(ctx: Ctx, Path(id): Path<YardSiteId>, Form(form): Form) -> PageResult {
    write(ctx, Some(id), SiteForm::from_form(&form)).await
}

async fn write(ctx: Ctx, id: Option<YardSiteId>, form: SiteForm) -> PageResult {
    let errors = match cameras::save_site(&ctx.app, &ctx.actor, id, &form).await {
        Ok(_) => {
            let said = Flash::ok(format!("{} is saved.", form.name));
            return Ok(ctx.see_other(urls::CAMERA_SITES, Some(said)).await);
        }
        Err(AppError::Invalid(errors)) => errors,
        Err(error) => return Err(PageError::new(&ctx, error)),
    };
    let known = match id {
        Some(id) => Some(cameras::site(ctx.app.db(), id).await.or_page(&ctx)?),
        None => None,
    };
    let archived = known.as_ref().is_some_and(|site| site.archived_at.is_some());
    let name = known.map(|site| site.name).unwrap_or_default();
    let page = SitePage { id, name, archived, form, errors };
    Ok(ctx.refused(&page.page(), || page.body()))
}

async fn ask_archive(ctx: Ctx, Path(id): Path<YardSiteId>) -> PageResult {
    let site = cameras::site(ctx.app.db(), id).await.or_page(&ctx)?;
    let verb = if site.archived_at.is_none() { "Archive" } else { "Bring back" };
    let page = Page::new(format!("{verb} {}", site.name), Area::Cameras)
        .crumb("Sites", urls::CAMERA_SITES)
        .crumb(site.name.clone(), urls::camera_site(id));
    Ok(ctx.page(&page, || pages::archive_site(&site)))
}

async fn archive(ctx: Ctx, Path(id): Path<YardSiteId>, Form(form): Form) -> PageResult {
    let away = form.get("archived") != "no";
    cameras::archive_site(&ctx.app, &ctx.actor, id, away).await.or_page(&ctx)?;
    let said = if away { "The site is archived." } else { "The site is back." };
    Ok(ctx.see_other(urls::CAMERA_SITES, Some(Flash::ok(said))).await)
}

async fn found(ctx: &Ctx, form: &FormData) -> Result<Found, PageError> {
    let sites: Vec<_> = cameras::sites(&ctx.app, false).await.or_page(ctx)?.into_iter().map(|line| line.site).collect();
    let site = match form.get("site") {
        "" => sites.first().map(|site| site.id.to_string()).unwrap_or_default(),
        typed => typed.to_owned(),
    };
    Ok(Found { sites, site, ..Default::default() })
}

async fn ask_discover(ctx: Ctx) -> PageResult {
    let found = found(&ctx, &FormData::default()).await?;
    Ok(ctx.page(&Found::page(), || found.body()))
}

async fn discover(ctx: Ctx, Form(form): Form) -> PageResult {
    let mut found = found(&ctx, &form).await?;
    let Some(site) = found.sites.iter().find(|site| site.id.to_string() == form.get("site")) else {
        found.errors.add("site", "Choose a site: its list of networks says which devices may be connected to");
        return Ok(ctx.refused(&Found::page(), || found.body()));
    };
    found.devices = Some(cameras::discover(&ctx.app, &ctx.actor, site.id).await.or_page(&ctx)?);
    Ok(ctx.page(&Found::page(), || found.body()))
}

async fn streams(ctx: Ctx, Form(form): Form) -> PageResult {
    let not_found = || PageError::new(&ctx, AppError::NotFound("That site"));
    let site = form.get("site").parse::<YardSiteId>().map_err(|_| not_found())?;
    let (service, name) = (form.get("service").to_owned(), form.get("name").to_owned());
    let password = form.raw("password").unwrap_or_default();
    let profiles = cameras::profiles(&ctx.app, &ctx.actor, site, &service, form.get("user"), password).await;
    let streams = Streams { site, name, service, profiles: profiles.or_page(&ctx)? };
    Ok(ctx.page(&streams.page(), || streams.body()))
}
