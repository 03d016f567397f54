//! `/recorder/v1`: what recorders on other sites say, and are told. They always ask; nobody asks them.

use axum::{Extension, Json, http::StatusCode};
use gatehouse_app::recorders::{
    self, model,
    wire::{Announced, Beat, BeatBack, Cameras, Hello, Kept, PROTOCOL, Placed, Welcome},
};

use super::{
    context::Ctx,
    respond::{ApiError, OrProblem},
    route::{Access, Route},
};
use crate::api::Body;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/recorder/v1/hello", Access::Recorder, hello),
        Route::post("/recorder/v1/beat", Access::Recorder, beat),
        Route::get("/recorder/v1/cameras", Access::Recorder, cameras),
        Route::post("/recorder/v1/segments", Access::Recorder, segments),
        Route::post("/recorder/v1/kept", Access::Recorder, kept),
    ]
}

type Recorder = Extension<model::Model>;

async fn hello(ctx: Ctx, Extension(recorder): Recorder, Body(said): Body<Hello>) -> Result<Json<Welcome>, ApiError> {
    if said.protocol != PROTOCOL {
        let text = format!(
            "This hub speaks protocol {PROTOCOL}, not {}: run the same version of Gatehouse on both.",
            said.protocol
        );
        return Err(ApiError::other(&ctx, StatusCode::UPGRADE_REQUIRED, &text));
    }
    Ok(Json(recorders::hello(&ctx.app, &ctx.actor, &recorder, &said).await.or_problem(&ctx)?))
}

async fn beat(ctx: Ctx, Extension(recorder): Recorder, Body(said): Body<Beat>) -> Result<Json<BeatBack>, ApiError> {
    Ok(Json(recorders::beat(&ctx.app, ctx.actor.ip.clone(), &recorder, &said).await.or_problem(&ctx)?))
}

async fn cameras(ctx: Ctx, Extension(recorder): Recorder) -> Result<Json<Cameras>, ApiError> {
    Ok(Json(recorders::given(&ctx.app, &ctx.actor, &recorder).await.or_problem(&ctx)?))
}

async fn segments(
    ctx: Ctx,
    Extension(recorder): Recorder,
    Body(said): Body<Announced>,
) -> Result<Json<Placed>, ApiError> {
    Ok(Json(recorders::segments(&ctx.app, &recorder, &said).await.or_problem(&ctx)?))
}

async fn kept(ctx: Ctx, Extension(recorder): Recorder, Body(said): Body<Kept>) -> Result<Json<Placed>, ApiError> {
    Ok(Json(recorders::kept(&ctx.app, &recorder, &said.keys).await.or_problem(&ctx)?))
}
