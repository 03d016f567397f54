//! Film of recorders on other sites: announced, put where that was granted, and counted when it is there. Nothing that is said is believed.

use std::time::Duration;

use gatehouse_app::{
    cameras::model::status,
    objects::model::{object, placement},
    recorders,
    recordings::model::{coverage, run},
};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    beat, hello, recorder, say,
    south::{MINUTE, South, fate},
};
use crate::cameras::{dock_with, id_of};

#[tokio::test]
async fn film_is_known_before_it_is_here_and_counts_when_it_is() {
    let south = South::new().await;
    let film = b"ten bytes of a head, and film".to_vec();
    let items = south.announce(&[south.segment(0, &film), south.segment(1, b"another minute of film")]).await;
    let key = items[0]["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("recordings/dock_2/") && key.ends_with(".mp4"), "{key}");
    let rows = south.segments().await;
    assert_eq!(rows.iter().map(|row| row.state.as_str()).collect::<Vec<_>>(), ["uploading"; 2]);
    let run = run::Entity::find().one(south.app().db()).await.unwrap().unwrap();
    assert_eq!((run.recorder_name.as_str(), run.video.as_str(), run.width), ("South yard", "avc1.640028", 1920));

    assert_eq!(south.kept(&key).await, "missing", "it was said, and is not there");
    south.put(&items[0], b"other bytes, as many of them.").await.expect(400);
    assert_eq!(south.kept(&key).await, "missing");
    south.put(&items[0], &film).await.expect(200);
    // Whoever holds the address still can put nothing else there.
    south.put(&items[0], b"other bytes, as many of them.").await.expect(400);
    assert_eq!(south.kept(&key).await, "kept");
    assert_eq!(south.kept(&key).await, "kept", "again");
    let rows = south.segments().await;
    assert_eq!((rows[0].state.as_str(), rows[1].state.as_str()), ("completed", "uploading"));
    assert_eq!(std::fs::read(south.house.data().join("objects").join(&key)).unwrap(), film);

    // Said twice, it counts once.
    let again = south.announce(&[south.segment(0, &film), south.segment(1, b"another minute of film")]).await;
    assert_eq!(again.iter().map(fate).collect::<Vec<_>>(), ["kept", "put"]);
    let db = south.app().db();
    assert_eq!(object::Entity::find().count(db).await.unwrap(), 2);
    assert_eq!(placement::Entity::find().count(db).await.unwrap(), 1);
    let day = coverage::Entity::find().all(db).await.unwrap();
    assert_eq!(
        day.iter().map(|day| (day.segments, day.covered_ms)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)),
        (2, 120_000)
    );
}

#[tokio::test]
async fn nothing_that_cannot_be_is_taken_down() {
    let south = South::new().await;
    let film = b"ten bytes of a head, and film";
    let with = |name: &str, value: Value| {
        let mut segment = south.segment(0, film);
        segment[name] = value;
        segment
    };
    for (name, value) in [
        ("camera", json!(Uuid::from_u128(1))),
        ("run", json!(Uuid::from_u128(1))),
        ("size", json!(28)),
        ("size", json!(-1)),
        ("size", json!(1_000_000_001_i64)),
        ("sha256", json!("../../etc/passwd")),
        ("sha256", json!("AB".repeat(32))),
        ("init_size", json!(0)),
        ("fragments", json!("")),
        ("fragments", json!("not base64!")),
        ("nth", json!(0)),
        ("nth", json!(-1)),
        ("ended_at", json!(south.began)),
        ("ended_at", json!(south.began - 1)),
        ("ended_at", json!(south.began + 2 * MINUTE)),
        ("started_at", json!(0)),
        ("started_at", json!(i64::MIN)),
    ] {
        assert_eq!(south.fate(with(name, value.clone())).await, "refused", "{name} {value}");
    }
    for value in [south.app().now() + 10 * MINUTE, i64::MAX] {
        assert_eq!(south.fate(with("ended_at", json!(value))).await, "later", "a clock that is ahead is no lie");
    }
    assert!(south.segments().await.is_empty());
    let many: Vec<_> = (0..201).map(|_| south.segment(0, film)).collect();
    say(&south.client, "segments", &json!({ "runs": [], "segments": many })).await.expect(422);
    say(&south.client, "kept", &json!({ "keys": vec!["x"; 201] })).await.expect(422);
    say(&south.client, "segments", &json!({ "runs": "none" })).await.expect(422);

    // What is recorded of a time stays what is recorded of it.
    assert_eq!(south.fate(south.segment(0, film)).await, "put");
    assert_eq!(south.fate(south.segment(0, b"other bytes of that very minute")).await, "refused");
    let mut beside = south.segment(0, b"and some of half a minute later");
    beside["started_at"] = json!(south.began + MINUTE / 2);
    beside["ended_at"] = json!(south.began + MINUTE + MINUTE / 2);
    assert_eq!(south.fate(beside).await, "refused");
    assert_eq!(south.segments().await.len(), 1);
    assert_eq!(
        south.kept("recordings/dock_2/2026-11-20/recording_08_00_00.mp4").await,
        "missing",
        "nobody announced that"
    );
    for key in ["recordings/other/2026-11-20/recording_08_00_00.mp4", "bols/2026/a.pdf", "", "../secret.key"] {
        assert_eq!(south.kept(key).await, "refused", "{key}");
    }
}

#[tokio::test]
async fn a_recorder_speaks_of_its_own_cameras_and_of_those_that_it_was_given() {
    let south = South::new().await;
    let (other, north) = recorder(&south.house, &south.admin, "North yard").await;
    say(&north, "hello", &hello("north")).await.expect(200);
    let film = b"ten bytes of a head, and film";
    let said = json!({ "runs": [south.run(7)], "segments": [south.segment(0, film)] });
    let theirs = say(&north, "segments", &said).await.expect(200).json();
    assert_eq!(fate(&theirs["items"][0]), "refused");
    assert_eq!(run::Entity::find().count(south.app().db()).await.unwrap(), 0);
    let items = south.announce(&[south.segment(0, film)]).await;
    let key = items[0]["key"].as_str().unwrap();
    let theirs = say(&north, "kept", &json!({ "keys": [key] })).await.expect(200).json();
    assert_eq!(fate(&theirs["items"][0]), "refused");

    // The camera goes to the north: what the south recorded before is taken, as long as nothing else is recorded then.
    let version = south.admin.get(&format!("{}/edit", south.camera)).await.expect(200).body;
    assert!(version.contains("South yard"));
    let fields = dock_with(&[("recorder", other.rsplit('/').next().unwrap())]);
    south.admin.post(&format!("{}/edit", south.camera), &fields).await.expect(303);
    let told = north.get("/recorder/v1/cameras").await.expect(200).json();
    assert_eq!(told["cameras"].as_array().unwrap().len(), 1);
    assert_eq!(south.fate(south.segment(1, film)).await, "put");
    // The run of another recorder is not one's own.
    let mut theirs = south.segment(2, film);
    theirs["run"] = json!(Uuid::from_u128(7));
    let said = json!({ "runs": [south.run(7)], "segments": [theirs] });
    let theirs = say(&north, "segments", &said).await.expect(200).json();
    assert_eq!(fate(&theirs["items"][0]), "refused");

    south.admin.post(&format!("{}/revoke", south.page), &[]).await.expect(303);
    say(&south.client, "segments", &said).await.expect(401);
    say(&south.client, "kept", &json!({ "keys": [] })).await.expect(401);
}

#[tokio::test]
async fn time_without_film_has_its_reason_whenever_it_is_told() {
    let south = South::new().await;
    let film = b"ten bytes of a head, and film";
    let camera = id_of(&south.camera);
    let mut over = south.run(7);
    over["ended_at"] = json!(south.began + 2 * MINUTE);
    over["end_reason"] = json!("closed");
    let gap =
        json!({ "camera": camera, "at": south.began + 4 * MINUTE, "reason": "unreachable", "detail": "no route\u{7}" });
    let mut next = south.run(8);
    next["started_at"] = json!(south.began + 6 * MINUTE);
    let mut last = south.segment(6, film);
    last["run"] = json!(Uuid::from_u128(8));
    // In no order, and twice.
    let said = json!({ "runs": [next, over], "segments": [last, south.segment(1, film), south.segment(0, film)], "gaps": [gap] });
    for _ in 0..2 {
        say(&south.client, "segments", &said).await.expect(200);
        assert_eq!(south.gaps().await, ["2-4 closed", "4-6 unreachable"]);
    }

    // It is not heard of: nobody knows, until its film comes.
    let app = south.app();
    let state = json!([{
        "camera": camera, "state": "connected", "detail": "", "since": app.now(), "video": "", "audio": "", "width": null, "height": null,
        "fps_milli": null, "bits_per_second": null, "last_frame_at": null, "clock_offset_ms": null, "reconnects": 0,
    }]);
    say(&south.client, "beat", &beat("south", app.now(), state)).await.expect(200);
    assert_eq!(recorders::away(app).await.unwrap(), 0);
    south.house.clock.advance(Duration::from_mins(5));
    assert_eq!(recorders::away(app).await.unwrap(), 1);
    assert_eq!(recorders::away(app).await.unwrap(), 0, "once");
    let states = status::Entity::find().all(app.db()).await.unwrap();
    assert_eq!(states[0].state, "recorder_away");
    assert_eq!(south.gaps().await, ["2-4 closed", "4-6 unreachable", "7-… recorder_away"]);
    let mut late = south.segment(7, b"what it recorded meanwhile, alone");
    late["run"] = json!(Uuid::from_u128(8));
    assert_eq!(south.fate(late).await, "put");
    assert_eq!(south.gaps().await, ["2-4 closed", "4-6 unreachable"]);
}
