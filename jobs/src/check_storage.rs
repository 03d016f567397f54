//! Compares one store with what is on record.

use gatehouse_app::{App, job::Job, jobs, objects};

/// # Errors
/// When the store does not answer.
pub async fn run(app: &App, backend: &str, bucket: &str, job: &Job) -> anyhow::Result<()> {
    objects::check(app, backend, bucket, Some(job)).await?;
    Ok(jobs::forget(app, job).await?)
}
