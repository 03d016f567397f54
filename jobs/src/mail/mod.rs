//! The adapters behind the mail port.

pub mod outbox;
pub mod smtp;
