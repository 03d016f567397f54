//! Removes copies that are to go.

use gatehouse_app::{App, ids::ObjectId, objects};

/// # Errors
/// When a store does not answer.
pub async fn run(app: &App, object: ObjectId) -> anyhow::Result<()> {
    Ok(objects::remove_copies(app, object).await?)
}

/// Removes what no record knows.
///
/// # Errors
/// When the store does not answer.
pub async fn orphans(app: &App, backend: &str, bucket: &str, asked: i64) -> anyhow::Result<()> {
    let removed = objects::remove_orphans(app, backend, bucket, asked).await?;
    tracing::info!(backend, bucket, removed, "what no record knew was removed");
    Ok(())
}
