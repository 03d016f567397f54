//! Scans and photos that belong to a bill: the signed paper, a seal, a scale ticket.
//!
//! Their bytes go straight to the bucket, by URLs that are signed here, or to Gatehouse itself where there is no bucket or no script. A job
//! looks at what arrived; only what it has read to the last byte is kept.

mod arrive;
mod begin;
mod check;
mod find;
mod kind;
pub mod model;
pub mod pages;
mod remove;
pub mod sniff;
mod sweep;

pub use arrive::{arrived, give_up, receive};
pub use begin::{Announced, INCOMING, MOST, Piece, Sending, Way, announce, sending};
pub use check::check;
pub(crate) use find::names;
use find::staged_on;
pub use find::{download, find, find_of, look, look_at, of_bill, saved_as};
pub use kind::{Kind, State};
pub use remove::remove;
pub use sweep::{catch_up, sweep};
