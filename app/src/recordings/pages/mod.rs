//! Pages of recordings.

mod browse;
mod stage;
mod table;
mod tracks;

pub use browse::{Browse, PLAYERS, Pick, Shown};
pub use table::{FILES, File};
