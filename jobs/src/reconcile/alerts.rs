//! Looks four times a minute at how cameras and recorders are.

use std::time::Duration;

use gatehouse_app::{App, alerts};
use tokio_util::sync::CancellationToken;

use super::tick;

const EVERY: Duration = Duration::from_secs(15);
/// Milliseconds; a little less than the interval, because clocks differ.
const CLAIM: i64 = 13_000;

/// Looks until `stop`. Every process may: of one quarter's looks one process does the work.
pub(super) async fn watch(app: App, stop: CancellationToken) {
    let mut clock = tokio::time::interval(EVERY);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while stop.run_until_cancelled(clock.tick()).await.is_some() {
        let looked = async {
            match tick::claim(&app, "alerts", CLAIM).await? {
                true => alerts::watch(&app).await,
                false => Ok(0),
            }
        };
        match looked.await {
            Ok(0) => {}
            Ok(changed) => tracing::info!(changed, "alerts opened or closed"),
            Err(error) => tracing::error!(%error, "cameras and recorders could not be looked at"),
        }
    }
}
