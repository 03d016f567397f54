//! How many jobs run, for the frame of every page, asked at most once in two seconds.

use std::time::Duration;

use gatehouse_app::{App, jobs};

use crate::fresh::Fresh;

/// What was counted last. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pulse(Fresh<u64>);

impl Default for Pulse {
    fn default() -> Self {
        Self(Fresh::new(Duration::from_secs(2)))
    }
}

impl Pulse {
    /// The count; 0 where it cannot be had, because a page is worth more than this number.
    pub async fn jobs_running(&self, app: &App) -> u64 {
        self.0.get(jobs::running(app)).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "running jobs could not be counted");
            0
        })
    }
}
