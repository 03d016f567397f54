//! Who makes, sees and gets clips; what is on record of it.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use axum::http::Method;
use base64::{Engine, prelude::BASE64_STANDARD};
use gatehouse_app::{
    audit::{Actor, ActorKind},
    clips,
    ids::UserId,
    users::{self, NewToken, Role},
};
use serde_json::{Value, json};

use super::{asked, at, house, id_of, not_found, row};
use crate::support::{
    footage::{FROM, camera, files, film, granted, recorded},
    paper::issued_bill,
};

#[tokio::test]
async fn what_is_wrong_with_a_form_is_said_beside_its_fields() {
    let (house, _, office) = house().await;
    let form = office.get("/clips/new?cameras=dock_2,gate&from=2026-11-20T20:02:10Z").await.expect(200).body;
    assert!(form.contains("Dock 2") && form.contains("checked") && form.contains("2026-11-20T20:02:10Z"));
    let nothing = office.post("/clips/new", &[("title", "Kept as typed")]).await.expect(422).body;
    for words in ["Tick the cameras", "Give date and time", "Say why it is made", "Kept as typed"] {
        assert!(nothing.contains(words), "{words} is not in {nothing}");
    }
    let (from, until) = (at(5000), at(4000));
    let base =
        [("cameras", "dock_2"), ("title", "T"), ("reason", "R"), ("from", from.as_str()), ("until", until.as_str())];
    assert!(office.post("/clips/new", &base).await.expect(422).body.contains("It ends before it begins"));
    let with = |changed: &[(&'static str, &'static str)]| {
        let mut fields: Vec<(String, String)> = base.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        for (name, value) in changed {
            fields.retain(|(n, _)| n != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        fields
    };
    for (changed, words) in [
        (vec![("from", "2026-11-20 01:00"), ("until", "2026-11-20 20:00")], "twelve hours long at most"),
        (vec![("until", "2027-01-01 00:00")], "This is yet to come"),
        (vec![("cameras", "nothing")], "Tick the cameras"),
        (vec![("cameras", "dock_2,nothing")], "One of these cameras is not here"),
        (vec![("bol", "PRT-1999-0001")], "There is no bill with this number"),
        (vec![("until", "after lunch")], "Give date and time"),
    ] {
        let fields = with(&changed);
        let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let body = office.post("/clips/new", &fields).await.expect(422).body;
        assert!(body.contains(words), "{words} is not in {body}");
    }
    let viewer = house.sign_in(Role::Viewer).await;
    viewer.get("/clips/new").await.expect(403);
    viewer.post("/clips/new", &base).await.expect(403);
    // Pressed twice, it is made once.
    let twice = [("key", "k1")];
    assert_eq!(asked(&office, &["dock_2"], 0, 1000, &twice).await, asked(&office, &["dock_2"], 0, 1000, &twice).await);
}

#[tokio::test]
async fn a_clip_is_seen_by_those_who_see_all_of_its_cameras() {
    let (house, _, office) = house().await;
    let inside = camera(&house.app, 2, "Inside", false).await;
    recorded(&house.app, &inside, &files(&film(500, "I")), FROM + 20_000).await;
    let admin = house.sign_in(Role::Admin).await;
    let of_both = asked(&admin, &["dock_2", "inside"], 1000, 3000, &[("title", "Both of them")]).await;
    let of_one = asked(&admin, &["dock_2"], 1000, 3000, &[]).await;
    house.run_jobs().await;
    let list = office.get("/clips").await.expect(200).body;
    assert!(list.contains("Truck 4411") && !list.contains("Both of them"));
    office.get(&of_one).await.expect(200);
    for path in ["", "/1", "/events", "/manifest.json", "/custody.json"] {
        office.get(&format!("{of_both}{path}")).await.expect(404);
    }
    office.post(&format!("{of_both}/download"), &[]).await.expect(404);
    office.post(&format!("{of_both}/retry"), &[]).await.expect(404);
    let refused = office.post("/clips/new", &[("cameras", "inside")]).await.expect(422).body;
    assert!(refused.contains("Tick the cameras") && !refused.contains("Inside"), "a camera that one may not know of");

    let user = house.user("late@gatehouse.test", Role::Office).await;
    let actor = |user: UserId| Actor { kind: ActorKind::User(user), ..Actor::system() };
    assert!(not_found(clips::visible(&house.app, &actor(user), id_of(&of_both)).await));
    granted(&house.app, &inside, user).await;
    assert!(clips::visible(&house.app, &actor(user), id_of(&of_both)).await.is_ok());
}

#[tokio::test]
async fn each_look_is_on_record_and_the_chain_is_signed() {
    let (house, _, office) = house().await;
    let page = asked(&office, &["dock_2"], 1000, 3000, &[]).await;
    house.run_jobs().await;
    office.get(&page).await.expect(200);
    let playing = office.get(&format!("{page}/1")).await.expect(200);
    assert!(playing.body.contains("<video") && playing.body.contains("/files/evidence/2026/"), "{}", playing.body);
    let policy = playing.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("media-src 'self'") && policy.contains("form-action 'self' http://gatehouse.test"),
        "{policy}"
    );
    office.get(&format!("{page}/2")).await.expect(404);
    office.post(&format!("{page}/download"), &[]).await.expect(303);
    let custody = office.get(&format!("{page}/custody.json")).await.expect(200).json();
    let (document, bytes) = (custody["document"].as_str().unwrap(), |name: &str| {
        BASE64_STANDARD.decode(custody[name].as_str().unwrap()).unwrap()
    });
    UnparsedPublicKey::new(&ED25519, bytes("public_key")).verify(document.as_bytes(), &bytes("signature")).unwrap();
    let document: Value = serde_json::from_str(document).unwrap();
    let steps: Vec<_> =
        document["steps"].as_array().unwrap().iter().map(|step| step["what"].as_str().unwrap()).collect();
    assert_eq!(
        steps,
        [
            "clip.asked",
            "clip.cut",
            "clip.signed",
            "clip.viewed",
            "clip.played",
            "clip.downloaded",
            "clip.custody_exported"
        ]
    );
    assert_eq!(document["manifest"]["clip"], id_of(&page).to_string());
    assert!(office.get(&page).await.expect(200).body.contains("watched it"));
}

#[tokio::test]
async fn programs_make_and_get_clips() {
    let (house, dock, _) = house().await;
    let bill = issued_bill(&house.app, 7).await;
    let owner = house.user("programs@gatehouse.test", Role::Office).await;
    let token = async |scopes: &[&str]| {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let new = NewToken { name: "t".into(), scopes, days: "1".into() };
        let (_, token) = users::create_token(&house.app, &Actor::system(), owner, new).await.unwrap();
        house.anonymous().with("authorization", &format!("Bearer {token}"))
    };
    let reader = token(&["cameras:read"]).await;
    let program = token(&["cameras:read", "footage:export"]).await;
    let wanted = json!({
        "cameras": [dock.id], "from": "2026-11-20T14:02:11-06:00", "until": "2026-11-20T20:02:13.500Z",
        "title": "Truck", "reason": "A claim", "bol_id": bill.id,
    });
    reader.send_json(Method::POST, "/api/v1/clips", &wanted).await.expect(403);
    let keyed = program.clone().with("idempotency-key", "once");
    let made = keyed.send_json(Method::POST, "/api/v1/clips", &wanted).await.expect(202).json();
    let again = keyed.send_json(Method::POST, "/api/v1/clips", &wanted).await.expect(202).json();
    assert_eq!((&made["id"], &made["state"]), (&again["id"], &json!("waiting")));
    house.run_jobs().await;
    let path = format!("/api/v1/clips/{}", made["id"].as_str().unwrap());
    let clip = reader.get(&path).await.expect(200).json();
    assert_eq!((&clip["state"], &clip["bol_id"]), (&json!("ready"), &json!(bill.id)));
    assert_eq!(clip["files"][0]["name"], "dock_2_20261120_200211.mp4");
    assert_eq!(reader.get(&format!("{path}/manifest")).await.expect(200).json()["title"], "Truck");
    let url = reader.get(&format!("{path}/download?file=1")).await.expect(200).json();
    let file = url["url"].as_str().unwrap().trim_start_matches("http://gatehouse.test").to_owned();
    assert_eq!(reader.get(&file).await.expect(200).bytes.len() as i64, clip["files"][0]["size"].as_i64().unwrap());
    reader.get(&format!("{path}/download?file=9")).await.expect(404);
    assert_eq!(reader.get("/api/v1/clips").await.expect(200).json()["items"][0]["id"], made["id"]);
    assert_eq!(row(&house.app, &path).await.bol_id, Some(bill.id));

    // Whoever may write paper alone hands no footage out.
    let link = json!({ "recipient": "gary@acme.test", "clips": [made["id"]] });
    let links = format!("/api/v1/bols/{}/links", bill.id);
    token(&["paper:write"]).await.send_json(Method::POST, &links, &link).await.expect(403);
    token(&["paper:write", "footage:export"]).await.send_json(Method::POST, &links, &link).await.expect(201);
}
