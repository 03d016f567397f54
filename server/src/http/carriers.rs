//! `/carriers`.

use gatehouse_app::{
    AppError,
    customers::{
        PAGE,
        carriers::{self, CarrierInput},
        pages::carriers::{CarrierForm, archive as confirm, list},
    },
    ids::CarrierId,
    ui::frame::{Area, Flash, Page},
    urls,
    users::Permission::{ReadCustomers, WriteCustomers},
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
    let (read, write) = (Access::Needs(ReadCustomers), Access::Needs(WriteCustomers));
    vec![
        Route::get("/carriers", read, index),
        Route::post("/carriers", write, add),
        Route::get("/carriers/new", write, new),
        Route::get("/carriers/{id}", write, edit),
        Route::post("/carriers/{id}", write, save),
        Route::get("/carriers/{id}/archive", write, ask_archive),
        Route::post("/carriers/{id}/archive", write, archive),
    ]
}

async fn index(ctx: Ctx, Query(query): Query<ListQuery>) -> PageResult {
    let archived = query.put_away();
    let slice = carriers::list(&ctx.app, &query.q, archived, &query.place(), PAGE).await.or_page(&ctx)?;
    let may_write = ctx.may(WriteCustomers);
    let page = Page::new("Carriers", Area::Paper).at(urls::CARRIERS).wide();
    Ok(ctx.page(&page, || list(slice, query.q, archived, may_write)))
}

async fn new(ctx: Ctx) -> PageResult {
    let form = CarrierForm::default();
    Ok(ctx.page(&form.page(), || form.body()))
}

async fn edit(ctx: Ctx, Path(id): Path<CarrierId>) -> PageResult {
    let row = carriers::carrier(ctx.app.db(), id).await.or_page(&ctx)?;
    let input = (&row).into();
    let form =
        CarrierForm { id: Some(id), name: row.name, archived: row.archived_at.is_some(), input, ..Default::default() };
    Ok(ctx.page(&form.page(), || form.body()))
}

async fn add(ctx: Ctx, Form(form): Form) -> PageResult {
    write(ctx, None, CarrierInput::from_form(&form)).await
}

async fn save(ctx: Ctx, Path(id): Path<CarrierId>, Form(form): Form) -> PageResult {
    write(ctx, Some(id), CarrierInput::from_form(&form)).await
}

async fn write(ctx: Ctx, id: Option<CarrierId>, input: CarrierInput) -> PageResult {
    let errors = match carriers::save(&ctx.app, &ctx.actor, id, &input).await {
        Ok(_) => return Ok(ctx.see_other(urls::CARRIERS, Some(Flash::ok(format!("{} is saved.", input.name)))).await),
        Err(AppError::Invalid(errors)) => errors,
        Err(error) => return Err(PageError::new(&ctx, error)),
    };
    let twin = carriers::named(ctx.app.db(), &input.name).await.or_page(&ctx)?.filter(|twin| Some(twin.id) != id);
    let known = match id {
        Some(id) => Some(carriers::carrier(ctx.app.db(), id).await.or_page(&ctx)?),
        None => None,
    };
    let archived = known.as_ref().is_some_and(|row| row.archived_at.is_some());
    let name = known.map(|row| row.name).unwrap_or_default();
    let form = CarrierForm { id, name, archived, input, errors, twin };
    Ok(ctx.refused(&form.page(), || form.body()))
}

async fn ask_archive(ctx: Ctx, Path(id): Path<CarrierId>) -> PageResult {
    let row = carriers::carrier(ctx.app.db(), id).await.or_page(&ctx)?;
    let verb = if row.archived_at.is_none() { "Archive" } else { "Bring back" };
    let page = Page::new(format!("{verb} {}", row.name), Area::Paper)
        .crumb("Carriers", urls::CARRIERS)
        .crumb(row.name.clone(), urls::carrier(id));
    Ok(ctx.page(&page, || confirm(&row)))
}

async fn archive(ctx: Ctx, Path(id): Path<CarrierId>, Form(form): Form) -> PageResult {
    let row = carriers::carrier(ctx.app.db(), id).await.or_page(&ctx)?;
    let away = form.get("archived") != "no";
    carriers::archive(&ctx.app, &ctx.actor, id, away).await.or_page(&ctx)?;
    let text = if away {
        format!("{} is archived; its bills stay as they are.", row.name)
    } else {
        format!("{} is back.", row.name)
    };
    Ok(ctx.see_other(urls::CARRIERS, Some(Flash::ok(text))).await)
}
