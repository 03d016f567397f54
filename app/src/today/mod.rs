//! Today: what waits for somebody, and the day as one strip.

mod day;
pub mod pages;
mod waiting;

pub use day::{Day, Hour, day};
pub use waiting::{Waits, waiting};
