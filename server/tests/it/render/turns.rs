//! A run that lost its turn places nothing, and a storage without checksums is not believed by its sizes.

use std::{
    ops::Range,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use gatehouse_app::{
    App,
    bols::model::revision,
    objects::{self, Plane, model::placement},
    ports::{Bytestream, ObjectStore, Signed, Signing, StoreError, Stored},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, PaginatorTrait};

use super::pdf;
use crate::support::{TestApp, paper::issued_bill};

/// A storage that keeps no checksums, and may keep other bytes than it was given.
struct Forgetful {
    inner: Arc<dyn ObjectStore>,
    spoils: bool,
    /// Done once, after the bytes were put.
    meanwhile: Mutex<Option<(App, revision::ActiveModel)>>,
}

#[async_trait]
impl ObjectStore for Forgetful {
    fn backend(&self) -> &'static str {
        self.inner.backend()
    }

    fn bucket(&self) -> &str {
        self.inner.bucket()
    }

    fn origin(&self) -> Option<String> {
        self.inner.origin()
    }

    async fn put(&self, key: &str, mut bytes: Vec<u8>, kind: &str, sha256: &str) -> Result<Stored, StoreError> {
        if self.spoils {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            let other = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes));
            return self.inner.put(key, bytes, kind, &other).await;
        }
        self.inner.put(key, bytes, kind, sha256).await
    }

    async fn head(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        let meanwhile = self.meanwhile.lock().unwrap().take();
        if let Some((app, change)) = meanwhile {
            change.update(app.db()).await.unwrap();
        }
        Ok(self.inner.head(key).await?.map(|stored| Stored { sha256: None, ..stored }))
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<Bytestream, StoreError> {
        self.inner.read(key, range).await
    }

    async fn sign(&self, key: &str, signing: &Signing<'_>) -> Result<Signed, StoreError> {
        self.inner.sign(key, signing).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.inner.delete(key).await
    }
}

fn over(house: &TestApp, spoils: bool, meanwhile: Option<(App, revision::ActiveModel)>) -> App {
    let inner = Arc::clone(house.store());
    let store = Arc::new(Forgetful { inner, spoils, meanwhile: Mutex::new(meanwhile) });
    house.app.altered(|house| house.ports.plane = Plane::of(store))
}

async fn placements(house: &TestApp) -> u64 {
    placement::Entity::find().count(house.app.db()).await.unwrap()
}

#[tokio::test]
async fn without_a_checksum_the_bytes_are_read_back() {
    let house = TestApp::start().await;
    let bill = issued_bill(&house.app, 1).await;
    let spoiled = objects::render(&over(&house, true, None), bill.revision, 1, 1).await.unwrap_err();
    assert!(spoiled.to_string().contains("other bytes"), "{spoiled}");
    assert_eq!((pdf(&house, &bill).await.0.pdf_state.as_str(), placements(&house).await), ("waiting", 0));
    house.store().delete("bols/2026/PRT-2026-0001.pdf").await.unwrap();
    objects::render(&over(&house, false, None), bill.revision, 1, 2).await.unwrap();
    assert_eq!((pdf(&house, &bill).await.0.pdf_state.as_str(), placements(&house).await), ("ready", 1));
}

#[tokio::test]
async fn a_run_that_lost_its_turn_places_nothing() {
    let house = TestApp::start().await;
    let bill = issued_bill(&house.app, 1).await;
    let later = revision::ActiveModel { id: Set(bill.revision), pdf_generation: Set(2), ..Default::default() };
    let app = over(&house, false, Some((house.app.clone(), later)));
    objects::render(&app, bill.revision, 1, 1).await.unwrap();
    assert_eq!((pdf(&house, &bill).await.0.pdf_state.as_str(), placements(&house).await), ("waiting", 0));
    objects::render(&house.app, bill.revision, 2, 1).await.unwrap();
    assert_eq!((pdf(&house, &bill).await.0.pdf_state.as_str(), placements(&house).await), ("ready", 1));
}
