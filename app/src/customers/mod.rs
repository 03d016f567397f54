//! The address book: customers with their sites and contacts, carriers, and releases.

pub mod model;
