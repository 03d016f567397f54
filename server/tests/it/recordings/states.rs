//! Segments follow their copies: uploading, completed, failed, and back.

use std::time::Duration;

use gatehouse_app::{
    audit::Actor,
    objects::{self, Found, model::placement},
    recordings::{self, Fragments, Kept, Reason, Segment},
};
use gatehouse_jobs::reconcile;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};

use super::{EIGHT, MINUTE, covered, missing};
use crate::support::{
    buckets::{Mood, Yard},
    recorded as film,
};

/// State of each segment, and the backend it is played from.
async fn states(yard: &Yard, camera: &gatehouse_app::cameras::model::camera::Model) -> Vec<String> {
    let app = &yard.house.app;
    let stores = recordings::stores(app.db()).await.unwrap();
    let place = |id: Option<i32>| id.map_or("-".to_owned(), |id| stores[&id].0.clone());
    film::segments(app, camera).await.iter().map(|row| format!("{} {}", row.state, place(row.store_id))).collect()
}

async fn minutes(yard: &Yard, count: u64) {
    for _ in 0..count {
        yard.house.clock.advance(Duration::from_secs(60));
        reconcile::round(&yard.house.app).await;
        yard.house.run_jobs().await;
    }
}

#[tokio::test]
async fn a_file_is_uploaded_verified_and_then_goes_here_without_a_word_in_the_audit_log() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    let camera = film::camera(app, "Dock 2").await;
    yard.s3.is(Mood::Down);
    film::record(app, &camera, EIGHT, 2, Some(Reason::Stopped)).await;
    yard.house.run_jobs().await;
    assert_eq!(states(&yard, &camera).await, ["uploading local", "uploading local"]);
    yard.s3.is(Mood::Well);
    minutes(&yard, 2).await;
    assert_eq!(states(&yard, &camera).await, ["completed s3", "completed s3"]);
    let key = recordings::key(&camera.slug, EIGHT, 1);
    assert!(!yard.house.data().join("objects").join(&key).exists());
    let trail = yard.house.audit_trail().await;
    assert!(!trail.iter().any(|entry| entry.contains("object") || entry.contains("camera")), "{trail:?}");
}

#[tokio::test]
async fn what_no_copy_is_left_of_is_a_gap_until_one_is_found() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    let camera = film::camera(app, "Dock 2").await;
    film::record(app, &camera, EIGHT, 3, Some(Reason::Stopped)).await;
    yard.house.run_jobs().await;
    let key = recordings::key(&camera.slug, EIGHT + MINUTE, 1);
    let there = yard.house.data().join("s3").join(&key);
    let aside = yard.house.data().join("aside.mp4");
    std::fs::rename(&there, &aside).unwrap();
    yard.house.clock.advance(Duration::from_secs(60));
    objects::check(app, "s3", "yard", None).await.unwrap();
    assert_eq!(states(&yard, &camera).await, ["completed s3", "failed -", "completed s3"]);
    assert_eq!(missing(app, &camera).await, ["60..120 lost", "180.. stopped"]);
    assert_eq!(covered(app, &camera).await, (vec![(0, 1), (2, 3)], 2, 120));
    assert_eq!(yard.house.audit_trail().await.last().unwrap(), "system recording.lost camera");

    std::fs::rename(&aside, &there).unwrap();
    objects::check(app, "s3", "yard", None).await.unwrap();
    assert_eq!(states(&yard, &camera).await, ["completed s3"; 3]);
    assert_eq!(missing(app, &camera).await, ["180.. stopped"]);
    assert_eq!(covered(app, &camera).await, (vec![(0, 3)], 3, 180));
}

#[tokio::test]
async fn two_buckets_that_are_wanted_are_one_state() {
    let yard = Yard::on("s3+gcs").await;
    let app = &yard.house.app;
    let camera = film::camera(app, "Dock 2").await;
    yard.s3.is(Mood::Down);
    film::record(app, &camera, EIGHT, 1, None).await;
    yard.house.run_jobs().await;
    assert_eq!(states(&yard, &camera).await, ["completed gcs"]);
    yard.s3.is(Mood::Well);
    minutes(&yard, 2).await;
    assert_eq!(states(&yard, &camera).await, ["completed s3"]);
    // The copy that is played goes; the other one is played.
    let store = app.ports.plane.store("s3").unwrap().clone();
    let other = app.ports.plane.store("gcs").unwrap().clone();
    let object = film::object_of(app, &film::segments(app, &camera).await[0]).await;
    objects::vacate(app, &object, store.as_ref(), other.as_ref()).await.unwrap();
    assert_eq!(states(&yard, &camera).await, ["completed gcs"]);
}

#[tokio::test]
async fn what_a_person_erases_is_a_gap_that_says_so() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    let camera = film::camera(app, "Dock 2").await;
    film::record(app, &camera, EIGHT, 3, None).await;
    yard.house.run_jobs().await;
    let object = film::object_of(app, &film::segments(app, &camera).await[1]).await;
    objects::erase(app, &Actor::system(), object.id, "a person asked for it").await.unwrap();
    assert_eq!(film::segments(app, &camera).await.len(), 2);
    assert_eq!(missing(app, &camera).await, ["60..120 erased"]);
    assert_eq!(covered(app, &camera).await, (vec![(0, 1), (2, 3)], 2, 120));
    yard.house.run_jobs().await;
    let left = placement::Entity::find().filter(placement::Column::ObjectId.eq(object.id)).all(app.db()).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
    // Offered again, it is not taken back.
    let run = film::segments(app, &camera).await[0].run_id;
    let run = gatehouse_app::recordings::model::run::Entity::find_by_id(run).one(app.db()).await.unwrap().unwrap();
    assert_eq!(film::keep(app, &camera, &run, EIGHT + MINUTE, 60).await, Kept::Known);
}

#[tokio::test]
async fn film_that_is_announced_waits_until_its_bytes_are_found() {
    let yard = Yard::on("s3+gcs").await;
    let app = &yard.house.app;
    let camera = film::camera(app, "Dock 2").await;
    let run = film::begin(app, &camera, EIGHT).await;
    let (bytes, fragments) = film::file(EIGHT, EIGHT, 60);
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let segment = Segment {
        camera: &camera,
        run: run.id,
        started_at: EIGHT,
        ended_at: EIGHT + MINUTE,
        nth: 1,
        size: bytes.len() as u64,
        sha256: &sha256,
        init_size: u32::try_from(film::head().len()).unwrap(),
        fragments: &Fragments(fragments.0.clone()),
    };
    for kept in [Kept::New, Kept::Known] {
        let mut tx = app.begin().await.unwrap();
        assert_eq!(recordings::announce(app, &mut tx, segment).await.unwrap(), kept);
        tx.commit().await.unwrap();
    }
    assert_eq!(states(&yard, &camera).await, ["uploading -"]);
    assert_eq!(covered(app, &camera).await, (vec![(0, 1)], 1, 60));
    let object = film::object_of(app, &film::segments(app, &camera).await[0]).await;
    assert_eq!(objects::arrived(app, &object).await.unwrap(), Found::Nothing);
    let s3 = app.ports.plane.store("s3").unwrap().clone();
    let other = hex::encode(Sha256::digest(b"other"));
    s3.put(&object.key, b"other".to_vec(), "video/mp4", &other).await.unwrap();
    assert_eq!(objects::arrived(app, &object).await.unwrap(), Found::Other);
    assert_eq!(states(&yard, &camera).await, ["uploading -"]);
    s3.delete(&object.key).await.unwrap();
    s3.put(&object.key, bytes, "video/mp4", &sha256).await.unwrap();
    assert!(matches!(objects::arrived(app, &object).await.unwrap(), Found::Right(_)));
    assert!(matches!(objects::arrived(app, &object).await.unwrap(), Found::Right(_)));
    assert_eq!(states(&yard, &camera).await, ["completed s3"]);
    yard.house.run_jobs().await;
    let copies = objects::copies(app, object.id).await.unwrap();
    assert_eq!(copies.len(), 2);
}
