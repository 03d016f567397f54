//! What is missing, whatever happens and in whatever order it is told.

use gatehouse_app::{
    cameras::model::camera,
    recordings::{self, Kept, Reason, model::run},
};
use sea_orm::EntityTrait;

use super::{EIGHT, MINUTE, covered, missing};
use crate::support::{TestApp, recorded as film};

async fn gap(house: &TestApp, camera: &camera::Model, at: i64, reason: Reason) {
    let mut tx = house.app.begin().await.unwrap();
    recordings::begin_gap(&mut tx, camera.number, at, reason, "").await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_end_of_a_run_begins_a_gap_and_the_next_file_ends_it() {
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    let run = film::record(app, &camera, EIGHT, 1, Some(Reason::Stalled)).await;
    assert_eq!(missing(app, &camera).await, ["60.. stalled"]);
    // Said twice; and connecting fails a thousand times, each within a second.
    film::end(app, &run, EIGHT + 90_000, Reason::Closed).await;
    for second in 61..1061 {
        gap(&house, &camera, EIGHT + second * 1000, Reason::Stalled).await;
    }
    assert_eq!(missing(app, &camera).await, ["60.. stalled"]);
    film::record(app, &camera, EIGHT + 1100 * 1000, 1, None).await;
    assert_eq!(missing(app, &camera).await, ["60..1100 stalled"]);
    assert_eq!(covered(app, &camera).await, (vec![(0, 1), (18, 20)], 2, 120));
}

#[tokio::test]
async fn another_reason_is_another_gap_once_the_first_is_settled() {
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    film::record(app, &camera, EIGHT, 1, Some(Reason::SwitchedOff)).await;
    gap(&house, &camera, EIGHT + 3_600_000, Reason::Unreachable).await;
    gap(&house, &camera, EIGHT + 3_605_000, Reason::Refused).await;
    gap(&house, &camera, EIGHT + 3_610_000, Reason::Unreachable).await;
    assert_eq!(missing(app, &camera).await, ["60..3600 switched_off", "3600.. unreachable"]);
}

#[tokio::test]
async fn what_is_recovered_after_a_kill_makes_the_gap_begin_later_and_its_run_longer() {
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    let run = film::record(app, &camera, EIGHT, 1, None).await;
    let mut tx = app.begin().await.unwrap();
    assert_eq!(recordings::end_older_runs(&mut tx, camera.number, 2).await.unwrap(), 1);
    assert_eq!(recordings::end_older_runs(&mut tx, camera.number, 2).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(missing(app, &camera).await, ["60.. worker_lost"]);
    // Somebody else has it already, without a file yet.
    let next = run::Model { epoch: 2, ..film::begin(app, &camera, EIGHT + 120_000).await };
    assert_eq!(film::keep(app, &camera, &run, EIGHT + MINUTE, 37).await, Kept::New);
    assert_eq!(missing(app, &camera).await, ["97.. worker_lost"]);
    let ended = run::Entity::find_by_id(run.id).one(app.db()).await.unwrap().unwrap();
    assert_eq!((ended.ended_at, ended.end_reason.as_deref()), (Some(EIGHT + 97_000), Some("worker_lost")));
    film::keep(app, &camera, &next, EIGHT + 120_000, 60).await;
    assert_eq!(missing(app, &camera).await, ["97..120 worker_lost"]);
}

#[tokio::test]
async fn film_that_is_sent_days_later_splits_what_stood_for_it() {
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    film::record(app, &camera, EIGHT, 1, Some(Reason::RecorderAway)).await;
    film::record(app, &camera, EIGHT + 600_000, 1, None).await;
    assert_eq!(missing(app, &camera).await, ["60..600 recorder_away"]);
    let late = film::begin(app, &camera, EIGHT + 120_000).await;
    film::keep(app, &camera, &late, EIGHT + 180_000, 60).await;
    film::keep(app, &camera, &late, EIGHT + 120_000, 60).await;
    assert_eq!(missing(app, &camera).await, ["60..120 recorder_away", "240..600 recorder_away"]);
    // Its end, told after what came behind it, opens nothing.
    film::end(app, &late, EIGHT + 240_000, Reason::Stopped).await;
    assert_eq!(missing(app, &camera).await, ["60..120 recorder_away", "240..600 recorder_away"]);
}

#[tokio::test]
async fn time_that_nobody_spoke_of_is_missing_too() {
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    gap(&house, &camera, EIGHT - MINUTE, Reason::Unreachable).await;
    film::record(app, &camera, EIGHT, 2, None).await;
    // The end of the run was never told; minutes later somebody cannot connect.
    gap(&house, &camera, EIGHT + 300_000, Reason::Refused).await;
    assert_eq!(missing(app, &camera).await, ["-60..0 unreachable", "120.. refused"]);
}

#[tokio::test]
async fn of_many_gaps_the_longest_are_told_in_their_order() {
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    for second in [0, 120, 600, 1200] {
        film::record(app, &camera, EIGHT + second * 1000, 1, Some(Reason::Stalled)).await;
    }
    let all = missing(app, &camera).await;
    assert_eq!(all, ["60..120 stalled", "180..600 stalled", "660..1200 stalled", "1260.. stalled"]);
    let two = recordings::missing(app, camera.number, EIGHT, EIGHT + 1300 * 1000, 2).await.unwrap();
    let starts: Vec<_> = two.iter().map(|gap| (gap.from - EIGHT) / 1000).collect();
    assert_eq!(starts, [180, 660]);
    let within = recordings::missing(app, camera.number, EIGHT + 90_000, EIGHT + 200_000, 9).await.unwrap();
    assert_eq!(within.len(), 2);
}
