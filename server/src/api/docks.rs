//! Docks, and where and when bills were loaded at them.

use axum::Json;
use chrono::{DateTime, SecondsFormat};
use gatehouse_app::{
    AppError,
    bols::find,
    docks::{self, DockLine, Loaded, LoadingForm},
    ids::{BolId, CameraId, DockId, YardSiteId},
    users::Permission::{ReadCameras, ReadPaper, WritePaper},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    extract::{Answer, At, Body},
    problem::Problem,
    time,
};
use crate::http::{
    context::Ctx,
    respond::OrProblem,
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/docks", Access::Api(ReadCameras), index),
        Route::get("/api/v1/bols/{id}/loading", Access::Api(ReadPaper), loading),
        Route::put("/api/v1/bols/{id}/loading", Access::Api(WritePaper), set),
    ]
}

/// Where trucks are loaded.
#[derive(Debug, Serialize, ToSchema)]
pub struct Dock {
    pub id: DockId,
    #[schema(example = "Dock 2")]
    pub name: String,
    pub site_id: YardSiteId,
    /// The cameras that see it, of those that the token's owner may see.
    pub cameras: Vec<CameraId>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DockList {
    pub items: Vec<Dock>,
}

/// Lists the docks in use, by name.
#[utoipa::path(get, path = "/api/v1/docks", tag = "Cameras",
    responses((status = 200, body = DockList), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx) -> Answer<DockList> {
    let lines = docks::docks(&ctx.app, &ctx.actor, false).await.or_problem(&ctx)?;
    let dock = |DockLine { dock, cameras }: DockLine| Dock {
        id: dock.id,
        name: dock.name,
        site_id: dock.site_id,
        cameras: cameras.into_iter().map(|camera| camera.id).collect(),
    };
    Ok(Json(DockList { items: lines.into_iter().map(dock).collect() }))
}

/// Where and when a bill was loaded.
#[derive(Debug, Serialize, ToSchema)]
pub struct Loading {
    pub bol_id: BolId,
    pub dock_id: DockId,
    #[schema(example = "Dock 2")]
    pub dock: String,
    pub from: String,
    /// Absent while it is being loaded.
    pub until: Option<String>,
    pub set_by: String,
}

impl Loading {
    fn new(bol_id: BolId, loaded: Loaded) -> Self {
        Self {
            bol_id,
            dock_id: loaded.dock,
            dock: loaded.dock_name,
            from: time(loaded.from),
            until: loaded.until.map(time),
            set_by: loaded.set_by,
        }
    }
}

/// Where and when a bill was loaded.
#[utoipa::path(get, path = "/api/v1/bols/{id}/loading", tag = "Bills of lading", params(("id" = BolId, Path)),
    responses((status = 200, body = Loading), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn loading(ctx: Ctx, At(id): At<BolId>) -> Answer<Loading> {
    find::find(ctx.app.db(), id).await.or_problem(&ctx)?;
    let loaded = docks::loading(&ctx.app, id).await.or_problem(&ctx)?;
    Ok(Json(Loading::new(id, loaded.ok_or(AppError::NotFound("Its loading")).or_problem(&ctx)?)))
}

/// Where and when a bill was loaded, as a program gives it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetLoading {
    dock_id: DockId,
    /// RFC 3339
    #[schema(format = DateTime, example = "2026-11-20T14:02:00-06:00")]
    from: String,
    /// RFC 3339; absent while it is being loaded.
    #[schema(format = DateTime, example = "2026-11-20T14:31:00-06:00")]
    until: Option<String>,
}

/// Notes where and when a bill was loaded, in the place of what was noted before. The paper stays as it is.
#[utoipa::path(put, path = "/api/v1/bols/{id}/loading", tag = "Bills of lading", params(("id" = BolId, Path)), request_body = SetLoading,
    responses((status = 200, body = Loading), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn set(ctx: Ctx, At(id): At<BolId>, Body(input): Body<SetLoading>) -> Answer<Loading> {
    // The form reads the offset; what is no time it refuses in its own words.
    let typed = |text: &str| match DateTime::parse_from_rfc3339(text) {
        Ok(at) => at.to_rfc3339_opts(SecondsFormat::Millis, false),
        Err(_) => format!("“{text}”"),
    };
    let form = LoadingForm {
        dock: input.dock_id.to_string(),
        from: typed(&input.from),
        until: input.until.as_deref().map(typed).unwrap_or_default(),
    };
    docks::set(&ctx.app, &ctx.actor, id, Some(&form), ctx.yard.zone).await.or_problem(&ctx)?;
    let loaded = docks::loading(&ctx.app, id).await.or_problem(&ctx)?;
    Ok(Json(Loading::new(id, loaded.ok_or(AppError::NotFound("Its loading")).or_problem(&ctx)?)))
}
