//! The table of attachments.

use sea_orm::entity::prelude::*;

use crate::ids::{AttachmentId, BolId, ObjectId, UserId};

/// A scan or photo that belongs to a bill. Until it is checked its bytes lie under a key of their own, where outsiders may write.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attachments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AttachmentId,
    pub bol_id: BolId,
    /// [`super::Kind`]
    pub kind: String,
    /// As the sender's computer called it, in one line.
    pub name: String,
    /// Bytes, as announced; what arrives has exactly so many.
    pub size: i64,
    /// As its first bytes say; `None` until they were looked at.
    pub content_type: Option<String>,
    /// [`super::State`]
    pub state: String,
    /// Why it was refused.
    pub error: Option<String>,
    /// The number of its job: one that is late or doubled sees that it is not its turn.
    pub generation: i32,
    /// Where its bytes arrive.
    #[sea_orm(unique)]
    pub staged_key: String,
    /// The backend that they arrive on.
    pub staged_on: String,
    /// The node in whose files that is; empty: a bucket.
    pub node: String,
    /// The bucket's name for an upload in parts.
    pub upload: Option<String>,
    /// Bytes of each part but the last; `size` or more where it comes in one.
    pub part_size: i64,
    /// What is kept of it once it was checked.
    pub object_id: Option<ObjectId>,
    pub created_by: Option<UserId>,
    pub created_by_name: String,
    pub created_at: i64,
    pub updated_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
