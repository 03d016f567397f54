//! Rows of settings: a name and JSON.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};
use serde::{Serialize, de::DeserializeOwned};

use crate::error::Result;

/// The table.
pub mod model {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "settings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub value: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is kept under `name`.
///
/// # Errors
/// When the database does not answer, or what is kept is something else.
pub async fn get<T: DeserializeOwned>(db: &impl ConnectionTrait, name: &str) -> Result<Option<T>> {
    let row = model::Entity::find_by_id(name.to_owned()).one(db).await?;
    Ok(row.map(|row| serde_json::from_str(&row.value)).transpose()?)
}

/// Keeps `value` under `name`.
///
/// # Errors
/// When the database does not answer.
pub async fn put<T: Serialize + Sync>(db: &impl ConnectionTrait, name: &str, value: &T) -> Result<()> {
    let row = model::ActiveModel { name: Set(name.into()), value: Set(serde_json::to_string(value)?) };
    model::Entity::insert(row)
        .on_conflict(OnConflict::column(model::Column::Name).update_column(model::Column::Value).to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(())
}
