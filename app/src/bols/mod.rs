//! Bills of lading: from a draft to a numbered, frozen, printed record.

pub mod content;
pub mod model;
mod state;
pub mod search;
pub mod weight;

pub use state::{PdfState, State};
