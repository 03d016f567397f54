//! Bytes that Gatehouse keeps, and where the copies of them are.

pub mod model;
