//! The page of the queue.

pub mod list;
