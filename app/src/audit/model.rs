//! The tables of the audit log.

pub mod entry {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_entries")]
    pub struct Model {
        /// 1, 2, 3 … without a gap.
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        /// Unix milliseconds.
        pub at: i64,
        pub actor_kind: String,
        pub actor_id: Option<String>,
        pub actor_name: String,
        pub ip: Option<String>,
        pub request_id: Option<String>,
        pub action: String,
        pub subject_kind: String,
        pub subject_id: Option<String>,
        /// JSON, as it was hashed.
        pub details: String,
        /// SHA-256 of this entry with the one before, lower-case hex.
        pub hash: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod head {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_head")]
    pub struct Model {
        /// Always 1: there is one log.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub seq: i64,
        pub hash: String,
        /// The last entry's time: none is written before it, whatever the clock says.
        pub at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
