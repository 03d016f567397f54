//! Where the bytes are: use, objects, the way back from an archive and from a deletion.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
};
use gatehouse_app::{
    archive::{self, Seen},
    ids::{ObjectId, PlacementId, RestoreId},
    objects::model::object,
    ports::{Archive, Version as Kept},
    storage,
    users::Permission::{ManageStorage, ReadJobs, WritePaper},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{Answer, Asked, At, Body},
    idempotency::{about, once},
    limit, place,
    problem::Problem,
    time,
};
use crate::http::{
    context::Ctx,
    respond::{ApiResult, OrProblem},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, manage) = (Access::Api(ReadJobs), Access::Api(ManageStorage));
    vec![
        Route::get("/api/v1/storage", read, usage),
        Route::get("/api/v1/objects", read, index),
        Route::get("/api/v1/objects/{id}", read, show),
        // As on its page, it costs money and changes nothing.
        Route::post("/api/v1/objects/{id}/restores", Access::Api(WritePaper), restore),
        Route::post("/api/v1/objects/{id}/revert", manage, revert),
        Route::post("/api/v1/objects/{id}/recover", manage, recover),
    ]
}

/// Verified copies of one class on one backend.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClassUse {
    /// `document`, `recording`, `report`, `media`, `event`, `evidence` or `upload`.
    #[schema(example = "document")]
    pub class: String,
    /// `local`, `s3` or `gcs`.
    #[schema(example = "s3")]
    pub backend: String,
    pub objects: i64,
    pub bytes: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StorageUse {
    /// When it was counted; absent before the first count.
    pub counted_at: Option<String>,
    pub items: Vec<ClassUse>,
}

/// What is stored, by class and backend, as it was counted last.
#[utoipa::path(get, path = "/api/v1/storage", tag = "Storage",
    responses((status = 200, body = StorageUse), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn usage(ctx: Ctx) -> Answer<StorageUse> {
    let newest = storage::newest(ctx.app.db()).await.or_problem(&ctx)?;
    let mut sums: BTreeMap<(&str, &str), (i64, i64)> = BTreeMap::new();
    for holding in &newest.holdings {
        let sum = sums.entry((holding.class.as_str(), &holding.backend)).or_default();
        *sum = (sum.0 + holding.objects, sum.1 + holding.bytes);
    }
    let items = sums.into_iter().map(|((class, backend), (objects, bytes))| ClassUse {
        class: class.into(),
        backend: backend.into(),
        objects,
        bytes,
    });
    Ok(Json(StorageUse { counted_at: newest.counted_at.map(time), items: items.collect() }))
}

/// Bytes that are kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct ObjectSummary {
    pub id: ObjectId,
    #[schema(example = "bols/2026/PRT-2026-0001.pdf")]
    pub key: String,
    #[schema(example = "document")]
    pub class: String,
    pub content_type: String,
    /// Bytes.
    pub size: i64,
    /// Lower-case hex.
    pub sha256: String,
    pub created_at: String,
    /// When it is erased by itself, unless a hold lies on it.
    pub retain_until: Option<String>,
    /// When it was decided that every copy of it goes.
    pub erased_at: Option<String>,
}

impl From<object::Model> for ObjectSummary {
    fn from(row: object::Model) -> Self {
        Self {
            id: row.id,
            key: row.key,
            class: row.class,
            content_type: row.content_type,
            size: row.size,
            sha256: row.sha256,
            created_at: time(row.created_at),
            retain_until: row.retain_until.map(time),
            erased_at: row.erased_at.map(time),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ObjectPage {
    pub items: Vec<ObjectSummary>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ListObjects {
    /// What keys begin with, such as `bols/2026/`.
    key: String,
    /// 1–200, by default 50.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists what is kept, in the order of keys.
#[utoipa::path(get, path = "/api/v1/objects", tag = "Storage", params(ListObjects),
    responses((status = 200, body = ObjectPage), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx, Asked(query): Asked<ListObjects>) -> Answer<ObjectPage> {
    let place = place(query.cursor.as_deref()).or_problem(&ctx)?;
    let limit = limit(query.limit).or_problem(&ctx)?;
    let slice = archive::list(&ctx.app, &query.key, &place, limit).await.or_problem(&ctx)?;
    Ok(Json(ObjectPage { items: slice.rows.into_iter().map(ObjectSummary::from).collect(), next: slice.older }))
}

/// One version of a copy, where its bucket keeps them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Version {
    pub id: String,
    /// Bytes.
    pub size: u64,
    pub modified: String,
    pub current: bool,
    /// It says that the object was deleted, and has no bytes.
    pub deleted: bool,
}

impl From<Kept> for Version {
    fn from(version: Kept) -> Self {
        Self {
            id: version.id,
            size: version.size,
            modified: time(version.modified),
            current: version.current,
            deleted: version.deleted,
        }
    }
}

/// One copy of an object, as it is on record and as its storage has it now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Copy {
    pub id: PlacementId,
    #[schema(example = "s3")]
    pub backend: String,
    /// The bucket's name; of local files the machine whose disk they are on.
    pub bucket: String,
    /// On record: `waiting`, `uploading`, `verified`, `missing`, `corrupt`, `failed` or `erasing`.
    #[schema(example = "verified")]
    pub state: String,
    /// When size and checksum were last found right.
    pub verified_at: Option<String>,
    /// In its storage now: `ready`, `archived`, `restoring`, `restored`, `missing` or `unknown`.
    #[schema(example = "ready")]
    pub now: String,
    /// Until when a restored copy can be read.
    pub until: Option<String>,
    /// `STANDARD`, `GLACIER` …; absent where the storage has no classes.
    pub storage_class: Option<String>,
    /// What the bucket says of its other half: `COMPLETED`, `PENDING`, `FAILED`, `REPLICA`.
    pub replication: Option<String>,
    /// What is wrong, on record or with asking.
    pub error: Option<String>,
    /// Newest first; empty where the storage keeps none.
    pub versions: Vec<Version>,
}

impl From<archive::Copy> for Copy {
    fn from(copy: archive::Copy) -> Self {
        let (info, silent) = match copy.info {
            Ok(info) => (info, None),
            Err(why) => (None, Some(why)),
        };
        let (now, until) = match (&info, &silent) {
            (_, Some(_)) => ("unknown", None),
            (None, None) => ("missing", None),
            (Some(info), None) => match info.archive {
                Archive::Ready => ("ready", None),
                Archive::Archived => ("archived", None),
                Archive::Restoring => ("restoring", None),
                Archive::Restored(until) => ("restored", Some(time(until))),
            },
        };
        let info = info.unwrap_or_default();
        Self {
            id: copy.row.id,
            backend: copy.row.backend,
            bucket: copy.row.bucket,
            state: copy.row.state,
            verified_at: copy.row.verified_at.map(time),
            now: now.into(),
            until,
            storage_class: info.storage_class,
            replication: info.replication,
            error: copy.row.error.or(silent),
            versions: copy.versions.into_iter().map(Version::from).collect(),
        }
    }
}

/// Somebody's wish to have an archived object back for some days.
#[derive(Debug, Serialize, ToSchema)]
pub struct Restore {
    pub id: RestoreId,
    #[schema(example = "s3")]
    pub backend: String,
    /// `expedited`, `standard` or `bulk`.
    #[schema(example = "standard")]
    pub tier: String,
    pub days: i32,
    /// `asked`, `restoring`, `ready` or `failed`.
    #[schema(example = "restoring")]
    pub state: String,
    pub asked_at: String,
    pub asked_by: String,
    pub expected_at: String,
    /// Until when it can be read.
    pub until: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

impl From<archive::model::Model> for Restore {
    fn from(row: archive::model::Model) -> Self {
        Self {
            id: row.id,
            backend: row.backend,
            tier: row.tier,
            days: row.days,
            state: row.state,
            asked_at: time(row.asked_at),
            asked_by: row.asked_by_name,
            expected_at: time(row.expected_at),
            until: row.until.map(time),
            error: row.error,
        }
    }
}

/// An object, its copies and versions, and who asked for it back from an archive.
#[derive(Debug, Serialize, ToSchema)]
pub struct Object {
    #[serde(flatten)]
    pub summary: ObjectSummary,
    pub copies: Vec<Copy>,
    /// Newest first, the last ten.
    pub restores: Vec<Restore>,
}

impl From<Seen> for Object {
    fn from(seen: Seen) -> Self {
        Self {
            summary: seen.object.into(),
            copies: seen.copies.into_iter().map(Copy::from).collect(),
            restores: seen.restores.into_iter().map(Restore::from).collect(),
        }
    }
}

/// One object. Its storages are asked now, five seconds at most.
#[utoipa::path(get, path = "/api/v1/objects/{id}", tag = "Storage", params(("id" = ObjectId, Path)),
    responses((status = 200, body = Object), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn show(ctx: Ctx, At(id): At<ObjectId>) -> Answer<Object> {
    Ok(Json(archive::see(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?.into()))
}

/// How an archived object is to come back.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskRestore {
    /// `expedited`, `standard` or `bulk`; the sooner, the dearer.
    #[schema(example = "standard")]
    tier: String,
    /// 1–30; then it goes back by itself.
    #[schema(example = 7)]
    days: u32,
}

/// Asks for an archived object back. A job sees to it; the object's `restores` tell how it stands.
#[utoipa::path(post, path = "/api/v1/objects/{id}/restores", tag = "Storage", request_body = AskRestore,
    params(("id" = ObjectId, Path), ("Idempotency-Key" = Option<String>, Header, description = "Any text of at most 200 characters")),
    responses((status = 202, body = Restore), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn restore(ctx: Ctx, At(id): At<ObjectId>, headers: HeaderMap, Body(asked): Body<AskRestore>) -> ApiResult {
    let (request, actor) = (json!(["restore", id, asked]), ctx.actor.clone());
    let made = once(&ctx, &headers, &request, async move |app| {
        archive::ask(&app, &actor, id, &asked.tier, &asked.days.to_string()).await
    })
    .await?;
    let row = archive::find(ctx.app.db(), *made.get()).await.or_problem(&ctx)?;
    Ok(about(&made, (StatusCode::ACCEPTED, Json(Restore::from(row)))))
}

/// Which version of which copy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revert {
    /// `id` of the copy.
    copy: PlacementId,
    /// `id` of the version.
    version: String,
}

/// Makes an older version of a copy the current one. It counts again only when it has the bytes on record; otherwise the answer is 409.
#[utoipa::path(post, path = "/api/v1/objects/{id}/revert", tag = "Storage", request_body = Revert, params(("id" = ObjectId, Path)),
    responses((status = 200, body = Object), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn revert(ctx: Ctx, At(id): At<ObjectId>, Body(asked): Body<Revert>) -> Answer<Object> {
    archive::revert(&ctx.app, &ctx.actor, id, asked.copy, &asked.version).await.or_problem(&ctx)?;
    show(ctx, At(id)).await
}

/// What became of one copy.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecoveredCopy {
    /// `id` of the copy.
    pub copy: PlacementId,
    #[schema(example = "s3")]
    pub backend: String,
    /// Whether it is there now, with the bytes on record.
    pub well: bool,
    /// In words.
    #[schema(example = "brought back from version 3sL4kq")]
    pub what: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Recovered {
    pub items: Vec<RecoveredCopy>,
}

/// Brings every copy that is gone or wrong back from its newest version with the bytes on record, as `gatehouse object recover` does.
#[utoipa::path(post, path = "/api/v1/objects/{id}/recover", tag = "Storage", params(("id" = ObjectId, Path)),
    responses((status = 200, body = Recovered), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn recover(ctx: Ctx, At(id): At<ObjectId>) -> Answer<Recovered> {
    let outcomes = archive::recover_one(&ctx.app, &ctx.actor, id).await.or_problem(&ctx)?;
    let items = outcomes.into_iter().map(|(copy, outcome)| RecoveredCopy {
        copy: copy.id,
        backend: copy.backend,
        well: outcome.is_well(),
        what: outcome.to_string(),
    });
    Ok(Json(Recovered { items: items.collect() }))
}
