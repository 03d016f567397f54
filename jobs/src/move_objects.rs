//! `move_objects`: copies objects from one storage to another, as asked for on the page.

use gatehouse_app::{App, ids::MoveId, moves};

pub(crate) async fn run(app: &App, moving: MoveId) -> anyhow::Result<()> {
    Ok(moves::work(app, moving).await?)
}
