//! Each kind opens once, and closes.

use std::time::Duration;

use gatehouse_app::{
    alerts,
    ids::RunId,
    objects::{self, Class, NewObject},
    recordings::model::{run, segment},
    users::Role,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

use super::{all, beat, camera, look, look_for, open, recorder, say};
use crate::support::TestApp;

#[tokio::test]
async fn a_camera_that_does_not_record_is_an_alert_after_two_minutes() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let dock = camera(&house, &admin, "Dock 2").await;
    let refused = async || say(&house, &dock, "refused", |row| row.detail = "401 Unauthorized".into()).await;
    say(&house, &dock, "connected", |_| {}).await;
    assert_eq!(look_for(&house, 3, async || say(&house, &dock, "connected", |_| {}).await).await, 0);

    // Away for a minute and back: a reconnect is none.
    assert_eq!(look_for(&house, 1, refused).await, 0);
    assert_eq!(look_for(&house, 3, async || say(&house, &dock, "connected", |_| {}).await).await, 0);

    assert_eq!(look_for(&house, 2, refused).await, 0, "not yet");
    assert_eq!(look_for(&house, 1, refused).await, 1);
    assert_eq!(look_for(&house, 10, refused).await, 0, "once");
    let row = all(&house).await.remove(0);
    assert_eq!(row.detail, "Dock 2 does not record: refused, 401 Unauthorized.");
    assert_eq!((row.camera_id, row.closed_at), (Some(dock.id), None));

    // One that comes and goes stays open; one that is back for half a minute closes it.
    say(&house, &dock, "connected", |_| {}).await;
    assert_eq!(look(&house).await, 0);
    refused().await;
    assert_eq!(look(&house).await, 0);
    assert_eq!(look_for(&house, 1, async || say(&house, &dock, "connected", |_| {}).await).await, 1);
    assert!(open(&house).await.is_empty());
    assert!(look_for(&house, 1, async || say(&house, &dock, "connected", |_| {}).await).await == 0);
    let trail = house.audit_trail().await;
    assert_eq!(trail.iter().filter(|line| line.contains("alert.")).count(), 2, "{trail:?}");
}

#[tokio::test]
async fn a_camera_that_nobody_wants_is_no_alert() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let dock = camera(&house, &admin, "Dock 2").await;
    assert_eq!(look_for(&house, 3, async || {}).await, 1, "no worker took it");
    admin.post(&format!("/cameras/{}/disable", dock.id), &[]).await.expect(303);
    assert_eq!(look(&house).await, 1, "it is not wanted: over");
    assert_eq!(look_for(&house, 5, async || {}).await, 0);
}

#[tokio::test]
async fn who_was_away_looks_twice_before_it_believes() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let dock = camera(&house, &admin, "Dock 2").await;
    say(&house, &dock, "connected", |_| {}).await;
    assert_eq!(look_for(&house, 1, async || {}).await, 0);
    house.clock.advance(Duration::from_secs(3600));
    assert_eq!(look(&house).await, 0, "everything stood still, this house too");
    assert_eq!(look_for(&house, 1, async || say(&house, &dock, "connected", |_| {}).await).await, 0);
}

#[tokio::test]
async fn a_camera_whose_recorder_died_is_lost_though_its_state_says_otherwise() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let dock = camera(&house, &admin, "Dock 2").await;
    say(&house, &dock, "connected", |_| {}).await;
    look_for(&house, 4, async || {}).await;
    assert_eq!(open(&house).await, ["camera_lost"]);
    assert!(all(&house).await[0].detail.contains("nothing was heard of it"));
}

#[tokio::test]
async fn a_camera_that_is_connected_and_writes_nothing() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let dock = camera(&house, &admin, "Dock 2").await;
    let at = house.app.now();
    let silent = async || say(&house, &dock, "connected", |row| row.last_segment_at = Some(at)).await;
    assert_eq!(look_for(&house, 5, silent).await, 0);
    assert_eq!(look_for(&house, 3, silent).await, 1);
    assert_eq!(look_for(&house, 3, silent).await, 0);
    assert_eq!(open(&house).await, ["nothing_written"]);
    say(&house, &dock, "connected", |_| {}).await;
    assert_eq!(look(&house).await, 1);
    assert!(open(&house).await.is_empty());
}

#[tokio::test]
async fn a_clock_that_is_off_for_five_minutes() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let dock = camera(&house, &admin, "Dock 2").await;
    let south = recorder(&house, "South", |_| {}).await;
    let off = async |camera: i64, recorder: i64| {
        say(&house, &dock, "connected", |row| row.clock_offset_ms = Some(camera)).await;
        beat(&house, &south, |row| row.clock_offset_ms = Some(recorder)).await;
    };
    assert_eq!(look_for(&house, 6, async || off(4_900, 1_900).await).await, 0, "a little");
    assert_eq!(look_for(&house, 1, async || off(0, 0).await).await, 0);
    assert_eq!(look_for(&house, 5, async || off(-6_000, 2_100).await).await, 0);
    assert_eq!(look_for(&house, 1, async || off(-6_000, 2_100).await).await, 2);
    let details: Vec<_> = all(&house).await.into_iter().map(|row| row.detail).collect();
    assert!(details.contains(&"The clock of Dock 2 is 6 s behind ours.".to_owned()), "{details:?}");
    assert_eq!(look_for(&house, 1, async || off(-3_000, 1_100).await).await, 0, "not half of it yet");
    assert_eq!(look_for(&house, 1, async || off(-2_000, 900).await).await, 2);
}

#[tokio::test]
async fn a_disk_that_fills_up() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let south = recorder(&house, "South", |_| {}).await;
    let full =
        async |percent: i64| beat(&house, &south, |row| row.spool_bytes = (percent << 30).min(row.spool_limit)).await;
    assert_eq!(look_for(&house, 1, async || full(75).await).await, 0);
    assert_eq!(look_for(&house, 1, async || full(81).await).await, 1);
    assert_eq!(look_for(&house, 1, async || full(75).await).await, 0, "room between the two, or it would flutter");
    assert_eq!(look_for(&house, 1, async || full(69).await).await, 1);

    // Nothing is sent, and in less than a day there is no room.
    let mut dock = camera(&house, &admin, "Dock 2").await;
    dock.recorder_id = Some(south.id);
    let stuck = async || {
        let since = house.app.now() - 20 * 60_000;
        beat(&house, &south, |row| {
            row.spool_bytes = 60 << 30;
            row.oldest_waiting_at = Some(since);
        })
        .await;
        say(&house, &dock, "connected", |row| {
            row.recorder_id = Some(south.id);
            row.bits_per_second = Some(8_000_000);
        })
        .await;
    };
    assert_eq!(look_for(&house, 1, stuck).await, 1);
    assert!(all(&house).await[1].detail.contains("room for 11 h"), "{:?}", all(&house).await[1].detail);
    let low = async || beat(&house, &south, |row| row.disk_free = Some(1 << 30)).await;
    assert_eq!(look_for(&house, 1, low).await, 0, "the same alert");
    assert_eq!(look_for(&house, 1, async || full(0).await).await, 1);
}

#[tokio::test]
async fn a_disk_that_has_little_left_beyond_what_its_recorder_is_to_keep_free() {
    let house = TestApp::start().await;
    let south = recorder(&house, "South", |row| row.keep_free = 10 << 30).await;
    let free = async |gb: i64| beat(&house, &south, |row| row.disk_free = Some(gb << 30)).await;
    assert_eq!(look_for(&house, 1, async || free(21).await).await, 0);
    assert_eq!(look_for(&house, 1, async || free(19).await).await, 1);
    assert_eq!(look_for(&house, 1, async || free(24).await).await, 0, "not yet");
    assert_eq!(look_for(&house, 1, async || free(25).await).await, 1);
    // A tenth of a small disk is enough.
    let small = async |free: i64| {
        beat(&house, &south, |row| (row.disk_total, row.disk_free) = (Some(40 << 30), Some(free << 30))).await;
    };
    assert_eq!(look_for(&house, 1, async || small(15).await).await, 0);
    assert_eq!(look_for(&house, 1, async || small(13).await).await, 1);
}

#[tokio::test]
async fn a_recorder_that_is_not_heard_of() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let south = recorder(&house, "South", |_| {}).await;
    let id = south.id.to_string();
    let dock = crate::cameras::added(&admin, &crate::cameras::dock_with(&[("recorder", &id)])).await;
    let dock = crate::cameras::row(&house.app, &dock).await;
    say(&house, &dock, "connected", |_| {}).await;
    assert_eq!(
        look_for(&house, 1, async || {
            beat(&house, &south, |_| {}).await;
            say(&house, &dock, "connected", |_| {}).await;
        })
        .await,
        0
    );
    assert_eq!(
        look_for(&house, 5, async || {}).await,
        1,
        "its cameras are no alerts of their own: what they do is not known"
    );
    assert_eq!(open(&house).await, ["recorder_lost"]);
    beat(&house, &south, |_| {}).await;
    say(&house, &dock, "connected", |_| {}).await;
    assert_eq!(look(&house).await, 1);
}

#[tokio::test]
async fn film_that_waits_for_an_hour() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let dock = camera(&house, &admin, "Dock 2").await;
    let node = recorder(&house, "yard-1", |row| {
        row.kind = "node".into();
        row.token_hash = None;
    })
    .await;
    let now = house.app.now();
    let key = "recordings/dock_2/2026-11-20/recording_13_59_00.mp4";
    let new = NewObject {
        class: Class::Recording,
        key,
        content_type: "video/mp4",
        subject: None,
        retain_days: None,
        taken_at: None,
    };
    let object = objects::keep(&house.app, new, b"film".to_vec()).await.unwrap();
    let run_id: RunId = house.app.id();
    let tx = house.app.begin().await.unwrap();
    let run = run::Model {
        id: run_id,
        camera: dock.number,
        recorder_id: Some(node.id),
        recorder_name: "yard-1".into(),
        epoch: 1,
        started_at: now - 60_000,
        ended_at: None,
        end_reason: None,
        end_detail: String::new(),
        video: "avc1.640028".into(),
        audio: String::new(),
        width: 1920,
        height: 1080,
        clock: "camera".into(),
    };
    run::Entity::insert(run.into_active_model()).exec_without_returning(&tx).await.unwrap();
    let film = segment::Model {
        camera: dock.number,
        started_at: now - 60_000,
        ended_at: now,
        run_id,
        object_id: object.id,
        nth: 1,
        size: 4,
        init_size: 1,
        state: "uploading".into(),
        store_id: None,
    };
    segment::Entity::insert(film.clone().into_active_model()).exec_without_returning(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let alive = async || {
        beat(&house, &node, |_| {}).await;
        say(&house, &dock, "connected", |_| {}).await;
    };
    assert_eq!(look_for(&house, 60, alive).await, 0);
    assert_eq!(look_for(&house, 1, alive).await, 1);
    assert_eq!(open(&house).await, ["upload_late"]);
    let tx = house.app.begin().await.unwrap();
    let mut sent = film.into_active_model().reset_all();
    sent.state = sea_orm::ActiveValue::Set("completed".into());
    sent.update(&tx).await.unwrap();
    tx.commit().await.unwrap();
    alive().await;
    assert_eq!(look(&house).await, 1);
    assert!(alerts::count_open(&house.app, sea_orm::Condition::all(), false).await.unwrap().is_empty());
}
