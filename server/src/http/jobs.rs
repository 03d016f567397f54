//! The jobs page, its live events, retry and cancel.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{StreamExt, stream};
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

/// How often the page is brought up to date.
const EVERY: Duration = Duration::from_secs(1);

/// A stream ends after so long and the browser asks again: so nobody goes on watching after their session has ended.
const AT_MOST: u32 = 30;

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
    let watching = Watching { ctx, asked: asked(&FormData::new(query)), sent: String::new(), looks: 0 };
    Sse::new(stream::unfold(watching, next).take_until(state.stop.clone().cancelled_owned()))
        .keep_alive(KeepAlive::default())
}

struct Watching {
    ctx: Ctx,
    asked: Asked,
    /// What the browser shows now.
    sent: String,
    looks: u32,
}

/// Waits until what the page shows has changed, then sends all of it: a browser that missed one event is right with the next.
async fn next(mut watching: Watching) -> Option<(Result<Event, Infallible>, Watching)> {
    while watching.looks < AT_MOST {
        if watching.looks > 0 {
            tokio::time::sleep(EVERY).await;
        }
        watching.looks += 1;
        let ctx = &watching.ctx;
        let jobs = match jobs::list(&ctx.app, &watching.asked).await {
            Ok(jobs) => jobs,
            Err(error) => {
                tracing::warn!(%error, "jobs could not be read for a live page");
                continue;
            }
        };
        let (may_change, zone) = (ctx.may(Permission::ManageJobs), ctx.yard.zone);
        let asked = &watching.asked;
        let html = ui::fragment(|| list::live(jobs, asked, may_change, zone));
        if html != watching.sent {
            watching.sent.clone_from(&html);
            return Some((Ok(Event::default().event("live").data(html)), watching));
        }
    }
    None
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
