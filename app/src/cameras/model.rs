//! The tables of sites, cameras, grants, leases and states.

pub mod site {
    use sea_orm::entity::prelude::*;

    use crate::ids::YardSiteId;

    /// A place with cameras on a network of its own.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "yard_sites")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: YardSiteId,
        pub name: String,
        /// [`crate::words::fold`] of the name; unique among those that are not archived.
        pub name_key: String,
        /// Where cameras of the site may be, a line each: an [`Allow`](crate::cameras::Allow).
        #[sea_orm(column_type = "Text")]
        pub allow: String,
        pub created_at: i64,
        pub updated_at: i64,
        pub archived_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod camera {
    use sea_orm::entity::prelude::*;

    use crate::ids::{CameraId, CameraNo, RecorderId, UserId, YardSiteId};

    /// An RTSP source. What opens it is sealed, and is shown to nobody again.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "cameras")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CameraId,
        /// What tables of ten million rows call it.
        #[sea_orm(unique)]
        pub number: CameraNo,
        /// What keys of objects call it: `dock_2`. Never changes, and is never given away again.
        #[sea_orm(unique)]
        pub slug: String,
        pub name: String,
        pub name_key: String,
        pub site_id: YardSiteId,
        /// The recorder on another site that records it; `None`: workers of this installation.
        pub recorder_id: Option<RecorderId>,
        pub host: String,
        pub port: i32,
        /// Path, query, user and password: [`Opening`](crate::cameras::Opening), sealed to this camera's id.
        pub sealed: String,
        /// `tcp`, `udp`.
        pub transport: String,
        pub audio: bool,
        pub enabled: bool,
        /// When it records, a line each: a [`Schedule`](crate::cameras::Schedule); empty: always.
        #[sea_orm(column_type = "Text")]
        pub schedule: String,
        /// `None`: as long as the class of recordings is kept.
        pub retention_days: Option<i32>,
        /// Everybody sees it who may see cameras at all; otherwise those with a grant.
        pub open_to_all: bool,
        /// The address of its ONVIF service; empty where it was added by URL.
        pub onvif: String,
        /// Goes up whenever capture has to begin anew with other settings.
        pub version: i32,
        pub created_by: Option<UserId>,
        pub created_at: i64,
        pub updated_at: i64,
        pub archived_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod grant {
    use sea_orm::entity::prelude::*;

    use crate::ids::{CameraId, UserId};

    /// One person may see one camera.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "camera_grants")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: UserId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub camera_id: CameraId,
        pub granted_by: Option<UserId>,
        pub granted_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod lease {
    use sea_orm::entity::prelude::*;

    use crate::ids::CameraId;

    /// Who records a camera of this installation at present.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "camera_leases")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub camera_id: CameraId,
        /// Goes up with each holder: whoever writes with an older one is refused.
        pub epoch: i64,
        /// The boot of a process; empty: nobody.
        pub holder: String,
        pub node: String,
        /// Goes up while the holder lives. Others watch it with their own clocks: those of two machines never agree.
        pub beat: i64,
        /// When the job of this epoch was put in the queue.
        pub asked_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod status {
    use sea_orm::entity::prelude::*;

    use crate::ids::{CameraId, ObjectId, RecorderId};

    /// How a camera is, as whoever records it said last.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "camera_states")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub camera_id: CameraId,
        /// A [`State`](crate::cameras::State).
        pub state: String,
        /// In the camera's or the system's own words, without addresses and secrets.
        pub detail: String,
        pub since: i64,
        pub recorder_id: Option<RecorderId>,
        pub recorder_name: String,
        /// `avc1.640028`; empty while it is not known.
        pub video: String,
        /// `mp4a.40.2`; empty: none.
        pub audio: String,
        pub width: Option<i32>,
        pub height: Option<i32>,
        /// Thousandths of a frame a second.
        pub fps_milli: Option<i32>,
        pub bits_per_second: Option<i64>,
        pub last_frame_at: Option<i64>,
        pub last_segment_at: Option<i64>,
        /// Its clock less ours; `None` where it sends no reports.
        pub clock_offset_ms: Option<i64>,
        /// Since the camera was added.
        pub reconnects: i64,
        pub snapshot_id: Option<ObjectId>,
        pub snapshot_at: Option<i64>,
        pub heard_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
