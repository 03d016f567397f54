//! How long film is kept: it goes by itself, many files at a time, and a day that is over is told of once.

use std::time::Duration;

use gatehouse_app::{
    App,
    audit::{Actor, model::entry},
    cameras::model::camera,
    ids::CameraId,
    job::Job,
    objects::{
        self,
        model::{object, placement},
    },
    recordings::{
        Reason,
        model::{coverage, run, sheet},
    },
};
use gatehouse_jobs::reconcile;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder,
};

use super::{EIGHT, MINUTE, covered, missing};
use crate::support::{TestApp, buckets::Yard, recorded as film};

const DAY: u64 = 86_400;

async fn kept_for(app: &App, id: CameraId, days: i32) {
    let tx = app.begin().await.unwrap();
    camera::ActiveModel { id: Set(id), retention_days: Set(Some(days)), ..Default::default() }
        .update(&tx)
        .await
        .unwrap();
    tx.enqueue(Job::Retain { camera: id, asked: app.now() }).await.unwrap();
    tx.commit().await.unwrap();
}

/// Brings the clock to so many seconds after [`EIGHT`].
fn wait_until(house: &TestApp, seconds: i64) {
    let left = EIGHT + seconds * 1000 - house.app.now();
    house.clock.advance(Duration::from_millis(u64::try_from(left).unwrap()));
}

async fn round(house: &TestApp) -> reconcile::Round {
    let round = reconcile::round(&house.app).await;
    house.run_jobs().await;
    round
}

async fn told(app: &App) -> Vec<String> {
    let rows =
        entry::Entity::find().filter(entry::Column::Action.eq("recording.retired")).order_by_asc(entry::Column::Seq);
    rows.all(app.db()).await.unwrap().into_iter().map(|entry| entry.details).collect()
}

#[tokio::test]
async fn film_goes_when_its_time_is_over_and_its_day_is_told_of_once() {
    let yard = Yard::on("s3").await;
    let (house, app) = (&yard.house, &yard.house.app);
    let camera = film::camera(app, "Dock 2").await;
    let first = film::record(app, &camera, EIGHT, 3, Some(Reason::Stalled)).await;
    film::record(app, &camera, EIGHT + 3_600_000, 1, Some(Reason::Stopped)).await;
    film::record(app, &camera, EIGHT + 86_400_000, 1, None).await;
    house.run_jobs().await;
    let key = film::object_of(app, &film::segments(app, &camera).await[0]).await.key;
    assert!(house.data().join("s3").join(&key).exists());
    kept_for(app, camera.id, 7).await;
    house.run_jobs().await;

    wait_until(house, 7 * DAY as i64 + 59);
    assert_eq!(round(house).await.retired, 0);
    wait_until(house, 7 * DAY as i64 + 121);
    assert_eq!(round(house).await.retired, 2);
    assert_eq!(film::segments(app, &camera).await.len(), 3);
    assert_eq!(covered(app, &camera).await, (vec![(2, 3), (60, 61)], 2, 120));
    // What was kept long enough is no gap, and its bytes are gone.
    assert_eq!(missing(app, &camera).await[0], "180..3600 stalled");
    assert!(!house.data().join("s3").join(&key).exists());
    assert_eq!(told(app).await, [""; 0]);

    wait_until(house, 7 * DAY as i64 + 4000);
    assert_eq!(round(house).await.retired, 2);
    let told = told(app).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains(r#""day":"2026-11-20""#) && told[0].contains(r#""segments":4"#), "{told:?}");
    assert_eq!(covered(app, &camera).await.1, 0);
    // Nobody looks for gaps and runs of before.
    assert_eq!(missing(app, &camera).await, [""; 0]);
    assert!(run::Entity::find_by_id(first.id).one(app.db()).await.unwrap().is_none());
    assert_eq!(run::Entity::find().count(app.db()).await.unwrap(), 1);
    assert_eq!(placement::Entity::find().filter(placement::Column::Key.eq(&key)).count(app.db()).await.unwrap(), 0);
    let trail = house.audit_trail().await;
    assert!(!trail.iter().any(|entry| entry.contains("object.")), "{trail:?}");
}

#[tokio::test]
async fn what_is_held_stays_and_the_day_with_it() {
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    film::record(app, &camera, EIGHT, 3, None).await;
    let held = film::object_of(app, &film::segments(app, &camera).await[1]).await;
    let subject = gatehouse_app::audit::Subject::Object(held.id);
    objects::hold(app, &Actor::system(), subject, "a case").await.unwrap();
    wait_until(&house, 366 * DAY as i64);
    assert_eq!(round(&house).await.retired, 2);
    assert_eq!(covered(app, &camera).await, (vec![(1, 2)], 1, 60));
    assert_eq!(told(app).await, [""; 0]);
    objects::release(app, &Actor::system(), subject, "the case is over").await.unwrap();
    assert_eq!(round(&house).await.retired, 1);
    assert!(told(app).await[0].contains(r#""segments":3"#));
}

#[tokio::test]
async fn a_cameras_new_retention_is_that_of_what_is_here_already_and_of_its_pictures() {
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    film::record(app, &camera, EIGHT, 2, None).await;
    let new = objects::NewObject {
        key: "media/thumbnails/dock_2/2026-11-20/08_00.jpg",
        class: objects::Class::Media,
        content_type: "image/jpeg",
        subject: None,
        retain_days: None,
        taken_at: None,
    };
    let picture = objects::keep(app, new, vec![1, 2, 3]).await.unwrap();
    let row = sheet::Model {
        camera: camera.number,
        started_at: EIGHT,
        object_id: picture.id,
        tiles: "0".into(),
        width: 192,
        height: 108,
    };
    let tx = app.begin().await.unwrap();
    sheet::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await.unwrap();
    tx.commit().await.unwrap();
    for days in [7, 30] {
        kept_for(app, camera.id, days).await;
        house.clock.advance(Duration::from_secs(1));
        house.run_jobs().await;
        for segment in film::segments(app, &camera).await {
            let object = film::object_of(app, &segment).await;
            assert_eq!(object.retain_until, Some(segment.ended_at + i64::from(days) * 86_400_000));
        }
    }
    wait_until(&house, 31 * DAY as i64);
    assert_eq!(round(&house).await.retired, 3);
    assert_eq!(sheet::Entity::find().count(app.db()).await.unwrap(), 0);
    assert!(object::Entity::find_by_id(picture.id).one(app.db()).await.unwrap().unwrap().erased_at.is_some());
    assert_eq!(coverage::Entity::find().count(app.db()).await.unwrap(), 0);
    let _ = MINUTE;
}
