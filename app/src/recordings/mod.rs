//! What cameras recorded, what is missing of it and why.

mod cover;
pub mod coverage;
mod erased;
mod follow;
mod fragments;
mod gap;
mod gaps;
mod keep;
mod key;
pub mod model;
pub mod pages;
pub mod playlist;
mod reason;
mod runs;
mod segments;
mod stores;
mod track;
mod turn;
mod uptime;
pub mod window;

pub use coverage::Minutes;
pub(crate) use erased::erased;
pub(crate) use follow::follow;
pub use fragments::{Fragment, Fragments, TICKS};
pub use gap::{Gap, SLACK};
pub use gaps::{begin_gap, missing};
pub use keep::{Kept, Segment, announce, keep};
pub use key::key;
pub use reason::Reason;
pub use runs::{begin_run, end_older_runs, end_run};
pub use segments::{SegmentState, free_nth};
pub use stores::{Place, stores};
pub use track::{GAPS, Mark, Missing, Track, joined};
pub use uptime::uptime;
