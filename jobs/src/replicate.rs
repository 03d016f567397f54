//! Fills a placement that waits.

use gatehouse_app::{App, ids::PlacementId, objects};

/// # Errors
/// When the database does not answer: a store that does not is left to a catch-up.
pub async fn run(app: &App, placement: PlacementId, generation: u32) -> anyhow::Result<()> {
    Ok(objects::replicate(app, placement, generation).await?)
}
