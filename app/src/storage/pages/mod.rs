//! The storage page.

mod cost;
mod growth;
pub mod overview;
mod place;
