//! Pages around share links: sending, what the customer sees, verification.

mod customer;
mod panel;
mod revoke;
mod send;
pub mod send_many;
mod verify;

pub use customer::{Ask, awaited, customer, fresh_sent, unknown};
pub use panel::Sharing;
pub use revoke::revoke;
pub use send::{Send, send};
pub use verify::{not_on_record, verified};
