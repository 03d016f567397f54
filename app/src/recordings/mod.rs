//! What cameras recorded, what is missing of it and why.

pub mod coverage;
mod fragments;
mod gap;
pub mod model;
pub mod pages;
pub mod playlist;
mod reason;
mod track;
mod uptime;
pub mod window;

pub use coverage::Minutes;
pub use fragments::{Fragment, Fragments, TICKS};
pub use gap::{Gap, SLACK};
pub use reason::Reason;
pub use track::{GAPS, Mark, Missing, Track, joined};
pub use uptime::uptime;
