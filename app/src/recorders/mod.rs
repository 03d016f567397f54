//! What records: nodes of this installation, and programs on other sites.

mod beat;
mod cameras;
mod create;
mod find;
mod hello;
mod list;
pub mod model;
pub mod pages;
mod revoke;
pub mod wire;

pub use beat::beat;
pub use cameras::{config, given};
pub use create::{RecorderForm, create};
pub use find::{by_token, recorder};
pub use hello::hello;
pub use list::{Line, lines, remote};
pub use revoke::revoke;

/// For so long, in milliseconds, somebody is here who was heard of.
pub const HERE_MS: i64 = 60_000;

/// How often one is to say how it is, in seconds.
pub const BEAT_SECONDS: u32 = 10;
