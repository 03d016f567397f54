//! The storage page, its figures, and the way back from an archive.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use gatehouse::http;
use gatehouse_app::{
    App,
    objects::{LOCAL, Plane},
    ports::{Archive, Bytestream, Info, ObjectStore, RestoreTier, Signed, Signing, StoreError, Stored},
    users::Role,
};
use gatehouse_jobs::{reconcile, runtime};

use crate::support::{Client, PASSWORD, TestApp, paper::issued_bill};

#[tokio::test]
async fn the_page_says_where_the_bytes_are() {
    let house = TestApp::start_with(|config| config.storage_plan_gb = 1).await;
    let client = house.sign_in(Role::Office).await;
    assert!(client.get("/storage").await.expect(200).body.contains("Nothing was counted yet"));
    issued_bill(&house.app, 1).await;
    house.run_jobs().await;
    reconcile::round(&house.app).await;
    let page = client.get("/storage").await.expect(200).body;
    for words in
        ["Bills of lading", "Own disk", "All is where it should be", "0 % of plan", "Growth in 90 days", "$0.00"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    let list = client.get("/storage/objects?key=bols/").await.expect(200).body;
    assert!(list.contains("bols/2026/PRT-2026-0001.pdf"));
    assert!(!client.get("/storage/objects?key=uploads/").await.expect(200).body.contains("PRT-2026-0001"));
    let object = list.split('"').find(|part| part.starts_with("/storage/objects/0")).unwrap();
    let page = client.get(object).await.expect(200).body;
    assert!(page.contains("at hand") && page.contains("verified"), "{page}");
    assert!(house.audit_trail().await.iter().any(|line| line.ends_with("object.viewed object")));
    // There is nothing to restore of what is at hand.
    client.post(&format!("{object}/restore"), &[("tier", "standard"), ("days", "7")]).await.expect(409);
    // A month on, the growth has a day more.
    house.clock.advance(Duration::from_hours(24 * 30));
    reconcile::round(&house.app).await;
    assert_eq!(gatehouse_app::storage::growth(&house.app, 400).await.unwrap().len(), 2);
}

/// Every series that an alarm looks at is one that `/metrics` has, or that requests to a bucket make.
#[tokio::test]
async fn every_alarm_looks_at_something_that_is_there() {
    let house = TestApp::start().await;
    issued_bill(&house.app, 1).await;
    house.run_jobs().await;
    reconcile::round(&house.app).await;
    let config = gatehouse::config::Config { metrics_token: "figures".into(), ..Default::default() };
    let client = Client::new(http::router(&house.app, &config)).with("authorization", "Bearer figures");
    let figures = client.get("/metrics").await.expect(200).body;
    let rules =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/ref/alerts/storage.yml")).unwrap();
    let of_a_bucket = ["gatehouse_storage_requests_total", "gatehouse_storage_request_duration_seconds_bucket"];
    let mut names: Vec<&str> =
        rules.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|w| w.starts_with("gatehouse_")).collect();
    names.sort_unstable();
    names.dedup();
    assert!(names.len() > 8, "{names:?}");
    for name in names {
        assert!(of_a_bucket.contains(&name) || figures.contains(&format!("\n{name}")), "{name}\n{figures}");
    }
    assert!(figures.contains("gatehouse_storage_objects{class=\"document\",backend=\"local\"} 1"), "{figures}");
}

/// Files whose bytes are out of reach until they are asked for, as Glacier's are.
struct Vault {
    files: Arc<dyn ObjectStore>,
    state: Mutex<Archive>,
}

#[async_trait]
impl ObjectStore for Vault {
    fn backend(&self) -> &'static str {
        self.files.backend()
    }

    fn bucket(&self) -> &str {
        self.files.bucket()
    }

    fn origin(&self) -> Option<String> {
        None
    }

    async fn put(&self, key: &str, bytes: Vec<u8>, content_type: &str, sha256: &str) -> Result<Stored, StoreError> {
        self.files.put(key, bytes, content_type, sha256).await
    }

    async fn head(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        self.files.head(key).await
    }

    async fn read(&self, key: &str, range: Option<std::ops::Range<u64>>) -> Result<Bytestream, StoreError> {
        self.files.read(key, range).await
    }

    async fn sign(&self, key: &str, signing: &Signing<'_>) -> Result<Signed, StoreError> {
        self.files.sign(key, signing).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.files.delete(key).await
    }

    async fn info(&self, _: &str) -> Result<Option<Info>, StoreError> {
        let archive = *self.state.lock().unwrap();
        let replication = Some("COMPLETED".into());
        Ok(Some(Info { storage_class: Some("DEEP_ARCHIVE".into()), archive, replication, version: None }))
    }

    async fn restore(&self, _: &str, _: RestoreTier, _: u32) -> Result<(), StoreError> {
        *self.state.lock().unwrap() = Archive::Restoring;
        Ok(())
    }
}

async fn archived(house: &TestApp) -> (App, Arc<Vault>) {
    let files = house.app.ports.plane.store(LOCAL).unwrap().clone();
    let vault = Arc::new(Vault { files, state: Mutex::new(Archive::Archived) });
    (house.app.altered(|house| house.ports.plane = Plane::of(vault.clone())), vault)
}

#[tokio::test]
async fn a_restore_is_carried_out_and_told_to_whoever_asked() {
    let house = TestApp::start().await;
    issued_bill(&house.app, 1).await;
    house.run_jobs().await;
    let (app, vault) = archived(&house).await;
    let client = Client::new(http::router(&app, &gatehouse::config::Config::default()));
    house.user("rosa@yard.test", Role::Office).await;
    let signed_in = client.post("/sign-in", &[("email", "rosa@yard.test"), ("password", PASSWORD)]).await.expect(303);
    assert_eq!(signed_in.location(), "/", "{:?}", signed_in.headers);
    let list = client.get("/storage/objects").await.expect(200).body;
    let object = list.split('"').find(|part| part.starts_with("/storage/objects/0")).unwrap().to_owned();
    let page = client.get(&object).await.expect(200).body;
    for words in ["archived", "DEEP_ARCHIVE", "replicated", "within 12 hours", "within 48 hours"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("Expedited"), "Deep Archive has none");

    let ask = async |tier: &str, days: &str| {
        client.post(&format!("{object}/restore"), &[("tier", tier), ("days", days)]).await
    };
    assert!(ask("expedited", "7").await.expect(422).body.contains("has no such way"));
    assert!(ask("standard", "900").await.expect(422).body.contains("1 to 30"));
    ask("standard", "7").await.expect(303);
    ask("bulk", "7").await.expect(409);
    runtime::run_due(&app).await.unwrap();
    let page = client.get(&object).await.expect(200).body;
    assert!(page.contains("being restored") && page.contains("expected by"), "{page}");
    // Twelve hours later it is back.
    house.clock.advance(Duration::from_hours(12));
    *vault.state.lock().unwrap() = Archive::Restored(app.now() + 7 * 86_400_000);
    runtime::run_due(&app).await.unwrap();
    runtime::run_due(&app).await.unwrap();
    // A session that nobody used for so long is over.
    client.post("/sign-in", &[("email", "rosa@yard.test"), ("password", PASSWORD)]).await.expect(303);
    let page = client.get(&object).await.expect(200).body;
    assert!(page.contains("readable until") && page.contains(": ready"), "{page}");
    let mail = house.mail.texts().pop().expect("a mail to whoever asked");
    assert!(mail.contains("To: rosa@yard.test") && mail.contains("Back from the archive"), "{mail}");
    let trail = house.audit_trail().await;
    for entry in ["user object.restore_asked object", "system object.restored object"] {
        assert!(trail.iter().any(|line| line == entry), "{entry}: {trail:#?}");
    }
}

#[tokio::test]
async fn a_restore_whose_job_was_lost_is_taken_up_again() {
    use sea_orm::ConnectionTrait;
    let house = TestApp::start().await;
    issued_bill(&house.app, 1).await;
    house.run_jobs().await;
    let (app, vault) = archived(&house).await;
    let object = gatehouse_app::archive::named(&app, "bols/2026/PRT-2026-0001.pdf").await.unwrap();
    gatehouse_app::archive::ask(&app, &gatehouse_app::audit::Actor::system(), object.id, "bulk", "1").await.unwrap();
    let jobs = gatehouse_app::jobs::table::Dialect::of(app.db()).jobs;
    app.db().execute_unprepared(&format!("DELETE FROM {jobs} WHERE job_type = 'restore_object'")).await.unwrap();
    assert_eq!(reconcile::round(&app).await.papers, 1);
    runtime::run_due(&app).await.unwrap();
    assert_eq!(*vault.state.lock().unwrap(), Archive::Restoring);
    assert_eq!(reconcile::round(&app).await.papers, 0, "its next look is queued");
}
