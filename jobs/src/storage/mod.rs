//! The adapters behind the storage port.

pub mod local;
