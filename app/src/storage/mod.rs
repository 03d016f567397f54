//! Where the bytes are: how many, since when, on which backend, what waits, and what they cost.

pub mod cost;
pub mod model;
pub mod pages;
mod usage;
mod waiting;
mod words;

pub use usage::{DAY, Stock, Use, count as count_now, growth, newest};
pub use waiting::{Amiss, Group, amiss, waiting};
pub use words::{count, size};
