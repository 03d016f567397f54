//! Asks for archived film file by file, and looks whether it is back.

use gatehouse_app::{App, ids::FilmRestoreId, recordings};

/// # Errors
/// When it has to be tried again.
pub async fn run(app: &App, restore: FilmRestoreId, look: u32) -> anyhow::Result<()> {
    Ok(recordings::fetch(app, restore, look).await?)
}
