//! Sending one object, and what has to be so before it counts.

use std::{path::Path, sync::Arc};

use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::source::{Item, Source};
use crate::{
    App,
    objects::{Found, LOCAL, Recorded, verify},
    ports::{ObjectStore, StoreError, Stored},
};

/// What is no larger goes through memory, and is read once: bytes.
pub(super) const SMALL: u64 = 8 << 20;

/// An object that is at the target, verified.
#[derive(Clone, Debug)]
pub(super) struct Copied {
    pub sha256: String,
    pub stored: Stored,
}

/// Puts `item` at the target and reads back what it says of it.
pub(super) async fn copy(
    app: &App,
    source: &Source,
    target: &Arc<dyn ObjectStore>,
    item: &Item,
) -> Result<Copied, StoreError> {
    let sha256 = if item.size <= SMALL {
        let bytes = read(source, item).await?;
        let sha256 = hex::encode(Sha256::digest(&bytes));
        if bytes.len() as u64 != item.size || item.sha256.as_ref().is_some_and(|wanted| *wanted != sha256) {
            return Err(not_the_same(&item.key));
        }
        target.put_new(&item.key, bytes, &item.content_type, &sha256).await?;
        sha256
    } else {
        match (&item.path, source) {
            (Some(path), _) => send(app, target.as_ref(), path, item).await?,
            (None, Source::Store(store)) => {
                let name = format!("move-{}", app.ports.ids.uuid());
                let local = app.ports.plane.store(LOCAL).and_then(|local| local.scratch(&name));
                let path = local.unwrap_or_else(|| std::env::temp_dir().join(&name));
                let sent = match fetch(store.as_ref(), item, &path).await {
                    Ok(()) => send(app, target.as_ref(), &path, item).await,
                    Err(error) => Err(error),
                };
                // A file that stays is swept later.
                let _ = tokio::fs::remove_file(&path).await;
                sent?
            }
            (None, Source::Folder { .. }) => return Err(StoreError::Source(format!("{} has no file", item.key))),
        }
    };
    match verify(target.as_ref(), &item.key, item.size.cast_signed(), &sha256).await? {
        Found::Right(stored) => Ok(Copied { sha256, stored }),
        Found::Other => Err(StoreError::Unavailable("the target keeps other bytes than it was given".into())),
        Found::Nothing => Err(StoreError::Unavailable("the target took it, and does not have it".into())),
    }
}

fn not_the_same(key: &str) -> StoreError {
    StoreError::Source(format!("{key} is not what it was said to be"))
}

async fn read(source: &Source, item: &Item) -> Result<Vec<u8>, StoreError> {
    match (&item.path, source) {
        (Some(path), _) => {
            let path = path.clone();
            // One hop for all of it.
            let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
            let read = read.unwrap_or_else(|panic| Err(std::io::Error::other(panic)));
            read.map_err(|error| StoreError::Source(format!("{}: {error}", item.key)))
        }
        (None, Source::Store(store)) => store.get(&item.key).await,
        (None, Source::Folder { .. }) => Err(StoreError::Source(format!("{} has no file", item.key))),
    }
}

/// Sends a file of any size, going on where an earlier run stopped; returns its checksum.
async fn send(app: &App, target: &dyn ObjectStore, path: &Path, item: &Item) -> Result<String, StoreError> {
    let progress = Recorded::new(app, target, &item.key, item.size);
    match &item.sha256 {
        Some(sha256) => {
            target.put_file(&item.key, path, &item.content_type, sha256, item.size, &progress).await?;
            Ok(sha256.clone())
        }
        None => {
            let stored = target.adopt_file(&item.key, path, &item.content_type, item.size, &progress).await?;
            stored.sha256.ok_or_else(|| not_the_same(&item.key))
        }
    }
}

/// Streams an object into a file and checks it on the way.
async fn fetch(store: &dyn ObjectStore, item: &Item, path: &Path) -> Result<(), StoreError> {
    let ours = |error: std::io::Error| StoreError::Unavailable(format!("the scratch file: {error}"));
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(ours)?;
    }
    let mut file = tokio::fs::File::create(path).await.map_err(ours)?;
    let (mut bytes, mut sha, mut buffer) = (store.read(&item.key, None).await?, Sha256::new(), vec![0; 256 * 1024]);
    loop {
        let n = bytes.read(&mut buffer).await.map_err(|e| StoreError::Unavailable(format!("{}: {e}", item.key)))?;
        if n == 0 {
            break;
        }
        sha.update(&buffer[..n]);
        file.write_all(&buffer[..n]).await.map_err(ours)?;
    }
    file.flush().await.map_err(ours)?;
    match item.sha256.as_deref() == Some(hex::encode(sha.finalize()).as_str()) {
        true => Ok(()),
        false => Err(not_the_same(&item.key)),
    }
}
