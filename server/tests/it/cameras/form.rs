//! Cameras come, change and go; what is wrong with a form is told beside its fields.

use axum::http::Method;
use gatehouse_app::{
    cameras::model::lease,
    users::{NewToken, Role},
};
use sea_orm::EntityTrait;
use serde_json::json;

use super::{DOCK, PASSWORD, YARD, added, dock_with, id_of, row};
use crate::support::TestApp;

#[tokio::test]
async fn a_camera_is_added_changed_switched_and_archived() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    assert!(admin.get("/cameras").await.expect(200).body.contains("No camera is recorded yet"));
    let page = added(&admin, DOCK).await;
    let before = row(&house.app, &page).await;
    assert_eq!((before.slug.as_str(), before.number.0, before.version), ("dock_2", 1, 1));
    assert_eq!((before.host.as_str(), before.port, before.enabled), ("192.168.10.7", 554, true));
    let shown = admin.get(&page).await.expect(200).body;
    assert!(shown.contains("Dock 2") && shown.contains("192.168.10.7:554") && shown.contains("Waiting for a worker"));
    assert!(admin.get("/cameras").await.expect(200).body.contains("Dock 2"));
    let held = || async { lease::Entity::find_by_id(before.id).one(house.app.db()).await.unwrap().unwrap() };
    assert_eq!((held().await.epoch, held().await.holder.as_str()), (1, ""));
    assert_eq!(house.run_jobs().await, 1);

    house.clock.advance(std::time::Duration::from_secs(60));
    let renamed =
        dock_with(&[("name", "Dock two"), ("url", "rtsp://192.168.10.7:554"), ("password", ""), ("user", "")]);
    admin.post(&format!("{page}/edit"), &renamed).await.expect(303);
    let now = row(&house.app, &page).await;
    assert_eq!((now.name.as_str(), now.slug.as_str(), now.version), ("Dock two", "dock_2", 1), "capture need not know");
    let hours = dock_with(&[("name", "Dock two"), ("url", "rtsp://192.168.10.7"), ("schedule", "Mon-Fri 06:00-18:00")]);
    admin.post(&format!("{page}/edit"), &hours).await.expect(303);
    assert_eq!(row(&house.app, &page).await.version, 2, "capture begins anew");

    admin.post(&format!("{page}/disable"), &[]).await.expect(303);
    assert!(admin.get(&page).await.body.contains("Switch on"));
    admin.post(&format!("{page}/disable"), &[]).await.expect(303);
    assert_eq!(row(&house.app, &page).await.version, 3, "off is off");
    admin.post(&format!("{page}/enable"), &[]).await.expect(303);
    assert_eq!(held().await.epoch, 2);

    admin.get(&format!("{page}/archive")).await.expect(200);
    admin.post(&format!("{page}/archive"), &[("archived", "yes")]).await.expect(303);
    assert!(!admin.get("/cameras").await.body.contains("Dock two"));
    assert!(admin.get("/cameras?show=away").await.body.contains("Dock two"));
    admin.post(&format!("{page}/enable"), &[]).await.expect(409);
    assert_eq!(
        house.audit_trail().await[1..],
        [
            "user camera.added camera",
            "user camera.edited camera",
            "user camera.edited camera",
            "user camera.disabled camera",
            "user camera.enabled camera",
            "user camera.archived camera",
        ]
    );
}

#[tokio::test]
async fn a_name_is_one_cameras_own_and_a_slug_for_ever() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let first = added(&admin, DOCK).await;
    let twin = admin.post("/cameras/new", &dock_with(&[("name", " DOCK  2")])).await.expect(422).body;
    assert!(twin.contains("Another camera is called “Dock 2”") && twin.contains("href=\"#name\""), "{twin}");
    admin.post(&format!("{first}/archive"), &[("archived", "yes")]).await.expect(303);
    let second = added(&admin, DOCK).await;
    let row = row(&house.app, &second).await;
    assert_eq!((row.slug.as_str(), row.number.0), ("dock_2_2", 2));
    let back = admin.post(&format!("{first}/archive"), &[("archived", "no")]).await.expect(422).body;
    assert!(back.contains("Another camera is called"));
}

#[tokio::test]
async fn what_is_wrong_is_told_at_its_field() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    for (field, typed) in [
        ("name", ""),
        ("name", "a\u{7}"),
        ("site", ""),
        ("site", "01900000-0000-7000-8000-00000000ffff"),
        ("url", ""),
        ("url", "http://192.168.10.7/"),
        ("url", "rtsp://192.168.10.7:99999/"),
        ("url", "rtsp://127.1/"),
        ("transport", "carrier pigeon"),
        ("schedule", "whenever"),
        ("retention_days", "0"),
        ("retention_days", "4000"),
        ("recorder", "01900000-0000-7000-8000-00000000ffff"),
    ] {
        let answer = admin.post("/cameras/new", &dock_with(&[(field, typed)])).await.expect(422);
        assert!(answer.body.contains(&format!("href=\"#{field}\"")), "{field} {typed:?}");
        assert!(!answer.body.contains(PASSWORD));
    }
    assert!(admin.get("/cameras").await.body.contains("No camera is recorded yet"));
}

#[tokio::test]
async fn programs_do_the_same() {
    let house = TestApp::start().await;
    let owner = house.user("programs@gatehouse.test", Role::Admin).await;
    let token = |scopes: &'static str| {
        let new = NewToken { name: "t".into(), scopes: vec![scopes.into()], days: "1".into() };
        let app = house.app.clone();
        async move {
            gatehouse_app::users::create_token(&app, &gatehouse_app::audit::Actor::system(), owner, new)
                .await
                .unwrap()
                .1
        }
    };
    let writer = house.anonymous().with("authorization", &format!("Bearer {}", token("cameras:write").await));
    let reader = house.anonymous().with("authorization", &format!("Bearer {}", token("cameras:read").await));
    let body = json!({
        "name": "Gate", "site_id": YARD, "url": format!("rtsp://admin:{PASSWORD}@10.1.2.3:8554/live"), "retention_days": 30,
    });
    let once = writer.clone().with("idempotency-key", "gate-1");
    let made = once.send_json(Method::POST, "/api/v1/cameras", &body).await.expect(201);
    assert!(!made.body.contains(PASSWORD));
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let again = once.send_json(Method::POST, "/api/v1/cameras", &body).await.expect(201);
    assert_eq!(again.json()["id"], *id);
    writer.send_json(Method::POST, "/api/v1/cameras", &body).await.expect(422);
    let found = reader.get(&format!("/api/v1/cameras/{id}")).await.expect(200).json();
    assert_eq!((found["name"].as_str(), found["state"].as_str()), (Some("Gate"), Some("waiting")));
    assert!(found["host"].is_null(), "its owner may change cameras, and this token may not: {found}");
    reader.send_json(Method::PUT, &format!("/api/v1/cameras/{id}"), &body).await.expect(403);
    let moved = json!({ "name": "Gate", "site_id": YARD, "url": "rtsp://10.1.2.4:8554/live" });
    let refused = writer.send_json(Method::PUT, &format!("/api/v1/cameras/{id}"), &moved).await.expect(422);
    assert!(refused.body.contains("password"));
    let same = json!({ "name": "Gate 1", "site_id": YARD, "url": "rtsp://10.1.2.3:8554" });
    writer.send_json(Method::PUT, &format!("/api/v1/cameras/{id}"), &same).await.expect(200);
    for verb in ["disable", "enable"] {
        writer.send_json(Method::POST, &format!("/api/v1/cameras/{id}/{verb}"), &json!({})).await.expect(200);
    }
    let test = writer.send_json(Method::POST, &format!("/api/v1/cameras/{id}/test"), &json!({})).await.expect(200);
    assert_eq!((test.json()["works"].as_bool(), test.json()["reason"].as_str()), (Some(false), Some("unreachable")));
    let away = json!({ "archived": true });
    writer.send_json(Method::POST, &format!("/api/v1/cameras/{id}/archive"), &away).await.expect(200);
    assert_eq!(reader.get("/api/v1/cameras").await.expect(200).json()["items"].as_array().unwrap().len(), 0);
    assert_eq!(reader.get("/api/v1/sites").await.expect(200).json()["items"][0]["name"], "Yard");
    let source = gatehouse_app::cameras::source(&house.app, &row(&house.app, &format!("/{id}")).await).await.unwrap();
    assert_eq!((source.address.opening.path.as_str(), source.address.opening.password.as_str()), ("/live", PASSWORD));
    assert_eq!(id_of(&format!("/{id}")).to_string(), id);
}
