//! Objects whose bytes are not at hand: archived ones are restored, deleted ones brought back from an older version.

mod ask;
mod look;
pub mod model;
mod object;
pub mod pages;
mod recover;
mod revert;
mod words;

pub use ask::{ask, longest_days};
pub use look::{catch_up, look};
pub(crate) use object::keys;
pub use object::{Copy, Seen, list, named, see};
pub use recover::{Outcome, recover};
pub use revert::revert;
pub use words::{State, expected, in_words, tier_named};
