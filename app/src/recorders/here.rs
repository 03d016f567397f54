//! The nodes of this installation that record: each says how it is, as recorders on other sites do.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::model;
use crate::{
    App, AppError, Result,
    cameras::{Who, model::site},
    words::fold,
};

/// How a node's disk is, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Disk {
    pub free: u64,
    pub total: u64,
    /// Of it, for everything else.
    pub keep_free: u64,
    /// What is recorded here and sent nowhere yet, and the bound of it; 0: what the disk has.
    pub spool: u64,
    pub spool_limit: u64,
    /// Files of it, and when the oldest of them began (Unix milliseconds).
    pub queue: u64,
    pub oldest_waiting_at: Option<i64>,
}

/// Takes note of how the node `node` is; the first time it becomes a recorder.
///
/// # Errors
/// When the database does not answer.
pub async fn here(app: &App, node: &str, version: &str, disk: Disk) -> Result<Who> {
    let tx = app.begin().await?;
    let known = model::Entity::find()
        .filter(model::COLUMN.kind.eq("node"))
        .filter(model::COLUMN.node.eq(node))
        .filter(model::COLUMN.revoked_at.is_null())
        .one(&tx)
        .await?;
    let row = match known {
        Some(known) => known,
        None => {
            let site = site::Entity::find().order_by_asc(site::Column::CreatedAt).order_by_asc(site::Column::Id);
            let site = site.one(&tx).await?.ok_or(AppError::NotFound("A site"))?;
            let new = new(app, site.id, free_name(&tx, node).await?, node);
            new.clone().into_active_model().insert(&tx).await?;
            new
        }
    };
    let number = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let who = Who { id: Some(row.id), name: row.name.clone() };
    let mut row = row.into_active_model();
    row.version = Set(version.into());
    row.last_seen_at = Set(Some(app.now()));
    row.disk_free = Set(Some(number(disk.free)));
    row.disk_total = Set(Some(number(disk.total)));
    row.keep_free = Set(number(disk.keep_free));
    row.spool_bytes = Set(number(disk.spool));
    row.spool_limit = Set(number(disk.spool_limit));
    row.queue_segments = Set(number(disk.queue));
    row.queue_bytes = Set(number(disk.spool));
    row.oldest_waiting_at = Set(disk.oldest_waiting_at);
    row.update(&tx).await?;
    tx.commit().await?;
    Ok(who)
}

/// A recorder on another site may be called as this machine is.
async fn free_name(tx: &crate::WriteTxn<'_>, node: &str) -> Result<String> {
    let mut name = node.to_owned();
    loop {
        let taken = model::Entity::find()
            .filter(model::COLUMN.name_key.eq(fold(&name)))
            .filter(model::COLUMN.revoked_at.is_null())
            .one(tx)
            .await?;
        if taken.is_none() {
            return Ok(name);
        }
        name.push_str(" (here)");
    }
}

fn new(app: &App, site_id: crate::ids::YardSiteId, name: String, node: &str) -> model::Model {
    model::Model {
        id: app.id(),
        site_id,
        kind: "node".into(),
        name_key: fold(&name),
        name,
        token_hash: None,
        node: node.into(),
        version: String::new(),
        ip: None,
        last_seen_at: None,
        clock_offset_ms: None,
        disk_free: None,
        disk_total: None,
        keep_free: 0,
        spool_bytes: 0,
        spool_limit: 0,
        queue_segments: 0,
        queue_bytes: 0,
        oldest_waiting_at: None,
        aside: 0,
        created_by: None,
        created_at: app.now(),
        revoked_at: None,
    }
}
