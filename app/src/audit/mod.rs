//! Who did what to what, when and from where: append-only, hash-chained.
//!
//! Each entry's hash covers its own fields and the hash before it, so an edited, removed or reordered entry breaks the chain; the
//! head (`audit_head`, and a copy in the storage) shows when the end was cut off. Triggers refuse UPDATE and DELETE.

mod chain;
pub mod copy;
mod entry;
mod export;
mod filter;
mod journal;
mod list;
pub mod model;
pub mod pages;
pub mod verify;

pub use chain::{GENESIS, append};
pub use entry::{Action, Actor, ActorKind, NewEntry, Subject};
pub use export::export;
pub use filter::{ACTOR_KINDS, ActorIs, Filter, FilterForm, SUBJECT_KINDS, SubjectIs};
pub use journal::{Journal, Read};
pub use list::{Entries, Line, Start, about, action_in_words, find, kind_in_words, list, people};
