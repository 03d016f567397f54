//! `/customers`: the address book.

use axum::{
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request},
    http::header,
    response::{IntoResponse, Response},
};
use gatehouse_app::{
    AppError, FormErrors,
    customers::{
        CustomerInput, Filter, PAGE, archive, create, edit,
        import::{self, MOST_BYTES},
        list, named,
        pages::{
            form::{CustomerForm, Pressed},
            import as import_pages, list as list_page, show as show_page,
        },
        record, releases,
    },
    ids::{CustomerId, ImportId},
    paging::Place,
    ui::frame::{Area, Flash, Page},
    urls,
    users::Permission::{ReadCustomers, WriteCustomers, WritePaper},
};
use serde::Deserialize;

use super::{
    context::Ctx,
    forms::Form,
    path::{Path, Query},
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Access::Needs(ReadCustomers), Access::Needs(WriteCustomers));
    vec![
        Route::get("/customers", read, index),
        Route::post("/customers", write, add),
        Route::get("/customers/new", write, new),
        Route::get("/customers/import", write, import_form),
        Route::post("/customers/import", write, upload),
        Route::get("/customers/import/sample.csv", write, sample),
        Route::get("/customers/import/{id}", write, preview),
        Route::post("/customers/import/{id}", write, confirm),
        Route::get("/customers/{id}", read, show),
        Route::post("/customers/{id}", write, save),
        Route::get("/customers/{id}/edit", write, edit_form),
        Route::get("/customers/{id}/archive", write, archive_page),
        Route::post("/customers/{id}/archive", write, put_away),
    ]
}

/// What the lists of the address book are asked with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    pub q: String,
    /// `away`: the archived, the closed.
    pub show: String,
    after: Option<String>,
    before: Option<String>,
}

impl ListQuery {
    pub(super) fn put_away(&self) -> bool {
        self.show == "away"
    }

    pub(super) fn place(&self) -> Place<String> {
        Place::of(self.after.as_deref(), self.before.as_deref())
    }
}

async fn index(ctx: Ctx, Query(query): Query<ListQuery>) -> PageResult {
    let filter = Filter { archived: query.put_away(), query: query.q.clone() };
    let slice = list(&ctx.app, &filter, &query.place(), PAGE).await.or_page(&ctx)?;
    let may_write = ctx.may(WriteCustomers);
    let page = Page::new("Customers", Area::Paper).at(urls::CUSTOMERS).wide();
    Ok(ctx.page(&page, || list_page::list(slice, filter, may_write)))
}

async fn new(ctx: Ctx) -> PageResult {
    let form = CustomerForm::blank();
    Ok(ctx.page(&form.page(), || form.body()))
}

async fn add(ctx: Ctx, Form(form): Form) -> PageResult {
    let mut input = CustomerInput::from_form(&form);
    if Pressed::read(&form).apply(&mut input) {
        let form = CustomerForm { input, ..Default::default() };
        return Ok(ctx.page(&form.page(), || form.body()));
    }
    match create(&ctx.app, &ctx.actor, &input).await {
        Ok(id) => Ok(ctx
            .see_other(&urls::customer(id), Some(Flash::ok(format!("{} is in the address book.", input.name))))
            .await),
        Err(error) => refused(&ctx, CustomerForm { input, ..Default::default() }, error).await,
    }
}

async fn show(ctx: Ctx, Path(id): Path<CustomerId>) -> PageResult {
    let record = record(ctx.app.db(), id).await.or_page(&ctx)?;
    let open = releases::open(ctx.app.db(), Some(id), 100).await.or_page(&ctx)?;
    let (zone, may_write, may_begin) = (ctx.yard.zone, ctx.may(WriteCustomers), ctx.may(WritePaper));
    let state = if record.customer.archived_at.is_some() { ", archived" } else { "" };
    let title = format!("{}{state}", record.customer.name);
    let page = Page::new(title, Area::Paper).crumb("Customers", urls::CUSTOMERS);
    Ok(ctx.page(&page, move || show_page::show(record, open, zone, may_write, may_begin)))
}

async fn edit_form(ctx: Ctx, Path(id): Path<CustomerId>) -> PageResult {
    let record = record(ctx.app.db(), id).await.or_page(&ctx)?;
    let form = CustomerForm {
        id: Some(id),
        seen: Some(record.customer.updated_at),
        input: record.input(),
        ..Default::default()
    };
    Ok(ctx.page(&form.page(), || form.body()))
}

async fn save(ctx: Ctx, Path(id): Path<CustomerId>, Form(form): Form) -> PageResult {
    let mut input = CustomerInput::from_form(&form);
    let seen = form.get("seen").parse().ok();
    if Pressed::read(&form).apply(&mut input) {
        let form = CustomerForm { id: Some(id), seen, input, ..Default::default() };
        return Ok(ctx.page(&form.page(), || form.body()));
    }
    match edit(&ctx.app, &ctx.actor, id, &input, seen).await {
        Ok(()) => Ok(ctx.see_other(&urls::customer(id), Some(Flash::ok("The customer is saved."))).await),
        Err(error) => refused(&ctx, CustomerForm { id: Some(id), seen, input, ..Default::default() }, error).await,
    }
}

/// The form again with what was typed; another error as its page.
async fn refused(ctx: &Ctx, mut form: CustomerForm, error: AppError) -> PageResult {
    form.errors = match error {
        AppError::Invalid(errors) => errors,
        // What was typed must not be lost to somebody else's save.
        AppError::Conflict(why) => [(String::new(), why)].into_iter().collect(),
        other => return Err(PageError::new(ctx, other)),
    };
    if form.errors.get("name").is_some() {
        form.twin = named(ctx.app.db(), &form.input.name).await.or_page(ctx)?.filter(|twin| Some(twin.id) != form.id);
    }
    Ok(ctx.refused(&form.page(), || form.body()))
}

async fn archive_page(ctx: Ctx, Path(id): Path<CustomerId>) -> PageResult {
    let record = record(ctx.app.db(), id).await.or_page(&ctx)?;
    let name = record.customer.name.clone();
    let verb = if record.customer.archived_at.is_none() { "Archive" } else { "Bring back" };
    let page = Page::new(format!("{verb} {name}"), Area::Paper)
        .crumb("Customers", urls::CUSTOMERS)
        .crumb(name, urls::customer(id));
    Ok(ctx.page(&page, || show_page::archive(record)))
}

async fn put_away(ctx: Ctx, Path(id): Path<CustomerId>, Form(form): Form) -> PageResult {
    let archived = form.get("archived") != "no";
    archive(&ctx.app, &ctx.actor, id, archived).await.or_page(&ctx)?;
    let text = if archived { "The customer is archived." } else { "The customer is back in the address book." };
    Ok(ctx.see_other(&urls::customer(id), Some(Flash::ok(text))).await)
}

fn import_page(title: &str) -> Page {
    Page::new(title, Area::Paper).crumb("Customers", urls::CUSTOMERS)
}

async fn import_form(ctx: Ctx) -> PageResult {
    Ok(ctx.page(&import_page("Import customers"), || import_pages::upload(FormErrors::new())))
}

async fn sample(_: Ctx) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"customers-sample.csv\""),
    ];
    (headers, import::sample()).into_response()
}

async fn upload(ctx: Ctx, request: Request) -> PageResult {
    let refuse = |errors| Ok(ctx.refused(&import_page("Import customers"), || import_pages::upload(errors)));
    let file = match file(request).await {
        Ok(file) => file,
        Err(why) => return refuse([("file".to_owned(), why)].into_iter().collect()),
    };
    match import::upload(&ctx.app, &ctx.actor, &file.0, file.1).await {
        Ok(id) => Ok(ctx.see_other(&urls::customers_import(id), None).await),
        Err(AppError::Invalid(errors)) => refuse(errors),
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}

/// The name and the bytes of the field `file`.
async fn file(mut request: Request) -> Result<(String, Vec<u8>), String> {
    const BROKEN: &str = "The upload broke off. Choose the file and try again";
    const TOO_LARGE: &str = "The file is larger than 5 MB. Split it and import the parts one after the other";
    // The form around the file takes a little more than the file.
    DefaultBodyLimit::max(MOST_BYTES + 64 * 1024).apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| "Choose a CSV file".to_owned())?;
    let in_words = |error: axum::extract::multipart::MultipartError| match error.status() {
        axum::http::StatusCode::PAYLOAD_TOO_LARGE => TOO_LARGE.to_owned(),
        _ => BROKEN.to_owned(),
    };
    while let Some(part) = parts.next_field().await.map_err(in_words)? {
        if part.name() == Some("file") {
            let name = part.file_name().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.map_err(in_words)?;
            return if name.is_empty() && bytes.is_empty() {
                Err("Choose a CSV file".into())
            } else {
                Ok((name, bytes.to_vec()))
            };
        }
    }
    Err("Choose a CSV file".into())
}

async fn preview(ctx: Ctx, Path(id): Path<ImportId>) -> PageResult {
    let (upload, plan) = import::preview(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    let page = import_page("What this import would do").crumb("Import", urls::CUSTOMERS_IMPORT).wide();
    Ok(ctx.page(&page, || import_pages::preview(upload, plan)))
}

async fn confirm(ctx: Ctx, Path(id): Path<ImportId>) -> PageResult {
    let done = import::confirm(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    let mut text = format!("Imported: {} new and {} changed customers.", done.created, done.changed);
    if done.wrong > 0 {
        text.push_str(&format!(" {} rows were left out.", done.wrong));
    }
    let flash = if done.wrong > 0 { Flash::warn(text) } else { Flash::ok(text) };
    Ok(ctx.see_other(urls::CUSTOMERS, Some(flash)).await)
}
