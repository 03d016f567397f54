//! The table of what was stored, day by day.

use sea_orm::entity::prelude::*;

/// Verified copies of one class on one backend, of one age and size, as they were last counted on a day.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "storage_use")]
pub struct Model {
    /// Days since 1970-01-01, UTC.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub class: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub backend: String,
    /// Index of the age's band, [`super::cost::BANDS`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub age: i32,
    /// 1 for objects that no tier takes: under 128 KB.
    #[sea_orm(primary_key, auto_increment = false)]
    pub small: i32,
    pub objects: i64,
    pub bytes: i64,
    /// Unix milliseconds.
    pub counted_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
