//! The same of cameras, recorders and what they record.

use std::time::Duration;

use axum::http::Method;
use gatehouse_app::{
    alerts,
    audit::Actor,
    docks::{self, DockForm},
    recorders::{self, RecorderForm},
    recordings::Reason,
    users::Role,
};
use serde_json::json;

use super::{ALL, Checked, program};
use crate::{
    cameras::{YARD, row},
    recordings::{EIGHT, MINUTE},
    support::{
        TestApp,
        footage::{self, FROM},
        paper::issued_bill,
        recorded::record,
    },
};

pub(super) async fn uses(api: &mut Checked, house: &TestApp) {
    let sites = api.get("/sites", &[], "").await;
    assert_eq!(sites["items"][0]["id"], YARD);
    let card = json!({"name": "Dock 2", "site_id": YARD, "url": "rtsp://192.168.10.7/stream1", "user": "recorder", "password": "typed"});
    let camera = api.post("/cameras", &[], card, 201).await;
    let camera = camera["id"].as_str().unwrap();
    api.get("/cameras", &[], "").await;
    api.get("/cameras/{id}", &[camera], "").await;
    let card = json!({"name": "Dock 3", "site_id": YARD, "url": "rtsp://192.168.10.7/"});
    api.ask(Method::PUT, "/cameras/{id}", &[camera], "", card, 200).await;
    let outcome = api.post("/cameras/{id}/test", &[camera], json!({}), 200).await;
    assert_eq!(outcome["works"], false, "nothing answers here: {outcome:#}");
    // Nobody records it.
    for _ in 0..12 {
        house.clock.advance(Duration::from_secs(15));
        alerts::watch(&house.app).await.unwrap();
    }
    assert_eq!(api.get("/alerts", &[], "?all=true").await["items"][0]["kind"], "camera_lost");
    recordings(api, house, camera).await;
    api.post("/cameras/{id}/disable", &[camera], json!({}), 200).await;
    api.post("/cameras/{id}/enable", &[camera], json!({}), 200).await;
    api.post("/cameras/{id}/archive", &[camera], json!({"archived": true}), 200).await;

    let form = RecorderForm { name: "South yard".into(), site: YARD.into() };
    let (recorder, _) = recorders::create(&house.app, &Actor::system(), &form).await.unwrap();
    let recorders = api.get("/recorders", &[], "").await;
    assert_eq!(recorders["items"].as_array().unwrap().len(), 1);
    api.get("/recorders/{id}", &[&recorder.id.to_string()], "").await;
    evidence(api).await;
}

/// In a house with film.
async fn evidence(api: &mut Checked) {
    let house = TestApp::start().await;
    house.clock.set(FROM + 3_600_000);
    api.client = program(&house, Role::Admin, ALL).await;
    let gate = footage::camera(&house.app, 1, "Gate", true).await;
    footage::recorded(&house.app, &gate, &footage::files(&footage::film(250, "G")), FROM + 10_000).await;
    let form = DockForm { name: "Dock 2".into(), site: YARD.into(), cameras: vec![gate.id.to_string()] };
    let dock = docks::save(&house.app, &Actor::system(), None, &form).await.unwrap();
    assert_eq!(api.get("/docks", &[], "").await["items"][0]["cameras"], json!([gate.id]));
    let bill = issued_bill(&house.app, 1).await.id.to_string();
    let (from, until) = ("2026-11-20T20:02:11Z", "2026-11-20T20:02:14.5Z");
    let loading = json!({"dock_id": dock, "from": from, "until": until});
    api.ask(Method::PUT, "/bols/{id}/loading", &[&bill], "", loading, 200).await;
    api.get("/bols/{id}/loading", &[&bill], "").await;
    let wanted = json!({
        "cameras": [gate.id], "from": from, "until": until, "title": "Truck", "reason": "A claim", "bol_id": bill,
    });
    let clip = api.post("/clips", &[], wanted, 202).await;
    let clip = clip["id"].as_str().unwrap();
    house.run_jobs().await;
    assert_eq!(api.get("/clips", &[], "?limit=1").await["items"][0]["state"], "ready");
    assert_eq!(api.get("/clips/{id}", &[clip], "").await["files"][0]["frames"], 88);
    assert_eq!(api.get("/clips/{id}/manifest", &[clip], "").await["clip"], clip);
    api.get("/clips/{id}/download", &[clip], "?file=1").await;
}

async fn recordings(api: &mut Checked, house: &TestApp, camera: &str) {
    let row = row(&house.app, camera).await;
    record(&house.app, &row, EIGHT, 2, Some(Reason::Unreachable)).await;
    record(&house.app, &row, EIGHT + 3 * MINUTE, 1, None).await;
    let during = "?from=2026-11-20T08:00:00Z&until=2026-11-20T16:00:00Z";
    let timeline = api.get("/cameras/{id}/timeline", &[camera], during).await;
    assert_eq!((&timeline["missing"][0]["reason"], timeline["open"].is_null()), (&json!("unreachable"), false));
    let segments = api.get("/cameras/{id}/segments", &[camera], &format!("{during}&limit=2")).await;
    assert_eq!((segments["items"].as_array().unwrap().len(), segments["next"].is_string()), (2, true));
    let at = segments["items"][0]["started_at"].as_str().unwrap().to_owned();
    api.get("/cameras/{id}/segments/{at}/download", &[camera, &at], "").await;
    let kept = json!({"cameras": [camera], "from": "2026-11-20T08:00:00Z", "until": "2026-11-20T08:30:00Z", "reason": "Case 118"});
    let hold = api.post("/recordings/holds", &[], kept, 201).await;
    let reason = json!({"reason": "The case is over"});
    api.post("/recordings/holds/{id}/release", &[hold["id"].as_str().unwrap()], reason, 200).await;
    assert_eq!(api.get("/recordings/holds", &[], "?limit=1").await["items"][0]["release_reason"], "The case is over");
    let back = json!({
        "cameras": [camera], "from": "2026-11-20T08:00:00Z", "until": "2026-11-20T08:30:00Z", "tier": "bulk", "days": 3,
    });
    let back = api.post("/recordings/restores", &[], back, 202).await;
    house.run_jobs().await;
    let back = api.get("/recordings/restores/{id}", &[back["id"].as_str().unwrap()], "").await;
    assert_eq!((&back["files"], &back["archived"], &back["back"]), (&json!(3), &json!(3), &json!(0)), "{back:#}");
    // The one answer that is no JSON.
    let playlist = api.client.get(&format!("/api/v1/cameras/{camera}/playlist.m3u8{during}")).await.expect(200);
    assert!(playlist.body.starts_with("#EXTM3U"));
    api.used.insert("GET /api/v1/cameras/{id}/playlist.m3u8".into());
}
