//! Has an archived object restored, and looks whether it is.

use gatehouse_app::{App, archive, ids::RestoreId};

/// # Errors
/// When it has to be tried again.
pub async fn run(app: &App, restore: RestoreId, look: u32) -> anyhow::Result<()> {
    Ok(archive::look(app, restore, look).await?)
}
