//! Cuts a clip out of what was recorded, and signs it.

use gatehouse_app::{App, clips, ids::ClipId, objects::LOCAL};

/// # Errors
/// When it has to be tried again; the clip says why.
pub async fn run(app: &App, clip: ClipId, generation: u32, attempt: usize) -> anyhow::Result<()> {
    Ok(clips::cut(app, clip, generation, attempt, || room(app)).await?)
}

/// Bytes free where clips are cut; `None` where the system does not say.
fn room(app: &App) -> Option<u64> {
    let place = app.ports.plane.store(LOCAL)?.path("evidence")?;
    // The folder of a new installation is not there yet: the nearest that is lies on the same disk.
    let there = place.ancestors().find(|folder| folder.exists())?;
    #[cfg(unix)]
    return rustix::fs::statvfs(there).ok().map(|found| found.f_bavail.saturating_mul(found.f_frsize));
    #[cfg(not(unix))]
    return None;
}
