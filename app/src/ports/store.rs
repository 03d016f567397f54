//! Where bytes are kept: the port that every storage stands behind, and the words it speaks in.

use std::{
    io::Read,
    ops::Range,
    path::{Path, PathBuf},
    pin::Pin,
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt};
use url::Url;

use super::{Part, Unfinished, UploadProgress};

/// Where bytes are kept. Keys are those of the outside contract (docs/ref), such as `bols/2026/PRT-2026-0001.pdf`.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// `local`, `s3` or `gcs`, as it stands in placement rows.
    fn backend(&self) -> &'static str;

    /// The bucket's name; of local files the node whose disk they are on.
    fn bucket(&self) -> &str;

    /// Where the bucket is; empty where that has no meaning.
    #[expect(clippy::unnecessary_literal_bound, reason = "adapters have regions of their own")]
    fn region(&self) -> &str {
        ""
    }

    /// Origin of the URLs that [`sign`](Self::sign) makes, where it is not Gatehouse itself; pages name it in their CSP.
    fn origin(&self) -> Option<String>;

    /// Stores `bytes` durably. Putting the same bytes twice is fine.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when other bytes stand at the key already.
    async fn put(&self, key: &str, bytes: Vec<u8>, content_type: &str, sha256: &str) -> Result<Stored, StoreError>;

    /// The same where the caller has seen that nothing stands there: it is not looked for again.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the store notices that other bytes stand there after all.
    async fn put_new(&self, key: &str, bytes: Bytes, content_type: &str, sha256: &str) -> Result<Stored, StoreError> {
        self.put(key, bytes.into(), content_type, sha256).await
    }

    /// The same from a file, whatever its size: memory stays flat. A large one goes in parts; `progress` remembers them, so that the next
    /// attempt goes on where this one stopped. `size` and `sha256` are what the bytes must be; a file that changed meanwhile is refused.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when other bytes stand at the key already.
    async fn put_file(
        &self,
        key: &str,
        path: &Path,
        content_type: &str,
        sha256: &str,
        size: u64,
        progress: &dyn UploadProgress,
    ) -> Result<Stored, StoreError> {
        let _ = (size, progress);
        let bytes = tokio::fs::read(path).await.map_err(|e| StoreError::Source(format!("{key}: {e}")))?;
        self.put(key, bytes, content_type, sha256).await
    }

    /// The same where nothing is known to stand and the file's checksum is not known: what it was is in the answer.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the store notices that other bytes stand there after all.
    async fn adopt_file(
        &self,
        key: &str,
        path: &Path,
        content_type: &str,
        size: u64,
        progress: &dyn UploadProgress,
    ) -> Result<Stored, StoreError> {
        let sha256 = hash_file(path).await.map_err(|e| StoreError::Source(format!("{key}: {e}")))?;
        self.put_file(key, path, content_type, &sha256, size, progress).await
    }

    /// The file that holds `key`, where the store has files of this machine.
    fn path(&self, key: &str) -> Option<PathBuf> {
        let _ = key;
        None
    }

    /// Where a file of this name may be made for a while, where the store has files of this machine.
    fn scratch(&self, name: &str) -> Option<PathBuf> {
        let _ = name;
        None
    }

    /// What stands at `key`; `None` where nothing does.
    async fn head(&self, key: &str) -> Result<Option<Stored>, StoreError>;

    /// How many bytes stand at `key`, without a look at them.
    async fn size(&self, key: &str) -> Result<Option<u64>, StoreError> {
        Ok(self.head(key).await?.map(|stored| stored.size))
    }

    /// The bytes of `range`, or all of them, as they arrive.
    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<Bytestream, StoreError>;

    /// All bytes at once, for what is small.
    async fn get(&self, key: &str) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::new();
        let mut stream = self.read(key, None).await?;
        stream.read_to_end(&mut bytes).await.map_err(|e| StoreError::Unavailable(e.to_string()))?;
        Ok(bytes)
    }

    /// A URL that gives the object to whoever holds it.
    async fn sign(&self, key: &str, signing: &Signing<'_>) -> Result<Signed, StoreError>;

    /// Puts `bytes` at `key` as they come, durably, in the place of whatever stood there; returns how many. For files of this machine:
    /// what comes through Gatehouse itself.
    ///
    /// # Errors
    /// [`StoreError::Source`] when they break off, or are more than `most`; then nothing of them is kept.
    async fn receive(
        &self,
        key: &str,
        bytes: &mut (dyn AsyncRead + Send + Unpin),
        most: u64,
    ) -> Result<u64, StoreError> {
        let _ = (key, bytes, most);
        Err(StoreError::Unsupported("files of this machine"))
    }

    /// A request that puts `size` bytes at `key` by whoever holds it for `expires_in`: straight to the bucket.
    async fn presign_put(&self, key: &str, put: &PutGrant<'_>, expires_in: Duration) -> Result<SignedPut, StoreError> {
        let _ = (key, put, expires_in);
        Err(StoreError::Unsupported("puts from outside"))
    }

    /// Begins a multipart upload and returns its id; its parts are put by [`presign_part`](Self::presign_part)ed requests.
    async fn begin_parts(&self, key: &str, content_type: &str) -> Result<String, StoreError> {
        let _ = (key, content_type);
        Err(StoreError::Unsupported("multipart uploads"))
    }

    /// A request that puts one part; `number` counts from 1.
    async fn presign_part(
        &self,
        key: &str,
        upload: &str,
        number: u32,
        expires_in: Duration,
    ) -> Result<Url, StoreError> {
        let _ = (key, upload, number, expires_in);
        Err(StoreError::Unsupported("multipart uploads"))
    }

    /// The parts that the store has of an upload, in order.
    async fn parts(&self, key: &str, upload: &str) -> Result<Vec<Part>, StoreError> {
        let _ = (key, upload);
        Err(StoreError::Unsupported("multipart uploads"))
    }

    /// Makes one object of the parts.
    async fn finish_parts(&self, key: &str, upload: &str, parts: &[Part]) -> Result<(), StoreError> {
        let _ = (key, upload, parts);
        Err(StoreError::Unsupported("multipart uploads"))
    }

    /// Multipart uploads that nobody has finished.
    async fn unfinished(&self) -> Result<Vec<Unfinished>, StoreError> {
        Ok(Vec::new())
    }

    /// Gives up a multipart upload and what it has stored; one that is not there is fine.
    async fn abort(&self, key: &str, upload: &str) -> Result<(), StoreError> {
        let _ = (key, upload);
        Ok(())
    }

    /// Nothing stands at `key` any more; nothing having stood there is fine. A bucket with versions keeps the older ones.
    async fn delete(&self, key: &str) -> Result<(), StoreError>;

    /// Nothing is left of `key`, in no version.
    async fn erase(&self, key: &str) -> Result<(), StoreError> {
        self.delete(key).await
    }

    /// What stands under `prefix`, in the order of keys (bytes), beginning behind `after`; at most `limit`, and no fewer unless it is the end.
    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Listed>, StoreError> {
        let _ = (prefix, after, limit);
        Err(StoreError::Unsupported("listing"))
    }

    /// What the store says beyond size and checksum; `None` where nothing stands at `key`.
    async fn info(&self, key: &str) -> Result<Option<Info>, StoreError> {
        Ok(self.head(key).await?.map(|_| Info::default()))
    }

    /// Asks for an archived object back, for `days`.
    async fn restore(&self, key: &str, tier: RestoreTier, days: u32) -> Result<(), StoreError> {
        let _ = (key, tier, days);
        Err(StoreError::Unsupported("archives"))
    }

    /// Every version of `key`, the newest first; empty where the store keeps none.
    async fn versions(&self, key: &str) -> Result<Vec<Version>, StoreError> {
        let _ = key;
        Ok(Vec::new())
    }

    /// Makes `version` the current one again.
    async fn revert(&self, key: &str, version: &str) -> Result<(), StoreError> {
        let _ = (key, version);
        Err(StoreError::Unsupported("versions"))
    }

    /// Removes what interrupted puts left half-written; returns how much.
    async fn sweep(&self) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// Bytes as they arrive.
pub type Bytestream = Pin<Box<dyn AsyncRead + Send>>;

/// SHA-256 of a file, lower-case hex.
///
/// # Errors
/// When it cannot be read.
pub async fn hash_file(path: &Path) -> std::io::Result<String> {
    let path = path.to_owned();
    let (_, sha256) = tokio::task::spawn_blocking(move || measure(&path)).await.map_err(std::io::Error::other)??;
    Ok(sha256)
}

/// Bytes and SHA-256 of a file. Blocks.
///
/// # Errors
/// When it cannot be read.
pub fn measure(path: &Path) -> std::io::Result<(u64, String)> {
    let (mut file, mut sha, mut size, mut buffer) = (std::fs::File::open(path)?, Sha256::new(), 0, vec![0; 256 * 1024]);
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok((size, hex::encode(sha.finalize())));
        }
        sha.update(&buffer[..n]);
        size += n as u64;
    }
}

/// What a store says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub size: u64,
    /// Lower-case hex; `None` where the store does not know it.
    pub sha256: Option<String>,
    pub etag: Option<String>,
}

/// One object in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub key: String,
    pub size: u64,
    pub etag: Option<String>,
    /// Unix milliseconds.
    pub modified: i64,
}

/// What a URL that reads is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signing<'a> {
    /// What it is saved as; `None`: shown, not saved.
    pub filename: Option<&'a str>,
    /// The longest it may live.
    pub life: Duration,
    /// Every URL of one such stretch of time is the same one, so that browsers cache what it leads to; it lives this much less at worst.
    /// Zero: each its own, and nothing of it is cached.
    pub step: Duration,
}

impl<'a> Signing<'a> {
    /// One of its own for `life`, that saves the object as `filename`.
    #[must_use]
    pub fn once(filename: &'a str, life: Duration) -> Self {
        Self { filename: Some(filename), life, step: Duration::ZERO }
    }

    /// When the URL is said to have been made, at `now` (Unix milliseconds): the beginning of the step.
    #[must_use]
    pub fn begins(&self, now: i64) -> i64 {
        match i64::try_from(self.step.as_millis()) {
            Ok(step) if step > 0 => now - now.rem_euclid(step),
            _ => now,
        }
    }
}

/// A URL and how long it lives from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    pub url: Url,
    pub life: Duration,
}

/// What a put from outside may put, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutGrant<'a> {
    pub content_type: &'a str,
    pub size: u64,
    /// Lower-case hex, where it is known beforehand.
    pub sha256: Option<&'a str>,
}

/// A put from outside: where to, and the headers it must carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedPut {
    pub url: Url,
    pub headers: Vec<(String, String)>,
}

/// What a store says of an object beyond size and checksum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// `STANDARD`, `GLACIER` …; `None` where the store has no classes.
    pub storage_class: Option<String>,
    pub archive: Archive,
    /// `COMPLETED`, `PENDING`, `FAILED`, `REPLICA`, where the bucket is replicated.
    pub replication: Option<String>,
    pub version: Option<String>,
}

/// Whether an object can be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Archive {
    #[default]
    Ready,
    Archived,
    Restoring,
    /// Readable until then, Unix milliseconds.
    Restored(i64),
}

/// How soon an archived object should be back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreTier {
    Expedited,
    Standard,
    Bulk,
}

/// One version of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub id: String,
    pub size: u64,
    /// Unix milliseconds.
    pub modified: i64,
    pub current: bool,
    /// It says that the object was deleted.
    pub deleted: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("no object can have such a key")]
    BadKey,
    #[error("nothing is stored at {0}")]
    NotFound(String),
    #[error("other bytes are stored at {0} already")]
    Conflict(String),
    /// What was to be stored cannot be read, or is not what it was said to be: the store is not to blame.
    #[error("what was to be stored cannot be read: {0}")]
    Source(String),
    #[error("this storage has no {0}")]
    Unsupported(&'static str),
    /// The store refused or broke; trying again later may help.
    #[error("the store did not answer as it should: {0}")]
    Unavailable(String),
}
