//! What makes a clip evidence: its manifest, and the seal that carries it.

pub mod manifest;
pub mod seal;
