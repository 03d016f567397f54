//! What every server has to do. `end2end/storage/run.sh` starts those that others made, one after the other, and names each in
//! `GATEHOUSE_TEST_S3`; without it the port's promises are tried on a server inside the test. What differs from AWS stands here, and with the
//! reason in docs/design/storage.md.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use gatehouse_app::{
    doctor::{Group, Outcome},
    ports::{NoProgress, ObjectStore, Signing, StoreError},
};
use gatehouse_jobs::{
    clock::SystemClock,
    doctor::{self, Place},
    policies::{self, Applied, Part, Wanted},
    storage::{
        open::{Flavour, MB, Tuning},
        s3::S3Store,
    },
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

const ORIGIN: &str = "https://yard.example";

/// The server that the tests run on; `None`: no server was started for them.
fn server() -> Option<String> {
    std::env::var("GATEHOUSE_TEST_S3").ok()
}

fn bucket() -> String {
    std::env::var("GATEHOUSE_S3_BUCKET").unwrap()
}

async fn examine() -> Group {
    let place = Place::new("s3", bucket(), ORIGIN, doctor::loaded("").await, Arc::new(SystemClock));
    doctor::examine(&place).await
}

/// What is not sound.
fn amiss(group: &Group) -> BTreeMap<&'static str, Outcome> {
    let findings = group.findings.iter().map(|finding| (finding.probe, finding.verdict.outcome));
    findings.filter(|(_, outcome)| *outcome != Outcome::Sound).collect()
}

/// What is not sound about a bucket that was just made, and about the same when everything was put on it that can be.
fn expected(server: &str) -> [BTreeMap<&'static str, Outcome>; 2] {
    use Outcome::{Advice, Failed, Unsupported};
    let (new, best): (&[_], &[_]) = match server {
        "garage" => (
            &[
                ("conditional_put", Unsupported),
                ("cors", Advice),
                ("encryption", Unsupported),
                ("lifecycle", Advice),
                ("policy", Unsupported),
                ("versioning", Unsupported),
            ],
            &[
                ("conditional_put", Unsupported),
                ("encryption", Unsupported),
                ("policy", Unsupported),
                ("versioning", Unsupported),
            ],
        ),
        "ministack" => (&[("cors", Advice), ("lifecycle", Advice), ("policy", Advice), ("versioning", Advice)], &[]),
        "moto" => (
            &[
                ("checksum", Advice),
                ("cors", Advice),
                ("encryption", Advice),
                ("lifecycle", Advice),
                ("multipart", Advice),
                ("policy", Advice),
                ("presigned_expiry", Failed),
                ("public_list", Failed),
                ("versioning", Unsupported),
            ],
            &[
                ("checksum", Advice),
                ("multipart", Advice),
                ("policy", Advice),
                ("presigned_expiry", Failed),
                ("public_list", Failed),
                ("versioning", Unsupported),
            ],
        ),
        other => panic!("nothing is known of {other}"),
    };
    [new.iter().copied().collect(), best.iter().copied().collect()]
}

#[tokio::test]
async fn the_doctor_tells_what_a_server_has_and_the_policies_bring_what_it_takes() {
    let Some(server) = server() else { return };
    let [new, best] = expected(&server);
    let found = examine().await;
    assert_eq!(amiss(&found), new, "{found:#?}");

    let region = std::env::var("AWS_REGION").unwrap();
    let wanted = Wanted {
        bucket: bucket(),
        region,
        origin: ORIGIN.into(),
        kms_key: None,
        log_bucket: None,
        is_plain_http: true,
    };
    let client = doctor::client(&doctor::loaded("").await);
    if server != "garage" {
        client.create_bucket().bucket("yard-logs").send().await.unwrap();
    }
    let wanted = Wanted { log_bucket: Some("yard-logs".into()), ..wanted };
    if server != "garage" {
        let policy = wanted.log_bucket_policy().unwrap().to_string();
        client.put_bucket_policy().bucket("yard-logs").policy(policy).send().await.unwrap();
    }
    let mut taken = Vec::new();
    for part in
        [Part::Block, Part::Encryption, Part::Versioning, Part::Policy, Part::Logging, Part::Lifecycle, Part::Cors]
    {
        // The tests come without TLS: where that is judged, the policy would lock them out.
        let replace = part == Part::Policy && server == "ministack";
        match policies::apply(&client, &wanted, part, replace).await {
            Applied::Done(_) => taken.push(part),
            Applied::Unsupported(_) => {}
            Applied::Kept(why) if part == Part::Policy => assert!(why.contains("lock Gatehouse out"), "{why}"),
            other => panic!("{part:?}: {other:?}"),
        }
        // Once more changes nothing, and nothing of ours stands in its own way.
        let again = policies::apply(&client, &wanted, part, replace).await;
        assert!(!matches!(again, Applied::Failed(_)), "{part:?}: {again:?}");
    }
    match server.as_str() {
        "garage" => assert_eq!(taken, [Part::Lifecycle, Part::Cors]),
        "moto" => assert_eq!(taken.len(), 6),
        _ => assert_eq!(taken.len(), 7),
    }
    let found = examine().await;
    assert_eq!(amiss(&found), best, "{found:#?}");
    let listed = client.list_objects_v2().bucket(bucket()).prefix("test/").send().await.unwrap();
    assert_eq!(listed.contents().len(), 0, "the doctor left something behind");
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn tuning() -> Tuning {
    Tuning { threshold: 6 * MB, part: 5 * MB, parallel: 3, ..Tuning::default() }
}

/// The server that was started for the tests, or one inside this one.
async fn store(folder: &std::path::Path) -> S3Store {
    if server().is_some() {
        return S3Store::connect(&bucket(), "", tuning()).await.unwrap();
    }
    std::fs::create_dir(folder.join("yard")).unwrap();
    let mut service = S3ServiceBuilder::new(FileSystem::new(folder).unwrap());
    service.set_auth(SimpleAuth::from_single("key", "placeholder"));
    let server = SharedHttpConnector::new(s3s_aws::Connector::from(service.build()));
    let key = SharedCredentialsProvider::new(Credentials::new("key", "placeholder", None, None, "test"));
    let at = "http://bucket.test:9000";
    S3Store::at("yard", Flavour::S3, at, "us-east-1", key, server, tuning()).await.unwrap()
}

async fn put(store: &S3Store, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
    store.put(key, bytes.to_vec(), "application/pdf", &sha256(bytes)).await.map(drop)
}

#[tokio::test]
async fn small_objects_are_put_once_read_listed_and_erased() {
    const KEY: &str = "bols/2026/PRT-2026-0001.pdf";
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path()).await;
    assert_eq!(store.head(KEY).await.unwrap(), None);
    assert!(matches!(store.get(KEY).await, Err(StoreError::NotFound(_))));
    put(&store, KEY, b"paper").await.unwrap();
    put(&store, KEY, b"paper").await.unwrap();
    assert!(matches!(put(&store, KEY, b"other").await, Err(StoreError::Conflict(_))));
    let found = store.head(KEY).await.unwrap().unwrap();
    assert_eq!((found.size, found.sha256), (5, Some(sha256(b"paper"))));
    assert_eq!(store.get(KEY).await.unwrap(), b"paper");
    let mut part = String::new();
    store.read(KEY, Some(1..4)).await.unwrap().read_to_string(&mut part).await.unwrap();
    assert_eq!(part, "ape");
    put(&store, "bols/2026/PRT-2026-0002.pdf", b"").await.unwrap();
    assert_eq!(store.head("bols/2026/PRT-2026-0002.pdf").await.unwrap().unwrap().size, 0);
    let all: Vec<_> = store.list("bols/", None, 10).await.unwrap().into_iter().map(|one| (one.key, one.size)).collect();
    assert_eq!(all, [(KEY.to_owned(), 5), ("bols/2026/PRT-2026-0002.pdf".to_owned(), 0)]);
    assert_eq!(store.list("bols/", Some(KEY), 10).await.unwrap().len(), 1);
    for key in [KEY, "bols/2026/PRT-2026-0002.pdf"] {
        store.erase(key).await.unwrap();
        store.erase(key).await.unwrap();
        assert_eq!(store.head(key).await.unwrap(), None);
    }
    assert!(store.list("bols/", None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn large_files_go_in_parts_and_leave_no_part_behind() {
    const KEY: &str = "recordings/dock/2026-11-20/recording_08_00_00.mp4";
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path()).await;
    let bytes: Vec<u8> = (0..13 * MB as usize + 1).map(|n| (n % 251) as u8).collect();
    let path = folder.path().join("film.mp4");
    std::fs::write(&path, &bytes).unwrap();
    let size = bytes.len() as u64;
    let sent = store.put_file(KEY, &path, "video/mp4", &sha256(&bytes), size, &NoProgress).await;
    if server().as_deref() == Some("ministack") {
        // It wants the checksum of the parts' checksums where S3 has that of the whole.
        assert!(matches!(&sent, Err(StoreError::Unavailable(why)) if why.contains("BadDigest")), "{sent:?}");
        return;
    }
    sent.unwrap();
    let found = store.head(KEY).await.unwrap().unwrap();
    assert_eq!((found.size, found.sha256), (size, Some(sha256(&bytes))));
    assert!(store.get(KEY).await.unwrap() == bytes);
    let mut end = Vec::new();
    store.read(KEY, Some(size - 3..size)).await.unwrap().read_to_end(&mut end).await.unwrap();
    assert_eq!(end, bytes[bytes.len() - 3..]);
    let url = store.sign(KEY, &Signing::once("film.mp4", Duration::from_mins(5))).await.unwrap().url;
    assert!(url.query().unwrap().contains("X-Amz-Expires=300"));
    store.erase(KEY).await.unwrap();

    // The server inside the test does not list what is unfinished.
    let upload = store.begin_parts(KEY, "video/mp4").await.unwrap();
    if server().is_some() {
        assert!(store.unfinished().await.unwrap().iter().any(|one| one.upload == upload && one.key == KEY));
    }
    store.abort(KEY, &upload).await.unwrap();
    if server().is_some() {
        store.abort(KEY, &upload).await.unwrap();
        assert!(!store.unfinished().await.unwrap().iter().any(|one| one.upload == upload));
    }
}

#[test]
fn every_difference_stands_in_the_design_with_its_reason() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/design/storage.md")).unwrap();
    for server in ["garage", "moto"] {
        for probe in expected(server)[1].keys() {
            assert!(page.contains(&format!("| `{probe}` |")), "{server}: {probe} is not in docs/design/storage.md");
        }
    }
}
