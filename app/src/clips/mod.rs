//! Stretches of time of some cameras, kept as evidence.

pub mod model;
