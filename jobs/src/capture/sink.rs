//! Where a run's files go: into the hub's database and storage, or into a recorder's own. Capture knows neither; who stands between them
//! ([`super::keeper`]) makes calls of what capture tells ([`super::event::Event`]).

use std::path::PathBuf;

use async_trait::async_trait;
pub use gatehouse_app::cameras::Pulse;
use gatehouse_app::{
    ids::RunId,
    ports::Tracks,
    recordings::{Fragments, Reason},
};

/// A run that begins. Times here are Unix milliseconds: capture's microseconds, rounded down.
#[derive(Clone, Debug)]
pub struct NewRun {
    pub id: RunId,
    pub started_at: i64,
    pub tracks: Tracks,
    /// Times are the camera's own, by its reports.
    pub by_camera: bool,
}

/// A file that is whole, hashed and durable in the spool.
#[derive(Clone, Debug)]
pub struct Finished {
    pub run: RunId,
    pub started_at: i64,
    pub ended_at: i64,
    pub path: PathBuf,
    pub size: u64,
    pub sha256: String,
    pub init_size: u32,
    pub fragments: Fragments,
}

/// A file whose capture was killed before it was kept: what it says of itself.
#[derive(Clone, Debug)]
pub struct Left {
    /// When its run began, to a tenth of a second.
    pub run_began: i64,
    pub tracks: Tracks,
    pub started_at: i64,
    pub ended_at: i64,
    pub path: PathBuf,
    pub size: u64,
    pub sha256: String,
    pub init_size: u32,
    pub fragments: Fragments,
}

/// What became of such a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is on record, now or since before; it is gone from the spool.
    Kept,
    /// Its time has another file. It is still there.
    Taken,
}

/// Why a sink does not take what it is given.
#[derive(Debug, thiserror::Error)]
pub enum Declined {
    /// Somebody else holds the camera by now: stop, and leave the files to the recovery.
    #[error("the camera has another holder")]
    Fenced,
    /// There is no room: end the run, keep asking.
    #[error("there is no room for another file")]
    NoRoom,
    /// Not now: the file stays, and is offered again. Capture goes on meanwhile.
    #[error("{0:#}")]
    Away(anyhow::Error),
}

/// Of one camera. Everything it is told is durable when it returns. All of it may be said twice.
#[async_trait]
pub trait Sink: Send + Sync {
    /// Where the last file of this camera ended: nothing gets an earlier time. 0 where there is none.
    async fn floor(&self) -> Result<i64, Declined>;

    /// Whether there is room for another minute, asked before each connection and with every file.
    ///
    /// # Errors
    /// [`Declined::NoRoom`] before anything is written that could not be kept.
    async fn room(&self) -> Result<(), Declined>;

    async fn begin(&self, run: &NewRun) -> Result<(), Declined>;

    /// Takes the file away: under its key, and its row, in that order.
    async fn keep(&self, file: &Finished) -> Result<(), Declined>;

    /// The run is over; nothing of the camera is recorded from `at` on.
    async fn end(&self, run: RunId, at: i64, reason: Reason, detail: &str) -> Result<(), Declined>;

    /// No run could begin.
    async fn failed(&self, at: i64, reason: Reason, detail: &str) -> Result<(), Declined>;

    /// Takes a file that was left, where nothing is recorded of its time yet: whoever offers it may hold no lease.
    async fn left(&self, file: &Left) -> Result<Fate, Declined>;

    /// Noted when there is time; the last one counts.
    fn pulse(&self, pulse: Pulse);
}
