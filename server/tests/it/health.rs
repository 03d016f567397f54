//! Health, metrics, settings.

use gatehouse_app::{users::Role, yard::Yard};

use crate::support::TestApp;

#[tokio::test]
async fn it_says_that_it_is_alive_and_ready() {
    let house = TestApp::start().await;
    let client = house.anonymous();
    assert_eq!(client.get("/healthz").await.expect(200).body, "ok\n");
    let ready = client.get("/readyz").await.expect(200).json();
    assert_eq!(ready["status"], "ready");
    assert_eq!(ready["checks"]["storage"], "ok");
}

#[tokio::test]
async fn a_storage_that_is_down_degrades_and_a_disk_that_takes_nothing_fails() {
    let house = TestApp::start().await;
    // A file where the folder should be: nothing can be stored.
    std::fs::remove_dir_all(house.data().join("objects")).ok();
    std::fs::File::create(house.data().join("objects")).unwrap();
    let ready = house.anonymous().get("/readyz").await.expect(200).json();
    assert_eq!((&ready["status"], &ready["checks"]["storage"]), (&"degraded".into(), &"failing".into()));
    let page = house.sign_in(Role::Admin).await.get("/health").await.expect(200).body;
    assert!(page.contains("Something is wrong") && page.contains("does not take an object"), "{page}");
    // Another house: this one remembers for a few seconds what it found.
    let house = TestApp::start().await;
    std::fs::create_dir(house.data().join(".writable")).unwrap();
    let ready = house.anonymous().get("/readyz").await.expect(503).json();
    assert_eq!(ready["status"], "failing");
}

#[tokio::test]
async fn metrics_are_for_this_machine_or_the_token() {
    let house = TestApp::start().await;
    house.anonymous().get("/metrics").await.expect(403);
    let house = TestApp::start_with(|config| config.metrics_token = "a long metrics token".into()).await;
    house.anonymous().get("/metrics").await.expect(403);
    house.anonymous().with("authorization", "Bearer wrong").get("/metrics").await.expect(403);
    house.anonymous().get("/healthz").await.expect(200);
    let text =
        house.anonymous().with("authorization", "Bearer a long metrics token").get("/metrics").await.expect(200).body;
    for series in [
        "gatehouse_queue_jobs{queue=\"render_bol\",state=\"queued\"} 0",
        "gatehouse_deliveries{state=\"unknown\"} 0",
        "gatehouse_audit_seq 0",
        "gatehouse_http_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"}",
    ] {
        assert!(text.contains(series), "{series} is missing in\n{text}");
    }
}

#[tokio::test]
async fn the_health_page_answers_from_one_place() {
    let house = TestApp::start().await;
    let page = house.sign_in(Role::Office).await.get("/health").await.expect(200).body;
    for found in
        ["Database", "Disk", "Storage", "Mail", "none alive", "Queue", "Audit head copy", "not written yet", "Versions"]
    {
        assert!(page.contains(found), "{found} is missing");
    }
    house.sign_in(Role::Viewer).await.get("/health").await.expect(403);
}

#[tokio::test]
async fn settings_are_checked_stored_and_put_on_record() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let page = admin.get("/settings").await.expect(200).body;
    let key = gatehouse_app::evidence::Signer::of(&house.app.secrets).key_id();
    assert!(page.contains("Freight yard") && page.contains(&key), "{page}");
    let good = [
        ("name", "Calumet Yard"),
        ("address", "1 Dock Street\nGary IN"),
        ("phone", "+1 219 555 0100"),
        ("zone", "America/Chicago"),
        ("number_prefix", "CAL"),
        ("gs1_prefix", "0614141"),
        ("link_hours", "48"),
        ("api_url_hours", "12"),
    ];
    let mut bad = good;
    bad[4].1 = "c a l";
    bad[6].1 = "1000";
    let page = admin.post("/settings", &bad).await.expect(422).body;
    assert!(page.contains("c a l") && page.contains("href=\"#link_hours\"") && page.contains("Calumet Yard"), "{page}");
    assert_eq!(Yard::load(house.app.db()).await.unwrap(), Yard::default());

    admin.post("/settings", &good).await.expect(303);
    let yard = Yard::load(house.app.db()).await.unwrap();
    assert_eq!((yard.name.as_str(), yard.zone.name(), yard.link_hours), ("Calumet Yard", "America/Chicago", 48));
    let seq = house.audit_trail().await.len();
    let entry = admin.get(&format!("/audit/{seq}")).await.expect(200).body;
    assert!(entry.contains("Settings changed") && entry.contains("Freight yard") && entry.contains("Calumet Yard"));

    admin.post("/settings", &good).await.expect(303);
    assert_eq!(house.audit_trail().await.len(), seq, "saving the same again is no change");
    house.sign_in(Role::Office).await.post("/settings", &good).await.expect(403);
}

#[tokio::test]
async fn the_doctor_looks_when_an_admin_asks_and_shows_what_it_found() {
    let house = TestApp::start_with(|config| config.smtp_url = "smtp://me:unseen-word@127.0.0.1:1".into()).await;
    let admin = house.sign_in(Role::Admin).await;
    let page = admin.get("/storage/doctor").await.expect(200).body;
    assert!(page.contains("Not looked yet") && page.contains("storage_fallback"), "{page}");
    assert!(!page.contains("unseen-word") && page.contains("***"), "{page}");
    admin.post("/storage/doctor", &[]).await.expect(303);
    let mut page = String::new();
    for _ in 0..100 {
        page = admin.get("/storage/doctor").await.expect(200).body;
        if page.contains("Something is wrong") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    for found in
        ["Something is wrong", "Mail server", "Connection refused", "GATEHOUSE_SMTP_URL", "Put, read, verify, delete"]
    {
        assert!(page.contains(found), "{found} is missing in {page}");
    }
    house.sign_in(Role::Office).await.get("/storage/doctor").await.expect(403);
    house.sign_in(Role::Office).await.post("/storage/doctor", &[]).await.expect(403);
}
