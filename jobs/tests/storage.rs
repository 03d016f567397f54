//! What every store has to do, against files.

use std::{sync::Arc, time::Duration};

use gatehouse_app::{
    ports::{Clock, ObjectStore, Signing, StoreError},
    secrets::Secrets,
};
use gatehouse_jobs::storage::local::LocalStore;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

struct Noon;

impl Clock for Noon {
    fn now(&self) -> i64 {
        1_795_262_400_000
    }
}

const KEY: &str = "bols/2026/PRT-2026-0001.pdf";

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn local(folder: &tempfile::TempDir) -> LocalStore {
    let secrets = Secrets::new(&[1; 32]).unwrap();
    LocalStore::new(folder.path().to_owned(), "http://yard.test".parse().unwrap(), secrets, Arc::new(Noon))
}

async fn put(store: &dyn ObjectStore, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
    store.put(key, bytes.to_vec(), "application/pdf", &sha256(bytes)).await.map(drop)
}

/// The port's promises.
async fn keeps_its_promises(store: &dyn ObjectStore) {
    assert_eq!(store.head(KEY).await.unwrap(), None);
    assert!(matches!(store.get(KEY).await, Err(StoreError::NotFound(_))));
    put(store, KEY, b"paper").await.unwrap();
    put(store, KEY, b"paper").await.unwrap();
    assert!(matches!(put(store, KEY, b"other").await, Err(StoreError::Conflict(_))));
    let found = store.head(KEY).await.unwrap().unwrap();
    assert_eq!((found.size, found.sha256), (5, Some(sha256(b"paper"))));
    assert_eq!(store.size(KEY).await.unwrap(), Some(5));
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
    store.delete(KEY).await.unwrap();
    store.delete(KEY).await.unwrap();
    assert_eq!(store.head(KEY).await.unwrap(), None);
}

#[tokio::test]
async fn files_keep_their_promises() {
    let folder = tempfile::tempdir().unwrap();
    keeps_its_promises(&local(&folder)).await;
}

#[tokio::test]
async fn files_with_another_checksum_are_not_stored() {
    let folder = tempfile::tempdir().unwrap();
    let store = local(&folder);
    assert!(store.put(KEY, b"paper".to_vec(), "application/pdf", &sha256(b"other")).await.is_err());
    assert_eq!(store.head(KEY).await.unwrap(), None);
}

#[tokio::test]
async fn many_writers_of_one_key_leave_one_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(local(&folder));
    let writers: Vec<_> = (0_u8..16)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { put(&*store, KEY, &vec![n % 2; 100_000]).await.is_ok() })
        })
        .collect();
    let mut stored = 0;
    for writer in writers {
        stored += u32::from(writer.await.unwrap());
    }
    assert_eq!(stored, 8);
    assert_eq!(store.get(KEY).await.unwrap().len(), 100_000);
    assert_eq!(std::fs::read_dir(folder.path().join(".tmp")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_file_that_was_tampered_with_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let store = local(&folder);
    put(&store, KEY, b"paper").await.unwrap();
    std::fs::File::create(folder.path().join(KEY)).unwrap();
    assert_ne!(store.head(KEY).await.unwrap().unwrap().sha256, Some(sha256(b"paper")));
}

#[tokio::test]
async fn a_signed_url_names_key_file_and_end() {
    let folder = tempfile::tempdir().unwrap();
    let url = local(&folder).sign(KEY, &Signing::once("Pr\u{ea}t.pdf", Duration::from_mins(5))).await.unwrap().url;
    assert_eq!(url.path(), format!("/files/{KEY}"));
    assert!(url.query().unwrap().starts_with("expires=1795262700&name=Pr%C3%AAt.pdf&sig="));
}
