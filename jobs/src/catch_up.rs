//! Fills everything that waits for one place, oldest first.

use gatehouse_app::{App, objects};

/// # Errors
/// When the place does not answer: it is tried again, for as long as it takes.
pub async fn run(app: &App, backend: &str, bucket: &str, node: &str) -> anyhow::Result<()> {
    let filled = objects::catch_up(app, backend, bucket, node).await?;
    if filled > 0 {
        tracing::info!(backend, bucket, filled, "what waited for this storage is there");
    }
    Ok(())
}
