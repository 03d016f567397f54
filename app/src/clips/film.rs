//! From recordings to a clip's films: each recording is read from end to end and held against its checksum, then frames are copied.

use std::{
    collections::BTreeSet,
    fs::{self, TryLockError},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::DateTime;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use super::{
    cut::{Progress, Trouble},
    plan::Source,
};
use crate::{
    App, AppError,
    cameras::model::camera,
    film::{Cut, Film, Recording, Scan, Wrong},
    objects::{self, LOCAL},
    ports::ObjectStore,
};

/// A file of this machine that goes when nobody needs it any more.
#[derive(Debug)]
pub(super) struct Temporary(PathBuf);

impl Temporary {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Of a process that is killed here the storage's sweep removes what it left.
        let _ = fs::remove_file(&self.0);
    }
}

/// Where the files of one run of the job are made. Two runs of one job never meet in it.
pub(super) struct Workshop {
    pub local: Arc<dyn ObjectStore>,
    run: String,
}

impl Workshop {
    pub(super) fn new(app: &App) -> Result<Self, AppError> {
        let local = app.ports.plane.store(LOCAL);
        let local = local.ok_or_else(|| AppError::Unavailable("There are no local files.".into()))?;
        Ok(Self { local: Arc::clone(local), run: app.ports.ids.uuid().simple().to_string() })
    }

    pub(super) fn file(&self, name: &str) -> Result<Temporary, AppError> {
        let path = self.local.scratch(&format!("clip-{}-{name}", self.run));
        Ok(Temporary(path.ok_or_else(|| AppError::Unavailable("There is no place to cut a clip in.".into()))?))
    }

    /// Has a folder of the store for this run alone, for as long as what it gives is there: of two runs on one disk that are at the end at once, one
    /// would take the other's files for a dead run's.
    ///
    /// # Errors
    /// [`Trouble::Overtaken`] where another run has it.
    pub(super) async fn claim(&self, folder: &str) -> Result<fs::File, Trouble> {
        let folder = self.local.path(folder);
        let folder = folder.ok_or_else(|| AppError::Unavailable("There is no place to keep a clip in.".into()))?;
        let claimed = blocking(move || {
            fs::create_dir_all(&folder)?;
            // The names of folder, year and class are to last as those of the files do.
            for above in folder.ancestors().skip(1).take(3) {
                fs::File::open(above)?.sync_all()?;
            }
            let folder = fs::File::open(&folder)?;
            match folder.try_lock() {
                Ok(()) => Ok(Some(folder)),
                Err(TryLockError::WouldBlock) => Ok(None),
                Err(TryLockError::Error(error)) => Err(error),
            }
        })
        .await?;
        claimed.ok_or(Trouble::Overtaken)
    }
}

/// A film of a clip before its seal.
pub(super) struct Filmed {
    /// What the manifest calls it.
    pub name: String,
    pub file: Temporary,
    pub cut: Cut,
    /// Of the film so far: the seal goes on from here.
    pub sha: Sha256,
    /// What it was made of.
    pub sources: Vec<Source>,
}

impl Filmed {
    pub(super) fn sha256(&self) -> String {
        hex::encode(self.sha.clone().finalize())
    }
}

/// Cuts `from..until` (Unix milliseconds) out of a camera's recordings: a film for each stretch without a break. `taken` are the names that
/// the clip has already.
pub(super) async fn films(
    app: &App,
    shop: &Workshop,
    camera: &camera::Model,
    sources: &[Source],
    (from, until): (i64, i64),
    taken: &mut BTreeSet<String>,
    progress: &mut Progress<'_>,
) -> Result<Vec<Filmed>, Trouble> {
    let (mut files, mut recordings) = (Vec::new(), Vec::new());
    for (n, source) in sources.iter().enumerate() {
        let file = shop.file(&format!("{}-{n}", camera.slug))?;
        recordings.push(recording(app, shop, source, &file).await?);
        files.push(file);
        progress.add(source.segment.size).await?;
    }
    let mut films = Vec::new();
    let of = sources.to_vec();
    for (first, film, count) in computed(move || stretches(&of, recordings)).await?? {
        let cut = match computed(move || film.cut(from * 1000, until * 1000)).await? {
            Ok(cut) => cut,
            // Its recordings touch the time, and no frame of them was taken in it.
            Err(Wrong::Nothing | Wrong::NoKey) => continue,
            Err(wrong) => return Err(Trouble::ForGood(format!("{}: {wrong}", camera.name))),
        };
        let name = name(&camera.slug, cut.from, taken);
        let out = shop.file(&name)?;
        let paths: Vec<PathBuf> = files[first..first + count].iter().map(|file| file.path().to_owned()).collect();
        let (sha, written, out) = blocking(move || {
            let mut hashing = Hashing { file: BufWriter::new(fs::File::create(out.path())?), sha: Sha256::new() };
            cut.write(|n| fs::File::open(&paths[n]), &mut hashing)?;
            hashing.flush()?;
            Ok((hashing.sha, cut, out))
        })
        .await?;
        let used: BTreeSet<usize> = written.pieces.iter().map(|piece| piece.recording).collect();
        let sources: Vec<Source> = used.into_iter().map(|n| sources[first + n].clone()).collect();
        progress.add(i64::try_from(written.size).unwrap_or(i64::MAX)).await?;
        films.push(Filmed { name, file: out, cut: written, sha, sources });
    }
    Ok(films)
}

/// `dock_2_20261120_200210.mp4`, by UTC.
fn name(slug: &str, from: i64, taken: &mut BTreeSet<String>) -> String {
    let began = DateTime::from_timestamp_micros(from).unwrap_or_default().format("%Y%m%d_%H%M%S");
    let names = std::iter::once(format!("{slug}_{began}.mp4")).chain((2..).map(|n| format!("{slug}_{began}_{n}.mp4")));
    let name = names.into_iter().find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(name.clone());
    name
}

/// Has a recording's bytes as a file of the workshop, and its tables: of the file that is here, or else of what a store gives.
async fn recording(app: &App, shop: &Workshop, source: &Source, file: &Temporary) -> Result<Recording, Trouble> {
    if link(shop, source, file).await? {
        match scan(source, file).await {
            // What lies here is not what was recorded; another copy may be.
            Err(Trouble::ForGood(_)) => {}
            scanned => return scanned,
        }
    }
    copy(app, source, file).await?;
    scan(source, file).await
}

/// Another name of the file that is here; whether there is one.
async fn link(shop: &Workshop, source: &Source, file: &Temporary) -> Result<bool, Trouble> {
    let (to, here) = (file.path().to_owned(), shop.local.path(&source.object.key));
    blocking(move || {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        // It stays under this name when the storage cleans up behind an upload meanwhile.
        Ok(here.is_some_and(|here| fs::hard_link(here, &to).is_ok()))
    })
    .await
}

async fn copy(app: &App, source: &Source, file: &Temporary) -> Result<(), Trouble> {
    let path = file.path().to_owned();
    // Never into what is kept, of which this may be another name.
    blocking(move || match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    })
    .await?;
    let mut bytes = objects::read(app, &source.object, None).await?;
    let broken = |error: io::Error| AppError::Unavailable(format!("{} broke off: {error}", source.object.key));
    let out = tokio::fs::OpenOptions::new().write(true).create_new(true).open(file.path()).await;
    let mut out = out.map_err(disk)?;
    tokio::io::copy(&mut bytes, &mut out).await.map_err(broken)?;
    out.flush().await.map_err(disk)?;
    Ok(())
}

/// Reads a recording from end to end: it must be what was written down when it was recorded.
async fn scan(source: &Source, file: &Temporary) -> Result<Recording, Trouble> {
    let (path, began) = (file.path().to_owned(), source.segment.started_at * 1000);
    let (sha256, scanned) = blocking(move || {
        let (mut file, mut sha, mut buffer) = (fs::File::open(path)?, Sha256::new(), vec![0; 256 * 1024]);
        let (mut scan, mut wrong) = (Scan::new(began), None);
        loop {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            sha.update(&buffer[..n]);
            if wrong.is_none() {
                wrong = scan.push(&buffer[..n]).err();
            }
        }
        let scanned = match wrong {
            Some(wrong) => Err(wrong),
            None => scan.end(),
        };
        Ok((hex::encode(sha.finalize()), scanned))
    })
    .await?;
    let key = &source.object.key;
    if sha256 != source.object.sha256 {
        return Err(Trouble::ForGood(format!(
            "{key} is not what was recorded: its SHA-256 is another. Nothing is cut out of it."
        )));
    }
    scanned.map_err(|wrong| Trouble::ForGood(format!("{key} cannot be cut: {wrong}.")))
}

/// Joins what follows each other: where a stretch begins in the list, its film, and of how many recordings it is.
fn stretches(sources: &[Source], recordings: Vec<Recording>) -> Result<Vec<(usize, Film, usize)>, Trouble> {
    let (mut stretches, mut first) = (Vec::new(), 0);
    while first < recordings.len() {
        let mut end = recordings.len();
        let film = loop {
            match Film::join(recordings[first..end].to_vec()) {
                Ok(film) => break film,
                // A gap or another format: there the next file begins.
                Err((n, Wrong::Hole(_) | Wrong::OtherFormat)) if n > 0 => end = first + n,
                Err((n, wrong)) => {
                    let key = sources.get(first + n).map(|source| source.object.key.as_str()).unwrap_or_default();
                    return Err(Trouble::ForGood(format!("{key} cannot be cut: {wrong}.")));
                }
            }
        };
        stretches.push((first, film, end - first));
        first = end;
    }
    Ok(stretches)
}

/// Writes and hashes.
struct Hashing {
    file: BufWriter<fs::File>,
    sha: Sha256,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.sha.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Off the async threads: tables of half a day are a million frames.
async fn computed<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Trouble> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::new).map_err(AppError::from)?)
}

/// The same for what the disk may refuse.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Trouble> {
    Ok(computed(work).await?.map_err(disk)?)
}

fn disk(error: io::Error) -> AppError {
    AppError::Unavailable(format!("The disk refused: {error}."))
}
