//! Removes copies that are to go.

use gatehouse_app::{App, ids::ObjectId, objects};

/// # Errors
/// When a store does not answer.
pub async fn run(app: &App, object: ObjectId) -> anyhow::Result<()> {
    Ok(objects::remove_copies(app, object).await?)
}
