//! The audit log, read.

use axum::Json;
use gatehouse_app::{
    audit::{self, FilterForm, Start, model::entry},
    paging::cursor,
    users::Permission::ReadAudit,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    before,
    extract::{Answer, Asked},
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
    vec![Route::get("/api/v1/audit", Access::Api(ReadAudit), index)]
}

/// Who did what to what, when, from where.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// 1, 2, 3 … without a gap.
    pub seq: i64,
    pub at: String,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub actor: String,
    pub ip: Option<String>,
    pub request_id: Option<String>,
    #[schema(example = "bol.issued")]
    pub action: String,
    pub subject_kind: String,
    pub subject_id: Option<String>,
    pub details: serde_json::Value,
    /// SHA-256 of this entry with the one before.
    pub hash: String,
}

impl From<entry::Model> for AuditEntry {
    fn from(row: entry::Model) -> Self {
        Self {
            seq: row.seq,
            at: time(row.at),
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            actor: row.actor_name,
            ip: row.ip,
            request_id: row.request_id,
            action: row.action,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            details: serde_json::from_str(&row.details).unwrap_or_default(),
            hash: row.hash,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    pub items: Vec<AuditEntry>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ListAudit {
    /// Such as `bol.issued`.
    #[param(required = false)]
    action: String,
    /// A user's id (their tokens' entries come along), or `system`, `link`, `anonymous`.
    #[param(required = false)]
    actor: String,
    /// A BOL number (what customers did with its links comes along), an email address, a kind, `kind:id` or an id.
    #[param(required = false)]
    subject: String,
    /// A whole address.
    #[param(required = false)]
    ip: String,
    /// Unix milliseconds: at or after.
    since: Option<i64>,
    /// Unix milliseconds: before.
    until: Option<i64>,
    /// 1–200, by default 50.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists audit entries, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "Audit", params(ListAudit),
    responses((status = 200, body = AuditPage), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn index(ctx: Ctx, Asked(query): Asked<ListAudit>) -> Answer<AuditPage> {
    let ListAudit { action, actor, subject, ip, .. } = query;
    let form = FilterForm { action, actor, subject, ip, ..FilterForm::default() };
    let mut filter = form.understand(&ctx.app, ctx.yard.zone).await.or_problem(&ctx)?;
    (filter.from, filter.until) = (query.since, query.until);
    let start = before(query.cursor.as_deref()).or_problem(&ctx)?.map_or(Start::Newest, Start::Before);
    let entries =
        audit::list(&ctx.app, &filter, start, limit(query.limit).or_problem(&ctx)? as u64).await.or_problem(&ctx)?;
    let last = entries.lines.last().map(|line| line.entry.seq);
    let next = entries.older.and(last).map(|seq| cursor(&seq));
    Ok(Json(AuditPage { items: entries.lines.into_iter().map(|line| line.entry.into()).collect(), next }))
}
