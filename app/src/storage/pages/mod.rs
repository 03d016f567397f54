//! The storage page.

mod cost;
mod growth;
pub mod orphans;
pub mod overview;
mod place;
