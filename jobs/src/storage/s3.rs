//! Objects in a bucket: AWS, Google Cloud Storage, or any server that speaks S3.
//!
//! Servers differ in what they silently ignore, so nothing is inferred from a 200: the object carries its SHA-256 as metadata too, and
//! what counts is the HEAD afterwards.

use std::{
    ops::Range,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    error::{DisplayErrorContext, SdkError},
};
use aws_smithy_runtime_api::http::Headers;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use gatehouse_app::{
    objects::{attachment, check_key},
    ports::{
        Bytestream, Info, Listed, ObjectStore, Part, PutGrant, RestoreTier, Signed, SignedPut, Signing, StoreError,
        Stored, Unfinished, UploadProgress, Version, hash_file,
    },
};
use url::Url;

use super::{
    feed::{CHANGED, Check, Feed},
    multipart::{self, Upload},
    open::{Flavour, Tuning},
    presign::Presigner,
    wire::{Ask, Wire},
};

/// Of no bytes.
pub(super) const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// Our own name for the checksum, for servers that do not keep theirs.
pub(super) const SHA256: &str = "sha256";
/// Times that a put is tried when another one at the same key is under way.
const PUTS: u32 = 3;

/// One bucket, with one client.
pub struct S3Store {
    pub(super) client: Client,
    pub(super) bucket: String,
    pub(super) flavour: Flavour,
    pub(super) presigner: Arc<Presigner>,
    pub(super) wire: Wire,
    pub(super) tuning: Tuning,
    /// Whether the last file that was put here whole was checked by the server, by its own account.
    pub(super) vouches: AtomicBool,
}

enum Put {
    Done {
        etag: Option<String>,
        vouched: bool,
    },
    /// Something stands there already.
    Exists,
    /// Somebody else puts it at this moment.
    UnderWay,
}

impl S3Store {
    async fn put_once(&self, key: &str, feed: &Feed, content_type: &str, sha256: &str) -> Result<Put, StoreError> {
        let digest = hex::decode(sha256).map_err(|_| StoreError::Source(format!("{key}: the checksum is not hex")))?;
        let digest = BASE64_STANDARD.encode(digest);
        let mut headers = vec![("content-type", content_type), ("x-amz-meta-sha256", sha256)];
        if self.flavour.knows_checksums() {
            headers.extend([("x-amz-checksum-sha256", digest.as_str()), ("if-none-match", "*")]);
        }
        let ask = Ask { method: "PUT", key, query: &[], headers: &headers, sha256: Some(sha256) };
        let answer = self.wire.send(&ask, feed).await?;
        match answer.status {
            // S3 repeats the checksum that it was given once it has found it right.
            200..300 => Ok(Put::Done {
                etag: etag(&answer.headers),
                vouched: answer.headers.get("x-amz-checksum-sha256") == Some(&digest),
            }),
            412 => Ok(Put::Exists),
            409 => Ok(Put::UnderWay),
            _ => Err(answer.into_error()),
        }
    }

    /// Puts what `feed` gives in one request, where nothing is known to stand. Says besides whether the server has checked it.
    async fn put_whole(
        &self,
        key: &str,
        feed: &Feed,
        content_type: &str,
        sha256: &str,
    ) -> Result<(Stored, bool), StoreError> {
        for attempt in 1..=PUTS {
            match self.put_once(key, feed, content_type, sha256).await? {
                Put::Done { etag, vouched } => {
                    return Ok((Stored { size: feed.len(), sha256: Some(sha256.into()), etag }, vouched));
                }
                Put::Exists => {
                    return match self.there(key, feed.len(), sha256).await? {
                        Some(found) => Ok((found, true)),
                        None => Err(StoreError::Conflict(key.into())),
                    };
                }
                Put::UnderWay => tokio::time::sleep(Duration::from_millis(200) * attempt).await,
            }
        }
        Err(StoreError::Unavailable(format!("{key} is being written by somebody else")))
    }

    /// Puts a file in one request. A server that checks what it gets does so alone: to hash the file here too costs as much as to send it.
    async fn put_file_whole(
        &self,
        key: &str,
        path: &Path,
        content_type: &str,
        sha256: &str,
        size: u64,
    ) -> Result<Stored, StoreError> {
        let theirs = self.vouches.load(Ordering::Relaxed);
        let check = if theirs { Check::Theirs } else { Check::Sha256(sha256.to_owned()) };
        let put = self.put_whole(key, &Feed::file(path, size, check), content_type, sha256).await;
        let vouched = matches!(put, Ok((_, true)));
        self.vouches.store(vouched, Ordering::Relaxed);
        // It did not say that the file is right: whether it is has to be seen here after all.
        if theirs && !vouched {
            let found = hash_file(path).await.map_err(|e| StoreError::Source(format!("{key}: {e}")))?;
            if found != sha256 {
                if put.is_ok() {
                    self.delete(key).await?;
                }
                return Err(StoreError::Source(format!("{key}: {CHANGED}")));
            }
        }
        put.map(|(stored, _)| stored)
    }

    /// What stands at `key`, if it is what should.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is something else.
    pub(super) async fn there(&self, key: &str, size: u64, sha256: &str) -> Result<Option<Stored>, StoreError> {
        match self.head(key).await? {
            Some(found) if found.size == size && found.sha256.as_deref() == Some(sha256) => Ok(Some(found)),
            Some(_) => Err(StoreError::Conflict(key.into())),
            None => Ok(None),
        }
    }
}

#[async_trait]
impl ObjectStore for S3Store {
    fn backend(&self) -> &'static str {
        self.flavour.backend()
    }

    fn bucket(&self) -> &str {
        &self.bucket
    }

    fn region(&self) -> &str {
        self.presigner.region()
    }

    fn origin(&self) -> Option<String> {
        Some(self.presigner.origin())
    }

    async fn put(&self, key: &str, bytes: Vec<u8>, content_type: &str, sha256: &str) -> Result<Stored, StoreError> {
        check_key(key)?;
        // Some servers ignore the condition on the put, so what stands there is asked for first.
        match self.there(key, bytes.len() as u64, sha256).await? {
            Some(found) => Ok(found),
            None => self.put_new(key, bytes.into(), content_type, sha256).await,
        }
    }

    async fn put_new(&self, key: &str, bytes: Bytes, content_type: &str, sha256: &str) -> Result<Stored, StoreError> {
        check_key(key)?;
        let feed = if bytes.is_empty() { Feed::Empty } else { Feed::Bytes(bytes) };
        self.put_whole(key, &feed, content_type, sha256).await.map(|(stored, _)| stored)
    }

    async fn put_file(
        &self,
        key: &str,
        path: &Path,
        content_type: &str,
        sha256: &str,
        size: u64,
        progress: &dyn UploadProgress,
    ) -> Result<Stored, StoreError> {
        check_key(key)?;
        let begun = progress.begun().await?;
        if let Some(found) = self.there(key, size, sha256).await? {
            // Killed between the last request and its being on record.
            if let Some(begun) = begun {
                multipart::give_up(self, key, &begun.upload, progress).await?;
            }
            return Ok(found);
        }
        if size < self.tuning.threshold {
            return self.put_file_whole(key, path, content_type, sha256, size).await;
        }
        let part_size = begun.as_ref().map_or_else(|| multipart::part_size(self, size), |begun| begun.part_size);
        let survey = multipart::survey(key, path, 0..size, part_size).await?;
        if survey.sha256 != sha256 {
            if let Some(begun) = begun {
                multipart::give_up(self, key, &begun.upload, progress).await?;
            }
            return Err(StoreError::Source(format!("{key}: {CHANGED}")));
        }
        multipart::upload(self, &Upload { key, path, content_type, size, progress }, begun, &survey).await
    }

    async fn adopt_file(
        &self,
        key: &str,
        path: &Path,
        content_type: &str,
        size: u64,
        progress: &dyn UploadProgress,
    ) -> Result<Stored, StoreError> {
        check_key(key)?;
        let begun = progress.begun().await?;
        let part_size = begun.as_ref().map_or_else(|| multipart::part_size(self, size), |begun| begun.part_size);
        let survey = multipart::survey(key, path, 0..size, part_size).await?;
        if begun.is_some() || size >= self.tuning.threshold {
            return multipart::upload(self, &Upload { key, path, content_type, size, progress }, begun, &survey).await;
        }
        let feed = Feed::file(path, size, Check::Crc64(survey.crc64(size)));
        self.put_whole(key, &feed, content_type, &survey.sha256).await.map(|(stored, _)| stored)
    }

    async fn head(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        check_key(key)?;
        let mut headers = Vec::new();
        if self.flavour.knows_checksums() {
            headers.push(("x-amz-checksum-mode", "ENABLED"));
        }
        let ask = Ask { method: "HEAD", key, query: &[], headers: &headers, sha256: Some(EMPTY_SHA256) };
        let answer = self.wire.send(&ask, &Feed::Empty).await?;
        match answer.status {
            200..300 => Ok(Some(stored(&answer.headers))),
            404 => Ok(None),
            _ => Err(answer.into_error()),
        }
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<Bytestream, StoreError> {
        check_key(key)?;
        // HTTP ranges name their last byte, so an empty one cannot be asked for.
        if range.as_ref().is_some_and(Range::is_empty) {
            return Ok(Box::pin(tokio::io::empty()));
        }
        let range = range.map(|range| format!("bytes={}-{}", range.start, range.end - 1));
        match self.client.get_object().bucket(&self.bucket).key(key).set_range(range).send().await {
            Ok(found) => Ok(Box::pin(found.body.into_async_read())),
            Err(error) if status(&error) == Some(404) => Err(StoreError::NotFound(key.into())),
            Err(error) => Err(unavailable(&error)),
        }
    }

    async fn sign(&self, key: &str, signing: &Signing<'_>) -> Result<Signed, StoreError> {
        check_key(key)?;
        let disposition = signing.filename.map_or_else(|| "inline".to_owned(), attachment);
        let cached = format!("private, max-age={}, immutable", signing.life.saturating_sub(signing.step).as_secs());
        let cache = if signing.step.is_zero() { "no-store" } else { cached.as_str() };
        let query = [("response-cache-control", cache), ("response-content-disposition", disposition.as_str())];
        #[expect(clippy::disallowed_methods, reason = "the server's clock judges it, not the house's")]
        let now = SystemTime::now();
        let millis = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        let millis = i64::try_from(millis).unwrap_or(i64::MAX);
        let past = Duration::from_millis(u64::try_from(millis - signing.begins(millis)).unwrap_or_default());
        let signed = self.presigner.get(key, &query, signing.life, now - past, now).await;
        let (url, life) = signed.map_err(|error| StoreError::Unavailable(format!("could not sign: {error:#}")))?;
        Ok(Signed { url, life: life.saturating_sub(past) })
    }

    async fn presign_put(&self, key: &str, put: &PutGrant<'_>, expires_in: Duration) -> Result<SignedPut, StoreError> {
        self.grant_put(key, put, expires_in).await
    }

    async fn begin_parts(&self, key: &str, content_type: &str) -> Result<String, StoreError> {
        check_key(key)?;
        multipart::create(self, key, content_type, None).await.map(|(upload, _)| upload)
    }

    async fn presign_part(
        &self,
        key: &str,
        upload: &str,
        number: u32,
        expires_in: Duration,
    ) -> Result<Url, StoreError> {
        self.grant_part(key, upload, number, expires_in).await
    }

    async fn parts(&self, key: &str, upload: &str) -> Result<Vec<Part>, StoreError> {
        match multipart::list(self, key, upload).await? {
            Some(listed) => Ok(listed.parts),
            None => Err(StoreError::NotFound(format!("{key} (its upload)"))),
        }
    }

    async fn finish_parts(&self, key: &str, upload: &str, parts: &[Part]) -> Result<(), StoreError> {
        multipart::complete(self, key, upload, parts, None).await
    }

    async fn unfinished(&self) -> Result<Vec<Unfinished>, StoreError> {
        self.list_unfinished("").await
    }

    async fn abort(&self, key: &str, upload: &str) -> Result<(), StoreError> {
        let abort = self.client.abort_multipart_upload().bucket(&self.bucket).key(key).upload_id(upload);
        match abort.send().await {
            Ok(_) => Ok(()),
            Err(error) if status(&error) == Some(404) => Ok(()),
            Err(error) => Err(unavailable(&error)),
        }
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        check_key(key)?;
        self.delete_version(key, None).await
    }

    async fn erase(&self, key: &str) -> Result<(), StoreError> {
        check_key(key)?;
        let versions = self.list_versions(key).await?;
        if versions.is_empty() {
            return self.delete_version(key, None).await;
        }
        for version in versions {
            self.delete_version(key, Some(version.id)).await?;
        }
        Ok(())
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Listed>, StoreError> {
        self.list_objects(prefix, after, limit).await
    }

    async fn info(&self, key: &str) -> Result<Option<Info>, StoreError> {
        check_key(key)?;
        self.object_info(key).await
    }

    async fn restore(&self, key: &str, tier: RestoreTier, days: u32) -> Result<(), StoreError> {
        check_key(key)?;
        self.restore_object(key, tier, days).await
    }

    async fn versions(&self, key: &str) -> Result<Vec<Version>, StoreError> {
        check_key(key)?;
        self.list_versions(key).await
    }

    async fn revert(&self, key: &str, version: &str) -> Result<(), StoreError> {
        check_key(key)?;
        self.copy_version(key, version).await
    }
}

/// The server's own checksum where it keeps one of the whole object, else the one that we left with it.
fn stored(headers: &Headers) -> Stored {
    let theirs = headers
        .get("x-amz-checksum-sha256")
        .and_then(|text| BASE64_STANDARD.decode(text).ok())
        .filter(|digest| digest.len() == 32)
        .map(hex::encode);
    let ours = || headers.get("x-amz-meta-sha256").or_else(|| headers.get("x-goog-meta-sha256")).map(str::to_owned);
    Stored {
        size: headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or_default(),
        sha256: theirs.or_else(ours),
        etag: etag(headers),
    }
}

fn etag(headers: &Headers) -> Option<String> {
    headers.get("etag").map(|etag| etag.trim_matches('"').to_owned())
}

pub(super) fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

pub(super) fn unavailable<E: std::error::Error + 'static>(error: &SdkError<E>) -> StoreError
where
    SdkError<E>: std::error::Error,
{
    StoreError::Unavailable(match status(error) {
        Some(403) => "it refused our credentials (403)".into(),
        Some(404) => "there is no such bucket (404)".into(),
        _ => DisplayErrorContext(error).to_string(),
    })
}
