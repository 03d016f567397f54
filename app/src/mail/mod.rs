//! Mail on its way: what it says, where it stands, and what became of it.

pub mod model;
mod queue;

pub use queue::{MailKind, NewMail, account_token, queue};
