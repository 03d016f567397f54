//! A bucket whose bytes may lie in an archive, as Glacier's do, and which keeps what is deleted from it as a version.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use gatehouse::http;
use gatehouse_app::{
    objects::{LOCAL, Plane, Policy},
    ports::{Archive, Bytestream, Info, ObjectStore, RestoreTier, Signed, Signing, StoreError, Stored, Version},
};
use gatehouse_jobs::storage::local::LocalStore;
use url::Url;

use super::TestApp;

pub struct Vault {
    files: LocalStore,
    pub state: Mutex<Archive>,
    /// Somebody deleted everything: it is there as a version.
    pub deleted: AtomicBool,
    /// Times that it was asked how an object is.
    pub asked: AtomicU64,
}

impl Vault {
    /// A house that keeps everything in a vault.
    pub async fn house() -> (TestApp, Arc<Self>) {
        let mut house = TestApp::start().await;
        let vault = Self::put_into(&mut house, &["s3"]);
        (house, vault)
    }

    /// From now on the house keeps everything in `wanted`: `s3` is the vault, `local` are its files.
    pub fn put_into(house: &mut TestApp, wanted: &[&str]) -> Arc<Self> {
        let url = Url::parse("https://vault.test/").unwrap();
        let files = LocalStore::new(house.data().join("vault"), url, house.app.secrets.clone(), house.clock.clone())
            .on("vault");
        let (state, deleted, asked) = (Mutex::default(), AtomicBool::default(), AtomicU64::default());
        let vault = Arc::new(Self { files, state, deleted, asked });
        let policy = Policy {
            default: wanted.iter().map(ToString::to_string).collect(),
            fallback: true,
            cleanup_local: true,
            ..Policy::default()
        };
        let stores: Vec<Arc<dyn ObjectStore>> =
            vec![house.app.ports.plane.store(LOCAL).unwrap().clone(), vault.clone()];
        house.app = house.app.altered(|house| house.ports.plane = Plane::new(stores, policy));
        let config = gatehouse::config::Config {
            data: house.data().to_owned(),
            base_url: "http://gatehouse.test".into(),
            ..Default::default()
        };
        house.router = http::router(&house.app, &config);
        vault
    }

    pub fn is(&self, state: Archive) {
        *self.state.lock().unwrap() = state;
    }

    pub fn state(&self) -> Archive {
        *self.state.lock().unwrap()
    }

    pub fn delete_all(&self) {
        self.deleted.store(true, Ordering::Relaxed);
    }

    fn is_deleted(&self) -> bool {
        self.deleted.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl ObjectStore for Vault {
    fn backend(&self) -> &'static str {
        "s3"
    }

    fn bucket(&self) -> &str {
        self.files.bucket()
    }

    fn origin(&self) -> Option<String> {
        Some("https://vault.test".into())
    }

    async fn put(&self, key: &str, bytes: Vec<u8>, content_type: &str, sha256: &str) -> Result<Stored, StoreError> {
        self.files.put(key, bytes, content_type, sha256).await
    }

    async fn head(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        if self.is_deleted() { Ok(None) } else { self.files.head(key).await }
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<Bytestream, StoreError> {
        match self.state() {
            Archive::Archived | Archive::Restoring => Err(StoreError::Unavailable("403 InvalidObjectState".into())),
            Archive::Ready | Archive::Restored(_) => self.files.read(key, range).await,
        }
    }

    async fn sign(&self, key: &str, signing: &Signing<'_>) -> Result<Signed, StoreError> {
        self.files.sign(key, signing).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.files.delete(key).await
    }

    async fn info(&self, key: &str) -> Result<Option<Info>, StoreError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let info = || Info {
            storage_class: Some("DEEP_ARCHIVE".into()),
            archive: self.state(),
            replication: Some("COMPLETED".into()),
            version: None,
        };
        Ok(self.head(key).await?.map(|_| info()))
    }

    async fn restore(&self, _: &str, _: RestoreTier, _: u32) -> Result<(), StoreError> {
        self.is(Archive::Restoring);
        Ok(())
    }

    async fn versions(&self, key: &str) -> Result<Vec<Version>, StoreError> {
        let Some(stored) = self.files.head(key).await? else { return Ok(Vec::new()) };
        let deleted = self.is_deleted();
        let first = Version { id: "first".into(), size: stored.size, modified: 1, current: !deleted, deleted: false };
        let marker = Version { id: "marker".into(), size: 0, modified: 2, current: true, deleted: true };
        Ok(deleted.then_some(marker).into_iter().chain([first]).collect())
    }

    async fn revert(&self, _: &str, version: &str) -> Result<(), StoreError> {
        assert_eq!(version, "first");
        self.deleted.store(false, Ordering::Relaxed);
        Ok(())
    }
}
