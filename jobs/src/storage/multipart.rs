//! Large objects in parts, several at a time, resumed where an earlier attempt stopped.
//!
//! A file is read twice: once to hash it from beginning to end, and once to send it. The first pass knows the SHA-256 of the whole and each
//! part's CRC-64; a part that is sent is held against its CRC as it goes, and again by the server where that keeps one. So the bytes are
//! hashed once, a file that is not what it should be is found before anything is sent, and what is stored is what was hashed. Memory does
//! not depend on sizes.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::Path,
    time::Duration,
};

use aws_sdk_s3::{
    config::timeout::TimeoutConfig,
    error::ProvideErrorMetadata,
    types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use crc_fast::{CrcAlgorithm, Digest as Crc, checksum_combine};
use futures::{StreamExt, TryStreamExt, stream};
use gatehouse_app::ports::{Begun, ObjectStore, Part, StoreError, Stored, UploadProgress};
use sha2::{Digest, Sha256};

use super::{
    feed::{Check, Feed, PIECE},
    open::MB,
    s3::{S3Store, SHA256, status, unavailable},
    wire::Ask,
};

/// S3's limit.
const MOST_PARTS: u64 = 10_000;
/// Putting a large object together takes some servers minutes.
const ASSEMBLY: Duration = Duration::from_mins(10);

/// What is to go up.
pub(super) struct Upload<'a> {
    pub key: &'a str,
    pub path: &'a Path,
    pub content_type: &'a str,
    pub size: u64,
    pub progress: &'a dyn UploadProgress,
}

/// A file, hashed.
pub(super) struct Survey {
    /// Lower-case hex, of the whole.
    pub sha256: String,
    pub part_size: u64,
    /// CRC-64 of each part.
    crcs: Vec<u64>,
}

impl Survey {
    fn offset(&self, at: usize) -> u64 {
        at as u64 * self.part_size
    }

    fn length(&self, at: usize, size: u64) -> u64 {
        self.part_size.min(size - self.offset(at))
    }

    /// CRC-64 of the whole.
    pub fn crc64(&self, size: u64) -> u64 {
        let parts = self.crcs.iter().enumerate().map(|(at, crc64)| (*crc64, self.length(at, size)));
        parts.fold(0, |whole, (crc64, length)| checksum_combine(CrcAlgorithm::Crc64Nvme, whole, crc64, length))
    }
}

/// An upload that the server knows, and what it has of it.
pub(super) struct Listing {
    pub parts: Vec<Part>,
    /// Whether it keeps CRC-64 checksums of the parts and of the whole.
    checked: bool,
}

/// How large a part has to be: S3 takes 10,000 of them.
pub(super) fn part_size(store: &S3Store, size: u64) -> u64 {
    store.tuning.part.max(size.div_ceil(MOST_PARTS).next_multiple_of(MB))
}

/// Sends what the server does not have yet and makes one object of it.
///
/// # Errors
/// [`StoreError::Source`] when the file is not what `survey` found any more: then nothing is left at the server. After every other error
/// the parts stay there for the next attempt.
pub(super) async fn upload(
    store: &S3Store,
    what: &Upload<'_>,
    begun: Option<Begun>,
    survey: &Survey,
) -> Result<Stored, StoreError> {
    if let Some((begun, listing)) = take_up(store, what, begun, survey).await? {
        let sent = async {
            let parts = send_parts(store, what, &begun, &listing, survey).await?;
            let whole = listing.checked.then(|| (survey.crc64(what.size), what.size));
            complete(store, what.key, &begun.upload, &parts, whole).await
        };
        match sent.await {
            Ok(()) => what.progress.end(&begun.upload).await?,
            Err(error @ (StoreError::Source(_) | StoreError::Conflict(_))) => {
                give_up(store, what.key, &begun.upload, what.progress).await?;
                return Err(error);
            }
            Err(error) => return Err(error),
        }
    }
    let vanished = || StoreError::Unavailable(format!("{} was put together, and is not there", what.key));
    store.there(what.key, what.size, &survey.sha256).await?.ok_or_else(vanished)
}

/// Nothing of the upload is left, here or at the server.
pub(super) async fn give_up(
    store: &S3Store,
    key: &str,
    upload: &str,
    progress: &dyn UploadProgress,
) -> Result<(), StoreError> {
    if !upload.is_empty() {
        store.abort(key, upload).await?;
    }
    progress.end(upload).await
}

/// The upload to go on with: the one on record, or a new one. `None` when the one on record is finished.
async fn take_up(
    store: &S3Store,
    what: &Upload<'_>,
    begun: Option<Begun>,
    survey: &Survey,
) -> Result<Option<(Begun, Listing)>, StoreError> {
    if let Some(begun) = begun {
        if begun.upload.is_empty() {
            // Killed between asking for an upload and learning its name: whatever stands at this key unfinished is that one.
            for stray in store.list_unfinished(what.key).await? {
                if stray.key == what.key {
                    store.abort(&stray.key, &stray.upload).await?;
                }
            }
        } else if let Some(listing) = list(store, what.key, &begun.upload).await? {
            if !listing.parts.is_empty() {
                return Ok(Some((begun, listing)));
            }
            // Without a part Garage does not tell which checksums the upload was begun with; and nothing is lost.
            store.abort(what.key, &begun.upload).await?;
        } else if store.there(what.key, what.size, &survey.sha256).await?.is_some() {
            what.progress.end(&begun.upload).await?;
            return Ok(None);
        }
        what.progress.end(&begun.upload).await?;
    }
    what.progress.begin("", survey.part_size).await?;
    let (upload, checked) = create(store, what.key, what.content_type, Some(&survey.sha256)).await?;
    what.progress.begin(&upload, survey.part_size).await?;
    let begun = Begun { upload, part_size: survey.part_size, parts: Vec::new() };
    Ok(Some((begun, Listing { parts: Vec::new(), checked })))
}

/// Begins an upload; `sha256` is what we ourselves say about the whole. Returns its id, and whether the server keeps CRC-64 checksums.
pub(super) async fn create(
    store: &S3Store,
    key: &str,
    content_type: &str,
    sha256: Option<&str>,
) -> Result<(String, bool), StoreError> {
    let mut create = store.client.create_multipart_upload().bucket(&store.bucket).key(key).content_type(content_type);
    if let Some(sha256) = sha256 {
        create = create.metadata(SHA256, sha256);
        if store.flavour.knows_checksums() {
            create = create.checksum_algorithm(ChecksumAlgorithm::Crc64Nvme).checksum_type(ChecksumType::FullObject);
        }
    }
    let created = create
        .customize()
        // Google wants to hear that there is no body.
        .mutate_request(|request| {
            request.headers_mut().insert("content-length", "0");
        })
        .send()
        .await
        .map_err(|error| unavailable(&error))?;
    let upload = created.upload_id().ok_or_else(|| StoreError::Unavailable("it named no upload".into()))?;
    Ok((upload.to_owned(), created.checksum_algorithm() == Some(&ChecksumAlgorithm::Crc64Nvme)))
}

/// What the server has of an upload; `None` when it knows of none.
pub(super) async fn list(store: &S3Store, key: &str, upload: &str) -> Result<Option<Listing>, StoreError> {
    let (mut parts, mut checked, mut marker) = (Vec::new(), false, None);
    loop {
        let listing = store
            .client
            .list_parts()
            .bucket(&store.bucket)
            .key(key)
            .upload_id(upload)
            .set_part_number_marker(marker)
            .send()
            .await;
        let listing = match listing {
            Ok(listing) => listing,
            Err(error) if status(&error) == Some(404) && error.code() != Some("NoSuchBucket") => return Ok(None),
            Err(error) => return Err(unavailable(&error)),
        };
        checked |= listing.checksum_algorithm() == Some(&ChecksumAlgorithm::Crc64Nvme);
        for part in listing.parts() {
            let crc64 = part.checksum_crc64_nvme().and_then(decode);
            checked |= crc64.is_some();
            parts.push(Part {
                number: part.part_number().and_then(|n| u32::try_from(n).ok()).unwrap_or_default(),
                size: part.size().and_then(|n| u64::try_from(n).ok()).unwrap_or_default(),
                etag: part.e_tag().unwrap_or_default().to_owned(),
                crc64,
            });
        }
        marker = listing.next_part_number_marker().map(str::to_owned);
        if listing.is_truncated() != Some(true) || marker.is_none() {
            return Ok(Some(Listing { parts, checked }));
        }
    }
}

/// Sends the parts that the server does not have; returns all of them, in order.
async fn send_parts(
    store: &S3Store,
    what: &Upload<'_>,
    begun: &Begun,
    listing: &Listing,
    survey: &Survey,
) -> Result<Vec<Part>, StoreError> {
    let by_number = |parts: &[Part]| parts.iter().map(|part| (part.number, part.clone())).collect::<BTreeMap<_, _>>();
    let (there, ours) = (by_number(&listing.parts), by_number(&begun.parts));
    let one = |at: usize| {
        let number = at as u32 + 1;
        let now =
            Part { number, size: survey.length(at, what.size), etag: String::new(), crc64: Some(survey.crcs[at]) };
        let had = there.get(&number).and_then(|there| same(there, ours.get(&number), &now));
        async move {
            let sent = match had {
                Some(etag) => Part { etag: etag.clone(), ..now },
                None => {
                    let sent = send_part(store, what, &begun.upload, now, survey.offset(at), listing.checked).await?;
                    what.progress.part(&begun.upload, &sent).await?;
                    sent
                }
            };
            // What the server does not keep, it must not be asked to compare.
            Ok(Part { crc64: sent.crc64.filter(|_| listing.checked), ..sent })
        }
    };
    stream::iter((0..survey.crcs.len()).map(one)).buffered(store.tuning.parallel.max(1)).try_collect().await
}

/// The name of the part that the server has, if it is the one that the file has now: by the server's checksum, or by what we put on record
/// of it. Some servers list no names.
fn same<'a>(there: &'a Part, ours: Option<&'a Part>, now: &Part) -> Option<&'a String> {
    let ours = ours.filter(|ours| ours.crc64 == now.crc64 && (there.etag.is_empty() || there.etag == ours.etag));
    match there.crc64 {
        _ if there.size != now.size => None,
        Some(crc64) => (Some(crc64) == now.crc64).then_some(&there.etag),
        None => ours.map(|ours| &ours.etag),
    }
}

async fn send_part(
    store: &S3Store,
    what: &Upload<'_>,
    upload: &str,
    part: Part,
    offset: u64,
    checked: bool,
) -> Result<Part, StoreError> {
    let crc64 = part.crc64.unwrap_or_default();
    let (number, checksum) = (part.number.to_string(), encode(crc64));
    let headers: &[(&str, &str)] = if checked { &[("x-amz-checksum-crc64nvme", &checksum)] } else { &[] };
    let range = offset..offset + part.size;
    // Something must vouch for what arrives: the checksum, or else the signature.
    let sha256 = match checked {
        true => None,
        false => Some(survey(what.key, what.path, range.clone(), part.size.max(1)).await?.sha256),
    };
    let feed = Feed::File { path: what.path.to_owned(), range, check: Check::Crc64(crc64) };
    let ask = Ask {
        method: "PUT",
        key: what.key,
        query: &[("partNumber", &number), ("uploadId", upload)],
        headers,
        sha256: sha256.as_deref(),
    };
    let answer = store.wire.send(&ask, &feed).await?;
    match (answer.status, answer.headers.get("etag")) {
        (200..300, Some(etag)) => Ok(Part { etag: etag.to_owned(), ..part }),
        (200..300, None) => Err(StoreError::Unavailable(format!("part {number} of {} got no name", what.key))),
        _ => Err(answer.into_error()),
    }
}

/// Makes one object of the parts. `whole`: the CRC-64 and the size that it must have.
pub(super) async fn complete(
    store: &S3Store,
    key: &str,
    upload: &str,
    parts: &[Part],
    whole: Option<(u64, u64)>,
) -> Result<(), StoreError> {
    let parts = parts.iter().map(|part| {
        CompletedPart::builder()
            .part_number(i32::try_from(part.number).unwrap_or(i32::MAX))
            .e_tag(&part.etag)
            .set_checksum_crc64_nvme(part.crc64.map(encode))
            .build()
    });
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
    let mut complete = store
        .client
        .complete_multipart_upload()
        .bucket(&store.bucket)
        .key(key)
        .upload_id(upload)
        .multipart_upload(parts);
    if let Some((crc64, size)) = whole {
        complete = complete
            .checksum_crc64_nvme(encode(crc64))
            .checksum_type(ChecksumType::FullObject)
            .mpu_object_size(i64::try_from(size).unwrap_or(i64::MAX));
    }
    if store.flavour.knows_checksums() {
        complete = complete.if_none_match("*");
    }
    let patience = TimeoutConfig::builder().operation_attempt_timeout(ASSEMBLY).operation_timeout(ASSEMBLY * 2).build();
    let patient = aws_sdk_s3::config::Config::builder().timeout_config(patience);
    match complete.customize().config_override(patient).send().await {
        Ok(_) => Ok(()),
        Err(error) => match (status(&error), error.code()) {
            (Some(412), _) => Err(StoreError::Conflict(key.into())),
            // Told twice: the answer to the first time was lost. The HEAD afterwards decides.
            (Some(404), Some("NoSuchUpload")) => Ok(()),
            _ => Err(unavailable(&error)),
        },
    }
}

/// Hashes a stretch of a file from its beginning to its end.
pub(super) async fn survey(key: &str, path: &Path, range: Range<u64>, part_size: u64) -> Result<Survey, StoreError> {
    let path = path.to_owned();
    let surveyed = tokio::task::spawn_blocking(move || hash(&path, range, part_size)).await;
    surveyed
        .unwrap_or_else(|panic| Err(io::Error::other(panic)))
        .map_err(|error| StoreError::Source(format!("{key}: {error}")))
}

/// Blocks.
fn hash(path: &Path, range: Range<u64>, part_size: u64) -> io::Result<Survey> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(range.start))?;
    let (mut sha, mut crcs) = (Sha256::new(), Vec::new());
    // Stays in the processor's cache between the two hashes.
    let mut buffer = vec![0; PIECE / 2];
    let mut left = range.end - range.start;
    while left > 0 {
        let mut crc = Crc::new(CrcAlgorithm::Crc64Nvme);
        let mut of_part = part_size.min(left);
        left -= of_part;
        while of_part > 0 {
            let length = usize::try_from(of_part).unwrap_or(usize::MAX).min(buffer.len());
            let piece = &mut buffer[..length];
            file.read_exact(piece).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => io::Error::other("the file is shorter than it was said to be"),
                _ => error,
            })?;
            sha.update(&*piece);
            crc.update(piece);
            of_part -= length as u64;
        }
        crcs.push(crc.finalize());
    }
    Ok(Survey { sha256: hex::encode(sha.finalize()), part_size, crcs })
}

/// As S3 writes a CRC-64: eight bytes, the highest first.
fn encode(crc64: u64) -> String {
    BASE64_STANDARD.encode(crc64.to_be_bytes())
}

fn decode(text: &str) -> Option<u64> {
    Some(u64::from_be_bytes(BASE64_STANDARD.decode(text).ok()?.try_into().ok()?))
}
