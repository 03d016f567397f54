//! People who sign in: who they are and what they may do.

pub mod model;
mod password;
mod roles;

pub use password::{hash_password, verify_password};
pub use roles::{Permission, Role};
