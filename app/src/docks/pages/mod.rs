//! The pages of docks and loadings, and the footage on a bill's page.

mod docks;
mod footage;
mod loading;

pub use docks::{DockPage, archive, list};
pub use footage::panel;
pub use loading::LoadingPage;
