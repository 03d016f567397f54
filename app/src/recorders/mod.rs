//! What records: nodes of this installation, and programs on other sites.

mod away;
mod beat;
mod cameras;
mod claim;
mod create;
mod find;
mod hello;
mod here;
mod kept;
mod list;
mod lost;
pub mod model;
mod own;
pub mod pages;
mod picture;
mod revoke;
mod segments;
pub mod wire;

pub use away::away;
pub use beat::beat;
pub use cameras::{Manner, config, given};
pub use create::{RecorderForm, create};
pub use find::{by_token, recorder};
pub use hello::hello;
pub use here::{Disk, here};
pub use kept::kept;
pub use list::{Line, Recorded, lines, recorded, remote};
pub use lost::{LostFile, lost_of};
pub use picture::picture;
pub use revoke::revoke;
pub use segments::segments;

/// For so long, in milliseconds, somebody is here who was heard of.
pub const HERE_MS: i64 = 60_000;

/// How often one is to say how it is, in seconds.
pub const BEAT_SECONDS: u32 = 10;
