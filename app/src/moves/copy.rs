//! Sending one object, and what has to be so before it counts.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{
    reader::Reader,
    source::{Item, Source},
};
use crate::{
    App,
    objects::{LOCAL, Recorded, fetch, other_bytes, verify},
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
    reader: &Arc<Reader>,
    item: &Item,
) -> Result<Copied, StoreError> {
    let sha256 = if item.size <= SMALL {
        let bytes = read(source, reader, item).await?;
        let sha256 = hex::encode(Sha256::digest(&bytes));
        if bytes.len() as u64 != item.size || item.sha256.as_ref().is_some_and(|wanted| *wanted != sha256) {
            return Err(other_bytes());
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
                let sent =
                    match fetch(store.as_ref(), &item.key, &path, item.sha256.as_deref().unwrap_or_default()).await {
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
    let found = verify(target.as_ref(), &item.key, item.size.cast_signed(), &sha256).await?;
    let stored = found.after_a_put().map_err(|why| StoreError::Unavailable(why.into()))?;
    Ok(Copied { sha256, stored })
}

async fn read(source: &Source, reader: &Arc<Reader>, item: &Item) -> Result<Bytes, StoreError> {
    match (&item.path, source) {
        (Some(path), _) => {
            let read = reader.read(path.clone(), item.size).await;
            read.map_err(|error| StoreError::Source(format!("{}: {error}", item.key)))
        }
        (None, Source::Store(store)) => store.get(&item.key).await.map(Bytes::from),
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
            stored.sha256.ok_or_else(other_bytes)
        }
    }
}
