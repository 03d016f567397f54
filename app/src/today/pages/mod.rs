//! The first page.

mod strip;
mod today;

pub use today::page;
