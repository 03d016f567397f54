//! Recorders on other sites: their tokens, what they are told, what they say.

mod film;
mod lost;
mod pictures;
mod probes;
mod south;

use axum::http::Method;
use gatehouse_app::{
    recorders::{self, wire},
    users::Role,
};
use serde_json::{Value, json};

use crate::{
    cameras::{DOCK, PASSWORD, YARD, added, dock_with, id_of, row},
    support::{Client, TestApp},
};

/// Makes a recorder; gives its page and a program that has its token.
async fn recorder(house: &TestApp, admin: &Client, name: &str) -> (String, Client) {
    let shown = admin.post("/recorders/new", &[("name", name), ("site", YARD)]).await.expect(200).body;
    let from = shown.find("gatehouse_rec_").unwrap();
    let token = shown[from..].split('"').next().unwrap().to_owned();
    let from = shown.find("/recorders/0").unwrap();
    let page = shown[from..].split('"').next().unwrap().to_owned();
    assert!(!admin.get(&page).await.expect(200).body.contains(&token), "shown once");
    (page, house.anonymous().with("authorization", &format!("Bearer {token}")))
}

fn hello(node: &str) -> Value {
    json!({ "protocol": wire::PROTOCOL, "version": "0.1.0", "node": node })
}

fn beat(node: &str, now: i64, cameras: Value) -> Value {
    json!({
        "node": node, "version": "0.1.0", "now": now, "clock_offset_ms": 12, "config": 0, "disk_free": 1_200_000_000_000_i64,
        "disk_total": 2_000_000_000_000_i64, "spool_bytes": 0, "spool_limit": 0, "queue_segments": 12, "queue_bytes": 360_000_000,
        "oldest_waiting_at": now - 60_000, "cameras": cameras,
    })
}

async fn say(client: &Client, what: &str, body: &Value) -> crate::support::Answer {
    client.send_json(Method::POST, &format!("/recorder/v1/{what}"), body).await
}

#[tokio::test]
async fn a_recorder_is_told_its_own_cameras_and_says_how_they_are() {
    let house = TestApp::start_with(|config| {
        (config.capture_segment_seconds, config.snapshot_minutes) = (20, 7);
    })
    .await;
    let admin = house.sign_in(Role::Admin).await;
    let (page, south) = recorder(&house, &admin, "South yard").await;
    let id = page.rsplit('/').next().unwrap();
    let camera = added(&admin, &dock_with(&[("recorder", id)])).await;
    added(&admin, &dock_with(&[("name", "Gate"), ("password", "another one")])).await;
    assert_eq!(house.run_jobs().await, 1, "nobody here records what is recorded there");

    let welcome = say(&south, "hello", &hello("south-4f2a")).await.expect(200).json();
    assert_eq!((welcome["name"].as_str(), welcome["site"].as_str()), (Some("South yard"), Some("Yard")));
    let told = south.get("/recorder/v1/cameras").await.expect(200);
    assert_eq!(told.headers.get("cache-control").unwrap(), "no-store");
    let cameras: wire::Cameras = serde_json::from_str(&told.body).unwrap();
    assert_eq!(cameras.cameras.len(), 1, "its own alone");
    let own = &cameras.cameras[0];
    assert_eq!(
        (own.slug.as_str(), own.path.as_str(), own.password.as_str()),
        ("dock_2", "/stream1?profile=main", PASSWORD)
    );
    assert_eq!(welcome["config"], cameras.config);
    assert_eq!((cameras.segment_seconds, cameras.snapshot_minutes), (20, 7), "as here");
    let manner = |segment_seconds| recorders::Manner { segment_seconds, snapshot_minutes: 7 };
    let south_row = recorders::recorder(&house.app, id.parse().unwrap()).await.unwrap();
    assert_eq!(recorders::config(&house.app, &south_row, manner(20)).await.unwrap(), cameras.config);
    assert_ne!(recorders::config(&house.app, &south_row, manner(30)).await.unwrap(), cameras.config, "it asks again");

    let state = json!([{
        "camera": own.id, "state": "connected", "detail": "", "since": house.app.now(), "video": "avc1.640028", "audio": "",
        "width": 1920, "height": 1080, "fps_milli": 25_000, "bits_per_second": 4_100_000, "last_frame_at": house.app.now(),
        "clock_offset_ms": null, "reconnects": 3,
    }]);
    let back = say(&south, "beat", &beat("south-4f2a", house.app.now(), state.clone())).await.expect(200).json();
    assert_eq!(back["config"], cameras.config);
    let shown = admin.get(&camera).await.expect(200).body;
    assert!(
        shown.contains("1920\u{a0}×\u{a0}1080, H.264, 25\u{a0}fps, 4.1\u{a0}Mb/s") && shown.contains("South yard"),
        "{shown}"
    );
    let of_one = admin.get(&page).await.expect(200).body;
    assert!(
        of_one.contains("12 ms ahead of ours") && of_one.contains("Dock 2") && of_one.contains("Recording"),
        "{of_one}"
    );
    let list = admin.get("/recorders").await.expect(200).body;
    assert!(list.contains("Here") && list.contains("12 wait, 360 MB"), "{list}");

    // What it is to do changes: another number.
    admin.post(&format!("{camera}/disable"), &[]).await.expect(303);
    let back = say(&south, "beat", &beat("south-4f2a", house.app.now(), state)).await.expect(200).json();
    assert_ne!(back["config"], cameras.config);
    house.clock.advance(std::time::Duration::from_secs(61));
    assert!(admin.get("/recorders").await.body.contains("Away"));

    admin.post(&format!("{page}/revoke"), &[]).await.expect(303);
    say(&south, "hello", &hello("south-4f2a")).await.expect(401);
    south.get("/recorder/v1/cameras").await.expect(401);
    admin.post(&format!("{page}/revoke"), &[]).await.expect(404);
    let trail = house.audit_trail().await;
    for word in ["recorder.added", "recorder.greeted", "recorder.given_cameras", "recorder.revoked"] {
        assert_eq!(trail.iter().filter(|line| line.contains(word)).count(), 1, "{word}");
    }
    assert_eq!(row(&house.app, &camera).await.id, id_of(&camera));
}

#[tokio::test]
async fn a_token_is_one_machines_and_nothing_else() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let (_, south) = recorder(&house, &admin, "South yard").await;
    let twin = admin.post("/recorders/new", &[("name", "south YARD"), ("site", YARD)]).await.expect(422).body;
    assert!(twin.contains("Another recorder is called"));
    admin.post("/recorders/new", &[("name", ""), ("site", "x")]).await.expect(422);
    south.get("/api/v1/cameras").await.expect(401);
    for nobody in [house.anonymous(), house.anonymous().with("authorization", "Bearer gatehouse_rec_x"), admin.clone()]
    {
        say(&nobody, "hello", &hello("x")).await.expect(401);
        nobody.get("/recorder/v1/cameras").await.expect(401);
    }
    say(&south, "hello", &json!({ "protocol": 99, "version": "9", "node": "a" })).await.expect(426);
    say(&south, "hello", &json!({ "protocol": "one" })).await.expect(422);
    say(&south, "hello", &hello("one")).await.expect(200);
    say(&south, "hello", &hello("two")).await.expect(409);
    say(&south, "beat", &beat("two", house.app.now(), json!([]))).await.expect(409);
    house.clock.advance(std::time::Duration::from_secs(61));
    say(&south, "hello", &hello("two")).await.expect(200);
    say(&south, "beat", &beat("one", house.app.now(), json!([]))).await.expect(409);
    added(&admin, DOCK).await;
    let others = south.get("/recorder/v1/cameras").await.expect(200).json();
    assert_eq!(others["cameras"], json!([]));
}
