//! `/outbox`: mail on its way.

use axum::response::Response;
use gatehouse_app::{
    AppError,
    ids::DeliveryId,
    mail::{
        self, Filter, State,
        model::delivery,
        pages::{self, Outbox, Step},
    },
    ui::frame::{Area, Flash, Page},
    urls,
    users::Permission,
};
use serde::Deserialize;

use super::{
    context::Ctx,
    path::{Path, Query},
    respond::{OrPage, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Access::Needs(Permission::ReadPaper), Access::Needs(Permission::WritePaper));
    vec![
        Route::get(urls::OUTBOX, read, show),
        Route::get("/outbox/{id}/again", write, confirm_again),
        Route::post("/outbox/{id}/again", write, again),
        Route::post("/outbox/{id}/now", write, now),
        Route::post("/outbox/{id}/settle", write, settle),
        Route::get("/outbox/{id}/cancel", write, confirm_cancel),
        Route::post("/outbox/{id}/cancel", write, cancel),
    ]
}

/// Both as text: a filter that was mistyped in the address is no filter, not an error.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    state: String,
    before: String,
}

async fn show(ctx: Ctx, Query(asked): Query<Asked>) -> PageResult {
    let filter = Filter {
        state: asked.state.parse::<State>().ok(),
        before: asked.before.parse::<DeliveryId>().ok(),
        accounts: ctx.may(Permission::ManageUsers),
    };
    let (lines, more) = mail::list(&ctx.app, &filter, mail::PAGE).await.or_page(&ctx)?;
    let mailer = &ctx.app.ports.mailer;
    let page = Outbox {
        lines,
        more,
        filter,
        destination: mailer.destination(),
        live: mailer.is_live(),
        zone: ctx.yard.zone,
        may_write: ctx.may(Permission::WritePaper),
    };
    Ok(ctx.page(&Page::new("Outbox", Area::Paper).at(urls::OUTBOX).wide(), || pages::outbox(page)))
}

async fn confirm_again(ctx: Ctx, Path(id): Path<DeliveryId>) -> PageResult {
    confirm(&ctx, id, Step::Again, "Send again").await
}

async fn confirm_cancel(ctx: Ctx, Path(id): Path<DeliveryId>) -> PageResult {
    confirm(&ctx, id, Step::Cancel, "Cancel a mail").await
}

async fn confirm(ctx: &Ctx, id: DeliveryId, step: Step, title: &str) -> PageResult {
    let delivery = known(ctx, id).await.or_page(ctx)?;
    let page = Page::new(title, Area::Paper).crumb("Outbox", urls::OUTBOX);
    Ok(ctx.page(&page, || pages::confirm(step, &delivery)))
}

/// A mail that this person may know of: who is invited, and who chooses a new password, is for those who manage users.
async fn known(ctx: &Ctx, id: DeliveryId) -> Result<delivery::Model, AppError> {
    let delivery = mail::find(&ctx.app, id).await?;
    if delivery.user_id.is_some() && !ctx.may(Permission::ManageUsers) {
        return Err(AppError::NotFound("This mail"));
    }
    Ok(delivery)
}

async fn again(ctx: Ctx, Path(id): Path<DeliveryId>) -> PageResult {
    known(&ctx, id).await.or_page(&ctx)?;
    mail::again(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(back(&ctx, Flash::ok("A new mail is on its way.")).await)
}

async fn now(ctx: Ctx, Path(id): Path<DeliveryId>) -> PageResult {
    known(&ctx, id).await.or_page(&ctx)?;
    mail::try_now(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(back(&ctx, Flash::ok("It is tried again now.")).await)
}

async fn settle(ctx: Ctx, Path(id): Path<DeliveryId>) -> PageResult {
    known(&ctx, id).await.or_page(&ctx)?;
    mail::settle(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(back(&ctx, Flash::ok("The mail is settled; it waits for nobody any more.")).await)
}

async fn cancel(ctx: Ctx, Path(id): Path<DeliveryId>) -> PageResult {
    known(&ctx, id).await.or_page(&ctx)?;
    mail::cancel(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(back(&ctx, Flash::ok("The mail is cancelled.")).await)
}

async fn back(ctx: &Ctx, flash: Flash) -> Response {
    ctx.see_other(urls::OUTBOX, Some(flash)).await
}
