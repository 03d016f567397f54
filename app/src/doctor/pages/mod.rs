//! The doctor's page.

pub mod show;
