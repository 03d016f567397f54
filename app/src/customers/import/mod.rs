//! Customers from a CSV file: uploaded, shown row by row as what it would do, and done when somebody confirms.
//!
//! A row is a customer with at most one site and one contact; rows of one name are one customer. An import adds and changes, it never
//! takes away: an empty cell leaves what is there.

mod plan;
mod run;
mod sheet;
mod text;

pub use plan::{Plan, PlannedRow, Verdict};
pub use run::{Done, confirm, preview, upload};
pub use sheet::{COLUMNS, MOST_ROWS, sample};
pub use text::MOST_BYTES;
