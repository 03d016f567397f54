//! Templates of bills.

use gatehouse_app::{
    AppError, FormErrors,
    bols::{find, model::bol, pages, templates},
    ids::TemplateId,
    ui::prelude::*,
    urls,
    users::Permission,
};

use super::{
    bols::{bol_id, id},
    context::Ctx,
    forms::Form,
    path::Path,
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

const READ: Access = Access::Needs(Permission::ReadPaper);
const WRITE: Access = Access::Needs(Permission::WritePaper);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(urls::TEMPLATES, READ, list),
        Route::get("/bols/templates/{id}", WRITE, edit),
        Route::post("/bols/templates/{id}", WRITE, rename),
        Route::get("/bols/templates/{id}/delete", WRITE, ask_delete),
        Route::post("/bols/templates/{id}/delete", WRITE, delete),
        Route::get("/bols/{id}/template", WRITE, ask_save_as),
        Route::post("/bols/{id}/template", WRITE, save_as),
    ]
}

async fn list(ctx: Ctx) -> PageResult {
    let all = templates::list(ctx.app.db()).await.or_page(&ctx)?;
    let page = Page::new("Templates", Area::Paper).at(urls::TEMPLATES);
    Ok(ctx.page(&page, || pages::templates::list(all, ctx.yard.zone, ctx.may(Permission::WritePaper))))
}

fn template_id(ctx: &Ctx, text: &str) -> Result<TemplateId, PageError> {
    id(ctx, text, "This template")
}

fn page(title: &str) -> Page {
    Page::new(title, Area::Paper).crumb("Templates", urls::TEMPLATES)
}

async fn edit(ctx: Ctx, Path(id): Path<String>) -> PageResult {
    let template = templates::get(ctx.app.db(), template_id(&ctx, &id)?).await.or_page(&ctx)?;
    Ok(ctx.page(&page(&template.name), || pages::templates::edit(&template, &template.name, FormErrors::new())))
}

async fn rename(ctx: Ctx, Path(id): Path<String>, Form(form): Form) -> PageResult {
    let id = template_id(&ctx, &id)?;
    match templates::rename(&ctx.app, &ctx.actor, id, form.get("name")).await {
        Ok(()) => Ok(ctx.see_other(urls::TEMPLATES, Some(Flash::ok("The template has its new name."))).await),
        Err(AppError::Invalid(errors)) => {
            let template = templates::get(ctx.app.db(), id).await.or_page(&ctx)?;
            Ok(ctx.refused(&page(&template.name), || pages::templates::edit(&template, form.get("name"), errors)))
        }
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}

async fn ask_delete(ctx: Ctx, Path(id): Path<String>) -> PageResult {
    let template = templates::get(ctx.app.db(), template_id(&ctx, &id)?).await.or_page(&ctx)?;
    let head = page(&format!("Delete {}", template.name)).crumb(template.name.clone(), urls::template(template.id));
    Ok(ctx.page(&head, || pages::templates::delete(&template)))
}

async fn delete(ctx: Ctx, Path(id): Path<String>) -> PageResult {
    templates::delete(&ctx.app, &ctx.actor, template_id(&ctx, &id)?).await.or_page(&ctx)?;
    Ok(ctx.see_other(urls::TEMPLATES, Some(Flash::ok("The template is deleted."))).await)
}

fn save_page(bol: &bol::Model) -> Page {
    let name = pages::name_of(bol);
    page(&format!("Save {name} as a template")).crumb(name, urls::bol(bol.id))
}

async fn ask_save_as(ctx: Ctx, Path(id): Path<String>) -> PageResult {
    let bol = find::find(ctx.app.db(), bol_id(&ctx, &id)?).await.or_page(&ctx)?;
    Ok(ctx.page(&save_page(&bol), || pages::templates::save_as(&bol, "", None, FormErrors::new())))
}

async fn save_as(ctx: Ctx, Path(id): Path<String>, Form(form): Form) -> PageResult {
    let id = bol_id(&ctx, &id)?;
    match templates::save_as_template(&ctx.app, &ctx.actor, id, form.get("name"), form.has("replace")).await {
        Ok(_) => Ok(ctx.see_other(urls::TEMPLATES, Some(Flash::ok("The template is saved."))).await),
        Err(AppError::Invalid(errors)) => {
            let bol = find::find(ctx.app.db(), id).await.or_page(&ctx)?;
            let taken = templates::named(ctx.app.db(), form.get("name")).await.or_page(&ctx)?;
            let body = || pages::templates::save_as(&bol, form.get("name"), taken.as_ref(), errors);
            Ok(ctx.refused(&save_page(&bol), body))
        }
        Err(error) => Err(PageError::new(&ctx, error)),
    }
}
