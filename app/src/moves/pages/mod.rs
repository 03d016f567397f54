//! The pages of moves.

pub mod list;
