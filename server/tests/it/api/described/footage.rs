//! The same of cameras, recorders and what they record.

use std::time::Duration;

use axum::http::Method;
use gatehouse_app::{
    alerts,
    audit::Actor,
    recorders::{self, RecorderForm},
};
use serde_json::json;

use super::Checked;
use crate::{cameras::YARD, support::TestApp};

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
    api.post("/cameras/{id}/disable", &[camera], json!({}), 200).await;
    api.post("/cameras/{id}/enable", &[camera], json!({}), 200).await;
    api.post("/cameras/{id}/archive", &[camera], json!({"archived": true}), 200).await;

    let form = RecorderForm { name: "South yard".into(), site: YARD.into() };
    let (recorder, _) = recorders::create(&house.app, &Actor::system(), &form).await.unwrap();
    let recorders = api.get("/recorders", &[], "").await;
    assert_eq!(recorders["items"].as_array().unwrap().len(), 1);
    api.get("/recorders/{id}", &[&recorder.id.to_string()], "").await;
}
