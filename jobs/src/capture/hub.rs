//! The sink of an installation: files go under their keys in the data folder and on record in the database, as long as the lease is ours.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use gatehouse_app::{
    App, AppError, WriteTxn,
    cameras::{self, Held, Who, model::camera, recorded_until},
    ids::RunId,
    objects,
    ports::{Ids, Tracks},
    recordings::{
        self, Fragments, Kept, Reason, Segment, begin_gap, begin_run, end_run, free_nth,
        model::{run, segment as row},
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tokio::task::spawn_blocking;

use super::{
    pulses::Pulses,
    sink::{Declined, Fate, Finished, Left, NewRun, Pulse, Sink},
    spool::Spool,
};
use crate::{
    clock::SystemIds,
    durable::{make_dirs, sync_dir},
    pictures::{Film, Pictures},
};

/// A file that was left is of the run that began then, give or take so many milliseconds: frames are reordered by less.
const SAME_RUN: i64 = 500;
/// So many files of a camera may begin in one second.
const MOST: i32 = 100;

/// Of one camera under one lease.
pub struct Hub {
    pub app: App,
    pub camera: camera::Model,
    pub held: Held,
    pub who: Who,
    /// The folder of local objects.
    pub objects: PathBuf,
    pub spool: Arc<Spool>,
    pub pulses: Arc<Pulses>,
    /// Whoever makes pictures of what is kept.
    pub pictures: Option<Pictures>,
}

fn away(error: impl Into<anyhow::Error>) -> Declined {
    Declined::Away(error.into())
}

/// What goes on record of a file.
struct File<'a> {
    run: RunId,
    started_at: i64,
    ended_at: i64,
    path: &'a Path,
    size: u64,
    sha256: &'a str,
    init_size: u32,
    fragments: &'a Fragments,
}

impl Hub {
    /// Begins a transaction that is written only while the camera is ours.
    async fn fenced(&self) -> Result<WriteTxn<'_>, Declined> {
        let tx = self.app.begin().await.map_err(away)?;
        if cameras::fence(&tx, &self.held).await.map_err(away)? { Ok(tx) } else { Err(Declined::Fenced) }
    }

    fn run(&self, id: RunId, started_at: i64, tracks: &Tracks, by_camera: bool) -> run::Model {
        let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        run::Model {
            id,
            camera: self.camera.number,
            recorder_id: self.who.id,
            recorder_name: self.who.name.clone(),
            epoch: self.held.epoch,
            started_at,
            ended_at: None,
            end_reason: None,
            end_detail: String::new(),
            video: tracks.video.clone(),
            audio: tracks.audio.clone(),
            width: number(tracks.width),
            height: number(tracks.height),
            clock: if by_camera { "camera" } else { "recorder" }.into(),
        }
    }

    /// Gives a file its key, puts it on record, takes it out of the spool, in this order: wherever a kill comes between, it is in the spool
    /// still, and doing it again does the rest.
    async fn put(&self, file: &File<'_>, fenced: bool) -> Result<Fate, Declined> {
        if self.is_known(file).await.map_err(away)? {
            return self.gone(file.path, None).await.map(|()| Fate::Kept);
        }
        let first = free_nth(&self.app, self.camera.number, file.started_at).await.map_err(away)?;
        let (root, slug, path) = (self.objects.clone(), self.camera.slug.clone(), file.path.to_owned());
        let started_at = file.started_at;
        let linked = spawn_blocking(move || link(&root, &slug, started_at, first, &path));
        let (nth, at) = linked.await.map_err(away)?.map_err(away)?;
        let new = Segment {
            camera: &self.camera,
            run: file.run,
            started_at,
            ended_at: file.ended_at,
            nth,
            size: file.size,
            sha256: file.sha256,
            init_size: file.init_size,
            fragments: file.fragments,
        };
        let mut tx = if fenced { self.fenced().await? } else { self.app.begin().await.map_err(away)? };
        let kept = recordings::keep(&self.app, &mut tx, new).await.map_err(away)?;
        match kept {
            Kept::New => {
                tx.commit().await.map_err(away)?;
                self.gone(file.path, None).await?;
                Ok(Fate::Kept)
            }
            // Erased since, or its time is another's: nothing may stand at that key.
            Kept::Known => self.gone(file.path, Some(at)).await.map(|()| Fate::Kept),
            Kept::Taken => {
                spawn_blocking(move || fs::remove_file(at)).await.map_err(away)?.map_err(away)?;
                Ok(Fate::Taken)
            }
        }
    }

    /// Whether these very bytes are on record.
    async fn is_known(&self, file: &File<'_>) -> gatehouse_app::Result<bool> {
        let at = (self.camera.number, file.started_at);
        let Some(there) = row::Entity::find_by_id(at).one(self.app.db()).await? else { return Ok(false) };
        Ok(objects::find(self.app.db(), there.object_id).await?.sha256 == file.sha256)
    }

    async fn gone(&self, path: &Path, link: Option<PathBuf>) -> Result<(), Declined> {
        let path = path.to_owned();
        let removed = spawn_blocking(move || -> io::Result<()> {
            link.map_or(Ok(()), fs::remove_file)?;
            match fs::remove_file(path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
                _ => Ok(()),
            }
        });
        removed.await.map_err(away)?.map_err(away)
    }

    /// The run that a file which was left is of; one of its own where none of that time and format is on record.
    async fn run_of(&self, left: &Left) -> gatehouse_app::Result<RunId> {
        let near = run::Entity::find()
            .filter(run::COLUMN.camera.eq(self.camera.number))
            .filter(run::COLUMN.started_at.between(left.run_began - SAME_RUN, left.run_began + SAME_RUN))
            .filter(run::COLUMN.video.eq(left.tracks.video.as_str()))
            .filter(run::COLUMN.audio.eq(left.tracks.audio.as_str()));
        let near = near.all(self.app.db()).await?;
        if let Some(run) = near.into_iter().min_by_key(|run| (run.started_at - left.run_began).abs()) {
            return Ok(run.id);
        }
        let run = run::Model {
            ended_at: Some(left.ended_at),
            end_reason: Some(Reason::WorkerLost.as_str().into()),
            ..self.run(RunId(SystemIds.uuid()), left.run_began.min(left.started_at), &left.tracks, false)
        };
        let id = run.id;
        let mut tx = self.app.begin().await?;
        begin_run(&mut tx, run).await?;
        tx.commit().await?;
        Ok(id)
    }
}

/// Whether somebody took the file away; where nobody can say it is there.
async fn is_gone(path: &Path) -> bool {
    let path = path.to_owned();
    matches!(spawn_blocking(move || path.try_exists()).await, Ok(Ok(false)))
}

/// Gives the file at `path` a second name: the key of a file that begins at `started_at`, the `nth` of its second or one after it.
fn link(root: &Path, slug: &str, started_at: i64, nth: i32, path: &Path) -> io::Result<(i32, PathBuf)> {
    for nth in nth..nth.saturating_add(MOST) {
        let at = root.join(recordings::key(slug, started_at, nth));
        let folder = at.parent().ok_or(io::ErrorKind::InvalidInput)?;
        make_dirs(folder)?;
        match fs::hard_link(path, &at) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                // It was linked before the row was, and then something was killed.
                if !is_same(path, &at)? {
                    continue;
                }
            }
            Err(e) => return Err(e),
        }
        sync_dir(folder)?;
        return Ok((nth, at));
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(unix)]
fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (one, other) = (one.metadata()?, other.metadata()?);
    Ok((one.dev(), one.ino()) == (other.dev(), other.ino()))
}

#[cfg(not(unix))]
fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    Ok(super::recover::sha256(one)? == super::recover::sha256(other)?)
}

#[async_trait]
impl Sink for Hub {
    async fn floor(&self) -> Result<i64, Declined> {
        recorded_until(&self.app, self.camera.number).await.map_err(away)
    }

    async fn room(&self) -> Result<(), Declined> {
        if self.spool.has_room() { Ok(()) } else { Err(Declined::NoRoom) }
    }

    async fn begin(&self, run: &NewRun) -> Result<(), Declined> {
        let mut tx = self.fenced().await?;
        let row = self.run(run.id, run.started_at, &run.tracks, run.by_camera);
        begin_run(&mut tx, row).await.map_err(away)?;
        tx.commit().await.map_err(away)
    }

    async fn keep(&self, file: &Finished) -> Result<(), Declined> {
        let file = File {
            run: file.run,
            started_at: file.started_at,
            ended_at: file.ended_at,
            path: &file.path,
            size: file.size,
            sha256: &file.sha256,
            init_size: file.init_size,
            fragments: &file.fragments,
        };
        // Open before it is anywhere else.
        let film = Film::open(self.camera.id, file.started_at, file.path, file.init_size, file.fragments).await;
        let kept = match self.put(&file, true).await {
            Err(Declined::Away(error)) if is_gone(file.path).await => {
                // Offered for ever it would keep all that comes behind it off the record.
                tracing::error!(camera = self.camera.slug, at = file.started_at, %error, "a file left the spool before it was kept");
                return Ok(());
            }
            kept => kept?,
        };
        match kept {
            Fate::Kept => {
                if let (Some(pictures), Some(film)) = (&self.pictures, film) {
                    pictures.take(film);
                }
            }
            // By construction there is none; the recovery sets it aside.
            Fate::Taken => {
                tracing::error!(camera = self.camera.slug, at = file.started_at, "its time has another file");
            }
        }
        Ok(())
    }

    async fn end(&self, run: RunId, at: i64, reason: Reason, detail: &str) -> Result<(), Declined> {
        let mut tx = self.fenced().await?;
        end_run(&mut tx, run, at, reason, detail).await.map_err(away)?;
        tx.commit().await.map_err(away)
    }

    async fn failed(&self, at: i64, reason: Reason, detail: &str) -> Result<(), Declined> {
        let mut tx = self.fenced().await?;
        begin_gap(&mut tx, self.camera.number, at, reason, detail).await.map_err(away)?;
        tx.commit().await.map_err(away)
    }

    async fn left(&self, left: &Left) -> Result<Fate, Declined> {
        let file = |run| File {
            run,
            started_at: left.started_at,
            ended_at: left.ended_at,
            path: &left.path,
            size: left.size,
            sha256: &left.sha256,
            init_size: left.init_size,
            fragments: &left.fragments,
        };
        let run = self.run_of(left).await.map_err(away)?;
        match self.put(&file(run), false).await {
            Err(Declined::Away(error)) if matches!(error.downcast_ref(), Some(AppError::Conflict(_))) => {
                Ok(Fate::Taken)
            }
            fate => fate,
        }
    }

    fn pulse(&self, pulse: Pulse) {
        self.pulses.put(self.camera.id, pulse);
    }
}
