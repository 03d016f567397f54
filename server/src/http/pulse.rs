//! How many jobs run, for the frame of every page, asked at most once in two seconds.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use gatehouse_app::{App, jobs};
use tokio::sync::Mutex;

const FRESH: Duration = Duration::from_secs(2);

/// What was counted last, and when. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<Mutex<Option<(Instant, u64)>>>);

impl Pulse {
    /// The count; 0 where it cannot be had, because a page is worth more than this number.
    pub async fn jobs_running(&self, app: &App) -> u64 {
        let mut counted = self.0.lock().await;
        if let Some((at, jobs)) = *counted
            && at.elapsed() < FRESH
        {
            return jobs;
        }
        let jobs = jobs::running(app).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "running jobs could not be counted");
            0
        });
        *counted = Some((Instant::now(), jobs));
        jobs
    }
}
