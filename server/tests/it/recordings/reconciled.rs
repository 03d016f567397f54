//! What somebody wrote past the code, or a check finds in a store, is brought together.

use std::time::Duration;

use gatehouse_app::{
    objects::{self, Plane, Policy},
    recordings::{self, Reason},
};
use sea_orm::ConnectionTrait;

use super::{EIGHT, MINUTE, covered, missing};
use crate::support::{TestApp, recorded as film};

async fn execute(house: &TestApp, sql: &str) {
    let tx = house.app.begin().await.unwrap();
    tx.execute_unprepared(sql).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn rows_that_contradict_each_other_are_mended_and_sound_ones_left_alone() {
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    film::record(app, &camera, EIGHT, 2, Some(Reason::Stalled)).await;
    film::record(app, &camera, EIGHT + 600_000, 2, Some(Reason::Closed)).await;
    house.clock.advance(Duration::from_secs(5 * 86_400));
    let sound = (film::segments(app, &camera).await, covered(app, &camera).await, missing(app, &camera).await);
    assert_eq!(recordings::reconcile(app).await.unwrap(), 0);

    execute(&house, "UPDATE segments SET state = 'failed', store_id = NULL").await;
    execute(&house, "UPDATE coverage SET segments = 7, covered_ms = 1").await;
    execute(&house, "DELETE FROM gaps").await;
    assert!(recordings::reconcile(app).await.unwrap() > 0);
    for _ in 0..4 {
        recordings::reconcile(app).await.unwrap();
    }
    assert_eq!(film::segments(app, &camera).await, sound.0);
    assert_eq!(covered(app, &camera).await, sound.1);
    assert_eq!(missing(app, &camera).await, ["120..600 worker_lost", "720.. closed"]);
    assert_eq!(recordings::reconcile(app).await.unwrap(), 0);
}

#[tokio::test]
async fn of_much_film_a_check_walks_the_newest_days_and_older_ones_by_turns() {
    let mut house = TestApp::start().await;
    let stores = house.app.ports.plane.stores().cloned().collect();
    let policy = Policy { default: vec!["local".into()], check_at_once: 1, ..Policy::default() };
    house.app = house.app.altered(|house| house.ports.plane = Plane::new(stores, policy));
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    for day in 0..5 {
        film::record(app, &camera, EIGHT + day * 86_400_000, 1, Some(Reason::Stopped)).await;
    }
    let left = EIGHT + 4 * 86_400_000 + 3_600_000 - app.now();
    house.clock.advance(Duration::from_millis(u64::try_from(left).unwrap()));
    // Strangers in the newest day and in the oldest.
    for date in ["2026-11-24", "2026-11-20"] {
        let folder = house.data().join("objects/recordings/dock_2").join(date);
        std::fs::write(folder.join("stranger.mp4"), b"?").unwrap();
        let old = std::time::SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(EIGHT).unwrap());
        std::fs::File::options().write(true).open(folder.join("stranger.mp4")).unwrap().set_modified(old).unwrap();
    }
    let bucket = app.ports.plane.node().to_owned();
    let mut seen = Vec::new();
    for _ in 0..4 {
        let report = objects::check(app, "local", &bucket, None).await.unwrap();
        seen.push((report.listed, report.orphans, report.missing, report.day - EIGHT / 86_400_000));
        house.clock.advance(Duration::from_secs(1));
    }
    // The 24th and the 23rd each time; then the 22nd, the 21st, the 20th, and round.
    assert_eq!(seen, [(4, 1, 0, 2), (4, 1, 0, 1), (5, 2, 0, 0), (4, 1, 0, 2)]);
    assert_eq!(objects::orphans(app, "local", &bucket, "", 10).await.unwrap().len(), 2);
    let _ = MINUTE;
}
