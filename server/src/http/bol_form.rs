//! The form of a bill, and its issue.

use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use gatehouse_app::{
    AppError, FormErrors,
    audit::{Action, Subject},
    bols::{
        self,
        book::Book,
        compare, find,
        form::{BolForm, Place, Press},
        pages::{
            confirm,
            edit::{Edit, Stale},
            paper::paper,
        },
        readiness::{Facts, readiness},
    },
    customers::model::carrier,
    ids::{BolId, CarrierId, SiteId},
    ui::prelude::*,
    urls,
    users::Permission,
};
use sea_orm::EntityTrait;
use serde_json::json;

use super::{
    bols::bol_id,
    context::Ctx,
    forms::Form,
    path::Path,
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

const WRITE: Access = Access::Needs(Permission::WritePaper);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/bols/{id}/edit", WRITE, edit),
        Route::post("/bols/{id}/edit", WRITE, submit),
        Route::post("/bols/{id}/miniature", WRITE, miniature),
        Route::get("/bols/{id}/issue", WRITE, ask_issue),
        Route::post("/bols/{id}/issue", WRITE, issue),
    ]
}

async fn edit(ctx: Ctx, Path(id): Path<String>) -> PageResult {
    let bill = find::draft(ctx.app.db(), bol_id(&ctx, &id)?).await.or_page(&ctx)?;
    let details = json!({ "number": bill.bol.number, "revision": bill.revision.revision });
    ctx.app.record_read(&ctx.actor, Action::BolViewed, Subject::Bol(bill.bol.id), details).await.or_page(&ctx)?;
    let form = BolForm::of(&bill.content, ctx.yard.zone);
    let page = gather(&ctx, bill, form).await?;
    Ok(show(&ctx, StatusCode::OK, page))
}

/// The page around `form`; what is typed may differ from what the bill says.
async fn gather(ctx: &Ctx, bill: find::Bill, mut form: BolForm) -> Result<Edit, PageError> {
    let (content, errors) = form.content(ctx.yard.zone);
    let db = ctx.app.db();
    let facts = Facts::load(db, bill.bol.id, &content).await.or_page(ctx)?;
    let book = Book::load(db, content.customer).await.or_page(ctx)?;
    form.drop_strays(&book);
    Ok(Edit {
        revision: bill.revision.revision,
        version: bill.revision.version,
        missing: readiness(&content, &facts),
        book,
        bol: bill.bol,
        form,
        errors,
        content,
        stale: None,
        unsaved: false,
    })
}

fn show(ctx: &Ctx, status: StatusCode, page: Edit) -> Response {
    (status, ctx.page(&page.page(), || page.body())).into_response()
}

async fn submit(ctx: Ctx, Path(id): Path<String>, Form(data): Form) -> PageResult {
    let bill = find::draft(ctx.app.db(), bol_id(&ctx, &id)?).await.or_page(&ctx)?;
    let version = data.get("version").parse().unwrap_or_default();
    let mut form = BolForm::read(&data);
    let press = Press::read(data.get("do"));
    let mut errors = FormErrors::new();
    match press {
        Press::Save | Press::Issue => {
            form.add_up();
            return save(&ctx, bill, form, version, press == Press::Issue).await;
        }
        Press::AddLine => form.add_line(),
        Press::RemoveLine(n) => form.remove_line(n),
        Press::AddSeal => form.add_seal(),
        Press::RemoveSeal(n) => form.remove_seal(n),
        Press::AddUp => form.add_up(),
        Press::UseSite(place) => use_site(&ctx, &mut form, place, &mut errors).await?,
        Press::UseCarrier => use_carrier(&ctx, &mut form, &mut errors).await?,
    }
    let mut page = gather(&ctx, bill, form).await?;
    // Still typed over the version that was opened: a change by somebody else has to be noticed at the save.
    page.version = version;
    page.unsaved = errors.is_empty();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.errors = errors;
    Ok(show(&ctx, status, page))
}

async fn use_site(ctx: &Ctx, form: &mut BolForm, place: Place, errors: &mut FormErrors) -> Result<(), PageError> {
    let (block, pick) = (place.block(), place.pick());
    let Ok(id) = form.value(&pick).parse::<SiteId>() else {
        errors.add(pick, "Choose a site first");
        return Ok(());
    };
    match bols::site_of(&ctx.app, id).await {
        Ok((site, customer)) => {
            let mut party = bols::party_of(&customer, &site);
            party.fob = !form.value(&format!("{block}.fob")).is_empty();
            form.put_party(block, &party);
            // Whom the goods go to is whom the bill is for; who sends or pays is not.
            if place == Place::ShipTo {
                form.set("customer", customer.id.to_string());
            }
            form.set(pick, "");
            Ok(())
        }
        Err(AppError::NotFound(_)) => {
            errors.add(pick, "This site is no longer in the address book; choose another");
            Ok(())
        }
        Err(error) => Err(PageError::new(ctx, error)),
    }
}

/// The paper in small of what is typed. Nothing is saved, and nothing is read but whether there is a draft to type in.
async fn miniature(ctx: Ctx, Path(id): Path<String>, Form(data): Form) -> PageResult {
    let bill = find::draft(ctx.app.db(), bol_id(&ctx, &id)?).await.or_page(&ctx)?;
    let (content, _) = BolForm::read(&data).content(ctx.yard.zone);
    let html = fragment(|| paper(&content, bill.bol.number.as_deref(), Some("Draft")));
    Ok(([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response())
}

async fn use_carrier(ctx: &Ctx, form: &mut BolForm, errors: &mut FormErrors) -> Result<(), PageError> {
    let found = match form.value("use.carrier").parse::<CarrierId>() {
        Ok(id) => carrier::Entity::find_by_id(id).one(ctx.app.db()).await.or_page(ctx)?,
        Err(_) => None,
    };
    match found {
        Some(carrier) => {
            form.set("carrier.name", carrier.name);
            form.set("carrier.scac", carrier.scac);
            form.set("use.carrier", "");
        }
        None => errors.add("use.carrier", "Choose a carrier of the address book first"),
    }
    Ok(())
}

async fn save(ctx: &Ctx, bill: find::Bill, form: BolForm, version: i32, then_issue: bool) -> PageResult {
    let id = bill.bol.id;
    let (content, errors) = form.content(ctx.yard.zone);
    if !errors.is_empty() {
        return refuse(ctx, bill, form, version, errors).await;
    }
    let version = match bols::save(&ctx.app, &ctx.actor, id, version, content).await {
        Ok(version) => version,
        Err(AppError::Invalid(errors)) => return refuse(ctx, bill, form, version, errors).await,
        Err(AppError::Conflict(message)) => return stale(ctx, id, form, message).await,
        Err(error) => return Err(PageError::new(ctx, error)),
    };
    if !then_issue {
        return Ok(ctx.see_other(&urls::bol_edit(id), Some(Flash::ok("Draft saved."))).await);
    }
    if bill.revision.revision > 1 {
        return Ok(ctx.see_other(&urls::bol_issue(id), None).await);
    }
    match bols::issue(&ctx.app, &ctx.actor, id, version, None).await {
        Ok(issued) => Ok(issued_page(ctx, id, &issued).await),
        Err(AppError::Invalid(errors)) => refuse(ctx, bill, form, version, errors).await,
        Err(error) => Err(PageError::new(ctx, error)),
    }
}

async fn issued_page(ctx: &Ctx, id: BolId, issued: &bols::Issued) -> Response {
    let text = match issued.revision {
        1 => format!("{} is issued. Its PDF is being made.", issued.number),
        n => format!("Revision {n} of {} is issued. Its PDF is being made.", issued.number),
    };
    ctx.see_other(&urls::bol(id), Some(Flash::ok(text))).await
}

/// The same page with what was typed and what needs mending.
async fn refuse(ctx: &Ctx, bill: find::Bill, form: BolForm, version: i32, errors: FormErrors) -> PageResult {
    let mut page = gather(ctx, bill, form).await?;
    page.version = version;
    page.errors = errors;
    Ok(show(ctx, StatusCode::UNPROCESSABLE_ENTITY, page))
}

/// Somebody else has saved: what was typed stays, over what is stored now, so that the next save is a choice.
async fn stale(ctx: &Ctx, id: BolId, form: BolForm, message: String) -> PageResult {
    // Issued or voided in the meantime: there is nothing left to type over.
    let bill = find::draft(ctx.app.db(), id).await.or_page(ctx)?;
    let stored = bill.content.clone();
    let mut page = gather(ctx, bill, form).await?;
    let differences = compare::differences(ctx.app.db(), &stored, &page.content, ctx.yard.zone).await.or_page(ctx)?;
    page.stale = Some(Stale { message, differences });
    Ok(show(ctx, StatusCode::CONFLICT, page))
}

async fn ask_issue(ctx: Ctx, Path(id): Path<String>) -> PageResult {
    let id = bol_id(&ctx, &id)?;
    let bill = find::draft(ctx.app.db(), id).await.or_page(&ctx)?;
    if bill.revision.revision == 1 {
        return Ok(ctx.see_other(&urls::bol_edit(id), None).await);
    }
    Ok(revision_page(&ctx, bill, "", FormErrors::new()).await?.into_response())
}

async fn revision_page(ctx: &Ctx, bill: find::Bill, reason: &str, errors: FormErrors) -> PageResult {
    let current = find::current(ctx.app.db(), bill.bol.id).await.or_page(ctx)?;
    let differences =
        compare::differences(ctx.app.db(), &current.content, &bill.content, ctx.yard.zone).await.or_page(ctx)?;
    let title = format!("Issue revision {} of {}", bill.revision.revision, bols::pages::name_of(&bill.bol));
    let page = Page::new(title, Area::Paper)
        .wide()
        .crumb("Bills of lading", urls::BOLS)
        .crumb(bols::pages::name_of(&bill.bol), urls::bol(bill.bol.id));
    let refused = !errors.is_empty();
    let (number, version) = (bill.revision.revision, bill.revision.version);
    let body = || confirm::issue_revision(&bill.bol, number, version, differences, reason, errors);
    Ok(if refused { ctx.refused(&page, body) } else { ctx.page(&page, body) })
}

async fn issue(ctx: Ctx, Path(id): Path<String>, Form(data): Form) -> PageResult {
    let id = bol_id(&ctx, &id)?;
    let version = data.get("version").parse().unwrap_or_default();
    match bols::issue(&ctx.app, &ctx.actor, id, version, Some(data.get("reason"))).await {
        Ok(issued) => Ok(issued_page(&ctx, id, &issued).await),
        Err(AppError::Invalid(errors)) => {
            let bill = find::draft(ctx.app.db(), id).await.or_page(&ctx)?;
            if errors.iter().all(|(field, _)| field == "reason") {
                return revision_page(&ctx, bill, data.get("reason"), errors).await;
            }
            // The bill's form has no field for the reason; it is asked for once the rest is mended.
            let rest = errors.iter().filter(|(field, _)| *field != "reason");
            let errors = rest.map(|(field, message)| (field.to_owned(), message.to_owned())).collect();
            let form = BolForm::of(&bill.content, ctx.yard.zone);
            refuse(&ctx, bill, form, version, errors).await
        }
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}
