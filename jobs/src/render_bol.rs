//! Renders a frozen revision to PDF and stores it.

use gatehouse_app::{
    App,
    ids::{ObjectId, RevisionId},
    objects,
};

/// # Errors
/// When it has to be tried again; the revision says why.
pub async fn run(app: &App, revision: RevisionId, generation: u32, attempt: usize) -> anyhow::Result<()> {
    Ok(objects::render(app, revision, generation, attempt).await?)
}

/// The same for a document that was lost.
///
/// # Errors
/// When it has to be tried again.
pub async fn again(app: &App, object: ObjectId) -> anyhow::Result<()> {
    Ok(objects::remake(app, object).await?)
}
