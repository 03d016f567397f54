//! Pages of the audit log.

pub mod list;
pub mod show;
