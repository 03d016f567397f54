//! The adapters behind the storage port.

pub mod bandwidth;
pub(crate) mod feed;
mod files;
mod grants;
mod listing;
pub mod local;
mod measured;
mod multipart;
pub mod open;
mod pace;
mod presign;
pub mod s3;
mod staging;
mod wire;

pub(crate) use open::{builder, is_elsewhere};
