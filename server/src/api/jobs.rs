//! The queue.

use axum::Json;
use gatehouse_app::{
    AppError,
    jobs::{self, Asked as Which, JobLine, JobState},
    paging::cursor,
    users::Permission::{ManageJobs, ReadJobs},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    before,
    extract::{Answer, Asked, At},
    limit,
    problem::Problem,
    time,
};
use crate::http::{
    context::Ctx,
    respond::OrProblem,
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Access::Api(ReadJobs), Access::Api(ManageJobs));
    vec![
        Route::get("/api/v1/jobs", read, index),
        Route::get("/api/v1/jobs/{id}", read, show),
        Route::post("/api/v1/jobs/{id}/retry", write, retry),
        Route::post("/api/v1/jobs/{id}/cancel", write, cancel),
    ]
}

/// One job.
#[derive(Debug, Serialize, ToSchema)]
pub struct Job {
    pub id: String,
    /// `render_bol`, `send_email` or `verify_audit`.
    #[schema(example = "render_bol")]
    pub queue: String,
    /// In words.
    #[schema(example = "Render PRT-2026-0001")]
    pub what: String,
    /// `queued`, `running`, `retrying`, `failed`, `cancelled` or `done`.
    #[schema(example = "done")]
    pub state: String,
    pub attempts: i32,
    /// When it was or is due.
    pub run_at: String,
    pub done_at: Option<String>,
    /// What went wrong last.
    pub error: Option<String>,
}

impl From<JobLine> for Job {
    fn from(line: JobLine) -> Self {
        let state = line.row.state();
        Self {
            what: line.what,
            error: if state == JobState::Done { None } else { line.row.error() },
            state: state.as_str().to_owned(),
            id: line.row.id,
            queue: line.row.queue,
            attempts: line.row.attempts,
            run_at: time(line.row.run_at),
            done_at: line.row.done_at.map(time),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct JobPage {
    pub items: Vec<Job>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ListJobs {
    /// Such as `failed`.
    state: Option<String>,
    /// Such as `send_email`.
    queue: Option<String>,
    /// 1–200, by default 50.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists jobs, newest first.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "Jobs", params(ListJobs),
    responses((status = 200, body = JobPage), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx, Asked(query): Asked<ListJobs>) -> Answer<JobPage> {
    let unknown = |word: &str| AppError::field("state", format!("“{word}” is not a state of a job, such as failed"));
    let state = match query.state.as_deref() {
        None | Some("") => None,
        Some(word) => Some(JobState::named(word).ok_or_else(|| unknown(word)).or_problem(&ctx)?),
    };
    let before = before(query.cursor.as_deref()).or_problem(&ctx)?;
    let which = Which { state, queue: query.queue.filter(|queue| !queue.is_empty()), before };
    let limit = limit(query.limit).or_problem(&ctx)?;
    let (lines, more) = jobs::page(&ctx.app, &which, limit).await.or_problem(&ctx)?;
    let next = lines.last().filter(|_| more).map(|line| cursor(&line.row.id));
    Ok(Json(JobPage { items: lines.into_iter().map(Job::from).collect(), next }))
}

/// One job.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", tag = "Jobs", params(("id" = String, Path)),
    responses((status = 200, body = Job), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show(ctx: Ctx, At(id): At<String>) -> Answer<Job> {
    Ok(Json(jobs::find(&ctx.app, &id).await.or_problem(&ctx)?.into()))
}

/// Runs a job that failed, waits to be tried again or was cancelled, now.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/retry", tag = "Jobs", params(("id" = String, Path)),
    responses((status = 200, body = Job), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn retry(ctx: Ctx, At(id): At<String>) -> Answer<Job> {
    jobs::retry(&ctx.app, &ctx.actor, &id).await.or_problem(&ctx)?;
    show(ctx, At(id)).await
}

/// Takes a job that waits out of the queue. A walk over the audit log that runs is told to stop, and does so within a second or two.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancel", tag = "Jobs", params(("id" = String, Path)),
    responses((status = 200, body = Job), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn cancel(ctx: Ctx, At(id): At<String>) -> Answer<Job> {
    jobs::cancel(&ctx.app, &ctx.actor, &id).await.or_problem(&ctx)?;
    show(ctx, At(id)).await
}
