//! `/bols/{id}/attachments`: a bill's scans and photos.

use axum::{
    Json,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, multipart::Field},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use gatehouse_app::{
    AppError, FormErrors,
    attachments::{self, Announced, MOST, Sending, State, Way, pages},
    bols::{find, model::bol},
    ids::{AttachmentId, BolId},
    ui::prelude::*,
    urls,
    users::Permission,
};
use serde_json::json;
use tokio_util::io::StreamReader;

use super::{
    context::Ctx,
    forms::Form,
    headers::CSP,
    path::Path,
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

const READ: Access = Access::Needs(Permission::ReadPaper);
const WRITE: Access = Access::Needs(Permission::WritePaper);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/bols/{id}/attachments", READ, show),
        Route::post("/bols/{id}/attachments", WRITE, add),
        Route::post("/bols/{id}/attachments/begin", WRITE, begin),
        Route::get("/bols/{id}/attachments/state", READ, state),
        Route::get("/bols/{id}/attachments/{attachment}", READ, open),
        Route::post("/bols/{id}/attachments/{attachment}/arrived", WRITE, arrived),
        Route::get("/bols/{id}/attachments/{attachment}/remove", WRITE, ask_remove),
        Route::post("/bols/{id}/attachments/{attachment}/remove", WRITE, remove),
    ]
}

async fn show(ctx: Ctx, Path(id): Path<BolId>) -> PageResult {
    page(&ctx, id, "", FormErrors::new()).await
}

async fn page(ctx: &Ctx, id: BolId, kind: &str, errors: FormErrors) -> PageResult {
    let (bill, rows) = attachments::look(&ctx.app, &ctx.actor, id).await.or_page(ctx)?;
    let (refused, may_write, zone) = (!errors.is_empty(), ctx.may(Permission::WritePaper), ctx.yard.zone);
    let head = pages::list::page(&bill);
    let body = || pages::list::body(&bill, rows, kind, errors, may_write, zone);
    let mut response = if refused { ctx.refused(&head, body) } else { ctx.page(&head, body) };
    // Script puts files straight to the bucket.
    let ends = ctx.app.ports.plane.origins().join(" ");
    if let Ok(csp) = HeaderValue::from_str(&CSP.replace("connect-src 'self'", &format!("connect-src 'self' {ends}"))) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, csp);
    }
    Ok(response)
}

/// The form without script: every file in it goes to the disk as it comes.
async fn add(ctx: Ctx, Path(id): Path<BolId>, mut request: Request) -> PageResult {
    // Several files, and the form around them.
    DefaultBodyLimit::disable().apply(&mut request);
    let Ok(mut parts) = Multipart::from_request(request, &()).await else {
        return page(&ctx, id, "", one("file", "Choose one file or more")).await;
    };
    let (mut kind, mut added) = (String::new(), 0);
    let mut errors = FormErrors::new();
    loop {
        match parts.next_field().await {
            Ok(Some(field)) if field.name() == Some("kind") => kind = short(field).await,
            Ok(Some(field))
                if field.name() == Some("file") && field.file_name().is_some_and(|name| !name.is_empty()) =>
            {
                match receive(&ctx, id, &kind, field).await {
                    Ok(_) => added += 1,
                    Err(AppError::Invalid(wrong)) => {
                        for (name, message) in wrong.iter() {
                            errors.add(name, message);
                        }
                        break;
                    }
                    Err(error) => return Err(PageError::new(&ctx, error)),
                }
            }
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(_) => {
                errors.add("file", "The form broke off on its way. Choose what is missing and send it again");
                break;
            }
        }
    }
    if added == 0 && errors.is_empty() {
        errors.add("file", "Choose one file or more");
    }
    if !errors.is_empty() {
        return page(&ctx, id, &kind, errors).await;
    }
    let text = if added == 1 {
        "The file is here and is being checked.".into()
    } else {
        format!("{added} files are here and are being checked.")
    };
    Ok(ctx.see_other(&urls::attachments(id), Some(Flash::ok(text))).await)
}

async fn receive(ctx: &Ctx, id: BolId, kind: &str, field: Field<'_>) -> Result<AttachmentId, AppError> {
    let name = field.file_name().unwrap_or_default().to_owned();
    let mut bytes = StreamReader::new(field.map_err(std::io::Error::other));
    attachments::receive(&ctx.app, &ctx.actor, id, kind, &name, &mut bytes).await
}

/// The text of a small field; what is no text is none.
async fn short(mut field: Field<'_>) -> String {
    let mut text = Vec::new();
    while let Ok(Some(chunk)) = field.chunk().await {
        text.extend_from_slice(&chunk);
        if text.len() > 100 {
            return String::new();
        }
    }
    String::from_utf8(text).unwrap_or_default()
}

fn one(field: &str, message: &str) -> FormErrors {
    [(field.to_owned(), message.to_owned())].into_iter().collect()
}

async fn begin(ctx: Ctx, Path(id): Path<BolId>, Form(form): Form) -> Response {
    let announced = Announced {
        kind: form.get("kind").into(),
        name: form.get("name").into(),
        // What is no number is larger than what is taken.
        size: form.get("size").parse().unwrap_or(MOST + 1),
    };
    let way = if form.get("way") == "house" { Way::House } else { Way::Direct };
    let sending = async {
        let announced = attachments::announce(&ctx.app, &ctx.actor, id, &announced, way).await?;
        attachments::sending(&ctx.app, announced).await
    };
    match sending.await {
        Ok(sending) => Json(told(id, &sending)).into_response(),
        Err(error) => refusal(&error),
    }
}

fn told(bol: BolId, sending: &Sending) -> serde_json::Value {
    let pieces: Vec<_> = sending
        .pieces
        .iter()
        .map(|piece| json!({ "from": piece.from, "to": piece.to, "url": piece.url, "headers": piece.headers }))
        .collect();
    json!({ "there": sending.there, "pieces": pieces, "arrived": urls::attachment_arrived(bol, sending.id) })
}

/// For the script: the sentence, and by the status whether trying again helps.
fn refusal(error: &AppError) -> Response {
    let detail = match error {
        AppError::Invalid(errors) => errors.iter().map(|(_, message)| message).collect::<Vec<_>>().join("; "),
        AppError::Internal(cause) => {
            tracing::error!(error = format!("{cause:#}"), "internal error");
            "something broke here".into()
        }
        error => error.to_string(),
    };
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(json!({ "detail": detail }))).into_response()
}

async fn arrived(ctx: Ctx, Path((bol, id)): Path<(BolId, AttachmentId)>) -> Response {
    let done = async {
        attachments::find_of(ctx.app.db(), bol, id).await?;
        attachments::arrived(&ctx.app, id).await
    };
    match done.await {
        Ok(()) => Json(json!({})).into_response(),
        Err(error) => refusal(&error),
    }
}

/// For the script that waits: whether any is still being checked.
async fn state(ctx: Ctx, Path(id): Path<BolId>) -> PageResult {
    find::find(ctx.app.db(), id).await.or_page(&ctx)?;
    let rows = attachments::of_bill(ctx.app.db(), id).await.or_page(&ctx)?;
    let checking = rows.iter().any(|row| row.state() == State::Checking);
    Ok(Json(json!({ "state": if checking { "checking" } else { "settled" } })).into_response())
}

async fn open(ctx: Ctx, Path((bol, id)): Path<(BolId, AttachmentId)>) -> PageResult {
    attachments::find_of(ctx.app.db(), bol, id).await.or_page(&ctx)?;
    let url = attachments::download(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(ctx.see_other(url.as_str(), None).await)
}

fn remove_page(bill: &bol::Model) -> Page {
    let head = pages::list::page(bill);
    Page::new("Remove an attachment", Area::Paper)
        .crumb("Bills of lading", urls::BOLS)
        .crumb(head.title, urls::attachments(bill.id))
}

async fn ask_remove(ctx: Ctx, Path((bol, id)): Path<(BolId, AttachmentId)>) -> PageResult {
    let row = attachments::find_of(ctx.app.db(), bol, id).await.or_page(&ctx)?;
    let bill = find::find(ctx.app.db(), bol).await.or_page(&ctx)?;
    Ok(ctx.page(&remove_page(&bill), || pages::remove::confirm(&row, "", FormErrors::new())))
}

async fn remove(ctx: Ctx, Path((bol, id)): Path<(BolId, AttachmentId)>, Form(form): Form) -> PageResult {
    let row = attachments::find_of(ctx.app.db(), bol, id).await.or_page(&ctx)?;
    match attachments::remove(&ctx.app, &ctx.actor, id, form.get("reason")).await {
        Ok(()) => {
            let text = format!("“{}” is removed; its copies are being deleted.", row.name);
            Ok(ctx.see_other(&urls::attachments(bol), Some(Flash::ok(text))).await)
        }
        Err(AppError::Invalid(errors)) => {
            let bill = find::find(ctx.app.db(), bol).await.or_page(&ctx)?;
            Ok(ctx.refused(&remove_page(&bill), || pages::remove::confirm(&row, form.get("reason"), errors)))
        }
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}
