//! `/recordings/restores`: archived film is asked back, many files at once.

use gatehouse_app::{
    AppError, FormErrors, cameras,
    form::FormData,
    ids::FilmRestoreId,
    recordings::{self, BackForm, pages::NewBack},
    ui::frame::Flash,
    urls,
    users::Permission::ExportFootage,
};

use super::{
    context::Ctx,
    forms::{Form, refused},
    path::Query,
    recordings::picks,
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    // Whoever has a clip made has its film fetched back by it.
    let export = Access::Needs(ExportFootage);
    vec![Route::get(urls::FILM_BACK_NEW, export, new), Route::post(urls::FILM_BACK_NEW, export, ask)]
}

async fn form(ctx: &Ctx, form: BackForm, errors: FormErrors, key: String) -> Result<NewBack, PageError> {
    let chosen = cameras::chosen(&ctx.app, &ctx.actor, &form.cameras.join(",")).await.or_page(ctx)?;
    let picks = picks(&ctx.app, &ctx.actor, &chosen).await.or_page(ctx)?;
    Ok(NewBack { form, errors, picks, key, zone: ctx.yard.zone, now: ctx.app.now() })
}

async fn new(ctx: Ctx, Query(query): Query<Vec<(String, String)>>) -> PageResult {
    let asked = BackForm::from_form(&FormData::new(query));
    let asked = BackForm { tier: "standard".into(), days: "7".into(), ..asked };
    let key = ctx.app.id::<FilmRestoreId>().to_string();
    let form = form(&ctx, asked, FormErrors::new(), key).await?;
    Ok(ctx.page(&NewBack::page(), || form.body()))
}

async fn ask(ctx: Ctx, Form(typed): Form) -> PageResult {
    let asked = BackForm::from_form(&typed);
    let errors = match recordings::ask_back_once(&ctx.app, &ctx.actor, typed.get("key"), &asked, ctx.yard.zone).await {
        Ok(_) => {
            let there = urls::recordings_of(&asked.cameras.join(","), &asked.from);
            return Ok(ctx.see_other(&there, Some(Flash::ok("This film is being asked for."))).await);
        }
        Err(AppError::Invalid(errors)) => errors,
        Err(error) => return Err(PageError::new(&ctx, error)),
    };
    let (errors, key) = refused(&ctx, &typed, errors, "ask for this film");
    let form = form(&ctx, asked, errors, key).await?;
    Ok(ctx.refused(&NewBack::page(), || form.body()))
}
