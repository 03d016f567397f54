//! `/storage`: where the bytes are; objects, their versions, and the way back from an archive.

use gatehouse_app::{
    AppError, FormErrors,
    archive::{
        self,
        pages::{back, show},
    },
    ids::{ObjectId, PlacementId},
    objects::{self, model::object},
    paging::Place,
    storage::{
        self,
        pages::{orphans as left_over, overview},
    },
    ui::prelude::*,
    urls,
    users::Permission,
};
use serde::Deserialize;

use super::{
    context::Ctx,
    forms::Form,
    path::{Path, Query},
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

const READ: Access = Access::Needs(Permission::ReadJobs);
/// It costs money, and changes nothing.
const RESTORE: Permission = Permission::WritePaper;
const REVERT: Permission = Permission::ManageStorage;
const REMOVE: Permission = Permission::ManageYard;

/// Objects on one page.
const PAGE: usize = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(urls::STORAGE, READ, overview),
        Route::get(urls::STORED, READ, list),
        Route::get(urls::ORPHANS, READ, orphans),
        Route::post(urls::ORPHANS_REMOVE, Access::Needs(REMOVE), remove_orphans),
        Route::get("/storage/objects/{id}", READ, object),
        Route::post("/storage/objects/{id}/restore", Access::Needs(RESTORE), restore),
        Route::get("/storage/objects/{id}/revert", Access::Needs(REVERT), ask_revert),
        Route::post("/storage/objects/{id}/revert", Access::Needs(REVERT), revert),
        Route::get("/storage/objects/{id}/recover", Access::Needs(REVERT), ask_recover),
        Route::post("/storage/objects/{id}/recover", Access::Needs(REVERT), recover),
    ]
}

async fn overview(ctx: Ctx) -> PageResult {
    let app = &ctx.app;
    let overview = overview::Overview {
        usage: storage::newest(app.db()).await.or_page(&ctx)?,
        growth: storage::growth(app, overview::DAYS).await.or_page(&ctx)?,
        waiting: storage::waiting(app).await.or_page(&ctx)?,
        amiss: storage::amiss(app).await.or_page(&ctx)?,
        orphans: objects::heaps(app).await.or_page(&ctx)?,
        plan_gb: ctx.config.storage_plan_gb,
        budget: ctx.config.storage_budget,
        now: app.now(),
        zone: ctx.yard.zone,
    };
    let page = Page::new("Storage", Area::Yard).at(urls::STORAGE).wide();
    Ok(ctx.page(&page, || overview.body()))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    key: String,
    after: Option<String>,
    before: Option<String>,
}

async fn list(ctx: Ctx, Query(query): Query<ListQuery>) -> PageResult {
    let prefix = query.key.trim().to_owned();
    let place = Place::of(query.after.as_deref(), query.before.as_deref());
    let slice = archive::list(&ctx.app, &prefix, &place, PAGE).await.or_page(&ctx)?;
    let zone = ctx.yard.zone;
    let page = Page::new("Objects", Area::Yard).at(urls::STORAGE).crumb("Storage", urls::STORAGE).wide();
    Ok(ctx.page(&page, || archive::pages::list::list(slice, &prefix, zone)))
}

async fn orphans(ctx: Ctx) -> PageResult {
    let mut heaps = Vec::new();
    // One a storage.
    for heap in objects::heaps(&ctx.app).await.or_page(&ctx)? {
        let first =
            objects::orphans(&ctx.app, &heap.backend, &heap.bucket, "", left_over::SHOWN).await.or_page(&ctx)?;
        heaps.push((heap, first));
    }
    let page = Page::new("What no record knows", Area::Yard).at(urls::STORAGE).crumb("Storage", urls::STORAGE).wide();
    let (may_remove, zone) = (ctx.may(REMOVE), ctx.yard.zone);
    Ok(ctx.page(&page, || left_over::page(heaps, may_remove, zone)))
}

async fn remove_orphans(ctx: Ctx, Form(form): Form) -> PageResult {
    let (backend, bucket) = (form.get("backend"), form.get("bucket"));
    let asked = objects::ask_removal(&ctx.app, &ctx.actor, backend, bucket).await.or_page(&ctx)?;
    let text =
        format!("{} are to be removed; a job does it.", storage::count(i64::try_from(asked).unwrap_or_default()));
    Ok(ctx.see_other(urls::ORPHANS, Some(Flash::ok(text))).await)
}

async fn object(ctx: Ctx, Path(id): Path<ObjectId>) -> PageResult {
    object_page(&ctx, id, "", "", FormErrors::new()).await
}

async fn object_page(ctx: &Ctx, id: ObjectId, tier: &str, days: &str, errors: FormErrors) -> PageResult {
    let seen = archive::see(&ctx.app, &ctx.actor, id).await.or_page(ctx)?;
    let refused = !errors.is_empty();
    let asked = show::Asked {
        may_restore: ctx.may(RESTORE),
        may_revert: ctx.may(REVERT),
        tier: tier.into(),
        days: days.into(),
        errors,
    };
    let (page, now, zone) = (show::page(&seen.object), ctx.app.now(), ctx.yard.zone);
    let body = || show::body(seen, asked, now, zone);
    Ok(if refused { ctx.refused(&page, body) } else { ctx.page(&page, body) })
}

async fn restore(ctx: Ctx, Path(id): Path<ObjectId>, Form(form): Form) -> PageResult {
    let (tier, days) = (form.get("tier"), form.get("days"));
    match archive::ask(&ctx.app, &ctx.actor, id, tier, days).await {
        Ok(_) => {
            let text = "It was asked for. You get a mail when it can be read.";
            Ok(ctx.see_other(&urls::stored(id), Some(Flash::ok(text))).await)
        }
        Err(AppError::Invalid(errors)) => object_page(&ctx, id, tier, days, errors).await,
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}

/// A version of one copy.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Which {
    copy: String,
    version: String,
}

async fn ask_revert(ctx: Ctx, Path(id): Path<ObjectId>, Query(which): Query<Which>) -> PageResult {
    let seen = archive::see(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    let found = seen.copies.iter().find(|copy| copy.row.id.to_string() == which.copy);
    let found = found.and_then(|copy| Some((copy, copy.versions.iter().find(|version| version.id == which.version)?)));
    let (copy, version) = found.ok_or(AppError::NotFound("This version")).or_page(&ctx)?;
    let zone = ctx.yard.zone;
    Ok(ctx.page(&back_page(&seen.object), || back::one(&seen.object, copy, version, zone)))
}

async fn revert(ctx: Ctx, Path(id): Path<ObjectId>, Form(form): Form) -> PageResult {
    let copy: PlacementId = super::bols::id(&ctx, form.get("copy"), "This copy")?;
    archive::revert(&ctx.app, &ctx.actor, id, copy, form.get("version")).await.or_page(&ctx)?;
    let text = "That version is the current one again, and has the bytes that are on record.";
    Ok(ctx.see_other(&urls::stored(id), Some(Flash::ok(text))).await)
}

async fn ask_recover(ctx: Ctx, Path(id): Path<ObjectId>) -> PageResult {
    let seen = archive::see(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(ctx.page(&back_page(&seen.object), || back::newest(&seen.object)))
}

async fn recover(ctx: Ctx, Path(id): Path<ObjectId>) -> PageResult {
    let outcomes = archive::recover_one(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    let text = outcomes.iter().map(|(copy, outcome)| format!("{}: {outcome}.", copy.backend)).collect::<Vec<_>>();
    let well = outcomes.iter().all(|(_, outcome)| outcome.is_well());
    let flash = if well { Flash::ok(text.join(" ")) } else { Flash::bad(text.join(" ")) };
    Ok(ctx.see_other(&urls::stored(id), Some(flash)).await)
}

fn back_page(object: &object::Model) -> Page {
    show::page(object).crumb(object.key.clone(), urls::stored(object.id))
}
