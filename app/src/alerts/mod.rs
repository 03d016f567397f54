//! What is wrong with cameras and recorders, and who is told.

mod findings;
mod kind;
mod list;
pub mod model;
pub mod pages;
mod seen;
mod targets;
mod tell;
mod watch;
mod webhook;

pub use kind::{Kind, Moment};
pub use list::{Filter, Line, PAGE, count_open, lines};
pub use seen::seen;
pub use targets::{Reach, TargetForm, remove, save, target, targets, try_out};
pub use watch::watch;
pub use webhook::{lost_posts, post};
