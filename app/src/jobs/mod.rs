//! The queue as people see it: what waits, runs, failed and was done; retry and cancel.
//!
//! These are reads and small writes on the queue's own tables (apalis made them; the two databases spell them differently, and
//! [`table`] is the only place that knows). What the jobs do is elsewhere.

mod change;
mod list;
pub mod pages;
mod progress;
pub mod table;

pub use change::{Cancelled, cancel, retry};
pub use list::{Asked, JobLine, Jobs, QueueLine, find, is_busy, list, page, queues, running};
pub use progress::{Stopped, forget, report};
pub use table::{JobState, WorkerRow, workers};

/// The table of progress.
pub mod model {
    use sea_orm::entity::prelude::*;

    /// How far a job that takes longer than a second has come.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "job_progress")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub queue: String,
        /// [`crate::job::Job::key`]
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub done: i64,
        /// Out of how much, once that is known.
        pub total: Option<i64>,
        /// Who wants it stopped; a job that can stop half-way looks here whenever it reports.
        pub stop_by: Option<String>,
        pub updated_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
