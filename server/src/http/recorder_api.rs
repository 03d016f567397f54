//! `/recorder/v1`: what recorders on other sites say, and are told. They always ask; nobody asks them.

use axum::{Extension, Json, http::StatusCode};
use gatehouse_app::recorders::{
    self, model,
    wire::{Announced, Beat, BeatBack, Cameras, Fate, Hello, Kept, PROTOCOL, Picture, Placed, Welcome},
};

use super::{
    context::Ctx,
    respond::{ApiError, OrProblem},
    route::{Access, Route},
};
use crate::{api::Body, start};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/recorder/v1/hello", Access::Recorder, hello),
        Route::post("/recorder/v1/beat", Access::Recorder, beat),
        Route::get("/recorder/v1/cameras", Access::Recorder, cameras),
        Route::post("/recorder/v1/segments", Access::Recorder, segments),
        Route::post("/recorder/v1/kept", Access::Recorder, kept),
        Route::post("/recorder/v1/picture", Access::Recorder, picture),
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
    let manner = start::manner(&ctx.config);
    Ok(Json(recorders::hello(&ctx.app, &ctx.actor, &recorder, &said, manner).await.or_problem(&ctx)?))
}

async fn beat(ctx: Ctx, Extension(recorder): Recorder, Body(said): Body<Beat>) -> Result<Json<BeatBack>, ApiError> {
    let (ip, manner) = (ctx.actor.ip.clone(), start::manner(&ctx.config));
    Ok(Json(recorders::beat(&ctx.app, ip, &recorder, &said, manner).await.or_problem(&ctx)?))
}

async fn cameras(ctx: Ctx, Extension(recorder): Recorder) -> Result<Json<Cameras>, ApiError> {
    let manner = start::manner(&ctx.config);
    Ok(Json(recorders::given(&ctx.app, &ctx.actor, &recorder, manner).await.or_problem(&ctx)?))
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

async fn picture(ctx: Ctx, Extension(recorder): Recorder, Body(said): Body<Picture>) -> Result<Json<Fate>, ApiError> {
    Ok(Json(recorders::picture(&ctx.app, &recorder, &said).await.or_problem(&ctx)?))
}
