//! Folders that pass for buckets, with the moods that buckets have.

use std::{
    ops::Range,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use gatehouse::http;
use gatehouse_app::{
    App,
    objects::{
        Plane, Policy,
        model::{object, placement},
    },
    ports::{Bytestream, Listed, ObjectStore, Signed, Signing, StoreError, Stored, Unfinished, UploadProgress},
};
use gatehouse_jobs::storage::local::LocalStore;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use url::Url;

use super::TestApp;

/// How a bucket is today.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Well,
    /// Nothing answers.
    Down,
    /// It takes everything but keys with this in them.
    Picky(&'static str),
    /// It takes everything, and keeps one byte less.
    Stingy,
    /// Its HEADs say what was put, whatever is there.
    Forgetful,
}

pub struct Bucket {
    name: &'static str,
    inner: LocalStore,
    pub mood: Mutex<Mood>,
    /// Keys in the order in which they were put.
    pub puts: Mutex<Vec<String>>,
    /// Everything that was asked for.
    pub asked: AtomicU64,
    pub unfinished: Mutex<Vec<Unfinished>>,
}

impl Bucket {
    fn new(name: &'static str, house: &TestApp) -> Arc<Self> {
        let folder = house.data().join(name);
        let url = Url::parse(&format!("https://{name}.test/")).unwrap();
        let inner = LocalStore::new(folder, url, house.app.secrets.clone(), house.clock.clone()).on("yard");
        Arc::new(Self {
            name,
            inner,
            mood: Mutex::default(),
            puts: Mutex::default(),
            asked: AtomicU64::default(),
            unfinished: Mutex::default(),
        })
    }

    pub fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn mood(&self) -> Result<Mood, StoreError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match self.mood.lock().unwrap().clone() {
            Mood::Down => Err(StoreError::Unavailable("503 SlowDown".into())),
            mood => Ok(mood),
        }
    }

    /// What it would take, as it takes it.
    fn takes(&self, key: &str) -> Result<Mood, StoreError> {
        match self.mood()? {
            Mood::Picky(part) if key.contains(part) => Err(StoreError::Unavailable("400 Bad Request".into())),
            mood => {
                self.puts.lock().unwrap().push(key.into());
                Ok(mood)
            }
        }
    }
}

#[async_trait]
impl ObjectStore for Bucket {
    fn backend(&self) -> &'static str {
        self.name
    }

    fn bucket(&self) -> &str {
        self.inner.bucket()
    }

    fn origin(&self) -> Option<String> {
        Some(format!("https://{}.test", self.name))
    }

    async fn put(&self, key: &str, mut bytes: Vec<u8>, kind: &str, sha256: &str) -> Result<Stored, StoreError> {
        if self.takes(key)? == Mood::Stingy {
            bytes.pop();
            let other = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes));
            return self.inner.put(key, bytes, kind, &other).await;
        }
        self.inner.put(key, bytes, kind, sha256).await
    }

    async fn put_file(
        &self,
        key: &str,
        path: &Path,
        kind: &str,
        sha256: &str,
        size: u64,
        progress: &dyn UploadProgress,
    ) -> Result<Stored, StoreError> {
        if self.takes(key)? == Mood::Stingy {
            let mut bytes = tokio::fs::read(path).await.unwrap();
            bytes.pop();
            let other = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes));
            return self.inner.put(key, bytes, kind, &other).await;
        }
        self.inner.put_file(key, path, kind, sha256, size, progress).await
    }

    async fn head(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        let mood = self.mood()?;
        let found = self.inner.head(key).await?;
        Ok(match mood {
            Mood::Forgetful => found.map(|found| Stored { sha256: None, ..found }),
            _ => found,
        })
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<Bytestream, StoreError> {
        self.mood()?;
        self.inner.read(key, range).await
    }

    async fn sign(&self, key: &str, signing: &Signing<'_>) -> Result<Signed, StoreError> {
        self.inner.sign(key, signing).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.mood()?;
        self.inner.delete(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Listed>, StoreError> {
        self.mood()?;
        self.inner.list(prefix, after, limit).await
    }

    async fn unfinished(&self) -> Result<Vec<Unfinished>, StoreError> {
        Ok(self.unfinished.lock().unwrap().clone())
    }

    async fn abort(&self, _key: &str, upload: &str) -> Result<(), StoreError> {
        self.unfinished.lock().unwrap().retain(|left| left.upload != upload);
        Ok(())
    }
}

/// A house with local files and two buckets, and a policy.
pub struct Yard {
    pub house: TestApp,
    pub s3: Arc<Bucket>,
    pub gcs: Arc<Bucket>,
}

impl Yard {
    /// `storage` as in the setting: `s3`, `s3+gcs`.
    pub async fn on(storage: &str) -> Self {
        let mut house = TestApp::start().await;
        let (s3, gcs) = (Bucket::new("s3", &house), Bucket::new("gcs", &house));
        let policy = Policy {
            default: storage.split('+').map(str::to_owned).collect(),
            fallback: true,
            cleanup_local: true,
            rehash_bytes: 1 << 30,
            check_hours: 6,
            ..Policy::default()
        };
        let stores: Vec<Arc<dyn ObjectStore>> = vec![Arc::clone(house.store()), s3.clone(), gcs.clone()];
        house.app = house.app.altered(|house| house.ports.plane = Plane::new(stores, policy));
        let config = gatehouse::config::Config {
            data: house.data().to_owned(),
            base_url: "http://gatehouse.test".into(),
            ..Default::default()
        };
        house.router = http::router(&house.app, &config);
        Self { house, s3, gcs }
    }

    /// The same house as another machine has it: another disk, the same buckets and database.
    pub fn elsewhere(&self, node: &str) -> gatehouse_app::App {
        let (app, folder) = (&self.house.app, self.house.data().join(node));
        let disk =
            LocalStore::new(folder, app.base_url.clone(), app.secrets.clone(), self.house.clock.clone()).on(node);
        let stores: Vec<Arc<dyn ObjectStore>> = vec![Arc::new(disk), self.s3.clone(), self.gcs.clone()];
        let plane = Plane::new(stores, app.ports.plane.policy().clone());
        app.altered(|house| house.ports.plane = plane)
    }
}

/// `backend state` of every copy of an object.
pub async fn copies(app: &App, object: &object::Model) -> Vec<String> {
    let rows = placement::Entity::find()
        .filter(placement::Column::ObjectId.eq(object.id))
        .order_by_asc(placement::Column::Backend)
        .all(app.db())
        .await
        .unwrap();
    rows.into_iter().map(|row| format!("{} {}", row.backend, row.state)).collect()
}
