//! The jobs page, its live events, retry and cancel.

use axum::{extract::State, response::IntoResponse};
use gatehouse_app::{
    form::FormData,
    jobs::{self, Asked, Cancelled, JobState, pages::list},
    ui::{
        self,
        frame::{Area, Flash, Page},
    },
    urls,
    users::Permission,
};

use super::{
    ServerState,
    context::Ctx,
    forms::Form,
    live::live,
    path::{Path, Query},
    respond::{OrPage, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, manage) = (Access::Needs(Permission::ReadJobs), Access::Needs(Permission::ManageJobs));
    vec![
        Route::get("/jobs", read, show),
        Route::get("/jobs/events", read, events),
        Route::post("/jobs/{id}/retry", manage, retry),
        Route::post("/jobs/{id}/cancel", manage, cancel),
    ]
}

fn asked(data: &FormData) -> Asked {
    let given = |name| Some(data.get(name).to_owned()).filter(|text: &String| !text.is_empty());
    Asked { state: JobState::named(data.get("state")), queue: given("queue"), before: given("before") }
}

async fn show(ctx: Ctx, Query(query): Query<Vec<(String, String)>>) -> PageResult {
    let asked = asked(&FormData::new(query));
    let jobs = jobs::list(&ctx.app, &asked).await.or_page(&ctx)?;
    let page = Page::new("Jobs", Area::Yard).at(urls::JOBS).wide();
    let (may_change, zone) = (ctx.may(Permission::ManageJobs), ctx.yard.zone);
    Ok(ctx.page(&page, || list::page(jobs, &asked, may_change, zone)))
}

async fn events(
    ctx: Ctx,
    State(state): State<ServerState>,
    Query(query): Query<Vec<(String, String)>>,
) -> impl IntoResponse {
    let (app, asked) = (ctx.app.clone(), asked(&FormData::new(query)));
    let (may_change, zone) = (ctx.may(Permission::ManageJobs), ctx.yard.zone);
    live(state.stop.clone(), move || {
        let (app, asked) = (app.clone(), asked.clone());
        async move {
            let jobs = jobs::list(&app, &asked).await?;
            Ok(ui::fragment(|| list::live(jobs, &asked, may_change, zone)))
        }
    })
}

async fn retry(ctx: Ctx, Path(id): Path<String>, Form(form): Form) -> PageResult {
    jobs::retry(&ctx.app, &ctx.actor, &id).await.or_page(&ctx)?;
    Ok(ctx.see_other(&back(&form), Some(Flash::ok("The job runs again now."))).await)
}

async fn cancel(ctx: Ctx, Path(id): Path<String>, Form(form): Form) -> PageResult {
    let words = match jobs::cancel(&ctx.app, &ctx.actor, &id).await.or_page(&ctx)? {
        Cancelled::Done => "The job was cancelled; it will not run unless somebody retries it.",
        Cancelled::Stopping => "The job was told to stop; it does so within a second or two.",
    };
    Ok(ctx.see_other(&back(&form), Some(Flash::ok(words))).await)
}

/// The page that the button was pressed on.
fn back(form: &FormData) -> String {
    let asked = asked(form);
    list::query(urls::JOBS, &asked, asked.before.as_deref())
}
