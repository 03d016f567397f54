//! Playlists, files and pictures: to whom they are given, and what stands on record before they are.

use gatehouse_app::{
    audit::{Actor, model::entry},
    ports::Archive,
    recordings::{
        Reason,
        model::{segment, sheet},
        pieces,
    },
    users::{self, NewToken, Role},
};
use sea_orm::{EntityTrait, IntoActiveModel, QueryOrder};

use super::MINUTE;
use crate::{
    cameras::{DOCK, added, dock_with, id_of, row},
    support::{
        TestApp,
        recorded::{record, segments},
        vault::Vault,
    },
};

/// Friday, 20 November 2026, 13:00 UTC: an hour before the clock of tests.
const ONE: i64 = 1_795_179_600_000;
const HOUR: i64 = 60 * MINUTE;

#[tokio::test]
async fn a_playlist_goes_on_within_a_run_and_begins_anew_behind_a_gap() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let page = added(&admin, DOCK).await;
    let camera = row(&house.app, &page).await;
    record(&house.app, &camera, ONE, 2, Some(Reason::Stalled)).await;
    record(&house.app, &camera, ONE + 3 * MINUTE, 1, Some(Reason::Closed)).await;
    let first_file = segments(&house.app, &camera).await.remove(0);
    let (size, head) = (first_file.size, i64::from(first_file.init_size));
    let ask = |from: i64, until: i64| format!("/recordings/{}/playlist.m3u8?from={from}&until={until}", camera.id);
    let answer = admin.get(&ask(ONE, ONE + HOUR)).await.expect(200);
    assert_eq!(answer.headers["content-type"], "application/vnd.apple.mpegurl");
    // Two hours, less half an hour of rounding at worst, less five minutes.
    let fresh: u64 = answer.headers["x-fresh-for"].to_str().unwrap().parse().unwrap();
    assert!((85 * 60..=115 * 60).contains(&fresh), "{fresh}");
    let count = |what: &str| answer.body.matches(what).count();
    assert_eq!((count("#EXT-X-DISCONTINUITY"), count("#EXT-X-MAP"), count("#EXT-X-PROGRAM-DATE-TIME")), (1, 2, 3));
    assert_eq!(count("#EXTINF:4.000"), 3 * 15);
    let first = answer.body.lines().find(|line| line.starts_with("http")).unwrap().to_owned();
    assert!(first.starts_with("http://gatehouse.test/files/recordings/dock_2/2026-11-20/recording_13_00_00.mp4?"));
    let path = first.strip_prefix("http://gatehouse.test").unwrap();
    let part = admin.clone().with("range", "bytes=1000-4999").get(path).await.expect(206);
    assert_eq!((part.bytes.len(), part.headers["content-disposition"].to_str().unwrap()), (4000, "inline"));
    // A stretch between files has what reaches into it.
    let inner = admin.get(&ask(ONE + 30_000, ONE + 40_000)).await.expect(200).body;
    assert_eq!(inner.matches("#EXT-X-PROGRAM-DATE-TIME").count(), 1);
    // Beyond three hours whole files; beyond a day nothing.
    let long = admin.get(&ask(ONE, ONE + 24 * HOUR)).await.expect(200).body;
    assert_eq!(long.matches("#EXTINF:60.000").count(), 3);
    assert!(long.contains(&format!("#EXT-X-BYTERANGE:{}@{head}", size - head)));
    assert!(admin.get(&ask(ONE, ONE + 24 * HOUR + 1)).await.expect(422).body.contains("24 hours at most"));
    admin.get(&ask(ONE, ONE)).await.expect(422);
    for other in ["", "?from=1", "?from=x&until=2", "?from=9223372036854775807&until=1"] {
        admin.get(&format!("/recordings/{}/playlist.m3u8{other}", camera.id)).await.expect(422);
    }
    // Of a time of which there is nothing there is a playlist without anything in it.
    let nothing = admin.get(&ask(ONE + 10 * HOUR, ONE + 11 * HOUR)).await.expect(200).body;
    assert!(!nothing.contains("EXTINF") && nothing.ends_with("#EXT-X-ENDLIST\n"));

    let rows = pieces(&house.app, &camera, ONE, ONE + HOUR).await.unwrap();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row.fragments.length() == MINUTE && row.run.id == row.segment.run_id));
    assert_ne!(rows[1].run.id, rows[2].run.id);
}

#[tokio::test]
async fn every_playlist_and_file_is_on_record_and_asks_for_the_grant() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let page = added(&admin, DOCK).await;
    let camera = row(&house.app, &page).await;
    record(&house.app, &camera, ONE, 1, Some(Reason::Closed)).await;
    let viewer = house.sign_in(Role::Viewer).await;
    let playlist = format!("/recordings/{}/playlist.m3u8?from={ONE}&until={}", camera.id, ONE + HOUR);
    let (file, picture) = (
        format!("/recordings/{}/{}.mp4", camera.id, ONE + 5000),
        format!("/recordings/{}/picture.json?at={ONE}", camera.id),
    );
    for path in [&playlist, &file, &picture] {
        viewer.get(path).await.expect(404);
        assert!(house.anonymous().get(path).await.expect(303).location().starts_with("/sign-in"));
    }
    assert!(!house.audit_trail().await.iter().any(|line| line.contains("recording.")));
    let people = gatehouse_app::cameras::grantees(&house.app, &Actor::system(), id_of(&page)).await.unwrap();
    let who = people[0].id.to_string();
    admin.post(&format!("{page}/grants"), &[("listed", &who), ("people", &who)]).await.expect(303);
    viewer.get(&playlist).await.expect(200);
    viewer.get(&playlist).await.expect(200);
    let answer = viewer.get(&file).await.expect(303);
    let at = answer.location().strip_prefix("http://gatehouse.test").unwrap();
    let saved = house.anonymous().get(at).await.expect(200);
    assert_eq!(saved.bytes.len() as i64, segments(&house.app, &camera).await[0].size);
    assert!(saved.headers["content-disposition"].to_str().unwrap().contains("dock_2_2026-11-20_13-00-00.mp4"));
    // No pictures: nobody saw any.
    assert_eq!(viewer.get(&picture).await.expect(200).json()["tiles"], serde_json::json!([]));
    viewer.get(&format!("/recordings/{}/{}.mp4", camera.id, ONE + MINUTE)).await.expect(404);
    viewer.get(&format!("/recordings/{}/x.mp4", camera.id)).await.expect(404);
    let entries = entry::Entity::find().order_by_asc(entry::Column::Seq).all(house.app.db()).await.unwrap();
    let seen: Vec<_> = entries.iter().filter(|entry| entry.action.starts_with("recording.")).collect();
    assert_eq!(
        seen.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(),
        ["recording.viewed", "recording.viewed", "recording.downloaded"]
    );
    assert!(seen[0].details.contains(&format!("\"from\":{ONE}")), "{}", seen[0].details);

    admin.post(&format!("{page}/grants"), &[("listed", &who)]).await.expect(303);
    viewer.get(&playlist).await.expect(404);
}

#[tokio::test]
async fn pictures_of_ten_minutes_come_as_one() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let camera = row(&house.app, &added(&admin, DOCK).await).await;
    record(&house.app, &camera, ONE, 1, Some(Reason::Closed)).await;
    let object = pieces(&house.app, &camera, ONE, ONE + MINUTE).await.unwrap()[0].segment.object_id;
    let row = sheet::Model {
        camera: camera.number,
        started_at: ONE,
        object_id: object,
        tiles: "500,60500,120500".into(),
        width: 192,
        height: 108,
    };
    let tx = house.app.begin().await.unwrap();
    sheet::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let found =
        admin.get(&format!("/recordings/{}/picture.json?at={}", camera.id, ONE + 599_999)).await.expect(200).json();
    assert_eq!(found["tiles"][2], serde_json::json!({ "at": ONE + 120_500, "y": 216 }));
    assert!(found["url"].as_str().unwrap().starts_with("http://gatehouse.test/files/"));
    assert!(house.audit_trail().await.last().unwrap().contains("recording.pictures camera"));
    let other = admin.get(&format!("/recordings/{}/picture.json?at={}", camera.id, ONE + 600_000)).await.expect(200);
    assert_eq!(other.json()["url"], "");
}

#[tokio::test]
async fn what_lies_in_an_archive_says_so_and_what_cannot_be_had_is_left_out() {
    let (house, vault) = Vault::house().await;
    let admin = house.sign_in(Role::Admin).await;
    let camera = row(&house.app, &added(&admin, DOCK).await).await;
    record(&house.app, &camera, ONE, 2, Some(Reason::Closed)).await;
    house.run_jobs().await;
    let ask = format!("/recordings/{}/playlist.m3u8?from={ONE}&until={}", camera.id, ONE + HOUR);
    assert_eq!(admin.get(&ask).await.expect(200).body.matches("https://vault.test/").count(), 1 + 30);
    house.clock.advance(std::time::Duration::from_secs(100 * 86_400));
    *vault.state.lock().unwrap() = Archive::Archived;
    let admin = house.sign_in(Role::Admin).await;
    assert!(admin.get(&ask).await.expect(409).body.contains("It lies in an archive"));
    *vault.state.lock().unwrap() = Archive::Ready;
    admin.get(&ask).await.expect(200);
    // One of the two is on no disk that can be reached from here.
    let tx = house.app.begin().await.unwrap();
    let mut away =
        segment::Entity::find_by_id((camera.number, ONE)).one(&tx).await.unwrap().unwrap().into_active_model();
    away.store_id = sea_orm::ActiveValue::Set(None);
    segment::Entity::update(away).exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(admin.get(&ask).await.expect(200).body.matches("#EXT-X-PROGRAM-DATE-TIME").count(), 1);
}

#[tokio::test]
async fn programs_get_the_same() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let camera = row(&house.app, &added(&admin, &dock_with(&[("open_to_all", "on")])).await).await;
    record(&house.app, &camera, ONE, 3, Some(Reason::Unreachable)).await;
    let owner = house.user("programs@gatehouse.test", Role::Viewer).await;
    let new = NewToken { name: "t".into(), scopes: vec!["cameras:read".into()], days: "1".into() };
    let (_, token) = users::create_token(&house.app, &Actor::system(), owner, new).await.unwrap();
    let program = house.anonymous().with("authorization", &format!("Bearer {token}"));
    let base = format!("/api/v1/cameras/{}", camera.id);
    let during = "from=2026-11-20T13:00:00Z&until=2026-11-20T14:00:00Z";
    let timeline = program.get(&format!("{base}/timeline?{during}")).await.expect(200).json();
    assert_eq!(timeline["recorded"][0]["until"], "2026-11-20T13:03:00.000Z");
    assert_eq!((timeline["missing"][0]["reason"].as_str(), timeline["share"].as_i64()), (Some("unreachable"), Some(5)));
    assert!(timeline["missing"][0]["until"].is_null());
    program.get(&format!("{base}/timeline?from=2026-01-01T00:00:00Z&until=2026-11-20T14:00:00Z")).await.expect(422);
    program.get(&format!("{base}/timeline?from=yesterday&until=2026-11-20T14:00:00Z")).await.expect(422);
    let first = program.get(&format!("{base}/segments?{during}&limit=2")).await.expect(200).json();
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    assert_eq!(first["items"][0]["recorder"], "yard");
    let next = first["next"].as_str().unwrap();
    let last = program.get(&format!("{base}/segments?{during}&limit=2&cursor={next}")).await.expect(200).json();
    assert_eq!((last["items"].as_array().unwrap().len(), last["next"].is_null()), (1, true));
    assert!(program.get(&format!("{base}/playlist.m3u8?{during}")).await.expect(200).body.starts_with("#EXTM3U"));
    for at in ["2026-11-20T13:00:30Z".to_owned(), (ONE + 30_000).to_string()] {
        let url = program.get(&format!("{base}/segments/{at}/download")).await.expect(200).json();
        assert!(url["url"].as_str().unwrap().contains("recording_13_00_00.mp4"));
    }
    program.get(&format!("{base}/segments/2026-11-20T15:00:00Z/download")).await.expect(404);
}
