//! The house as a whole: the real router on a temporary database, a module a feature.

mod audit;
mod customers;
mod health;
mod jobs;
mod links;
mod mail;
mod reconcile;
mod render;
mod schema;
mod session;
mod support;
