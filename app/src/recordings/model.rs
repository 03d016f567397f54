//! The tables of runs, segments, gaps, coverage and pictures, of film that is held, and of archived film that is asked back.

pub mod run {
    use sea_orm::entity::prelude::*;

    use crate::ids::{CameraNo, RecorderId, RunId};

    /// Unbroken capture of one camera with one set of parameters.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "runs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RunId,
        pub camera: CameraNo,
        pub recorder_id: Option<RecorderId>,
        /// As it was called then.
        pub recorder_name: String,
        /// Of the lease that it was recorded under.
        pub epoch: i64,
        pub started_at: i64,
        pub ended_at: Option<i64>,
        /// A [`Reason`](crate::recordings::Reason), set with `ended_at`.
        pub end_reason: Option<String>,
        pub end_detail: String,
        /// `avc1.640028`, `hvc1.1.6.L120.90`.
        pub video: String,
        /// `mp4a.40.2`; empty: none.
        pub audio: String,
        pub width: i32,
        pub height: i32,
        /// Whose clock its times are from: `camera` (by its sender reports), `recorder` (when frames arrived).
        pub clock: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod store {
    use sea_orm::entity::prelude::*;

    /// A store that segments are played from, by a number: a backend and a bucket.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "segment_stores")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub backend: String,
        pub bucket: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod segment {
    use sea_orm::entity::prelude::*;

    use crate::ids::{CameraNo, ObjectId, RunId};

    /// One file of a run. A camera and an instant are its name: no two of a camera overlap.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "segments")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub camera: CameraNo,
        #[sea_orm(primary_key, auto_increment = false)]
        pub started_at: i64,
        pub ended_at: i64,
        pub run_id: RunId,
        pub object_id: ObjectId,
        /// 1, unless another one of the camera began in the same second: a part of the key.
        pub nth: i32,
        pub size: i64,
        /// Bytes of `ftyp` and `moov` at its beginning.
        pub init_size: i32,
        /// `uploading`, `completed` (a wanted copy is verified), `failed` (no sound copy is left).
        pub state: String,
        /// Where the copy is that is played; `None`: nowhere now. Follows the placements ([`follow`](crate::recordings::follow)).
        pub store_id: Option<i32>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod fragment {
    use sea_orm::entity::prelude::*;

    use crate::ids::CameraNo;

    /// The fragments of a segment, apart from it: a timeline reads a thousand segments and none of these.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "segment_fragments")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub camera: CameraNo,
        #[sea_orm(primary_key, auto_increment = false)]
        pub started_at: i64,
        /// [`Fragments`](crate::recordings::Fragments), packed.
        pub fragments: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod gap {
    use sea_orm::entity::prelude::*;

    use crate::ids::{CameraNo, RunId};

    /// Time of which nothing is recorded, and why.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "gaps")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub camera: CameraNo,
        #[sea_orm(primary_key, auto_increment = false)]
        pub started_at: i64,
        /// `None`: it goes on; a camera has one such at most.
        pub ended_at: Option<i64>,
        /// A [`Reason`](crate::recordings::Reason).
        pub reason: String,
        pub detail: String,
        /// The run whose end began it.
        pub run_id: Option<RunId>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod coverage {
    use sea_orm::entity::prelude::*;

    use crate::ids::CameraNo;

    /// One UTC day of a camera at a glance: a month is thirty of these rows.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "coverage")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub camera: CameraNo,
        /// Days since 1970.
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i32,
        /// [`Minutes`](crate::recordings::Minutes): a bit a minute.
        pub minutes: Vec<u8>,
        /// Files that began on this day, and are there.
        pub segments: i32,
        pub bytes: i64,
        pub covered_ms: i64,
        /// Those that were kept long enough, and are gone: told of when the last one is.
        pub gone: i32,
        pub gone_bytes: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod sheet {
    use sea_orm::entity::prelude::*;

    use crate::ids::{CameraNo, ObjectId};

    /// Ten minutes of a camera as pictures in one JPEG.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "picture_sheets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub camera: CameraNo,
        /// A multiple of ten minutes.
        #[sea_orm(primary_key, auto_increment = false)]
        pub started_at: i64,
        pub object_id: ObjectId,
        /// Milliseconds after `started_at` of each picture, from top to bottom, joined by commas.
        pub tiles: String,
        /// Of one picture, pixels.
        pub width: i32,
        pub height: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod film_hold {
    use sea_orm::entity::prelude::*;

    use crate::ids::{FilmHoldId, UserId};

    /// A stretch of time whose film is kept whatever its age: what is here, and what comes later. It stays as a record when it is released.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "film_holds")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: FilmHoldId,
        pub from_at: i64,
        pub until_at: i64,
        pub reason: String,
        pub held_by: Option<UserId>,
        pub held_by_name: String,
        pub since: i64,
        pub released_at: Option<i64>,
        pub released_by_name: Option<String>,
        pub release_reason: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod film_hold_camera {
    use sea_orm::entity::prelude::*;

    use crate::ids::{CameraNo, FilmHoldId};

    /// A camera whose film a hold is of.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "film_hold_cameras")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hold_id: FilmHoldId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub camera: CameraNo,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod film_restore {
    use sea_orm::entity::prelude::*;

    use crate::ids::{ClipId, FilmRestoreId, UserId};

    /// Somebody's wish to have the archived film of some time readable again for some days.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "film_restores")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: FilmRestoreId,
        pub from_at: i64,
        pub until_at: i64,
        /// `expedited`, `standard` or `bulk`.
        pub tier: String,
        /// How many days it stays readable.
        pub days: i32,
        /// A [`BackState`](crate::recordings::BackState).
        pub state: String,
        pub error: Option<String>,
        /// The number of its job: each looks at some files, and queues the next.
        pub look: i32,
        /// The last file that was looked at in this state: a camera's number, and when it began.
        pub at_camera: i32,
        pub at_time: i64,
        /// Looked at.
        pub files: i64,
        /// Of these in an archive.
        pub archived: i64,
        /// Of these readable again.
        pub back: i64,
        /// The clip that it is for.
        pub clip_id: Option<ClipId>,
        pub asked_by: Option<UserId>,
        pub asked_by_name: String,
        pub asked_at: i64,
        pub expected_at: i64,
        pub ready_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod film_restore_camera {
    use sea_orm::entity::prelude::*;

    use crate::ids::{CameraNo, FilmRestoreId};

    /// A camera whose film is asked back.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "film_restore_cameras")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub restore_id: FilmRestoreId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub camera: CameraNo,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
