//! The audit log: list, one entry, CSV, verification.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use futures::TryStreamExt;
use gatehouse_app::{
    AppError, FormErrors,
    audit::{self, Entries, Filter, FilterForm, Start, pages, verify},
    form::FormData,
    job::Job,
    jobs,
    ui::frame::{Area, Flash, Page},
    urls,
    users::Permission,
};

use super::{
    context::Ctx,
    path::{Path, Query},
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Needs(Permission::ReadAudit);
    vec![
        Route::get("/audit", read, list),
        Route::get("/audit/export.csv", read, export),
        Route::post("/audit/verify", Access::Needs(Permission::ManageYard), verify_now),
        Route::get("/audit/{seq}", read, show),
    ]
}

/// Entries on one page.
const PAGE: u64 = 50;

async fn list(ctx: Ctx, Query(query): Query<Vec<(String, String)>>) -> PageResult {
    let data = FormData::new(query);
    let form = FilterForm::new(&data);
    let start = match (data.get("before").parse(), data.get("after").parse()) {
        (Ok(before), _) => Start::Before(before),
        (_, Ok(after)) => Start::After(after),
        _ => Start::Newest,
    };
    let (entries, errors) = match form.understand(&ctx.app, ctx.yard.zone).await {
        Ok(filter) => (audit::list(&ctx.app, &filter, start, PAGE).await.or_page(&ctx)?, FormErrors::default()),
        Err(AppError::Invalid(errors)) => (Entries::default(), errors),
        Err(error) => return Err(PageError::new(&ctx, error)),
    };
    let refused = !errors.is_empty();
    let page_data = pages::list::AuditPage {
        form,
        errors,
        entries,
        people: audit::people(&ctx.app).await.or_page(&ctx)?,
        last: verify::last(&ctx.app).await.or_page(&ctx)?,
        verifying: jobs::is_busy(&ctx.app, "verify_audit").await.or_page(&ctx)?,
        zone: ctx.yard.zone,
        may_verify: ctx.may(Permission::ManageYard),
    };
    let page = Page::new("Audit", Area::Yard).at(urls::AUDIT).wide();
    let body = || pages::list::page(page_data);
    Ok(if refused { ctx.refused(&page, body) } else { ctx.page(&page, body) })
}

async fn show(ctx: Ctx, Path(seq): Path<String>) -> PageResult {
    let missing = || PageError::new(&ctx, AppError::NotFound("The audit entry"));
    let seq: i64 = seq.parse().map_err(|_| missing())?;
    let mut line = audit::find(&ctx.app, seq).await.or_page(&ctx)?;
    if line.entry.subject_kind == "user" && !ctx.may(Permission::ManageUsers) {
        line.url = None;
    }
    let previous = match seq {
        ..=1 => None,
        _ => audit::find(&ctx.app, seq - 1).await.ok().map(|line| line.entry.hash),
    };
    let page = Page::new(format!("Audit entry {seq}"), Area::Yard).crumb("Audit", urls::AUDIT);
    let zone = ctx.yard.zone;
    Ok(ctx.page(&page, || pages::show::page(line, previous, zone)))
}

async fn export(ctx: Ctx, Query(query): Query<Vec<(String, String)>>) -> PageResult {
    let form = FilterForm::new(&FormData::new(query));
    let filter: Filter = form.understand(&ctx.app, ctx.yard.zone).await.or_page(&ctx)?;
    let rows = audit::export(&ctx.app, &ctx.actor, &form, filter).await.or_page(&ctx)?;
    // What breaks off half-way must not look whole: the connection ends without its last piece.
    let rows = rows.map_err(|error| {
        tracing::error!(%error, "audit export broke off");
        std::io::Error::other("the export broke off")
    });
    let mut response = Body::from_stream(rows).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"audit.csv\""));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn verify_now(ctx: Ctx) -> PageResult {
    let tx = ctx.app.begin().await.or_page(&ctx)?;
    tx.enqueue(Job::VerifyAudit { asked: ctx.app.now() }).await.or_page(&ctx)?;
    tx.commit().await.or_page(&ctx)?;
    let flash = Flash::ok("The log is being verified. What is found will stand here.");
    Ok(ctx.see_other(urls::AUDIT, Some(flash)).await)
}
