//! Bills of lading: from a draft to a numbered, frozen, printed record.

pub mod content;
pub mod model;
pub mod pdf;
pub mod search;
mod state;
pub mod weight;

pub use state::{PdfState, State};
