//! Bytes that Gatehouse keeps, and where the copies of them are.

mod disposition;
mod document;
mod key;
pub mod model;
pub mod signed;

pub use disposition::attachment;
pub use document::{GIVE_UP_AFTER, render};
pub(crate) use document::{lock_bol, preview};
pub use key::{check_key, content_type};
