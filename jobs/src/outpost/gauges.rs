//! How a recorder is, for whoever looks after its machine.

use std::sync::Arc;

use anyhow::Result;

pub use super::pulses::Noted;
use super::shelf::Shelf;

/// Looks at a recorder that is at work.
#[derive(Clone)]
pub struct Gauges {
    pub(super) shelf: Arc<Shelf>,
    pub(super) node: String,
}

/// What it shows. Times are Unix milliseconds by this machine's clock, sizes bytes.
#[derive(Clone, Debug)]
pub struct Report {
    pub now: i64,
    /// As the hub calls it; until that is known, as its machine is called.
    pub name: String,
    pub hub_heard_at: Option<i64>,
    /// Why the hub refuses it: nothing is recorded then, or nothing is sent.
    pub refused: Option<String>,
    /// Whether there is room for more film.
    pub has_room: bool,
    pub spool_bytes: i64,
    pub spool_limit: u64,
    pub queue_segments: i64,
    pub oldest_waiting_at: Option<i64>,
    pub cameras: Vec<Gauged>,
}

/// A camera that is recorded there.
#[derive(Clone, Debug)]
pub struct Gauged {
    pub noted: Noted,
    /// Where its last file ends.
    pub last_segment_at: Option<i64>,
}

impl Gauges {
    /// How it is now.
    ///
    /// # Errors
    /// When its database cannot be read.
    pub async fn report(&self) -> Result<Report> {
        let floors = self.shelf.store.floors().await?;
        let (heard, level) = (self.shelf.heard().clone(), self.shelf.level());
        let cameras = self.shelf.pulses.all().into_iter();
        Ok(Report {
            now: self.shelf.clock.now(),
            name: if heard.name.is_empty() { self.node.clone() } else { heard.name },
            hub_heard_at: heard.at,
            refused: heard.refused,
            has_room: level.has_room,
            spool_bytes: level.waiting.bytes + level.waiting.aside_bytes,
            spool_limit: level.limit,
            queue_segments: level.waiting.files,
            oldest_waiting_at: level.waiting.oldest,
            cameras: cameras.map(|(id, noted)| Gauged { noted, last_segment_at: floors.get(&id).copied() }).collect(),
        })
    }
}
