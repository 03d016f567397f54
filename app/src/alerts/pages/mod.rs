//! Pages of alerts: what is wrong, and whom it reaches.

mod list;
mod targets;

pub use list::{Shown, live, notice};
pub use targets::{TargetPage, key, remove, targets};
