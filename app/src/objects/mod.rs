//! Bytes that Gatehouse keeps, and where the copies of them are.

mod key;
pub mod model;
pub mod signed;

pub use key::{check_key, content_type};
