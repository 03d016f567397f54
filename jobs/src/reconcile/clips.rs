//! Clips that nobody is going to cut.

use gatehouse_app::{App, Result, clips, jobs::table::Dialect};

/// Puts their jobs in the queue again, as the next generation. Returns how many.
pub(super) async fn catch_up(app: &App) -> Result<u64> {
    let live = Dialect::of(app.db()).live_job("'cut_clip'", "= clip.id || '.' || clip.generation");
    clips::catch_up(app, &live).await
}
