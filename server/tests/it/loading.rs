//! Docks, where and when a bill was loaded, and what its page shows of that time.

use axum::http::Method;
use gatehouse_app::{
    audit::Actor,
    docks,
    ids::DockId,
    users::{self, NewToken, Role},
};
use serde_json::json;

use crate::support::{
    Client, TestApp,
    footage::{FROM, camera, files, film, missing, recorded},
    paper::issued_bill,
};

const YARD: &str = "01900000-0000-7000-8000-000000000001";

/// An hour after the film began.
fn later(house: &TestApp) {
    house.clock.set(FROM + 3_600_000);
}

async fn dock(house: &TestApp, admin: &Client, name: &str, cameras: &[&str]) -> DockId {
    let mut fields = vec![("name", name), ("site", YARD)];
    fields.extend(cameras.iter().map(|camera| ("cameras", *camera)));
    admin.post("/docks/new", &fields).await.expect(303);
    let lines = docks::docks(&house.app, &Actor::system(), false).await.unwrap();
    lines.into_iter().find(|line| line.dock.name == name).unwrap().dock.id
}

#[tokio::test]
async fn a_dock_is_made_changed_and_put_away() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let two = camera(&house.app, 1, "Dock 2", false).await;
    let gate = camera(&house.app, 2, "Gate", true).await;
    assert!(admin.get("/docks").await.expect(200).body.contains("No docks yet"));
    let form = admin.get("/docks/new").await.expect(200).body;
    assert!(form.contains("Gate") && form.contains(&two.id.to_string()));
    let empty = admin.post("/docks/new", &[("name", " "), ("cameras", &two.id.to_string())]).await.expect(422).body;
    assert!(empty.contains("Give the dock a name") && empty.contains("Choose the site"), "{empty}");
    assert!(empty.contains("checked"), "what was ticked is kept");

    let id = dock(&house, &admin, "Dock 2", &[&gate.id.to_string(), &two.id.to_string()]).await;
    let page = format!("/docks/{id}");
    let twin = admin.post("/docks/new", &[("name", "dock 2"), ("site", YARD)]).await.expect(422).body;
    assert!(twin.contains("Another dock is called “Dock 2”"));
    admin.post(&page, &[("name", "Dock two"), ("site", YARD), ("cameras", &two.id.to_string())]).await.expect(303);
    let list = admin.get("/docks").await.expect(200).body;
    assert!(list.contains("Dock two") && list.contains("Dock 2") && !list.contains(">Gate<"));
    // Who does not see the camera sees the dock without it, and changes nothing.
    let viewer = house.sign_in(Role::Viewer).await;
    let seen = viewer.get("/docks").await.expect(200).body;
    assert!(seen.contains("Dock two") && !seen.contains(&two.id.to_string()));
    viewer.get(&page).await.expect(403);
    viewer.post(&page, &[("name", "Mine")]).await.expect(403);

    admin.post(&format!("{page}/archive"), &[("archived", "yes")]).await.expect(303);
    assert!(!admin.get("/docks").await.expect(200).body.contains("Dock two"));
    assert!(admin.get("/docks?show=away").await.expect(200).body.contains("Dock two"));
    dock(&house, &admin, "Dock two", &[]).await;
    let taken = admin.post(&format!("{page}/archive"), &[("archived", "no")]).await;
    assert_eq!(taken.status, 422, "its name is another's by now: {}", taken.body);
}

#[tokio::test]
async fn a_loading_stands_beside_the_paper_and_shows_what_was_recorded() {
    let house = TestApp::start().await;
    later(&house);
    let admin = house.sign_in(Role::Admin).await;
    let office = house.sign_in(Role::Office).await;
    let bill = issued_bill(&house.app, 42).await;
    let page = format!("/bols/{}", bill.id);
    assert!(!office.get(&page).await.expect(200).body.contains("<h2>Loading</h2>"), "a yard without docks");

    let gate = camera(&house.app, 1, "Gate", true).await;
    let inside = camera(&house.app, 2, "Inside", false).await;
    let film = film(25 * 16, "G");
    recorded(&house.app, &gate, &files(&film), FROM + 16_000).await;
    missing(&house.app, &gate, FROM + 16_000, Some(FROM + 32_000), "stalled").await;
    let id = dock(&house, &admin, "Dock 2", &[&gate.id.to_string(), &inside.id.to_string()]).await;
    assert!(office.get(&page).await.expect(200).body.contains("Say where and when it was loaded"));

    let loading = format!("{page}/loading");
    let form = office.get(&loading).await.expect(200).body;
    assert!(form.contains(&format!("value=\"{id}\" selected")), "the only dock there is: {form}");
    let dock = id.to_string();
    let wrong = [("dock", dock.as_str()), ("from", "2026-11-20 20:03"), ("until", "2026-11-20 20:02")];
    assert!(office.post(&loading, &wrong).await.expect(422).body.contains("It ended before it began"));
    let ahead = office.post(&loading, &[("dock", &dock), ("from", "2027-01-01 10:00")]).await.expect(422).body;
    assert!(ahead.contains("This is yet to come") && ahead.contains("2027-01-01 10:00"));
    assert!(office.post(&loading, &[("from", "soon")]).await.expect(422).body.contains("Choose the dock"));

    let right = [("dock", dock.as_str()), ("from", "2026-11-20T20:02:10"), ("until", "2026-11-20 20:02:42")];
    office.post(&loading, &right).await.expect(303);
    let shown = office.get(&page).await.expect(200).body;
    assert!(shown.contains("Dock 2, 20 Nov 2026, 20:02 to 20:02"), "{shown}");
    assert!(shown.contains("50 % of it is recorded") && shown.contains("The camera sent no frames: from 20:02:26"));
    assert!(!shown.contains("Inside"), "a camera without a grant is not named");
    assert!(admin.get(&page).await.expect(200).body.contains("Inside"));
    assert!(office.get(&loading).await.expect(200).body.contains("value=\"2026-11-20T20:02:42\""));
    let viewer = house.sign_in(Role::Viewer).await;
    viewer.get(&loading).await.expect(403);
    assert!(viewer.get(&page).await.expect(200).body.contains("50 % of it is recorded"));

    office.post(&loading, &[("remove", "yes")]).await.expect(303);
    assert!(office.get(&page).await.expect(200).body.contains("Not noted yet"));
    let trail = house.audit_trail().await;
    assert_eq!(trail.iter().filter(|line| line.contains("bol.loading_set")).count(), 2, "{trail:?}");
}

#[tokio::test]
async fn programs_note_a_loading_too() {
    let house = TestApp::start().await;
    later(&house);
    let admin = house.sign_in(Role::Admin).await;
    let bill = issued_bill(&house.app, 43).await;
    let id = dock(&house, &admin, "Dock 2", &[]).await;
    let owner = house.user("programs@gatehouse.test", Role::Office).await;
    let scopes = ["paper:read", "paper:write", "cameras:read"].map(str::to_owned).to_vec();
    let new = NewToken { name: "t".into(), scopes, days: "1".into() };
    let (_, token) = users::create_token(&house.app, &Actor::system(), owner, new).await.unwrap();
    let program = house.anonymous().with("authorization", &format!("Bearer {token}"));
    let path = format!("/api/v1/bols/{}/loading", bill.id);
    program.get(&path).await.expect(404);
    assert_eq!(program.get("/api/v1/docks").await.expect(200).json()["items"][0]["name"], "Dock 2");
    let wrong = json!({ "dock_id": id, "from": "yesterday" });
    program.send_json(Method::PUT, &path, &wrong).await.expect(422);
    let right = json!({ "dock_id": id, "from": "2026-11-20T14:02:10-06:00" });
    let noted = program.send_json(Method::PUT, &path, &right).await.expect(200).json();
    assert_eq!((&noted["from"], &noted["until"]), (&"2026-11-20T20:02:10.000Z".into(), &json!(null)));
    assert_eq!(program.get(&path).await.expect(200).json(), noted);
}
