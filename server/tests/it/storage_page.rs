//! The storage page and its figures.

use std::time::Duration;

use gatehouse::http;
use gatehouse_app::users::Role;
use gatehouse_jobs::reconcile;

use crate::support::{Client, TestApp, paper::issued_bill};

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
