//! Objects as files under one folder, served by Gatehouse itself with signed URLs.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use gatehouse_app::{
    objects::{check_key, permit::PutPermit, signed::FileGrant},
    ports::{
        Bytestream, Clock, Listed, ObjectStore, Part, PutGrant, Signed, SignedPut, Signing, StoreError, Stored,
        UploadProgress, measure,
    },
    secrets::Secrets,
};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use tokio::io::{AsyncRead, AsyncReadExt};
use url::Url;

use super::{files as listing, staging};
use crate::durable::{self, Created};

/// What is on its way between two buckets may take longer.
const UNSENT: Duration = Duration::from_hours(24);

/// Files under `root`, by their key. Half-written ones are in `.tmp`, a name that no key can have.
pub struct LocalStore {
    root: PathBuf,
    node: String,
    base_url: Url,
    secrets: Secrets,
    clock: Arc<dyn Clock>,
}

impl LocalStore {
    #[must_use]
    pub fn new(root: PathBuf, base_url: Url, secrets: Secrets, clock: Arc<dyn Clock>) -> Self {
        Self { root, node: "here".into(), base_url, secrets, clock }
    }

    /// The same under the name that the machine, or rather its disk, has among several.
    #[must_use]
    pub fn on(self, node: &str) -> Self {
        Self { node: node.into(), ..self }
    }

    fn scratch(&self) -> PathBuf {
        self.root.join(".tmp")
    }

    fn path(&self, key: &str) -> Result<PathBuf, StoreError> {
        check_key(key)?;
        Ok(self.root.join(key))
    }

    fn permit(&self, permit: PutPermit) -> Result<Url, StoreError> {
        check_key(&permit.key)?;
        permit
            .url(&self.base_url, &self.secrets)
            .map_err(|e| StoreError::Unavailable(format!("the base URL cannot carry a link: {e}")))
    }

    /// Whole seconds, rounded up: never less than what was promised.
    fn ends(&self, expires_in: Duration) -> i64 {
        (self.clock.now() + 999) / 1000 + i64::try_from(expires_in.as_secs()).unwrap_or(i64::MAX / 2)
    }
}

#[async_trait]
impl ObjectStore for LocalStore {
    fn backend(&self) -> &'static str {
        "local"
    }

    fn bucket(&self) -> &str {
        &self.node
    }

    fn origin(&self) -> Option<String> {
        None
    }

    async fn put(&self, key: &str, bytes: Vec<u8>, _content_type: &str, sha256: &str) -> Result<Stored, StoreError> {
        let (path, scratch) = (self.path(key)?, self.scratch());
        let (key, sha256) = (key.to_owned(), sha256.to_owned());
        blocking(move || {
            if hex::encode(Sha256::digest(&bytes)) != sha256 {
                return Err(StoreError::Unavailable(
                    "the bytes to store do not have the checksum they came with".into(),
                ));
            }
            let stored = Stored { size: bytes.len() as u64, sha256: Some(sha256), etag: None };
            match durable::create(&path, &scratch, &bytes).map_err(|e| broken(&key, &e))? {
                Created::New => Ok(stored),
                Created::Existing if stored_at(&path).map_err(|e| broken(&key, &e))? == stored => {
                    // Whoever wrote it may have been killed before the directory was durable.
                    path.parent().map_or(Ok(()), durable::sync_dir).map_err(|e| broken(&key, &e))?;
                    Ok(stored)
                }
                Created::Existing => Err(StoreError::Conflict(key)),
            }
        })
        .await
    }

    /// Copied and hashed at once, through a name that no key can have.
    async fn put_file(
        &self,
        key: &str,
        path: &Path,
        _content_type: &str,
        sha256: &str,
        size: u64,
        _progress: &dyn UploadProgress,
    ) -> Result<Stored, StoreError> {
        let (to, scratch, from) = (self.path(key)?, self.scratch(), path.to_owned());
        let (key, wanted) = (key.to_owned(), Stored { size, sha256: Some(sha256.to_owned()), etag: None });
        blocking(move || {
            let source = |e: io::Error| StoreError::Source(format!("{key}: {e}"));
            if let Ok(found) = stored_at(&to) {
                return if found == wanted { Ok(wanted) } else { Err(StoreError::Conflict(key)) };
            }
            let mut from = File::open(&from).map_err(source)?;
            fs::create_dir_all(&scratch).map_err(|e| broken(&key, &e))?;
            let mut temporary = NamedTempFile::new_in(&scratch).map_err(|e| broken(&key, &e))?;
            let (mut sha, mut copied, mut buffer) = (Sha256::new(), 0, vec![0; 256 * 1024]);
            loop {
                let n = from.read(&mut buffer).map_err(source)?;
                if n == 0 {
                    break;
                }
                sha.update(&buffer[..n]);
                copied += n as u64;
                temporary.write_all(&buffer[..n]).map_err(|e| broken(&key, &e))?;
            }
            if copied != wanted.size || Some(hex::encode(sha.finalize())) != wanted.sha256 {
                return Err(StoreError::Source(format!("{key}: the file is not what it was said to be")));
            }
            match durable::persist(temporary, &to).map_err(|e| broken(&key, &e))? {
                Created::New => Ok(wanted),
                Created::Existing => match stored_at(&to).map_err(|e| broken(&key, &e))? == wanted {
                    true => Ok(wanted),
                    false => Err(StoreError::Conflict(key)),
                },
            }
        })
        .await
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        self.path(key).ok()
    }

    fn scratch(&self, name: &str) -> Option<PathBuf> {
        Some(self.scratch().join("copies").join(name))
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Listed>, StoreError> {
        let (root, prefix, after) = (self.root.clone(), prefix.to_owned(), after.unwrap_or_default().to_owned());
        blocking(move || listing::list(&root, &prefix, &after, limit).map_err(|e| broken(&prefix, &e))).await
    }

    async fn sign(&self, key: &str, signing: &Signing<'_>) -> Result<Signed, StoreError> {
        check_key(key)?;
        let now = self.clock.now();
        let begins = signing.begins(now);
        let life = i64::try_from(signing.life.as_secs()).unwrap_or(i64::MAX / 2);
        // Whole seconds, rounded up where nothing else rounds: never less than what was promised.
        let expires = (begins + 999) / 1000 + life;
        let filename = signing.filename.unwrap_or_default().to_owned();
        let url = FileGrant { key: key.into(), filename, expires }
            .url(&self.base_url, &self.secrets)
            .map_err(|e| StoreError::Unavailable(format!("the base URL cannot carry a link: {e}")))?;
        let left = signing.life.saturating_sub(Duration::from_millis(u64::try_from(now - begins).unwrap_or_default()));
        Ok(Signed { url, life: left })
    }

    /// Reads the file again: what is verified is what is on the disk.
    async fn head(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        let path = self.path(key)?;
        let key = key.to_owned();
        blocking(move || match stored_at(&path) {
            Ok(stored) => Ok(Some(stored)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(broken(&key, &e)),
        })
        .await
    }

    async fn size(&self, key: &str) -> Result<Option<u64>, StoreError> {
        let path = self.path(key)?;
        let key = key.to_owned();
        blocking(move || match fs::metadata(&path) {
            Ok(found) => Ok(found.is_file().then_some(found.len())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(broken(&key, &e)),
        })
        .await
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<Bytestream, StoreError> {
        let path = self.path(key)?;
        let key = key.to_owned();
        let (file, length) = blocking(move || {
            let mut file = File::open(&path).map_err(|e| broken(&key, &e))?;
            let length = match range {
                Some(range) => {
                    file.seek(SeekFrom::Start(range.start)).map_err(|e| broken(&key, &e))?;
                    range.end.saturating_sub(range.start)
                }
                None => u64::MAX,
            };
            Ok((file, length))
        })
        .await?;
        Ok(Box::pin(tokio::fs::File::from_std(file).take(length)))
    }

    async fn receive(
        &self,
        key: &str,
        bytes: &mut (dyn AsyncRead + Send + Unpin),
        most: u64,
    ) -> Result<u64, StoreError> {
        staging::receive(self.path(key)?, self.scratch(), bytes, most).await
    }

    async fn presign_put(&self, key: &str, put: &PutGrant<'_>, expires_in: Duration) -> Result<SignedPut, StoreError> {
        let permit = PutPermit {
            key: key.into(),
            most: put.size,
            exact: true,
            sha256: put.sha256.unwrap_or_default().into(),
            expires: self.ends(expires_in),
        };
        let headers = vec![("content-type".to_owned(), put.content_type.to_owned())];
        Ok(SignedPut { url: self.permit(permit)?, headers })
    }

    async fn begin_parts(&self, key: &str, _content_type: &str) -> Result<String, StoreError> {
        check_key(key)?;
        Ok("parts".to_owned())
    }

    async fn presign_part(
        &self,
        key: &str,
        _upload: &str,
        number: u32,
        expires_in: Duration,
    ) -> Result<Url, StoreError> {
        self.permit(PutPermit {
            key: staging::part_key(key, number),
            most: staging::LARGEST_PART,
            exact: false,
            sha256: String::new(),
            expires: self.ends(expires_in),
        })
    }

    async fn parts(&self, key: &str, _upload: &str) -> Result<Vec<Part>, StoreError> {
        staging::parts(self.path(key)?).await
    }

    async fn finish_parts(&self, key: &str, _upload: &str, parts: &[Part]) -> Result<(), StoreError> {
        let numbers = parts.iter().map(|part| part.number).collect();
        staging::finish(self.path(key)?, self.scratch(), numbers).await
    }

    async fn abort(&self, key: &str, _upload: &str) -> Result<(), StoreError> {
        staging::abort(self.path(key)?).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let path = self.path(key)?;
        let key = key.to_owned();
        blocking(move || match fs::remove_file(&path) {
            Ok(()) => path.parent().map_or(Ok(()), durable::sync_dir).map_err(|e| broken(&key, &e)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(e) => Err(broken(&key, &e)),
        })
        .await
    }

    async fn sweep(&self) -> Result<u64, StoreError> {
        let scratch = self.scratch();
        blocking(move || {
            let swept = durable::sweep(&scratch).map_err(|e| broken(".tmp", &e))?;
            let copies = durable::sweep_older(&scratch.join("copies"), UNSENT).map_err(|e| broken(".tmp", &e))?;
            Ok(swept + copies)
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| StoreError::Unavailable(e.to_string()))?
}

/// The key and the kind of failure; the path is nobody's business.
fn broken(key: &str, error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::NotFound => StoreError::NotFound(key.into()),
        // What has no number of the system's was wrapped on its way, with the path in it.
        kind if error.raw_os_error().is_none() => StoreError::Unavailable(format!("{key}: {kind}")),
        _ => StoreError::Unavailable(format!("{key}: {error}")),
    }
}

fn stored_at(path: &Path) -> io::Result<Stored> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let (size, sha256) = measure(path)?;
    Ok(Stored { size, sha256: Some(sha256), etag: None })
}
