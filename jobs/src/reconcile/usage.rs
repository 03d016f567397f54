//! What is stored is counted now and then.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Instant,
};

use gatehouse_app::{App, Result, storage};

use super::tick;

/// How long counting took this process last, in milliseconds.
static TOOK: AtomicI64 = AtomicI64::new(0);

/// Counts, but spends no more than a sixtieth of its time on it: a small yard is counted each minute, a large one less often.
pub(super) async fn count(app: &App) -> Result<u64> {
    let pause = (TOOK.load(Ordering::Relaxed) * 60).max(tick::MINUTE);
    if !tick::claim(app, "storage_use", pause).await? {
        return Ok(0);
    }
    let began = Instant::now();
    storage::count_now(app).await?;
    TOOK.store(i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX / 60), Ordering::Relaxed);
    Ok(1)
}
