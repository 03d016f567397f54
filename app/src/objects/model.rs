//! The tables of objects, their placements, and uploads that are under way.

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
        /// A [`Class`](crate::objects::Class).
        pub class: String,
        pub content_type: String,
        pub size: i64,
        /// Lower-case hex.
        pub sha256: String,
        /// The record it belongs to, in the words of the audit log: a hold on that is a hold on this.
        pub subject_kind: Option<String>,
        pub subject_id: Option<String>,
        pub created_at: i64,
        /// When its class's time is over and it is erased; `None`: by a person alone.
        pub retain_until: Option<i64>,
        /// When it was decided that it be erased: from then on nobody gets it, and its copies go.
        pub erased_at: Option<i64>,
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
        /// `local`, `s3`, `gcs`.
        pub backend: String,
        /// The bucket's name; of local files the node whose disk they are on.
        pub bucket: String,
        pub key: String,
        /// Empty where the backend has none.
        pub region: String,
        pub size: i64,
        pub sha256: String,
        pub etag: Option<String>,
        pub storage_class: Option<String>,
        /// A [`PlacementState`](crate::objects::PlacementState).
        pub state: String,
        /// The node whose files are needed to fill or to remove it; empty: any will do.
        pub node: String,
        /// Tells one job about it from the next.
        pub generation: i32,
        /// Times that filling it failed.
        pub attempts: i32,
        /// What went wrong last.
        pub error: Option<String>,
        /// When it was first wanted; the oldest are filled first.
        pub since: i64,
        /// When size and checksum were last found right.
        pub verified_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod upload {
    use sea_orm::entity::prelude::*;

    /// A multipart upload that is not finished.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "uploads")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub backend: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bucket: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        /// The store's name for it; empty while it was only asked for.
        pub upload: String,
        pub part_size: i64,
        pub size: i64,
        pub begun_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod upload_part {
    use sea_orm::entity::prelude::*;

    /// A part that the store has.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "upload_parts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub backend: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bucket: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        /// From 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub size: i64,
        pub etag: String,
        /// CRC-64/NVME; the database has no unsigned integers.
        pub crc64: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod hold {
    use sea_orm::entity::prelude::*;

    /// A legal hold: on an object, or on a record and everything that belongs to it.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "holds")]
    pub struct Model {
        /// In the words of the audit log.
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject_kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject_id: String,
        pub reason: String,
        pub held_by: String,
        pub since: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod orphan {
    use sea_orm::entity::prelude::*;

    /// Bytes in a store that no record knows. They are told of, and removed only when a person asks.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "orphans")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub backend: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bucket: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub size: i64,
        pub modified: i64,
        /// When a check last saw them.
        pub seen_at: i64,
        /// When somebody asked that they be removed.
        pub asked_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
