//! Pictures of what is recorded: of each file's first key frame a tile, of ten minutes of tiles a sheet, and now and then a whole picture.
//!
//! Tiles wait in a folder of this machine, and the folder says by itself which sheets are due: there is no job that could be lost, and
//! nothing that a kill leaves half-done but a picture less.

mod gallery;
mod sheet;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use gatehouse_app::{
    ids::CameraId,
    recordings::{Fragments, SHEET},
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use gallery::Gallery;

use crate::{
    capture::picture::{self, Edges, Jpeg, NoPicture},
    durable::gone,
};

/// Decoders that run at the same time: one is enough for hundreds of cameras, and each takes some ten megabytes.
const DECODERS: usize = 1;
/// Files that wait for one. What comes beyond them gets no picture.
const WAITING: usize = 256;
/// The longer side of a whole picture, pixels.
const WHOLE: u32 = 1280;
const EVERY: Duration = Duration::from_mins(1);
/// A file that began in a sheet's last moment is kept by then, milliseconds: none is longer than five minutes.
const LATEST: i64 = 6 * 60_000;

/// A file that is kept, or about to be: opened before it is renamed or sent, so that nothing waits for its picture.
#[derive(Debug)]
pub struct Film {
    pub camera: CameraId,
    /// Unix milliseconds.
    pub started_at: i64,
    pub file: File,
    /// The length of its head, and of the fragment that follows.
    pub head: u64,
    pub first: u64,
}

impl Film {
    /// Opens what is at `path`, of which `fragments` follow a head of `head` bytes. `None` where it cannot be opened: then it has no picture.
    pub(crate) async fn open(
        camera: CameraId,
        started_at: i64,
        path: &Path,
        head: u32,
        fragments: &Fragments,
    ) -> Option<Self> {
        let (path, first) = (path.to_owned(), fragments.0.first()?.bytes);
        let file = tokio::task::spawn_blocking(move || File::open(path)).await.ok()?.ok()?;
        Some(Self { camera, started_at, file, head: head.into(), first: first.into() })
    }
}

/// Makes pictures, off the threads that record.
#[derive(Clone)]
pub struct Pictures(Arc<Studio>);

struct Studio {
    gallery: Box<dyn Gallery>,
    /// `data/spool/pictures`: a folder a camera, a file a tile, called by its time.
    folder: PathBuf,
    /// Milliseconds between whole pictures; 0: there are none.
    whole_every: AtomicI64,
    decoders: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Of which time each camera's last whole picture is.
    last_whole: Mutex<HashMap<CameraId, i64>>,
}

impl Pictures {
    /// `spool` is the folder of what is recorded here. A whole picture every `snapshot_minutes`; 0: none.
    #[must_use]
    pub fn new(gallery: impl Gallery + 'static, spool: &Path, snapshot_minutes: u64) -> Self {
        let pictures = Self(Arc::new(Studio {
            gallery: Box::new(gallery),
            folder: spool.join("pictures"),
            whole_every: AtomicI64::new(0),
            decoders: Arc::new(Semaphore::new(DECODERS)),
            waiting: Arc::new(Semaphore::new(WAITING)),
            last_whole: Mutex::default(),
        }));
        pictures.whole_every(snapshot_minutes);
        pictures
    }

    /// A whole picture every `minutes` from now on; 0: none.
    pub fn whole_every(&self, minutes: u64) {
        let every = i64::try_from(minutes).unwrap_or(i64::MAX).saturating_mul(60_000);
        self.0.whole_every.store(every, Ordering::Relaxed);
    }

    /// Has a picture made of a file, some time. Never waits; a file that cannot be looked at has no picture, and nothing else comes of it.
    pub fn take(&self, film: Film) {
        let Ok(place) = Arc::clone(&self.0.waiting).try_acquire_owned() else { return };
        let studio = Arc::clone(&self.0);
        tokio::spawn(async move {
            let _place = place;
            let (camera, at) = (film.camera, film.started_at);
            if let Err(why) = studio.make(film).await {
                tracing::debug!(%camera, at, why = format!("{why:#}"), "no picture of a file");
            }
        });
    }

    /// Makes sheets as they are due, until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut clock = tokio::time::interval(EVERY);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stop.run_until_cancelled(clock.tick()).await.is_some() {
            if let Err(error) = self.sheets().await {
                tracing::warn!(error = format!("{error:#}"), "pictures could not be joined");
            }
        }
    }

    /// Makes the sheets that are due. Returns how many.
    ///
    /// # Errors
    /// When the folder cannot be read, or sheets are not taken just now: the tiles stay, and the next round finds them.
    pub async fn sheets(&self) -> anyhow::Result<u64> {
        let (studio, now) = (&self.0, self.0.gallery.now());
        let folder = studio.folder.clone();
        let due = tokio::task::spawn_blocking(move || due(&folder, now)).await??;
        let mut made = 0;
        for sheet in due {
            made += u64::from(studio.join(sheet).await?);
        }
        Ok(made)
    }
}

impl Studio {
    async fn make(&self, film: Film) -> anyhow::Result<()> {
        let whole = self.wants_whole(film.camera, film.started_at);
        let (camera, at) = (film.camera, film.started_at);
        let folder = self.folder.join(camera.to_string());
        let turn = Arc::clone(&self.decoders).acquire_owned().await?;
        let made = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            draw(film, &folder, whole)
        });
        let Some(whole) = made.await?? else { return Ok(()) };
        self.gallery.whole(camera, at, whole).await
    }

    /// Whether it is time for a whole picture. From then on it is not, until the time is over again.
    fn wants_whole(&self, camera: CameraId, at: i64) -> bool {
        let every = self.whole_every.load(Ordering::Relaxed);
        if every <= 0 {
            return false;
        }
        let mut last = self.last_whole.lock().unwrap_or_else(PoisonError::into_inner);
        let due = is_due(camera, last.get(&camera).copied(), at, every);
        if due {
            last.insert(camera, at);
        }
        due
    }

    /// Joins the tiles of a sheet, keeps it and lets the tiles go. Whether it was kept.
    async fn join(&self, due: Due) -> anyhow::Result<bool> {
        let (started_at, tiles) = (due.started_at, due.tiles.clone());
        let kept = match tokio::task::spawn_blocking(move || sheet::join(started_at, &tiles)).await? {
            Ok(Some((sheet, jpeg))) => self.gallery.sheet(due.camera, sheet, jpeg).await?,
            Ok(None) => false,
            Err(why) => {
                tracing::info!(%why, camera = %due.camera, "ten minutes of pictures cannot be read");
                false
            }
        };
        tokio::task::spawn_blocking(move || due.tiles.iter().try_for_each(|(_, path)| gone(fs::remove_file(path))))
            .await??;
        Ok(kept)
    }
}

/// Whether a whole picture is due `at` a time, where the last one is of `last`; there is one in each `every`. Where that begins is the camera's own:
/// those that were begun together do not all want theirs in the same minute for ever.
fn is_due(camera: CameraId, last: Option<i64>, at: i64, every: i64) -> bool {
    let own = (camera.0.as_u128() % u128::from(every.unsigned_abs())) as i64;
    let turn = |at: i64| (at + own).div_euclid(every);
    last.is_none_or(|last| turn(last) != turn(at))
}

/// Decodes a file's first frame, leaves a tile in the folder, and gives the whole picture where it is wanted.
#[expect(
    clippy::disallowed_methods,
    reason = "half a tile is none: its length says so; that a power cut takes one costs a picture"
)]
fn draw(mut film: Film, folder: &Path, whole: bool) -> Result<Option<Jpeg>, NoPicture> {
    let edges = if whole { Edges::Smooth } else { Edges::Rough };
    let decoded = picture::of_file(&mut film.file, film.head, film.head, film.first, edges)?;
    let tile = decoded.tile()?;
    fs::create_dir_all(folder)?;
    let path = folder.join(format!("{}.tile", film.started_at));
    fs::write(&path, tile)?;
    if whole { decoded.jpeg(WHOLE).map(Some) } else { Ok(None) }
}

/// A sheet whose tiles are all there.
#[derive(Debug, PartialEq, Eq)]
struct Due {
    camera: CameraId,
    started_at: i64,
    /// By time.
    tiles: Vec<(i64, PathBuf)>,
}

/// Which sheets of the folder are due: whose camera has tiles of a later one, or whose time is over.
fn due(folder: &Path, now: i64) -> io::Result<Vec<Due>> {
    let mut found = Vec::new();
    let cameras = match fs::read_dir(folder) {
        Ok(cameras) => cameras,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error),
    };
    for entry in cameras {
        let entry = entry?;
        let Some(camera) = entry.file_name().to_str().and_then(|name| name.parse::<CameraId>().ok()) else { continue };
        let mut sheets: HashMap<i64, Vec<(i64, PathBuf)>> = HashMap::new();
        for tile in fs::read_dir(entry.path())? {
            let path = tile?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Some(at) = name.strip_suffix(".tile").and_then(|at| at.parse::<i64>().ok()) else { continue };
            sheets.entry(at.div_euclid(SHEET) * SHEET).or_default().push((at, path));
        }
        let newest = sheets.keys().max().copied().unwrap_or_default();
        for (started_at, mut tiles) in sheets {
            if started_at < newest || now >= started_at + SHEET + LATEST {
                tiles.sort();
                found.push(Due { camera, started_at, tiles });
            }
        }
    }
    found.sort_by_key(|due| (due.started_at, due.camera));
    Ok(found)
}
