//! Pages of recordings.

mod browse;
mod table;
mod tracks;

pub use browse::{Browse, PLAYERS, Pick};
pub use table::{FILES, File};
pub use tracks::tracks;
