//! A bill's pages: begin, show, revise, void, delete, duplicate, compare, its PDF.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use gatehouse_app::{
    AppError, FormErrors, attachments,
    audit::{self, Action, Subject},
    bols::{self, compare, find, model::bol, pages, picture::Grant},
    docks,
    ids::BolId,
    links, objects,
    ui::prelude::*,
    urls,
    users::Permission,
};
use serde::Deserialize;
use serde_json::json;

use super::{
    context::Ctx,
    forms::Form,
    headers::with_media,
    path::{Path, Query},
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

const READ: Access = Access::Needs(Permission::ReadPaper);
const WRITE: Access = Access::Needs(Permission::WritePaper);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(urls::BOL_NEW, WRITE, new),
        Route::post(urls::BOLS, WRITE, begin),
        Route::get("/bols/{id}", READ, show),
        Route::get("/bols/{id}/delete", WRITE, ask_delete),
        Route::post("/bols/{id}/delete", WRITE, delete),
        Route::post("/bols/{id}/revise", WRITE, revise),
        Route::get("/bols/{id}/void", WRITE, ask_void),
        Route::post("/bols/{id}/void", WRITE, void),
        Route::post("/bols/{id}/duplicate", WRITE, duplicate),
        Route::get("/bols/{id}/compare", READ, compare_revisions),
        Route::get("/bols/{id}/pdf", READ, pdf),
        Route::get("/bols/{id}/pdf-state", READ, pdf_state),
        Route::post("/bols/{id}/pdf-retry", WRITE, pdf_retry),
    ]
}

/// The id in an address; what is none names nothing.
pub(super) fn id<T: std::str::FromStr>(ctx: &Ctx, text: &str, what: &'static str) -> Result<T, PageError> {
    text.parse().map_err(|_| PageError::new(ctx, AppError::NotFound(what)))
}

pub(super) fn bol_id(ctx: &Ctx, text: &str) -> Result<BolId, PageError> {
    id(ctx, text, "This bill of lading")
}

async fn new(ctx: Ctx) -> PageResult {
    new_page(&ctx, FormErrors::new()).await
}

async fn new_page(ctx: &Ctx, errors: FormErrors) -> PageResult {
    let templates = bols::templates::list(ctx.app.db()).await.or_page(ctx)?;
    let book = bols::book::Book::load(ctx.app.db(), None).await.or_page(ctx)?;
    let page = Page::new("New bill of lading", Area::Paper).crumb("Bills of lading", urls::BOLS);
    let refused = !errors.is_empty();
    let body = || pages::new(&templates, &book, errors);
    Ok(if refused { ctx.refused(&page, body) } else { ctx.page(&page, body) })
}

/// Which of the ways to begin was chosen is told by the field that was sent.
async fn begin(ctx: Ctx, Form(form): Form) -> PageResult {
    let (app, actor) = (&ctx.app, &ctx.actor);
    let begun = match (form.get("template"), form.get("site")) {
        ("", "") if form.has("template") => {
            return new_page(&ctx, one("template", "Choose a template to begin from")).await;
        }
        ("", "") if form.has("site") => {
            return new_page(&ctx, one("site", "Choose the site that the goods go to")).await;
        }
        ("", "") => bols::create_blank(app, actor).await,
        ("", site) => match site.parse() {
            Ok(site) => bols::create_for_site(app, actor, site).await,
            Err(_) => return new_page(&ctx, one("site", "This site is not in the address book; choose another")).await,
        },
        (template, _) => match template.parse() {
            Ok(template) => bols::create_from_template(app, actor, template).await,
            Err(_) => return new_page(&ctx, one("template", "There is no such template; choose another")).await,
        },
    };
    Ok(ctx.see_other(&urls::bol_edit(begun.or_page(&ctx)?), None).await)
}

fn one(field: &str, message: &str) -> FormErrors {
    let mut errors = FormErrors::new();
    errors.add(field, message);
    errors
}

/// How many entries of its history a bill's page shows; the audit log has all.
const HISTORY: u64 = 20;

async fn show(ctx: Ctx, Path(id): Path<String>) -> PageResult {
    let id = bol_id(&ctx, &id)?;
    let db = ctx.app.db();
    let bill = find::current(db, id).await.or_page(&ctx)?;
    let details = json!({ "number": bill.bol.number, "revision": bill.revision.revision });
    ctx.app.record_read(&ctx.actor, Action::BolViewed, Subject::Bol(id), details).await.or_page(&ctx)?;
    // Each look is on record; the history is of what was done.
    let looks = [Action::BolViewed, Action::RecordingPictures];
    let history = audit::about(&ctx.app, Subject::Bol(id), &looks, HISTORY).await.or_page(&ctx)?;
    let picture = ctx.user.as_ref().map(|user| Grant::new(id, bill.revision.revision, user.id, ctx.app.now()));
    let panel = links::panel(&ctx.app, id).await.or_page(&ctx)?;
    let footage = docks::footage(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    let has_pictures = footage.iter().flat_map(|footage| &footage.cameras).any(|seen| seen.picture.is_some());
    let page = pages::show::Show {
        away: bols::archived_pdf(&ctx.app, &bill).await.or_page(&ctx)?,
        bill,
        picture: picture.map(|grant| grant.url(&ctx.app.secrets)).unwrap_or_default(),
        attachments: attachments::of_bill(db, id).await.or_page(&ctx)?,
        revisions: find::revisions(db, id).await.or_page(&ctx)?,
        history,
        zone: ctx.yard.zone,
        hold: objects::holds_of(db, Subject::Bol(id)).await.or_page(&ctx)?,
        may_write: ctx.may(Permission::WritePaper),
        may_export: ctx.may(Permission::ExportFootage),
        may_hold: ctx.may(Permission::ManageYard),
        may_audit: ctx.may(Permission::ReadAudit),
    };
    let response = ctx.page(&page.page(), || page.body(panel, footage));
    Ok(if has_pictures { with_media(&ctx.app, response) } else { response })
}

async fn ask_delete(ctx: Ctx, Path(id): Path<String>) -> PageResult {
    let bill = find::draft(ctx.app.db(), bol_id(&ctx, &id)?).await.or_page(&ctx)?;
    Ok(ctx.page(&confirm_page("Delete", &bill.bol), || pages::confirm::delete(&bill.bol)))
}

async fn delete(ctx: Ctx, Path(id): Path<String>) -> PageResult {
    let id = bol_id(&ctx, &id)?;
    let (url, text) = match bols::delete_draft(&ctx.app, &ctx.actor, id).await.or_page(&ctx)? {
        bols::Left::Nothing => (urls::BOLS.to_owned(), "The draft is deleted."),
        bols::Left::Issued => (urls::bol(id), "The revision in work is discarded."),
    };
    Ok(ctx.see_other(&url, Some(Flash::ok(text))).await)
}

async fn revise(ctx: Ctx, Path(id): Path<String>) -> PageResult {
    let id = bol_id(&ctx, &id)?;
    let revision = bols::revise(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    let text = format!("Revision {revision} is begun. What is issued stays as it is until you issue this one.");
    Ok(ctx.see_other(&urls::bol_edit(id), Some(Flash::ok(text))).await)
}

async fn ask_void(ctx: Ctx, Path(id): Path<String>) -> PageResult {
    let id = bol_id(&ctx, &id)?;
    let bol = find::find(ctx.app.db(), id).await.or_page(&ctx)?;
    if bol.state() != bols::State::Issued {
        return Err(PageError::new(
            &ctx,
            AppError::Conflict(format!("{} is {}, so it cannot be voided.", pages::name_of(&bol), bol.state())),
        ));
    }
    Ok(ctx.page(&confirm_page("Void", &bol), || pages::confirm::void(&bol, "", FormErrors::new())))
}

async fn void(ctx: Ctx, Path(id): Path<String>, Form(form): Form) -> PageResult {
    let id = bol_id(&ctx, &id)?;
    match bols::void(&ctx.app, &ctx.actor, id, form.get("reason")).await {
        Ok(()) => Ok(ctx.see_other(&urls::bol(id), Some(Flash::ok("It is void. Its PDF is being made again."))).await),
        Err(AppError::Invalid(errors)) => {
            let bol = find::find(ctx.app.db(), id).await.or_page(&ctx)?;
            Ok(ctx.refused(&confirm_page("Void", &bol), || pages::confirm::void(&bol, form.get("reason"), errors)))
        }
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}

fn confirm_page(verb: &str, bol: &bol::Model) -> Page {
    let name = pages::name_of(bol);
    Page::new(format!("{verb} {name}"), Area::Paper).crumb("Bills of lading", urls::BOLS).crumb(name, urls::bol(bol.id))
}

async fn duplicate(ctx: Ctx, Path(id): Path<String>) -> PageResult {
    let id = bol_id(&ctx, &id)?;
    let new = bols::duplicate(&ctx.app, &ctx.actor, id).await.or_page(&ctx)?;
    Ok(ctx.see_other(&urls::bol_edit(new), Some(Flash::ok("This is the new draft."))).await)
}

/// Which revision is meant; what cannot be read is the current one.
#[derive(Deserialize)]
struct Asked {
    revision: Option<String>,
}

impl Asked {
    async fn number(&self, ctx: &Ctx, id: BolId) -> Result<i32, PageError> {
        match &self.revision {
            Some(text) => text.parse().map_err(|_| PageError::new(ctx, AppError::NotFound("This revision"))),
            None => Ok(find::current(ctx.app.db(), id).await.or_page(ctx)?.revision.revision),
        }
    }
}

#[derive(Deserialize)]
struct Pair {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

async fn compare_revisions(ctx: Ctx, Path(bol): Path<String>, Query(pair): Query<Pair>) -> PageResult {
    let bol = bol_id(&ctx, &bol)?;
    let from = find::revision(ctx.app.db(), bol, id(&ctx, &pair.from, "This revision")?).await.or_page(&ctx)?;
    let to = find::revision(ctx.app.db(), bol, id(&ctx, &pair.to, "This revision")?).await.or_page(&ctx)?;
    let details = json!({ "number": to.bol.number, "revisions": [from.revision.revision, to.revision.revision] });
    ctx.app.record_read(&ctx.actor, Action::BolViewed, Subject::Bol(bol), details).await.or_page(&ctx)?;
    let differences =
        compare::differences(ctx.app.db(), &from.content, &to.content, ctx.yard.zone).await.or_page(&ctx)?;
    let (a, b) = (from.revision.revision, to.revision.revision);
    let title = format!("{}: revisions {a} and {b} side by side", pages::name_of(&to.bol));
    let page = Page::new(title, Area::Paper)
        .wide()
        .crumb("Bills of lading", urls::BOLS)
        .crumb(pages::name_of(&to.bol), urls::bol(bol));
    Ok(ctx.page(&page, || pages::compare::compare(&to.bol, &from.revision, &to.revision, differences, ctx.yard.zone)))
}

async fn pdf(ctx: Ctx, Path(id): Path<String>, Query(asked): Query<Asked>) -> PageResult {
    let id = bol_id(&ctx, &id)?;
    let revision = asked.number(&ctx, id).await?;
    let url = bols::open_pdf(&ctx.app, &ctx.actor, id, revision).await.or_page(&ctx)?;
    Ok(ctx.see_other(url.as_str(), None).await)
}

/// For the script that waits for the PDF.
async fn pdf_state(ctx: Ctx, Path(id): Path<String>, Query(asked): Query<Asked>) -> PageResult {
    let id = bol_id(&ctx, &id)?;
    let bill = find::revision(ctx.app.db(), id, asked.number(&ctx, id).await?).await.or_page(&ctx)?;
    Ok(no_store(Json(json!({ "state": bill.revision.pdf_state().as_str() }))))
}

fn no_store(body: impl IntoResponse) -> Response {
    (StatusCode::OK, [("cache-control", "no-store")], body).into_response()
}

async fn pdf_retry(ctx: Ctx, Path(id): Path<String>, Query(asked): Query<Asked>) -> PageResult {
    let id = bol_id(&ctx, &id)?;
    let revision = asked.number(&ctx, id).await?;
    bols::retry_pdf(&ctx.app, &ctx.actor, id, revision).await.or_page(&ctx)?;
    Ok(ctx.see_other(&urls::bol(id), Some(Flash::ok("The PDF is being made again."))).await)
}
