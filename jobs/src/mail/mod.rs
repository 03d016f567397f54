//! The adapters behind the mail port.

pub mod outbox;
