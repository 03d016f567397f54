//! What is wrong with cameras and recorders, and who is told.

mod kind;
pub mod model;

pub use kind::{Kind, Moment};
