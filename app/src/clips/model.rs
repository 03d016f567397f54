//! The tables of clips, their cameras, their files and the links that carry them.

pub mod clip {
    use sea_orm::entity::prelude::*;

    use crate::ids::{BolId, ClipId, ObjectId, UserId};

    /// A stretch of time of some cameras, kept as evidence.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "clips")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ClipId,
        pub title: String,
        /// Why it was made; it stands in the manifest.
        pub reason: String,
        pub from_at: i64,
        pub until_at: i64,
        pub bol_id: Option<BolId>,
        /// `waiting`, `cutting`, `ready`, `failed`, `erased`.
        pub state: String,
        pub error: Option<String>,
        /// The number of its job: one that is late or doubled sees that it is not its turn.
        pub generation: i32,
        pub done_bytes: i64,
        pub total_bytes: i64,
        /// The very bytes that were signed; immutable once they are.
        #[sea_orm(column_type = "Text", nullable)]
        pub manifest: Option<String>,
        /// Ed25519, base64.
        pub signature: Option<String>,
        /// Of the key that signed: the first 16 hex digits of its SHA-256.
        pub key_id: Option<String>,
        /// The zip of all files; `None` where one file is all there is.
        pub package_id: Option<ObjectId>,
        pub created_by: Option<UserId>,
        pub created_by_name: String,
        pub created_at: i64,
        pub updated_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod clip_camera {
    use sea_orm::entity::prelude::*;

    use crate::ids::{CameraId, ClipId};

    /// A camera that a clip was asked of, whether it recorded then or not.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "clip_cameras")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub clip_id: ClipId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub camera_id: CameraId,
        pub position: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod part {
    use sea_orm::entity::prelude::*;

    use crate::ids::{CameraId, ClipId, ObjectId};

    /// One file of a clip: what one camera recorded without a break.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "clip_parts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub clip_id: ClipId,
        /// From 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub camera_id: CameraId,
        /// What it shows, within what was asked for.
        pub from_at: i64,
        pub until_at: i64,
        pub object_id: ObjectId,
        /// Bytes in front of the seal, and their SHA-256: what the manifest speaks of.
        pub film_size: i64,
        pub film_sha256: String,
        pub frames: i64,
        pub video: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod link_clip {
    use sea_orm::entity::prelude::*;

    use crate::ids::{ClipId, LinkId};

    /// A clip that a share link carries beside its bill.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "link_clips")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub link_id: LinkId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub clip_id: ClipId,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
