//! Docks, where and when bills were loaded at them, and what cameras saw of it.

mod footage;
mod loading;
pub mod model;
pub mod pages;
mod save;

pub use footage::{Footage, Seen, Tile, footage};
pub use loading::{Loaded, LoadingForm, loading, marks, proposed, set};
pub use save::{DockForm, DockLine, archive, dock, docks, in_use, save};
