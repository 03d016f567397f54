//! The tables of docks and loadings.

pub mod dock {
    use sea_orm::entity::prelude::*;

    use crate::ids::{DockId, YardSiteId};

    /// Where trucks are loaded.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "docks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DockId,
        pub site_id: YardSiteId,
        pub name: String,
        pub name_key: String,
        pub created_at: i64,
        pub updated_at: i64,
        pub archived_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod dock_camera {
    use sea_orm::entity::prelude::*;

    use crate::ids::{CameraId, DockId};

    /// A camera that sees a dock.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "dock_cameras")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub dock_id: DockId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub camera_id: CameraId,
        pub position: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod loading {
    use sea_orm::entity::prelude::*;

    use crate::ids::{BolId, DockId, UserId};

    /// Where and when a bill's goods were loaded. Beside the paper and not on it: an issued revision never changes.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "loadings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub bol_id: BolId,
        pub dock_id: DockId,
        pub from_at: i64,
        /// `None`: it is being loaded.
        pub until_at: Option<i64>,
        pub set_by: Option<UserId>,
        pub set_by_name: String,
        pub updated_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
