//! `/releases`.

use gatehouse_app::{
    AppError,
    customers::{
        self, PAGE,
        model::customer,
        pages::releases::{ReleaseForm, close as confirm, list},
        releases::{self, ReleaseInput},
    },
    ids::{CustomerId, ReleaseId},
    ui::frame::{Area, Flash, Page},
    urls,
    users::Permission::{ReadPaper, WriteCustomers},
};
use sea_orm::EntityTrait;

use super::{
    context::Ctx,
    customers::ListQuery,
    forms::Form,
    path::{Path, Query},
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

/// How many customers the form offers.
const CHOICES: u64 = 5000;

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Access::Needs(ReadPaper), Access::Needs(WriteCustomers));
    vec![
        Route::get("/releases", read, index),
        Route::post("/releases", write, add),
        Route::get("/releases/new", write, new),
        Route::get("/releases/{id}", read, show),
        Route::post("/releases/{id}", write, save),
        Route::get("/releases/{id}/close", write, ask_close),
        Route::post("/releases/{id}/close", write, close),
    ]
}

async fn index(ctx: Ctx, Query(query): Query<ListQuery>) -> PageResult {
    let closed = query.put_away();
    let slice = releases::list(&ctx.app, &query.q, closed, &query.place(), PAGE).await.or_page(&ctx)?;
    let may_write = ctx.may(WriteCustomers);
    let page = Page::new("Releases", Area::Paper).at(urls::RELEASES).wide();
    Ok(ctx.page(&page, || list(slice, query.q, closed, may_write)))
}

async fn form(ctx: &Ctx, id: Option<ReleaseId>) -> Result<ReleaseForm, PageError> {
    let known = match id {
        Some(id) => Some(releases::release(ctx.app.db(), id).await.or_page(ctx)?),
        None => None,
    };
    let may_write = ctx.may(WriteCustomers);
    let customers = if may_write { customers::choices(ctx.app.db(), CHOICES).await.or_page(ctx)? } else { Vec::new() };
    let input = known
        .as_ref()
        .map_or_else(|| ReleaseInput { unit: "short_ton".into(), ..Default::default() }, releases::Release::input);
    Ok(ReleaseForm { known, input, customers, may_write, ..Default::default() })
}

async fn new(ctx: Ctx) -> PageResult {
    let form = form(&ctx, None).await?;
    Ok(ctx.page(&form.page(), || form.body()))
}

async fn show(ctx: Ctx, Path(id): Path<ReleaseId>) -> PageResult {
    let form = form(&ctx, Some(id)).await?;
    Ok(ctx.page(&form.page(), || form.body()))
}

async fn add(ctx: Ctx, Form(form): Form) -> PageResult {
    write(ctx, None, ReleaseInput::from_form(&form)).await
}

async fn save(ctx: Ctx, Path(id): Path<ReleaseId>, Form(form): Form) -> PageResult {
    write(ctx, Some(id), ReleaseInput::from_form(&form)).await
}

async fn write(ctx: Ctx, id: Option<ReleaseId>, input: ReleaseInput) -> PageResult {
    let errors = match releases::save(&ctx.app, &ctx.actor, id, &input).await {
        Ok(id) => return Ok(ctx.see_other(&urls::release(id), Some(Flash::ok("The release is saved."))).await),
        Err(AppError::Invalid(errors)) => errors,
        Err(error) => return Err(PageError::new(&ctx, error)),
    };
    let twin = releases::numbered(ctx.app.db(), &input.number).await.or_page(&ctx)?.filter(|twin| Some(twin.id) != id);
    let mut form = ReleaseForm { input, errors, twin, ..form(&ctx, id).await? };
    // Found while typing, beyond those on offer.
    if let Ok(chosen) = form.input.customer.parse::<CustomerId>()
        && form.customers.iter().all(|row| row.id != chosen)
    {
        form.customers.extend(customer::Entity::find_by_id(chosen).one(ctx.app.db()).await.or_page(&ctx)?);
    }
    Ok(ctx.refused(&form.page(), || form.body()))
}

async fn ask_close(ctx: Ctx, Path(id): Path<ReleaseId>) -> PageResult {
    let release = releases::release(ctx.app.db(), id).await.or_page(&ctx)?;
    let verb = if release.row.closed_at.is_none() { "Close" } else { "Open" };
    let name = format!("release {}", release.row.number);
    let page = Page::new(format!("{verb} {name}"), Area::Paper)
        .crumb("Releases", urls::RELEASES)
        .crumb(release.row.number.clone(), urls::release(id));
    Ok(ctx.page(&page, || confirm(&release)))
}

async fn close(ctx: Ctx, Path(id): Path<ReleaseId>, Form(form): Form) -> PageResult {
    let closed = form.get("closed") != "no";
    releases::close(&ctx.app, &ctx.actor, id, closed).await.or_page(&ctx)?;
    let text =
        if closed { "The release is closed: nothing more is drawn on it." } else { "The release is open again." };
    Ok(ctx.see_other(&urls::release(id), Some(Flash::ok(text))).await)
}
