//! What records: nodes of this installation, and programs on other sites.

mod list;
pub mod model;
pub mod wire;

pub use list::remote;
