//! The tables of objects and their placements.

pub mod object {
    use sea_orm::entity::prelude::*;

    use crate::ids::ObjectId;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "objects")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ObjectId,
        #[sea_orm(unique)]
        pub key: String,
        /// `document`, and further classes as they come.
        pub class: String,
        pub content_type: String,
        pub size: i64,
        /// Lower-case hex.
        pub sha256: String,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod placement {
    use sea_orm::entity::prelude::*;

    use crate::ids::{ObjectId, PlacementId};

    /// One copy of an object on one backend.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "placements")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PlacementId,
        pub object_id: ObjectId,
        pub backend: String,
        pub bucket: String,
        pub size: i64,
        pub sha256: String,
        pub etag: Option<String>,
        /// When a HEAD last agreed on size and checksum.
        pub verified_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
