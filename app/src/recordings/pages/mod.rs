//! Pages of recordings.

mod back;
mod browse;
mod fields;
mod holds;
mod stage;
mod table;
mod tracks;

pub use back::NewBack;
pub use browse::{Browse, PLAYERS, Pick, Shown};
pub use fields::FilmFields;
pub use holds::{Holds, NewHold, release};
pub use table::{FILES, File};
