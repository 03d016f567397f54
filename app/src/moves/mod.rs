//! Moving many objects from one store, or an old folder, to another: what `gatehouse migrate-objects` and its page do.
//!
//! A [`plan`] looks at everything in the order of keys and decides; a [`run`] does what it decided. A dry run is the plan alone, so it says
//! what the real run does. Nothing is remembered between runs but what is true anyway: an object that is at the target, by its checksum, is
//! not sent again, and an upload that was interrupted is on record ([`objects::Recorded`](crate::objects::Recorded)).

pub mod adopt;
mod copy;
pub mod model;
mod outcome;
pub mod pages;
mod plan;
mod reader;
mod record;
mod run;
mod source;

pub use outcome::{Options, Outcome, PARALLEL, Statistics};
pub use plan::{Action, Entry};
pub use record::{Move, MoveForm, MoveState, ask, latest, start, work};
pub use run::{dry_run, run};
pub use source::Source;
