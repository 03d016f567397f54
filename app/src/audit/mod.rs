//! Who did what to what, when and from where: append-only, hash-chained.
//!
//! Each entry's hash covers its own fields and the hash before it, so an edited, removed or reordered entry breaks the chain; the
//! head (`audit_head`, and a copy in the bucket) shows when the end was cut off. Triggers refuse UPDATE and DELETE.

mod chain;
mod entry;
mod journal;
pub mod model;

pub use chain::{GENESIS, append};
pub use entry::{Action, Actor, ActorKind, NewEntry, Subject};
pub use journal::{Journal, Read};
