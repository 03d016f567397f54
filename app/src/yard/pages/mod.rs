//! Pages about the yard itself.

pub mod health;
pub mod settings;
