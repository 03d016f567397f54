//! Clips: exact stretches of footage, cut by a job, proven and kept as evidence.

mod ask;
mod away;

mod custody;
mod cut;
mod erase;
mod film;
mod find;
mod get;
mod list;
mod missing;
pub mod model;
pub mod pages;
mod plan;
mod send;
mod sign;
mod state;

pub use ask::{ClipForm, LONGEST, ask, ask_once, retry};
pub use custody::{custody, history};
pub use cut::{catch_up, cut};
pub use erase::erase;
pub(crate) use erase::retired;
pub use find::{Part, Shown, find, show, visible};
pub use get::{What, download, manifest, play};
pub use list::{ClipKey, ClipLine, list, of_bill};
pub use send::{Carried, Playing, carried, sendable};
pub(crate) use send::{attach, carried_over, carries, file_to_save, files_to_play};
pub use state::State;
