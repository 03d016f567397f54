//! The adapters behind the storage port.

pub mod local;
pub mod s3;
