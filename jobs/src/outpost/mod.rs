//! A recorder on another site, with neither database nor bucket: it records what its hub tells it to, keeps it, and sends it when it can.
//!
//! ```text
//! capture ─► sink ─► store (rows) + shelf (files) ─► send ─► client ─► hub, bucket
//!    ▲         └───► pictures ─► album (files) ─────────┘       │
//!   crew ◄──────────────────── run (hello, beat, cameras) ◄─────┘
//! ```
//!
//! Everything goes on without the hub: cameras are recorded by what it said last, and what happened is told and sent in order once it is back.
//! A file goes when the hub has verified its own copy, and not before.

mod album;
mod client;
mod crew;
mod gauges;
mod pulses;
mod run;
mod send;
mod settings;
mod shelf;
mod sink;
mod store;

pub use gauges::{Gauged, Gauges, Noted, Report};
pub use run::Recorder;
pub use settings::{Hub, Settings, Token};
