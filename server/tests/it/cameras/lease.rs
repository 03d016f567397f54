//! Who records a camera: one takes it, a dead one's is taken, and a paused one writes nothing.

use std::{sync::Arc, time::Duration};

use gatehouse_app::{
    App,
    audit::Actor,
    cameras::{self, Watcher, model::lease},
    ids::{CameraId, RunId},
    job::Job,
    recordings::{
        Reason, begin_run,
        model::{gap, run},
    },
    users::Role,
    yard::{self, Yard, YardForm},
};
use gatehouse_jobs::{
    capture::{
        hold::{Settings, Station},
        spool::Bound,
    },
    queue,
};
use sea_orm::EntityTrait;
use tokio_util::sync::CancellationToken;

use super::{DOCK, added, dock_with, id_of, row};
use crate::support::TestApp;

const HOUR: Duration = Duration::from_hours(1);
const SECOND: Duration = Duration::from_secs(1);

async fn lease_of(app: &App, camera: CameraId) -> lease::Model {
    lease::Entity::find_by_id(camera).one(app.db()).await.unwrap().unwrap()
}

/// The epochs of which there is a job to be had, taken out of the queue.
async fn asked(app: &App) -> Vec<i64> {
    let mut epochs = Vec::new();
    while let Some(waiting) = queue::next_due(app.db(), app.now()).await.unwrap() {
        if let Job::Capture { epoch, .. } = serde_json::from_slice(&waiting.job).unwrap() {
            epochs.push(epoch);
        }
        queue::finish(app.db(), &waiting.id, "Done").await.unwrap();
    }
    epochs
}

async fn camera(house: &TestApp) -> (CameraId, String) {
    let admin = house.sign_in(Role::Admin).await;
    let page = added(&admin, DOCK).await;
    (id_of(&page), page)
}

async fn look(watcher: &mut Watcher, app: &App, at: Duration, own: &str) -> u64 {
    watcher.look(app, at, own, |_| false).await.unwrap()
}

#[tokio::test]
async fn one_claims_it_and_settings_that_change_are_seen_with_its_beat() {
    let house = TestApp::start().await;
    let (id, page) = camera(&house).await;
    assert_eq!(asked(&house.app).await, [1]);
    let (held, _) = cameras::claim(&house.app, id, 1, "a", "north").await.unwrap().unwrap();
    assert!(cameras::claim(&house.app, id, 1, "b", "south").await.unwrap().is_none());
    assert!(cameras::claim(&house.app, id, 2, "b", "south").await.unwrap().is_none());
    let version = row(&house.app, &page).await.version;
    assert_eq!(cameras::beat(&house.app, "a").await.unwrap(), [(held.clone(), version)]);
    assert_eq!(cameras::beat(&house.app, "b").await.unwrap(), []);

    // Switched off, its holder gives it back and nobody is asked; switched on, somebody is.
    let admin = house.sign_in(Role::Admin).await;
    admin.post(&format!("{page}/disable"), &[]).await.expect(303);
    assert_eq!(cameras::beat(&house.app, "a").await.unwrap(), [(held.clone(), version + 1)]);
    cameras::give_back(&house.app, &held).await.unwrap();
    assert!(asked(&house.app).await.is_empty());
    admin.post(&format!("{page}/enable"), &[]).await.expect(303);
    assert_eq!(asked(&house.app).await, [2]);
    // Given back while it is wanted, it goes on with the next.
    let (held, _) = cameras::claim(&house.app, id, 2, "b", "south").await.unwrap().unwrap();
    cameras::give_back(&house.app, &held).await.unwrap();
    cameras::give_back(&house.app, &held).await.unwrap();
    assert_eq!(asked(&house.app).await, [3]);
}

#[tokio::test]
async fn of_two_watchers_with_clocks_an_hour_apart_one_takes_a_dead_one_s_camera() {
    let house = TestApp::start().await;
    let (id, _) = camera(&house).await;
    let app = &house.app;
    asked(app).await;
    cameras::claim(app, id, 1, "a", "north").await.unwrap().unwrap();
    let (mut first, mut second, mut own) = (Watcher::default(), Watcher::default(), Watcher::default());
    for second_of in 0..30 {
        // As long as it beats, nobody takes it.
        cameras::beat(app, "a").await.unwrap();
        let at = second_of * SECOND;
        assert_eq!(look(&mut first, app, at, "b").await + look(&mut second, app, HOUR + at, "c").await, 0);
    }
    let mut taken = Vec::new();
    for second_of in 30..50 {
        let at = second_of * SECOND;
        // Its own process takes nothing from itself, however long its beat is away.
        assert_eq!(look(&mut own, app, at, "a").await, 0);
        let of_both = look(&mut second, app, HOUR + at, "c").await + look(&mut first, app, at, "b").await;
        taken.extend((of_both > 0).then_some((second_of, of_both)));
        if taken.len() == 1 && lease_of(app, id).await.holder.is_empty() {
            assert_eq!(asked(app).await, [2]);
            cameras::claim(app, id, 2, "b", "south").await.unwrap().unwrap();
        }
        cameras::beat(app, "b").await.unwrap();
    }
    assert_eq!(taken, [(38, 1)], "nine seconds after its last beat was seen, once");
}

#[tokio::test]
async fn a_holder_that_was_only_paused_writes_nothing_and_its_run_is_ended() {
    let house = TestApp::start().await;
    let (id, page) = camera(&house).await;
    let app = &house.app;
    let (held, row) = cameras::claim(app, id, 1, "a", "north").await.unwrap().unwrap();
    let new = run::Model {
        id: app.id::<RunId>(),
        camera: row.number,
        recorder_id: None,
        recorder_name: "north".into(),
        epoch: 1,
        started_at: app.now(),
        ended_at: None,
        end_reason: None,
        end_detail: String::new(),
        video: "avc1.640028".into(),
        audio: String::new(),
        width: 1920,
        height: 1080,
        clock: "camera".into(),
    };
    let mut tx = app.begin().await.unwrap();
    assert!(cameras::fence(&tx, &held).await.unwrap());
    begin_run(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();

    // It is paused for a minute.
    let mut watcher = Watcher::default();
    look(&mut watcher, app, Duration::ZERO, "b").await;
    // A watcher that could not look for a minute has not seen it stand still.
    assert_eq!(look(&mut watcher, app, 60 * SECOND, "b").await, 0);
    look(&mut watcher, app, 64 * SECOND, "b").await;
    assert_eq!(look(&mut watcher, app, 69 * SECOND, "b").await, 1);
    let (new, _) = cameras::claim(app, id, 2, "b", "south").await.unwrap().unwrap();
    let tx = app.begin().await.unwrap();
    assert!(!cameras::fence(&tx, &held).await.unwrap() && cameras::fence(&tx, &new).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(cameras::beat(app, "a").await.unwrap(), []);
    cameras::give_back(app, &held).await.unwrap();
    assert_eq!(lease_of(app, id).await.holder, "b");

    let ended = run::Entity::find().one(app.db()).await.unwrap().unwrap();
    assert_eq!(ended.end_reason.as_deref(), Some(Reason::WorkerLost.as_str()));
    let gap = gap::Entity::find().one(app.db()).await.unwrap().unwrap();
    assert_eq!((gap.reason.as_str(), gap.ended_at), ("worker_lost", None));
    // Who holds it says how it is; who held it says nothing any more.
    let (mut late, mut now) =
        (cameras::Pulse::of(cameras::State::Stalled), cameras::Pulse::of(cameras::State::Connected));
    (late.reconnects, now.reconnects) = (7, 1);
    let who = |name: &str| cameras::Who { id: None, name: name.into() };
    cameras::note(app, "b", &who("south"), vec![(id, now)]).await.unwrap();
    cameras::note(app, "a", &who("north"), vec![(id, late)]).await.unwrap();
    let admin = house.sign_in(Role::Admin).await;
    let shown = admin.get(&page).await.body;
    assert!(shown.contains("south") && shown.contains("Recording"), "{shown}");
}

#[tokio::test]
async fn a_job_that_was_lost_is_put_in_again_and_one_that_waits_is_left() {
    let house = TestApp::start().await;
    let (id, page) = camera(&house).await;
    let app = &house.app;
    let mut watcher = Watcher::default();
    for second_of in 0..60 {
        assert_eq!(look(&mut watcher, app, second_of * SECOND, "b").await, 0, "it waits for a free place");
    }
    // A worker took it and was killed before it claimed.
    assert_eq!(asked(app).await, [1]);
    assert_eq!(look(&mut watcher, app, 60 * SECOND, "b").await, 1);
    assert_eq!(asked(app).await, [2]);
    assert_eq!(lease_of(app, id).await.epoch, 2);
    // On a machine where it is seen at once that the holder is gone, nobody waits.
    cameras::claim(app, id, 2, "a", "north").await.unwrap().unwrap();
    assert_eq!(watcher.look(app, 61 * SECOND, "b", |lease| lease.node == "north").await.unwrap(), 1);
    assert_eq!(asked(app).await, [3]);
    // What is switched off is nobody's to take.
    let admin = house.sign_in(Role::Admin).await;
    admin.post(&format!("{page}/disable"), &[]).await.expect(303);
    for second_of in 62..90 {
        assert_eq!(look(&mut watcher, app, second_of * SECOND, "b").await, 0);
    }
}

#[tokio::test]
async fn a_lease_that_its_process_does_not_know_of_is_given_back() {
    let house = TestApp::start().await;
    let (id, _) = camera(&house).await;
    let app = &house.app;
    asked(app).await;
    // As when the answer to a claim is lost on its way, or a database is away while a lease is given back.
    cameras::claim(app, id, 1, "here", "north").await.unwrap().unwrap();
    let data = tempfile::tempdir().unwrap();
    let settings = Settings {
        data: data.path().to_owned(),
        cameras: 4,
        segment: Duration::from_mins(1),
        bound: Bound::default(),
        snapshot_minutes: 0,
    };
    let stop = CancellationToken::new();
    let station = Arc::new(Station::new(app.clone(), settings, "here".into(), stop.clone()).unwrap());
    let works = tokio::spawn(station.run());
    for _ in 0..200 {
        if lease_of(app, id).await.holder.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.cancel();
    works.await.unwrap();
    assert_eq!((lease_of(app, id).await.holder.as_str(), asked(app).await), ("", vec![2]));
}

#[tokio::test]
async fn another_zone_begins_capture_anew_where_there_are_hours() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let always = added(&admin, DOCK).await;
    let nights = added(&admin, &dock_with(&[("name", "Gate"), ("schedule", "Daily 22:00-06:00")])).await;
    let yard = Yard::load(house.app.db()).await.unwrap();
    let form = YardForm { zone: "America/Chicago".into(), ..YardForm::of(&yard) };
    yard::edit(&house.app, &Actor::system(), &form).await.unwrap();
    assert_eq!((row(&house.app, &always).await.version, row(&house.app, &nights).await.version), (1, 2));
}
