//! Pictures that the hub does not have yet: in `DIR/pictures`, a file each, and each file the very message that the hub is told. So the folder
//! says by itself what there is to send, after a kill as after days without a hub.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use gatehouse_app::{
    ids::CameraId,
    ports::Clock,
    recorders::wire::{Fate, LARGEST_PICTURE, Picture, PictureKind},
    recordings::Sheet,
};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use super::{
    client::Failed,
    send::{Pause, Sender},
    shelf::blocking,
};
use crate::{
    capture::picture::Jpeg,
    durable::{self, gone},
    pictures::Gallery,
};

/// Sent one after the other before it is looked for newer ones.
const IN_TURN: usize = 100;
/// What happened is told first; that takes moments.
const FILM_FIRST: Duration = Duration::from_secs(1);
/// Nobody says that there is something to do: it is looked for all the same.
const IDLE: Duration = Duration::from_mins(1);
/// What no hub took for so long none will take: milliseconds.
const FORGOTTEN: i64 = 30 * 86_400_000;

/// What is to be shown to the hub.
pub(super) struct Album {
    data: PathBuf,
    clock: Arc<dyn Clock>,
    news: Notify,
}

impl Album {
    pub fn new(data: &Path, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { data: data.to_owned(), clock, news: Notify::new() })
    }

    fn folder(&self, kind: PictureKind) -> PathBuf {
        self.data.join("pictures").join(match kind {
            PictureKind::Sheet => "sheets",
            PictureKind::Snapshot => "snapshots",
        })
    }

    async fn add(&self, picture: Picture, jpeg: &[u8]) -> Result<bool> {
        if jpeg.len() > LARGEST_PICTURE {
            tracing::info!(camera = %picture.camera, bytes = jpeg.len(), "a picture is too large to be sent");
            return Ok(false);
        }
        let picture = Picture { jpeg: BASE64_STANDARD.encode(jpeg), ..picture };
        let (folder, scratch) = (self.folder(picture.kind), self.data.join(".tmp"));
        blocking(move || put(&folder, &scratch, &picture)).await?;
        self.news.notify_one();
        Ok(true)
    }

    /// What waits, the last pictures first and then the newest sheets; what waited for too long is no more.
    fn waiting(&self) -> io::Result<Vec<PathBuf>> {
        let mut all = Vec::new();
        for kind in [PictureKind::Snapshot, PictureKind::Sheet] {
            let mut found = files(&self.folder(kind))?;
            found.sort_unstable_by_key(|(at, _, path)| (std::cmp::Reverse(*at), path.clone()));
            for (at, _, path) in found {
                match at < self.clock.now() - FORGOTTEN {
                    true => gone(fs::remove_file(path))?,
                    false => all.push(path),
                }
            }
        }
        Ok(all)
    }
}

/// One file, durably; of whole pictures the newest alone stays.
fn put(folder: &Path, scratch: &Path, picture: &Picture) -> io::Result<()> {
    let name = format!("{}.{}.json", picture.at, picture.camera);
    durable::create(&folder.join(name), scratch, &serde_json::to_vec(picture)?)?;
    if picture.kind == PictureKind::Snapshot {
        let camera = picture.camera.to_string();
        for (_, _, path) in files(folder)?.into_iter().filter(|(at, of, _)| *of == camera && *at < picture.at) {
            gone(fs::remove_file(path))?;
        }
    }
    Ok(())
}

/// Time, camera and path of each.
fn files(folder: &Path) -> io::Result<Vec<(i64, String, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".json"));
        if let Some((at, camera)) = name.and_then(|name| name.split_once('.'))
            && let Ok(at) = at.parse()
        {
            found.push((at, camera.to_owned(), path.clone()));
        }
    }
    Ok(found)
}

#[async_trait]
impl Gallery for Arc<Album> {
    fn now(&self) -> i64 {
        self.clock.now()
    }

    async fn sheet(&self, camera: CameraId, sheet: Sheet, jpeg: Vec<u8>) -> Result<bool> {
        let Sheet { started_at: at, tiles, width, height } = sheet;
        let (camera, kind) = (camera.0, PictureKind::Sheet);
        self.add(Picture { camera, at, kind, tiles, width, height, jpeg: String::new() }, &jpeg).await
    }

    async fn whole(&self, camera: CameraId, at: i64, jpeg: Jpeg) -> Result<()> {
        let (width, height) = (jpeg.width.into(), jpeg.height.into());
        let (camera, kind, tiles) = (camera.0, PictureKind::Snapshot, Vec::new());
        self.add(Picture { camera, at, kind, tiles, width, height, jpeg: String::new() }, &jpeg.bytes).await.map(drop)
    }
}

impl Sender {
    /// Shows the hub what cameras saw, for ever.
    pub async fn show(mut self, album: Arc<Album>) {
        let mut pause = Pause::default();
        loop {
            if self.is_in.wait_for(|is_in| *is_in).await.is_err() {
                return;
            }
            match self.show_some(&album).await {
                Ok(true) => pause.over(),
                Ok(false) => {
                    let _ = timeout(IDLE, album.news.notified()).await;
                }
                Err(error) => {
                    let pause = pause.next();
                    tracing::debug!(error = format!("{error:#}"), ?pause, "the hub was shown nothing");
                    sleep(pause).await;
                }
            }
        }
    }

    /// `false`: there is nothing to show.
    async fn show_some(&self, album: &Arc<Album>) -> Result<bool> {
        let looked = Arc::clone(album);
        let waiting = blocking(move || looked.waiting()).await?;
        if waiting.is_empty() {
            return Ok(false);
        }
        // The hub takes pictures of what it knows to have been recorded.
        if !self.shelf.store.news().await?.is_empty() {
            sleep(FILM_FIRST).await;
            return Ok(true);
        }
        let mut shown = 0;
        for path in waiting {
            shown += usize::from(self.show_one(path).await?);
            if shown == IN_TURN {
                break;
            }
        }
        if shown == 0 {
            bail!("the hub takes no picture just now");
        }
        Ok(true)
    }

    /// Whether it is done with.
    async fn show_one(&self, path: PathBuf) -> Result<bool> {
        let from = path.clone();
        let read = match blocking(move || fs::read(from)).await {
            // A newer one of the camera took its place.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
            read => read.context("a picture cannot be read")?,
        };
        let told = match serde_json::from_slice::<Picture>(&read) {
            Ok(picture) => self.client.picture(&picture).await,
            Err(error) => Err(Failed::Wrong(error.to_string())),
        };
        match told {
            Ok(Fate::Kept) => {}
            Ok(Fate::Refused { why }) => tracing::info!(path = %path.display(), why, "the hub does not want a picture"),
            Ok(_) => return Ok(false),
            Err(Failed::Wrong(why)) => tracing::warn!(path = %path.display(), why, "a picture cannot be told"),
            Err(failed) => return Err(failed.into()),
        }
        blocking(move || gone(fs::remove_file(path))).await?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::clock::SystemClock;

    const TEN: i64 = 600_000;

    #[tokio::test]
    async fn sheets_wait_for_the_hub_and_of_whole_pictures_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let album = Album::new(folder.path(), Arc::new(SystemClock));
        let now = album.now().div_euclid(TEN) * TEN;
        let camera = |n: u128| CameraId(Uuid::from_u128(n));
        let sheet = |at: i64| Sheet { started_at: at, tiles: vec![0, 60_000], width: 192, height: 108 };
        for at in [now - 2 * TEN, now - TEN, now - 40 * 86_400_000] {
            assert!(album.sheet(camera(1), sheet(at), vec![1; 90]).await.unwrap());
        }
        assert!(album.sheet(camera(1), sheet(now - TEN), vec![2; 90]).await.unwrap(), "again");
        assert!(!album.sheet(camera(1), sheet(now), vec![0; LARGEST_PICTURE + 1]).await.unwrap());
        let whole = || Jpeg { bytes: vec![3; 9], width: 1280, height: 720 };
        for (n, at) in [(1, now + 5), (2, now + 1), (1, now + 300_000)] {
            album.whole(camera(n), at, whole()).await.unwrap();
        }
        let told: Vec<Picture> = album
            .waiting()
            .unwrap()
            .iter()
            .map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
            .collect();
        let short: Vec<_> = told.iter().map(|told| (told.kind, told.camera.as_u128(), told.at - now)).collect();
        let (snapshot, sheet) = (PictureKind::Snapshot, PictureKind::Sheet);
        assert_eq!(short, [(snapshot, 1, 300_000), (snapshot, 2, 1), (sheet, 1, -TEN), (sheet, 1, -2 * TEN)]);
        assert_eq!(told[2].jpeg, BASE64_STANDARD.encode([1; 90]), "what was there stays");
        assert_eq!((told[0].width, told[0].height, told[2].tiles.as_slice()), (1280, 720, &[0, 60_000][..]));
    }
}
