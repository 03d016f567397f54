//! The address book: customers with their sites and contacts, carriers, and releases.

pub mod carriers;
pub mod check;
mod country;
pub mod import;
mod input;
mod list;
pub mod model;
pub mod pages;
mod read;
pub mod releases;
mod save;

pub use country::{alpha3, countries, country_code};
pub use input::{ContactInput, CustomerInput, MOST_ROWS, SiteInput};
pub use list::{Filter, PAGE, list};
pub use read::{Record, choices, named, names, record};
pub use save::{archive, create, edit};

/// A release's number as it is stored and looked up: capitals, single spaces.
#[must_use]
pub fn release_number(typed: &str) -> String {
    typed.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()
}
