//! Who has no grant sees nothing of a camera, by whatever route.

use std::collections::HashSet;

use axum::http::Method;
use futures::StreamExt;
use gatehouse::http;
use gatehouse_app::{
    audit::Actor,
    cameras,
    users::{self, NewToken, Role},
};
use serde_json::json;

use super::{DOCK, added, dock_with, id_of};
use crate::support::TestApp;

#[tokio::test]
async fn every_route_with_a_camera_in_it_asks_for_the_grant() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let page = added(&admin, DOCK).await;
    let id = id_of(&page).to_string();
    let office = house.sign_in(Role::Office).await;
    let owner = house.user("programs@gatehouse.test", Role::Office).await;
    let scopes = vec!["cameras:read".to_owned()];
    let new = NewToken { name: "t".into(), scopes, days: "1".into() };
    let (_, token) = users::create_token(&house.app, &Actor::system(), owner, new).await.unwrap();
    let program = house.anonymous().with("authorization", &format!("Bearer {token}"));
    let mut walked = 0;
    for route in http::routes() {
        let of_a_camera = ["/cameras/{id}", "/recordings/{camera}"].iter().any(|part| route.path.contains(part));
        if !of_a_camera {
            continue;
        }
        let path =
            route.path.replace("{id}", &id).replace("{camera}", &id).replace("{at}", "0").replace("{file}", "0.mp4");
        let client = if route.path.starts_with("/api/") { &program } else { &office };
        let answer = match route.method {
            Method::GET => client.get(&path).await,
            _ if route.path.starts_with("/api/") => client.send_json(route.method.clone(), &path, &json!({})).await,
            _ => client.post(&path, &[]).await,
        };
        assert!([403, 404].contains(&answer.status), "{} {path} answered {}", route.method, answer.status);
        assert!(!answer.body.contains("Dock 2") && !answer.body.contains("192.168.10.7"), "{} {path}", route.method);
        walked += 1;
    }
    assert!(walked >= 14, "{walked}");
    assert_eq!(program.get("/api/v1/cameras").await.expect(200).json()["items"], json!([]));
    let list = office.get("/cameras").await.expect(200).body;
    assert!(list.contains("No camera is open to you") && !list.contains("Dock 2"));
}

#[tokio::test]
async fn a_grant_opens_one_camera_to_one_person_and_is_taken_away_again() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let dock = added(&admin, DOCK).await;
    let gate = added(&admin, &dock_with(&[("name", "Gate"), ("open_to_all", "on")])).await;
    let viewer = house.sign_in(Role::Viewer).await;
    let people = cameras::grantees(&house.app, &Actor::system(), id_of(&dock)).await.unwrap();
    assert_eq!(people.len(), 1, "admins need no grant");
    let who = people[0].id.to_string();
    let list = viewer.get("/cameras").await.expect(200).body;
    assert!(list.contains("Gate") && !list.contains("Dock 2") && list.contains("One more camera is"));
    viewer.get(&dock).await.expect(404);
    viewer.get(&gate).await.expect(200);
    viewer.get(&format!("{gate}/edit")).await.expect(403);

    let grants = format!("{dock}/grants");
    assert!(admin.get(&grants).await.expect(200).body.contains(&who));
    admin.post(&grants, &[("listed", &who), ("people", &who)]).await.expect(303);
    let seen = viewer.get(&dock).await.expect(200).body;
    assert!(
        seen.contains("Dock 2") && !seen.contains("192.168.10.7"),
        "where it stands is for those who look after it"
    );
    let mut events = viewer.stream(&format!("{dock}/events")).await;
    let mut text = String::new();
    while !text.ends_with("\n\n") {
        text.push_str(str::from_utf8(&events.next().await.unwrap().unwrap()).unwrap());
    }
    assert!(text.contains("Waiting for a worker") && !text.contains("192.168.10.7"), "{text}");
    let actor = Actor { kind: gatehouse_app::audit::ActorKind::User(people[0].id), ..Actor::system() };
    let chosen = cameras::chosen(&house.app, &actor, "gate,dock_2,gate,nothing").await.unwrap();
    assert_eq!(chosen.iter().map(|camera| camera.slug.as_str()).collect::<Vec<_>>(), ["gate", "dock_2"]);

    // Somebody who came after the page was made keeps their grant.
    let late = house.user("late@gatehouse.test", Role::Office).await;
    cameras::save_grants(&house.app, &Actor::system(), id_of(&dock), &HashSet::new(), &HashSet::from([late]), false)
        .await
        .unwrap();
    admin.post(&grants, &[("listed", &who)]).await.expect(303);
    viewer.get(&dock).await.expect(404);
    let people = cameras::grantees(&house.app, &Actor::system(), id_of(&dock)).await.unwrap();
    assert_eq!(people.iter().filter(|one| one.granted).map(|one| one.id).collect::<Vec<_>>(), [late]);
    let trail = house.audit_trail().await;
    let count = |word: &str| trail.iter().filter(|line| line.contains(word)).count();
    assert_eq!((count("camera.granted"), count("camera.grant_taken")), (2, 1), "{trail:?}");
}
