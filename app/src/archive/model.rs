//! The tables of restores, and of who waits for them.

use sea_orm::entity::prelude::*;

use crate::ids::{ObjectId, RestoreId, UserId};

/// Somebody's wish to have an archived object readable again for some days.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restores")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RestoreId,
    pub object_id: ObjectId,
    /// The backend whose copy is restored.
    pub backend: String,
    /// `expedited`, `standard` or `bulk`.
    pub tier: String,
    /// How many days the copy stays readable.
    pub days: i32,
    /// `asked`, `restoring`, `ready` or `failed`.
    pub state: String,
    pub error: Option<String>,
    /// The number of its job: each looks once, and queues the next.
    pub look: i32,
    pub asked_by: Option<UserId>,
    pub asked_by_name: String,
    pub asked_at: i64,
    pub expected_at: i64,
    pub ready_at: Option<i64>,
    /// Until when the copy is readable.
    pub until: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}

pub mod wait {
    use sea_orm::entity::prelude::*;

    use crate::ids::{LinkId, RestoreId};

    /// A customer who pressed Download, and gets a fresh link when the PDF is back.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "restore_waits")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub restore_id: RestoreId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub link_id: LinkId,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
