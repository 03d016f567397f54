//! The tables of moves.

pub mod moving {
    use sea_orm::entity::prelude::*;

    use crate::ids::MoveId;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "moves")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: MoveId,
        /// A backend's name, or a folder's path.
        pub source: String,
        pub target: String,
        pub class: Option<String>,
        /// What keys of a folder's files begin with.
        pub prefix: String,
        /// Whether copies at the source go.
        pub remove_source: bool,
        /// A [`MoveState`](crate::moves::MoveState).
        pub state: String,
        pub error: Option<String>,
        pub started_by: String,
        pub total_objects: i64,
        pub total_bytes: i64,
        pub copied: i64,
        pub copied_bytes: i64,
        pub skipped: i64,
        pub failed: i64,
        /// Copies at the source that are gone.
        pub removed: i64,
        pub began_at: i64,
        /// When it last said how far it is.
        pub heard_at: i64,
        pub ended_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod failure {
    use sea_orm::entity::prelude::*;

    use crate::ids::MoveId;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "move_failures")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub move_id: MoveId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub reason: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
