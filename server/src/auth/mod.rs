//! Who is asking: sessions for people, bearer tokens for programs.

mod backend;
pub mod bearer;
mod sessions;

pub use backend::{Backend, Credentials, SignedInUser};
pub use sessions::SqlSessions;
