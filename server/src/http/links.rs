//! Sending a bill, and revoking what was sent.

use axum::{http::StatusCode, response::IntoResponse};
use gatehouse_app::{
    AppError, FormErrors, clips,
    form::FormData,
    idempotency,
    ids::{BolId, DeliveryId, LinkId},
    links::{self, SendForm, Sendable, pages},
    ui::frame::{Area, Flash, Page},
    urls,
    users::Permission,
};

use super::{
    context::Ctx,
    forms::Form,
    path::Path,
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let write = Access::Needs(Permission::WritePaper);
    vec![
        Route::get("/bols/{id}/send", write, show),
        Route::post("/bols/{id}/send", write, send),
        Route::get("/links/{id}/revoke", write, confirm_revoke),
        Route::post("/links/{id}/revoke", write, revoke),
    ]
}

async fn show(ctx: Ctx, Path(id): Path<BolId>) -> PageResult {
    let bill = links::sendable(&ctx.app, id).await.or_page(&ctx)?;
    page(&ctx, bill, None, FormErrors::new()).await
}

async fn send(ctx: Ctx, Path(id): Path<BolId>, Form(form): Form) -> PageResult {
    let sent = match SendForm::read(&form) {
        Ok(typed) => links::send_once(&ctx.app, &ctx.actor, id, form.get("key"), typed).await,
        Err(errors) => Err(AppError::Invalid(errors)),
    };
    match sent {
        Ok(deliveries) => {
            let text = match deliveries.len() {
                1 => "One mail is on its way.".to_owned(),
                n => format!("{n} mails are on their way."),
            };
            Ok(ctx.see_other(&urls::bol(id), Some(Flash::ok(text))).await)
        }
        Err(AppError::Invalid(mut errors)) => {
            if errors.get(idempotency::FIELD).is_some() {
                let text =
                    "This form was sent already, and says something else now. To send this as well, press Send again.";
                errors = [(String::new(), text.to_owned())].into_iter().collect();
            }
            let bill = links::sendable(&ctx.app, id).await.or_page(&ctx)?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&ctx, bill, Some(form), errors).await?).into_response())
        }
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}

async fn page(ctx: &Ctx, bill: Sendable, typed: Option<FormData>, errors: FormErrors) -> PageResult {
    let clips = clips::sendable(&ctx.app, &ctx.actor, bill.bol.id).await.or_page(ctx)?;
    let head = Page::new(format!("Send {}", bill.number), Area::Paper)
        .crumb("Bills of lading", urls::BOLS)
        .crumb(bill.number.clone(), urls::bol(bill.bol.id));
    let mailer = &ctx.app.ports.mailer;
    let key = ctx.app.id::<DeliveryId>().to_string();
    let send =
        pages::Send { bill, typed, errors, destination: mailer.destination(), live: mailer.is_live(), clips, key };
    Ok(ctx.page(&head, || pages::send(send)))
}

async fn confirm_revoke(ctx: Ctx, Path(id): Path<LinkId>) -> PageResult {
    let link = links::find(&ctx.app, id).await.or_page(&ctx)?;
    let head = Page::new("Revoke a link", Area::Paper).crumb("Bills of lading", urls::BOLS);
    Ok(ctx.page(&head, || pages::revoke(&link)))
}

async fn revoke(ctx: Ctx, Path(id): Path<LinkId>) -> PageResult {
    let link = links::revoke(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(ctx
        .see_other(
            &urls::bol(link.bol_id),
            Some(Flash::ok(format!("The link of {} opens nothing any more.", link.recipient))),
        )
        .await)
}
