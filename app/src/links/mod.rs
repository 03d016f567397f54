//! Share links: opaque, expiring, revocable, and every look at them on record.

pub mod model;
