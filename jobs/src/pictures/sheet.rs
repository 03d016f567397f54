//! Tiles one below the other, in one JPEG.

use std::{fs, io, path::PathBuf};

use gatehouse_app::recordings::Sheet;

use crate::capture::picture::{NoPicture, TILE, encode};

const BYTES: usize = (TILE.0 * TILE.1 * 3) as usize;
/// A tile for each second at most: no JPEG is higher than 65,535 lines.
const MOST: usize = 600;

/// Joins `tiles`, each with its time; those that are cut off or gone are left out. `None` where none is left.
pub(super) fn join(started_at: i64, tiles: &[(i64, PathBuf)]) -> Result<Option<(Sheet, Vec<u8>)>, NoPicture> {
    let mut rgb = Vec::with_capacity(tiles.len().min(MOST) * BYTES);
    let mut times = Vec::with_capacity(tiles.len().min(MOST));
    for (at, path) in tiles.iter().take(MOST) {
        match fs::read(path) {
            Ok(tile) if tile.len() == BYTES => {
                rgb.extend_from_slice(&tile);
                times.push(at - started_at);
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    if times.is_empty() {
        return Ok(None);
    }
    let jpeg = encode(&rgb, TILE.0, TILE.1 * times.len() as u32)?;
    Ok(Some((Sheet { started_at, tiles: times, width: TILE.0, height: TILE.1 }, jpeg)))
}
