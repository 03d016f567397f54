//! Capture: one camera in, files out, without re-encoding.
//!
//! ```text
//! session ─ frames ─► run ─► batch ─ a fragment a second ─► disk ─► segment (….part → ….mp4)
//!   (RTSP)              │      │                                        │
//!                      cut   clock, order, boxes                     recover
//! ```
//!
//! [`run::capture`] records until something ends it and says what. [`clock`] knows what time a frame was taken, [`order`] when it is decoded,
//! [`cut`] where files and fragments end; all three are plain arithmetic. [`segment`] writes, [`recover`](mod@recover) finds again what a kill left,
//! [`picture`] makes a small JPEG of a key frame.
//!
//! Around it, [`keeper`] keeps one camera recording and makes calls of a [`sink::Sink`] of what is told; [`leftovers`] offers the sink what was
//! written and never kept. In an installation the sink is a [`hub`], and a process holds its cameras at a [`hold::Station`].

pub mod backoff;
pub mod batch;
pub mod boxes;
pub mod clock;
pub mod cut;
pub mod disk;
mod edges;
pub mod end;
pub mod event;
pub mod hold;
pub mod hub;
pub mod keeper;
pub mod leftovers;
mod line;
pub mod look;
pub mod ntp;
pub mod order;
pub mod picture;
pub mod pulses;
pub mod rates;
pub mod recover;
pub mod run;
pub mod runtime;
pub mod segment;
pub mod session;
pub mod sink;
pub mod source;
pub mod spool;
pub mod stop;

pub use keeper::{Captured, Over, keep_going};
pub use leftovers::{Recovered, recover};
pub use stop::Stop;
