//! The address book: customers with their sites and contacts, carriers, and releases.

pub mod model;

/// A release's number as it is stored and looked up: capitals, single spaces.
#[must_use]
pub fn release_number(typed: &str) -> String {
    typed.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()
}
