//! The house as a whole: the real router on a temporary database, a module a feature.

mod schema;
mod session;
mod support;
