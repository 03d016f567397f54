//! What was written and never kept: its holder was killed, fenced, or had no database to tell it to.
//!
//! `spool/<camera>/<epoch>/` is one holder's, who has a lock on `lock` in it for as long as the process lives: so a folder whose lock is to be
//! had is nobody's, whatever its holder was in the middle of.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::UNIX_EPOCH,
};

use gatehouse_app::ports::Clock;
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;

use super::{
    recover::{scan, sha256, whole},
    segment,
    sink::{Declined, Fate, Left, Sink},
};
use crate::durable::{make_dirs, sync_dir};

const LOCK: &str = "lock";
/// What cannot be kept stays here for a while, for whoever wants to look.
pub const ASIDE: &str = "aside";
/// Milliseconds, from when it was written last.
const A_WHILE: i64 = 7 * 86_400_000;

/// A folder of the spool that is ours.
#[derive(Debug)]
pub struct Hold {
    _lock: File,
}

impl Hold {
    /// Makes the folder, and makes it ours.
    ///
    /// # Errors
    /// When the disk refuses, or it is another's.
    pub async fn of(folder: &Path) -> io::Result<Self> {
        let folder = folder.to_owned();
        let held = spawn_blocking(move || {
            let camera = folder.parent().ok_or(io::ErrorKind::InvalidInput)?;
            locked(camera, &folder.join(LOCK))
        });
        Ok(Self { _lock: held.await.map_err(io::Error::other)?? })
    }
}

/// Where each process that records on this disk has a mark, locked for as long as it lives.
const HOLDERS: &str = "holders";

/// The mark of this process; it goes with it in good order, and is free after a kill.
#[derive(Debug)]
pub struct Holder {
    path: PathBuf,
    _lock: File,
}

impl Holder {
    /// # Errors
    /// When the disk refuses.
    pub async fn new(spool: &Path, boot: &str) -> io::Result<Self> {
        let path = spool.join(HOLDERS).join(boot);
        blocking(&path, |path| {
            let lock = locked(path.parent().ok_or(io::ErrorKind::InvalidInput)?, path)?;
            Ok(Self { path: path.to_owned(), _lock: lock })
        })
        .await
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// A file of this name that is locked before it has it, so nobody sees one that is ours and free. Half-made it is in `scratch`.
fn locked(scratch: &Path, path: &Path) -> io::Result<File> {
    make_dirs(scratch)?;
    let file = NamedTempFile::new_in(scratch)?;
    file.as_file().try_lock().map_err(io::Error::from)?;
    path.parent().map_or(Ok(()), make_dirs)?;
    file.persist_noclobber(path).map_err(|taken| taken.error)
}

/// Whether a process lives; `None` where it never was on this disk, or went in good order.
#[must_use]
pub fn is_alive(spool: &Path, boot: &str) -> Option<bool> {
    is_locked(&spool.join(HOLDERS).join(boot))
}

/// Removes marks of processes that live no more and are none of `known`.
///
/// # Errors
/// When the disk refuses.
pub fn sweep_holders(spool: &Path, known: &[String]) -> io::Result<()> {
    for entry in fs::read_dir(spool.join(HOLDERS))? {
        let entry = entry?;
        let is_known = entry.file_name().to_str().is_some_and(|name| known.iter().any(|boot| boot == name));
        if !is_known && is_locked(&entry.path()) == Some(false) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Removes what lies aside for longer than anybody wants to look at it.
///
/// # Errors
/// When the disk refuses.
pub fn sweep_aside(spool: &Path, now: i64) -> io::Result<()> {
    let entries = match fs::read_dir(spool.join(ASIDE)) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let written = entry.metadata()?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        if i64::try_from(written.as_millis()).is_ok_and(|at| now - at > A_WHILE) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// `None`: another has it.
fn lock(folder: &Path) -> io::Result<Option<File>> {
    let file = match File::open(folder.join(LOCK)) {
        // Whoever made the folder was killed before its lock was there, or is about to make it.
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(e),
    }
}

/// Whether whoever writes in this folder of the spool lives: `None` where there is no such folder.
#[must_use]
pub fn is_held(folder: &Path) -> Option<bool> {
    is_locked(&folder.join(LOCK))
}

fn is_locked(path: &Path) -> Option<bool> {
    let file = File::open(path).ok()?;
    // Shared, so that two who ask at once do not take each other for the holder.
    match file.try_lock_shared() {
        Ok(()) => Some(false),
        Err(TryLockError::WouldBlock) => Some(true),
        Err(TryLockError::Error(_)) => None,
    }
}

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Files that are on record now.
    pub kept: u64,
    /// Of these, how many were cut after their last whole fragment.
    pub cut: u64,
    /// Files whose time has another one.
    pub aside: u64,
    /// What was cut off.
    pub bytes_lost: u64,
    /// The sink was away: the rest is offered the next time.
    pub left: u64,
}

/// Offers the sink what nobody writes any more of one camera's `spool` (`data/spool/<camera>`), oldest first. May be repeated after a kill at any line.
///
/// # Errors
/// When the disk refuses.
pub async fn recover(spool: &Path, sink: &dyn Sink, clock: Arc<dyn Clock>) -> io::Result<Recovered> {
    let mut done = Recovered::default();
    for folder in blocking(spool, folders).await? {
        let Some(lock) = blocking(&folder, lock).await? else { continue };
        for path in blocking(&folder, files).await? {
            if done.left > 0 {
                done.left += 1;
                continue;
            }
            let near = clock.now() * 1000;
            let Some((file, lost)) = blocking(&path, move |path| read(path, near)).await? else { continue };
            match sink.left(&file).await {
                Ok(Fate::Kept) => {
                    done.kept += 1;
                    done.cut += u64::from(lost.is_some());
                    done.bytes_lost += lost.unwrap_or(0);
                }
                Ok(Fate::Taken) => {
                    tracing::warn!(path = %file.path.display(), "its time has another file; it is set aside");
                    blocking(&file.path, set_aside).await?;
                    done.aside += 1;
                }
                Err(Declined::Fenced | Declined::NoRoom | Declined::Away(_)) => done.left += 1,
            }
        }
        if done.left == 0 {
            blocking(&folder, |folder| {
                // The lock goes with its folder; the last line that a kill can come before.
                fs::remove_file(folder.join(LOCK))?;
                fs::remove_dir(folder)
            })
            .await?;
        }
        drop(lock);
    }
    Ok(done)
}

async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let path = path.to_owned();
    spawn_blocking(move || work(&path)).await.map_err(io::Error::other)?
}

fn folders(spool: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(spool) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    // Epochs are numbers: the tenth is after the ninth.
    folders.sort_by_key(|path| {
        let name = path.file_name().unwrap_or_default().to_owned();
        (name.len(), name)
    });
    Ok(folders)
}

/// Names of finished files, also of those that are not, in the order of their times.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.extension().and_then(|end| end.to_str()) {
            Some("part") => files.push(path.with_extension("")),
            Some("mp4") => files.push(path),
            _ => {}
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// A file with what it says of itself, finished where it was not, and how many bytes were cut off then. `None`: there is nothing in it.
fn read(path: &Path, near: i64) -> io::Result<Option<(Left, Option<u64>)>> {
    let part = segment::part_of(path);
    let mut lost = None;
    if part.try_exists()? {
        let before = part.metadata()?.len();
        match whole(path, near)? {
            None => return Ok(None),
            Some(file) => lost = Some(before.saturating_sub(file.size)),
        }
    }
    let found = scan(File::open(path)?, near)?;
    let (Some(first), Some(last), Some(tracks)) = (found.fragments.first(), found.fragments.last(), found.tracks)
    else {
        tracing::warn!(path = %path.display(), "it is no recording; it is set aside");
        set_aside(path)?;
        return Ok(None);
    };
    let (began, ended) = (first.at.div_euclid(1000), (last.at + last.lasts).div_euclid(1000));
    let left = Left {
        run_began: found.run_began.div_euclid(1000),
        tracks,
        started_at: began,
        ended_at: ended.max(began + 1),
        size: path.metadata()?.len(),
        sha256: sha256(path)?,
        init_size: u32::try_from(found.head).unwrap_or(u32::MAX),
        fragments: segment::index(&found.fragments),
        path: path.to_owned(),
    };
    Ok(Some((left, lost)))
}

/// Into `spool/aside`, under a name that says whose it was.
fn set_aside(path: &Path) -> io::Result<()> {
    let name = |path: Option<&Path>| path.and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    let (epoch, camera) = (path.parent(), path.ancestors().nth(2));
    let aside = path.ancestors().nth(3).ok_or(io::ErrorKind::InvalidInput)?.join(ASIDE);
    make_dirs(&aside)?;
    fs::rename(path, aside.join(format!("{}.{}.{}", name(camera), name(epoch), name(Some(path)))))?;
    sync_dir(&aside)
}
