//! Where one camera's capture puts its files on a recorder of another site: first the row, then the place that the row says. What a kill leaves
//! between the two is still in the spool, and is offered again.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use gatehouse_app::{
    cameras::Pulse,
    ids::{CameraId, RunId},
    ports::{Ids, Tracks},
    recorders::wire::{Gap, Run},
    recordings::{Fragments, Reason},
};
use uuid::Uuid;

use super::{
    shelf::Shelf,
    store::{NewFile, Took},
};
use crate::{
    capture::sink::{Declined, Fate, Finished, Left, NewRun, Sink},
    clock::SystemIds,
    pictures::{Film, Pictures},
};

/// A run is found again by its beginning, which files know to a tenth of a second: milliseconds.
const ABOUT: i64 = 1_000;

/// Of one camera.
pub(super) struct CameraSink {
    pub camera: Uuid,
    pub slug: String,
    pub shelf: Arc<Shelf>,
    /// Whoever makes pictures of what is kept.
    pub pictures: Pictures,
}

impl CameraSink {
    async fn file(&self, run: Uuid, file: &File<'_>) -> anyhow::Result<Took> {
        let new = NewFile {
            camera: self.camera,
            slug: &self.slug,
            run,
            started_at: file.started_at,
            ended_at: file.ended_at,
            size: i64::try_from(file.size)?,
            sha256: file.sha256,
            init_size: i32::try_from(file.init_size)?,
            fragments: file.fragments.pack(),
        };
        let took = self.shelf.store.keep(&new, self.shelf.clock.now()).await?;
        if let Took::As(key) = &took {
            self.shelf.shelve(file.path, key).await?;
        }
        self.shelf.news.notify_one();
        Ok(took)
    }

    /// The run that a file says it is of; one that was never noted, because the process was killed, is noted now.
    async fn run_of(&self, left: &Left) -> anyhow::Result<Uuid> {
        let store = &self.shelf.store;
        if let Some(run) = store.run_near(self.camera, left.run_began, ABOUT).await? {
            return Ok(run);
        }
        let id = SystemIds.uuid();
        let began = left.run_began.min(left.started_at);
        store.begin_run(&self.run(id, began, &left.tracks, false)).await?;
        Ok(id)
    }

    fn run(&self, id: Uuid, started_at: i64, tracks: &Tracks, by_camera: bool) -> Run {
        let pixels = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        Run {
            id,
            camera: self.camera,
            started_at,
            ended_at: None,
            end_reason: None,
            end_detail: String::new(),
            video: tracks.video.clone(),
            audio: tracks.audio.clone(),
            width: pixels(tracks.width),
            height: pixels(tracks.height),
            clock: if by_camera { "camera" } else { "recorder" }.into(),
        }
    }
}

/// What there is to know of a file, whoever found it.
struct File<'a> {
    started_at: i64,
    ended_at: i64,
    path: &'a Path,
    size: u64,
    sha256: &'a str,
    init_size: u32,
    fragments: &'a Fragments,
}

#[async_trait]
impl Sink for CameraSink {
    async fn floor(&self) -> Result<i64, Declined> {
        self.shelf.store.floor(self.camera).await.map_err(Declined::Away)
    }

    async fn room(&self) -> Result<(), Declined> {
        if self.shelf.level().has_room { Ok(()) } else { Err(Declined::NoRoom) }
    }

    async fn begin(&self, run: &NewRun) -> Result<(), Declined> {
        let run = self.run(run.id.0, run.started_at, &run.tracks, run.by_camera);
        self.shelf.store.begin_run(&run).await.map_err(Declined::Away)
    }

    async fn keep(&self, new: &Finished) -> Result<(), Declined> {
        let Finished { started_at, ended_at, size, init_size, .. } = *new;
        let (path, sha256, fragments) = (&new.path, &new.sha256, &new.fragments);
        let file = File { started_at, ended_at, path, size, sha256, init_size, fragments };
        // Open before it is anywhere else.
        let film = Film::open(CameraId(self.camera), started_at, path, init_size, fragments).await;
        match self.file(new.run.0, &file).await.map_err(Declined::Away)? {
            Took::As(_) => {
                if let Some(film) = film {
                    self.pictures.take(film);
                }
                Ok(())
            }
            Took::Overlaps => {
                // Times are given away once. What comes of it all the same stays in the spool, and is set aside at the next start.
                tracing::error!(camera = self.slug, path = %path.display(), "a file’s time is another file’s");
                Ok(())
            }
        }
    }

    async fn end(&self, run: RunId, at: i64, reason: Reason, detail: &str) -> Result<(), Declined> {
        self.shelf.store.end_run(run.0, at, reason, detail).await.map_err(Declined::Away)?;
        self.shelf.news.notify_one();
        Ok(())
    }

    async fn failed(&self, at: i64, reason: Reason, detail: &str) -> Result<(), Declined> {
        let gap = Gap { camera: self.camera, at, reason: reason.as_str().into(), detail: detail.into() };
        self.shelf.store.gap(&gap).await.map_err(Declined::Away)?;
        self.shelf.news.notify_one();
        Ok(())
    }

    async fn left(&self, left: &Left) -> Result<Fate, Declined> {
        let run = self.run_of(left).await.map_err(Declined::Away)?;
        let Left { started_at, ended_at, size, init_size, .. } = *left;
        let (path, sha256, fragments) = (&left.path, &left.sha256, &left.fragments);
        let file = File { started_at, ended_at, path, size, sha256, init_size, fragments };
        match self.file(run, &file).await.map_err(Declined::Away)? {
            Took::As(_) => Ok(Fate::Kept),
            Took::Overlaps => Ok(Fate::Taken),
        }
    }

    fn pulse(&self, pulse: Pulse) {
        self.shelf.pulses.note(self.camera, &self.slug, pulse, self.shelf.clock.now());
    }
}
