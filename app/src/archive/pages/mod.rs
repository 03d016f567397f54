//! The pages of objects: find one, see where it is, have it back.

pub mod back;
pub mod list;
pub mod show;
