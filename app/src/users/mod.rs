//! People who sign in: who they are and what they may do.

mod roles;

pub use roles::{Permission, Role};
