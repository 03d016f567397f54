//! The table of recorders.

use sea_orm::entity::prelude::*;

use crate::ids::{RecorderId, UserId, YardSiteId};

/// A process that records: a node of this installation, or one on another site that comes with a token.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recorders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RecorderId,
    pub site_id: YardSiteId,
    /// `node`, `remote`.
    pub kind: String,
    /// Stands on every recording; of a node it is the node's name.
    pub name: String,
    pub name_key: String,
    /// SHA-256 of a remote one's token, lower-case hex.
    #[sea_orm(unique)]
    pub token_hash: Option<String>,
    /// What its data folder is called; empty until it was heard of.
    pub node: String,
    /// Empty until it was heard of.
    pub version: String,
    pub ip: Option<String>,
    pub last_seen_at: Option<i64>,
    /// Its clock less ours.
    pub clock_offset_ms: Option<i64>,
    pub disk_free: Option<i64>,
    pub disk_total: Option<i64>,
    /// What it leaves of its disk for everything else.
    pub keep_free: i64,
    pub spool_bytes: i64,
    pub spool_limit: i64,
    pub queue_segments: i64,
    pub queue_bytes: i64,
    /// Of what waits to be sent, when the oldest began.
    pub oldest_waiting_at: Option<i64>,
    /// Files that were refused here, and lie apart on its disk.
    pub aside: i64,
    pub created_by: Option<UserId>,
    pub created_at: i64,
    pub revoked_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
