//! The yard's own settings: its name, zone, numbers. Kept in the database so that the office changes them on a page.

use chrono_tz::Tz;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

use crate::error::Result;

mod edit;
pub mod pages;
pub mod settings;

pub use edit::{YardForm, begin, edit};
pub use settings::model;

/// What the settings page edits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Yard {
    pub name: String,
    /// The street, one line or several.
    pub address: String,
    pub city: String,
    /// State or province.
    pub region: String,
    pub postcode: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The yard's own number for this place.
    pub location_id: String,
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
    /// Whether everybody needs a second factor; whoever has none sets it up before anything else.
    pub second_factor: bool,
}

impl Default for Yard {
    fn default() -> Self {
        Self {
            name: "Freight yard".into(),
            address: String::new(),
            city: String::new(),
            region: String::new(),
            postcode: String::new(),
            country: String::new(),
            location_id: String::new(),
            phone: String::new(),
            zone: Tz::UTC,
            number_prefix: "PRT".into(),
            gs1_prefix: String::new(),
            link_hours: 24,
            api_url_hours: 24,
            second_factor: false,
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
        Ok(settings::get(db, NAME).await?.unwrap_or_default())
    }

    /// Whether they were ever stored; until then the usual ones are in force.
    pub(crate) async fn is_stored(db: &impl ConnectionTrait) -> Result<bool> {
        Ok(settings::get::<serde_json::Value>(db, NAME).await?.is_some())
    }

    /// Where it is, as an envelope has it: the street's lines, then the town; the country where it is not the United States.
    #[must_use]
    pub fn place(&self) -> String {
        let with = |between: &str, parts: [&str; 2]| {
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
        };
        let town = with(", ", [&self.city, &with(" ", [&self.region, &self.postcode])]);
        let country = if self.country == "US" { "" } else { &self.country };
        let lines = self.address.lines().map(str::trim).chain([town.as_str(), country]);
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// Stores them; the caller audits.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn store(&self, db: &impl ConnectionTrait) -> Result<()> {
        settings::put(db, NAME, self).await
    }
}
