//! What wakes idle workers: one question about all queues, several times a second.
//!
//! A worker of apalis asks by an UPDATE within a transaction, each for its own queue. Of fourteen queues that is what an idle yard spends most
//! of its CPU on, and on SQLite it is a writer's turn each time. Whoever is not woken looks at its next heartbeat all the same.

use std::{collections::HashMap, sync::Arc, time::Duration};

use apalis::prelude::{FutureStrategy, PollStrategy};
use gatehouse_app::App;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::queue;

/// How often it is asked what is due.
const POLL: Duration = Duration::from_millis(400);

/// Wakes the workers of `lanes`.
pub(crate) struct Bell {
    app: App,
    lanes: HashMap<&'static str, Arc<Notify>>,
}

impl Bell {
    pub(crate) fn new(app: App, lanes: &[&'static str]) -> Self {
        Bell { app, lanes: lanes.iter().map(|lane| (*lane, Arc::default())).collect() }
    }

    /// What is rung for `lane`.
    pub(crate) fn of(&self, lane: &str) -> Arc<Notify> {
        self.lanes.get(lane).map(Arc::clone).unwrap_or_default()
    }

    /// Rings until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let lanes: Vec<&str> = self.lanes.keys().copied().collect();
        while stop.run_until_cancelled(tokio::time::sleep(POLL)).await.is_some() {
            let due = queue::due(self.app.db(), self.app.now(), &lanes).await;
            for (lane, rung) in &self.lanes {
                // Where it cannot be asked, each worker tells of it in its own words, and is started again.
                if due.as_ref().is_ok_and(|due| !due.iter().any(|one| one == lane)) {
                    continue;
                }
                rung.notify_one();
            }
        }
    }
}

/// A worker that looks for work whenever it is rung for.
pub(crate) fn when(rung: &Arc<Notify>) -> impl PollStrategy + Send + Sync + use<> {
    let rung = Arc::clone(rung);
    FutureStrategy::new(move |_| {
        let rung = Arc::clone(&rung);
        async move { rung.notified().await }
    })
}
