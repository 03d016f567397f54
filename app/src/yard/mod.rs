//! The yard's own settings: its name, zone, numbers. Kept in the database so that the office changes them on a page.

use chrono_tz::Tz;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// One row of settings, JSON.
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

/// What the settings page edits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Yard {
    pub name: String,
    pub address: String,
    pub phone: String,
    pub zone: Tz,
    /// `PRT` in `PRT-2026-0001`.
    pub number_prefix: String,
    /// GS1 company prefix, 7–10 digits; empty: no GS1 numbers.
    pub gs1_prefix: String,
    /// How long a customer's link lives unless somebody chooses otherwise.
    pub link_hours: u32,
    /// How long the API's download URL lives.
    pub api_url_hours: u32,
}

impl Default for Yard {
    fn default() -> Self {
        Self {
            name: "Freight yard".into(),
            address: String::new(),
            phone: String::new(),
            zone: Tz::UTC,
            number_prefix: "PRT".into(),
            gs1_prefix: String::new(),
            link_hours: 24,
            api_url_hours: 24,
        }
    }
}

const NAME: &str = "yard";

impl Yard {
    /// The settings in force.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn load(db: &impl ConnectionTrait) -> Result<Self> {
        Ok(match model::Entity::find_by_id(NAME.to_owned()).one(db).await? {
            Some(row) => serde_json::from_str(&row.value)?,
            None => Self::default(),
        })
    }

    /// Stores them; the caller audits.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn store(&self, db: &impl ConnectionTrait) -> Result<()> {
        let row = model::ActiveModel { name: Set(NAME.into()), value: Set(serde_json::to_string(self)?) };
        model::Entity::insert(row)
            .on_conflict(OnConflict::column(model::Column::Name).update_column(model::Column::Value).to_owned())
            .exec_without_returning(db)
            .await?;
        Ok(())
    }
}
