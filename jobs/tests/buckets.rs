//! What every bucket has to do, against an S3 server inside the test and, where `GATEHOUSE_TEST_S3` names its settings file, a real one.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::body::SdkBody;
use gatehouse_app::ports::{Begun, NoProgress, ObjectStore, Part, PutGrant, Signing, StoreError, UploadProgress};
use gatehouse_jobs::storage::{
    bandwidth::Bandwidth,
    open::{Flavour, MB, Tuning},
    s3::S3Store,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

const KEY: &str = "bols/2026/PRT-2026-0001.pdf";
const FILM: &str = "recordings/dock/2026-11-20/recording_08_00_00.mp4";
const PDF: &str = "application/pdf";
const MP4: &str = "video/mp4";

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Bytes that do not repeat.
fn film(size: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&state.to_be_bytes());
    }
    bytes.truncate(size);
    bytes
}

fn tuning() -> Tuning {
    Tuning { threshold: 6 * MB, part: 5 * MB, parallel: 3, bandwidth: Arc::new(Bandwidth::new(0)) }
}

/// What comes between the client and the server.
type Meddle = dyn Fn(&HttpRequest, usize) -> Option<u16> + Send + Sync;

/// Counts the parts that are sent, and refuses what `meddle` says.
#[derive(Clone)]
struct Between {
    server: s3s_aws::Connector,
    parts: Arc<AtomicUsize>,
    meddle: Arc<Meddle>,
}

impl std::fmt::Debug for Between {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Between")
    }
}

impl HttpConnector for Between {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let is_part = request.method() == "PUT" && request.uri().contains("partNumber=");
        let sent = if is_part { self.parts.fetch_add(1, Ordering::SeqCst) + 1 } else { 0 };
        match (self.meddle)(&request, sent) {
            Some(status) => {
                let body = SdkBody::from("<Error><Code>SlowDown</Code><Message>Please</Message></Error>");
                HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), body)))
            }
            None => self.server.call(request),
        }
    }
}

struct Yard {
    store: S3Store,
    parts: Arc<AtomicUsize>,
    folder: tempfile::TempDir,
}

impl Yard {
    async fn new() -> Self {
        Self::meddled(|_, _| None).await
    }

    async fn meddled(meddle: impl Fn(&HttpRequest, usize) -> Option<u16> + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bucket = folder.path().join("server");
        std::fs::create_dir_all(bucket.join("yard")).unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(&bucket).unwrap());
        service.set_auth(SimpleAuth::from_single("key", "placeholder"));
        let parts = Arc::new(AtomicUsize::new(0));
        let server = s3s_aws::Connector::from(service.build());
        let between = Between { server, parts: Arc::clone(&parts), meddle: Arc::new(meddle) };
        let store = S3Store::at(
            "yard",
            Flavour::S3,
            "http://bucket.test:9000",
            "us-east-1",
            SharedCredentialsProvider::new(Credentials::new("key", "placeholder", None, None, "test")),
            SharedHttpConnector::new(between),
            tuning(),
        );
        Self { store: store.await.unwrap(), parts, folder }
    }

    fn file(&self, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join("film");
        std::fs::write(&path, bytes).unwrap();
        path
    }

    async fn send(&self, path: &Path, bytes: &[u8], progress: &dyn UploadProgress) -> Result<(), StoreError> {
        self.store.put_file(FILM, path, MP4, &sha256(bytes), bytes.len() as u64, progress).await.map(drop)
    }

    async fn has(&self, bytes: &[u8]) -> bool {
        self.store.get(FILM).await.is_ok_and(|found| found == bytes)
            && self.store.head(FILM).await.unwrap().unwrap().sha256 == Some(sha256(bytes))
    }
}

/// What is on record, in memory.
#[derive(Default)]
struct Record(Mutex<Option<Begun>>);

#[async_trait]
impl UploadProgress for Record {
    async fn begun(&self) -> Result<Option<Begun>, StoreError> {
        Ok(self.0.lock().unwrap().clone())
    }

    async fn begin(&self, upload: &str, part_size: u64) -> Result<(), StoreError> {
        *self.0.lock().unwrap() = Some(Begun { upload: upload.into(), part_size, parts: Vec::new() });
        Ok(())
    }

    async fn part(&self, _: &str, part: &Part) -> Result<(), StoreError> {
        self.0.lock().unwrap().as_mut().unwrap().parts.push(part.clone());
        Ok(())
    }

    async fn end(&self, _: &str) -> Result<(), StoreError> {
        *self.0.lock().unwrap() = None;
        Ok(())
    }
}

async fn put(store: &dyn ObjectStore, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
    store.put(key, bytes.to_vec(), PDF, &sha256(bytes)).await.map(drop)
}

async fn keeps_its_promises(store: &dyn ObjectStore) {
    assert_eq!(store.head(KEY).await.unwrap(), None);
    assert!(matches!(store.get(KEY).await, Err(StoreError::NotFound(_))));
    put(store, KEY, b"paper").await.unwrap();
    put(store, KEY, b"paper").await.unwrap();
    assert!(matches!(put(store, KEY, b"other").await, Err(StoreError::Conflict(_))));
    let found = store.head(KEY).await.unwrap().unwrap();
    assert_eq!((found.size, found.sha256), (5, Some(sha256(b"paper"))));
    assert_eq!(store.get(KEY).await.unwrap(), b"paper");
    let mut part = String::new();
    store.read(KEY, Some(1..4)).await.unwrap().read_to_string(&mut part).await.unwrap();
    assert_eq!(part, "ape");
    for bad in ["../x", "/x", "a//b", ".tmp/x", ""] {
        assert!(matches!(put(store, bad, b"x").await, Err(StoreError::BadKey)), "{bad}");
        assert!(store.head(bad).await.is_err() && store.delete(bad).await.is_err());
    }
    put(store, "test/empty.txt", b"").await.unwrap();
    assert_eq!(store.head("test/empty.txt").await.unwrap().unwrap().size, 0);
    let listed = store.list("", None, 10).await.unwrap();
    assert_eq!(
        listed.iter().map(|one| (one.key.as_str(), one.size)).collect::<Vec<_>>(),
        [(KEY, 5), ("test/empty.txt", 0)]
    );
    assert_eq!(store.list("", Some(KEY), 10).await.unwrap().len(), 1);
    assert_eq!(store.list("bols/", None, 10).await.unwrap().len(), 1);
    store.erase("test/empty.txt").await.unwrap();
    store.delete(KEY).await.unwrap();
    store.delete(KEY).await.unwrap();
    assert_eq!(store.head(KEY).await.unwrap(), None);
}

#[tokio::test]
async fn a_bucket_keeps_its_promises() {
    let yard = Yard::new().await;
    assert_eq!((yard.store.backend(), yard.store.bucket()), ("s3", "yard"));
    keeps_its_promises(&yard.store).await;
}

#[tokio::test]
async fn a_large_file_goes_up_in_parts_and_a_small_one_whole() {
    for (size, parts) in [(0, 0), (1, 0), (6 * MB as usize - 1, 0), (6 * MB as usize, 2), (12 * MB as usize + 1, 3)] {
        // The server inside the test remembers checksums of what was deleted.
        let yard = Yard::new().await;
        let bytes = film(size);
        let path = yard.file(&bytes);
        yard.send(&path, &bytes, &NoProgress).await.unwrap();
        assert!(yard.has(&bytes).await, "{size}");
        assert_eq!(yard.parts.load(Ordering::SeqCst), parts, "{size}");
        // Twice is once.
        yard.send(&path, &bytes, &NoProgress).await.unwrap();
        assert_eq!(yard.parts.load(Ordering::SeqCst), parts, "{size}");
    }
}

#[tokio::test]
async fn a_file_of_unknown_checksum_says_what_it_was() {
    for size in [0, 100, 13 * MB as usize] {
        let yard = Yard::new().await;
        let bytes = film(size);
        let path = yard.file(&bytes);
        let stored = yard.store.adopt_file(FILM, &path, MP4, size as u64, &NoProgress).await.unwrap();
        assert_eq!(stored.sha256, Some(sha256(&bytes)));
        assert!(yard.has(&bytes).await, "{size}");
    }
}

#[tokio::test]
async fn an_interrupted_upload_goes_on_where_it_stopped() {
    let bytes = film(38 * MB as usize);
    for at in 1..=8 {
        // The line is cut when the part before `at` is through, and stays so until the next attempt.
        let cut = Arc::new(AtomicUsize::new(at));
        let yard = {
            let cut = Arc::clone(&cut);
            Yard::meddled(move |_, part| (part >= cut.load(Ordering::SeqCst)).then_some(400)).await
        };
        let (path, record) = (yard.file(&bytes), Record::default());
        assert!(matches!(yard.send(&path, &bytes, &record).await, Err(StoreError::Unavailable(_))));
        cut.store(usize::MAX, Ordering::SeqCst);
        yard.parts.store(0, Ordering::SeqCst);
        yard.send(&path, &bytes, &record).await.unwrap();
        assert!(yard.has(&bytes).await);
        let again = yard.parts.load(Ordering::SeqCst);
        // Eight parts; of those that had gone, one a worker may go again.
        assert!(again <= 8 - (at - 1) + tuning().parallel, "cut at {at}: {again} parts were sent again");
        assert!(record.begun().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn an_upload_that_was_finished_and_not_put_on_record_is_found() {
    let forgotten = |request: &HttpRequest| request.method() == "GET" && request.uri().contains("uploadId=");
    let yard = Yard::meddled(move |request, _| forgotten(request).then_some(404)).await;
    let bytes = film(11 * MB as usize);
    let (path, record) = (yard.file(&bytes), Record::default());
    yard.send(&path, &bytes, &record).await.unwrap();
    record.begin("00000000-0000-4000-8000-000000000000", 5 * MB).await.unwrap();
    let size = bytes.len() as u64;
    yard.store.adopt_file(FILM, &path, MP4, size, &record).await.unwrap();
    assert!(yard.has(&bytes).await && record.begun().await.unwrap().is_none());
}

#[tokio::test]
async fn a_file_that_is_not_what_it_was_leaves_nothing() {
    let yard = Yard::new().await;
    for size in [1000, 13 * MB as usize] {
        let bytes = film(size);
        let mut other = bytes.clone();
        other[size - 1] ^= 1;
        for wrong in [other, bytes[..size - 1].to_vec()] {
            let path = yard.file(&wrong);
            let outcome = yard.send(&path, &bytes, &Record::default()).await;
            assert!(matches!(outcome, Err(StoreError::Source(_))), "{outcome:?}");
            assert_eq!(yard.store.head(FILM).await.unwrap(), None);
        }
        std::fs::remove_file(yard.folder.path().join("film")).unwrap();
        let gone = yard.send(&yard.folder.path().join("film"), &bytes, &Record::default()).await;
        assert!(matches!(gone, Err(StoreError::Source(_))), "{gone:?}");
    }
}

#[tokio::test]
async fn a_server_that_checks_what_it_gets_refuses_a_file_that_changed() {
    let yard = Yard::new().await;
    let bytes = film(1000);
    // That it checks is known from the first.
    yard.send(&yard.file(&bytes), &bytes, &Record::default()).await.unwrap();
    yard.store.delete(FILM).await.unwrap();
    let mut other = bytes.clone();
    other[500] ^= 1;
    for wrong in [other, bytes[..999].to_vec()] {
        let path = yard.file(&wrong);
        for _ in 0..2 {
            let outcome = yard.send(&path, &bytes, &Record::default()).await;
            assert!(matches!(outcome, Err(StoreError::Source(_))), "{outcome:?}");
            assert_eq!(yard.store.head(FILM).await.unwrap(), None);
        }
        yard.send(&yard.file(&bytes), &bytes, &Record::default()).await.unwrap();
        assert!(yard.has(&bytes).await);
        yard.store.delete(FILM).await.unwrap();
    }
}

#[tokio::test]
async fn a_storm_of_503_is_sat_out() {
    let refused = Arc::new(AtomicUsize::new(0));
    let yard = {
        let refused = Arc::clone(&refused);
        Yard::meddled(move |request, _| {
            let storm = request.method() == "PUT" && refused.fetch_add(1, Ordering::SeqCst) % 3 < 2;
            storm.then_some(503)
        })
        .await
    };
    let bytes = film(13 * MB as usize);
    let path = yard.file(&bytes);
    yard.send(&path, &bytes, &Record::default()).await.unwrap();
    put(&yard.store, KEY, b"paper").await.unwrap();
    assert!(yard.has(&bytes).await && refused.load(Ordering::SeqCst) >= 9);
}

#[tokio::test]
async fn a_limit_of_the_line_is_kept() {
    let mut yard = Yard::new().await;
    // A megabyte a second.
    yard.store = limited(&yard, 8_000).await;
    let bytes = film(700_000);
    let path = yard.file(&bytes);
    let began = std::time::Instant::now();
    yard.send(&path, &bytes, &NoProgress).await.unwrap();
    let took = began.elapsed();
    assert!(yard.has(&bytes).await);
    assert!(took > Duration::from_millis(400) && took < Duration::from_secs(5), "{took:?}");
}

async fn limited(yard: &Yard, kbps: u64) -> S3Store {
    let mut service = S3ServiceBuilder::new(FileSystem::new(yard.folder.path().join("server")).unwrap());
    service.set_auth(SimpleAuth::from_single("key", "placeholder"));
    let credentials = SharedCredentialsProvider::new(Credentials::new("key", "placeholder", None, None, "test"));
    let tuning = Tuning { bandwidth: Arc::new(Bandwidth::new(kbps)), ..tuning() };
    let server = SharedHttpConnector::new(s3s_aws::Connector::from(service.build()));
    S3Store::at("yard", Flavour::S3, "http://bucket.test:9000", "us-east-1", credentials, server, tuning).await.unwrap()
}

#[tokio::test]
async fn a_put_by_others_is_bound_to_its_length_and_type() {
    let yard = Yard::new().await;
    let grant = PutGrant { content_type: "image/jpeg", size: 1234, sha256: None };
    let put = yard.store.presign_put("uploads/2026/seal.jpg", &grant, Duration::from_mins(5)).await.unwrap();
    let query = put.url.query().unwrap();
    assert!(query.contains("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost"), "{query}");
    assert_eq!(put.headers, [("content-type".to_owned(), "image/jpeg".to_owned())]);
    let part = yard.store.presign_part("uploads/2026/seal.jpg", "u/1", 7, Duration::from_mins(5)).await.unwrap();
    assert!(part.query().unwrap().starts_with("partNumber=7&uploadId=u%2F1&"));
}

#[tokio::test]
async fn a_bucket_signs_urls_of_its_own() {
    let yard = Yard::new().await;
    assert_eq!(yard.store.origin().as_deref(), Some("http://bucket.test:9000"));
    let url = yard.store.sign(KEY, &Signing::once("PRT-2026-0001.pdf", Duration::from_mins(5))).await.unwrap().url;
    assert_eq!(url.path(), format!("/yard/{KEY}"));
    let query = url.query().unwrap();
    assert!(
        query.contains("X-Amz-Expires=300") && query.contains("response-content-disposition=attachment"),
        "{query}"
    );
}
