//! Where trucks are loaded, and what cameras saw of it.

pub mod model;
