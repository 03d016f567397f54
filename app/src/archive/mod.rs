//! Objects whose bytes are not at hand: archived ones are restored, deleted ones brought back from an older version.

mod ask;
mod forget;
mod look;
pub mod model;
mod object;
pub mod pages;
mod reach;
mod recover;
mod revert;
mod words;

pub(crate) use ask::fetch_back;
pub use ask::{ask, longest_days};
pub use forget::{Fate, forget};
pub use look::{catch_up, look};
pub(crate) use object::keys;
pub use object::{Copy, Seen, find, list, named, see};
pub use reach::Away;
pub(crate) use reach::{at_hand, away};
pub use recover::{Outcome, recover, recover_one};
pub use revert::revert;
pub use words::{State, expected, in_words, roughly, tier_named};
