//! The adapters behind the storage port.

pub mod local;
mod presign;
pub mod s3;
