//! Where film lies until the hub has it: `data/recordings/…`, under the keys that it will have in the bucket, and whether there is room for more.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use gatehouse_app::ports::Clock;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    pulses::Pulses,
    settings::Settings,
    store::{Store, Waiting},
};
use crate::durable::{gone, make_dirs, sync_dir};

/// How often it is looked how full the disk is.
const LOOK: Duration = Duration::from_secs(2);
/// What was refused is kept for so long: milliseconds.
const ASIDE: i64 = 7 * 86_400_000;
const ASIDE_FOLDER: &str = "aside";
/// Empty folders of days go every so often.
const TIDY: Duration = Duration::from_hours(1);

/// How full it is. Bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Level {
    pub waiting: Waiting,
    pub free: u64,
    pub total: u64,
    /// What may be used of the disk for film, all together.
    pub limit: u64,
    pub has_room: bool,
}

/// What the hub said last of this recorder.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    /// What it is called there.
    pub name: String,
    /// When it was, Unix milliseconds.
    pub at: Option<i64>,
    /// Why it is refused, where it is.
    pub refused: Option<String>,
}

/// One for all cameras of a recorder.
pub(super) struct Shelf {
    pub store: Store,
    pub data: PathBuf,
    pub clock: Arc<dyn Clock>,
    pub pulses: Pulses,
    hub: Mutex<Heard>,
    /// There is something to be told, or to be sent.
    pub news: Notify,
    pub film: Notify,
    spool_bytes: u64,
    keep_free: u64,
    level: Mutex<Level>,
}

impl Shelf {
    /// # Errors
    /// When the disk or the database does not say how full they are.
    pub async fn new(settings: &Settings, store: Store, clock: Arc<dyn Clock>) -> anyhow::Result<Arc<Self>> {
        let shelf = Self {
            store,
            data: settings.data.clone(),
            pulses: Pulses::default(),
            hub: Mutex::default(),
            news: Notify::new(),
            film: Notify::new(),
            spool_bytes: settings.spool_bytes,
            keep_free: settings.keep_free,
            level: Mutex::default(),
            clock,
        };
        shelf.look().await?;
        Ok(Arc::new(shelf))
    }

    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn level(&self) -> Level {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks how full it is, again and again.
    pub async fn watch(self: Arc<Self>) {
        let mut tidied = tokio::time::Instant::now();
        loop {
            tokio::time::sleep(LOOK).await;
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "nobody knows how full the disk is");
            }
            if tidied.elapsed() > TIDY {
                tidied = tokio::time::Instant::now();
                self.tidy().await;
            }
        }
    }

    async fn look(&self) -> anyhow::Result<()> {
        let waiting = self.store.waiting().await?;
        let data = self.data.clone();
        let (free, total) = tokio::task::spawn_blocking(move || disk(&data)).await??;
        let used = (waiting.bytes + waiting.aside_bytes).unsigned_abs();
        let has = (used + free).saturating_sub(self.keep_free);
        let limit = if self.spool_bytes == 0 { has } else { self.spool_bytes };
        let has_room = used < limit && free > self.keep_free;
        let before = std::mem::replace(
            &mut *self.level.lock().unwrap_or_else(PoisonError::into_inner),
            Level { waiting, free, total, limit, has_room },
        );
        if before.has_room && !has_room {
            tracing::error!(
                used,
                limit,
                free,
                "there is no room for more film: nothing is recorded until some of it is sent"
            );
        }
        if !has_room && waiting.aside > 0 {
            // What nobody will take makes room for what somebody will.
            self.clear_aside(i64::MAX).await?;
        }
        Ok(())
    }

    /// Gives a finished file the place that it has on record, durably.
    pub async fn shelve(&self, from: &Path, key: &str) -> io::Result<()> {
        let (from, to) = (from.to_owned(), self.path(key));
        blocking(move || move_to(&from, &to)).await
    }

    pub fn path(&self, key: &str) -> PathBuf {
        self.data.join(key)
    }

    /// The hub has it: the file goes, then what is remembered of it.
    pub async fn let_go(&self, key: &str) -> anyhow::Result<()> {
        let path = self.path(key);
        blocking(move || gone(fs::remove_file(path))).await?;
        self.store.kept(key).await
    }

    /// The hub will never take it: it lies apart for a week, for a person to look at.
    pub async fn set_aside(&self, key: &str, why: &str) -> anyhow::Result<()> {
        tracing::error!(key, why, "a file is of no use to the hub, and was set aside");
        self.store.set_aside(key, why, self.clock.now()).await?;
        let (from, to) = (self.path(key), self.aside(key));
        Ok(blocking(move || gone(move_to(&from, &to))).await?)
    }

    /// It cannot be read any more, or is not what it was: the hub is told, and what is left of it lies apart.
    pub async fn lose(&self, key: &str, why: &str) -> anyhow::Result<()> {
        tracing::error!(key, why, "a file is lost");
        self.store.lose(key, why, self.clock.now()).await?;
        self.news.notify_one();
        let (from, to) = (self.path(key), self.aside(key));
        if let Err(error) = blocking(move || gone(move_to(&from, &to))).await {
            tracing::warn!(key, %error, "what is left of it was not moved");
        }
        Ok(())
    }

    fn aside(&self, key: &str) -> PathBuf {
        self.data.join(ASIDE_FOLDER).join(key.replace('/', "."))
    }

    async fn clear_aside(&self, before: i64) -> anyhow::Result<()> {
        for key in self.store.long_aside(before).await? {
            let (path, left) = (self.aside(&key), self.path(&key));
            blocking(move || gone(fs::remove_file(path)).and_then(|()| gone(fs::remove_file(left)))).await?;
            self.store.kept(&key).await?;
        }
        Ok(())
    }

    async fn tidy(&self) {
        let recordings = self.data.join("recordings");
        let swept = blocking(move || sweep_empty(&recordings)).await;
        if let Err(error) = swept {
            tracing::warn!(%error, "empty folders were not removed");
        }
        if let Err(error) = self.clear_aside(self.clock.now() - ASIDE).await {
            tracing::warn!(%error, "what was set aside long ago was not removed");
        }
    }
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// May be repeated after a kill at any line.
fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    let (Some(left), Some(folder)) = (from.parent(), to.parent()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    make_dirs(folder)?;
    match fs::rename(from, to) {
        // It was moved before.
        Err(error) if error.kind() == io::ErrorKind::NotFound && to.try_exists()? => {}
        done => done?,
    }
    sync_dir(folder)?;
    sync_dir(left)
}

/// Folders of days of which nothing is left. Those of today and yesterday stay: somebody may be about to use them.
fn sweep_empty(recordings: &Path) -> io::Result<()> {
    let mut days = BTreeMap::<PathBuf, Vec<PathBuf>>::new();
    for camera in entries(recordings)? {
        days.insert(camera.clone(), entries(&camera)?);
    }
    for days in days.values_mut() {
        days.sort();
        // The folder with the latest two dates.
        for day in days.iter().rev().skip(2) {
            // One that is not empty stays.
            let _ = fs::remove_dir(day);
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    entries
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_dir()))
        .map(|entry| Ok(entry?.path()))
        .collect()
}

/// Bytes that are free for us on the disk of `folder`, and bytes that it has.
#[cfg(unix)]
fn disk(folder: &Path) -> io::Result<(u64, u64)> {
    let found = rustix::fs::statvfs(folder)?;
    Ok((found.f_bavail.saturating_mul(found.f_frsize), found.f_blocks.saturating_mul(found.f_frsize)))
}

/// Where the system does not say, film is bounded by `spool_mb` alone.
#[cfg(not(unix))]
fn disk(_: &Path) -> io::Result<(u64, u64)> {
    Ok((u64::MAX / 4, u64::MAX / 4))
}

/// A camera's own folder of what is being written.
pub(super) fn spool(data: &Path, camera: Uuid) -> PathBuf {
    data.join("spool").join(camera.to_string())
}

#[cfg(test)]
mod tests {
    use super::{
        super::store::{NewFile, Took},
        *,
    };

    #[test]
    fn a_file_is_moved_once_however_often_it_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("spool/1.mp4"), folder.path().join("recordings/dock/2026-11-20/a.mp4"));
        fs::create_dir(folder.path().join("spool")).unwrap();
        assert!(move_to(&from, &to).is_err());
        fs::write(&from, b"film").unwrap();
        for _ in 0..2 {
            move_to(&from, &to).unwrap();
        }
        assert_eq!(fs::read(&to).unwrap(), b"film");
        assert!(gone(fs::remove_file(&from)).is_ok());
    }

    #[test]
    fn folders_of_old_days_go_when_they_are_empty() {
        let folder = tempfile::tempdir().unwrap();
        for day in ["2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"] {
            fs::create_dir_all(folder.path().join("dock").join(day)).unwrap();
        }
        fs::write(folder.path().join("dock/2026-11-17/a.mp4"), b"film").unwrap();
        sweep_empty(folder.path()).unwrap();
        let mut left: Vec<_> = entries(&folder.path().join("dock")).unwrap();
        left.sort();
        assert_eq!(left.len(), 3);
        assert!(!folder.path().join("dock/2026-11-18").exists());
        assert!(sweep_empty(&folder.path().join("nowhere")).is_ok());
    }

    #[tokio::test]
    async fn beyond_its_bound_there_is_no_room_and_what_was_refused_makes_some() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            hub: super::super::Hub::new("https://yard.test").unwrap(),
            token: super::super::Token::new("gatehouse_rec_for-a-test").unwrap(),
            data: folder.path().to_owned(),
            node: "south".into(),
            version: "0",
            secrets: gatehouse_app::secrets::Secrets::new(&[7; 32]).unwrap(),
            spool_bytes: 1500,
            keep_free: 0,
            bandwidth_kbps: 0,
            cameras: 1,
        };
        let store = Store::open(folder.path()).await.unwrap();
        let (camera, run) = (Uuid::from_u128(1), Uuid::from_u128(7));
        let begun = gatehouse_app::recorders::wire::Run {
            id: run,
            camera,
            started_at: 0,
            ended_at: None,
            end_reason: None,
            end_detail: String::new(),
            video: String::new(),
            audio: String::new(),
            width: 0,
            height: 0,
            clock: "camera".into(),
        };
        store.begin_run(&begun).await.unwrap();
        let mut keys = Vec::new();
        for started_at in [0, 60_000] {
            let ended_at = started_at + 60_000;
            let (slug, sha256, fragments) = ("dock", "aa", Vec::new());
            let file = NewFile { camera, slug, run, started_at, ended_at, size: 1000, sha256, init_size: 1, fragments };
            let Took::As(key) = store.keep(&file, 0).await.unwrap() else { panic!("it overlaps") };
            keys.push(key);
        }
        let shelf = Shelf::new(&settings, store, Arc::new(crate::clock::SystemClock)).await.unwrap();
        assert!(!shelf.level().has_room, "{:?}", shelf.level());
        make_dirs(shelf.path(&keys[0]).parent().unwrap()).unwrap();
        fs::write(shelf.path(&keys[0]), b"film").unwrap();
        shelf.set_aside(&keys[0], "its time is taken").await.unwrap();
        assert!(shelf.aside(&keys[0]).exists() && !shelf.path(&keys[0]).exists());
        shelf.look().await.unwrap();
        assert!(!shelf.aside(&keys[0]).exists(), "nobody will take it");
        shelf.look().await.unwrap();
        let level = shelf.level();
        assert!(level.has_room && level.waiting.files == 1 && level.limit == 1500, "{level:?}");
        shelf.let_go(&keys[1]).await.unwrap();
        shelf.let_go(&keys[1]).await.unwrap();
    }
}
