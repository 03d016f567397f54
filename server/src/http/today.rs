//! The first page.

use gatehouse_app::{
    today,
    ui::frame::{Area, Page},
    urls,
    users::Permission,
};

use super::{
    context::Ctx,
    respond::{OrPage, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/", Access::Needs(Permission::ReadPaper), show)]
}

async fn show(ctx: Ctx) -> PageResult {
    let waits = match ctx.role() {
        Some(role) => today::waiting(&ctx.app, &ctx.actor, role).await.or_page(&ctx)?,
        None => Vec::new(),
    };
    let day = today::day(&ctx.app, ctx.yard.zone).await.or_page(&ctx)?;
    let (may_write, zone) = (ctx.may(Permission::WritePaper), ctx.yard.zone);
    Ok(ctx.page(&Page::new("Today", Area::Today).at(urls::TODAY).wide(), || {
        today::pages::page(waits, day, may_write, zone)
    }))
}
