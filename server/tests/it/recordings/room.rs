//! Room for what is recorded: as the disk fills up, copies that a bucket has too go first, and nothing else does.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use gatehouse_app::{
    ids::RecorderId,
    objects::{Plane, Policy, model::placement},
    ports::ObjectStore,
    recordings,
};
use gatehouse_jobs::capture::spool::{Bound, Spool};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{EIGHT, MINUTE};
use crate::support::{
    TestApp,
    buckets::{Mood, Yard, copies},
    recorded as film,
};

/// A yard with a bucket, where local copies are kept besides for as long as there is room.
async fn kept_besides() -> Yard {
    let mut yard = Yard::on("s3").await;
    let policy = Policy { cleanup_local: false, ..yard.house.app.ports.plane.policy().clone() };
    let stores: Vec<Arc<dyn ObjectStore>> = vec![Arc::clone(yard.house.store()), yard.s3.clone()];
    yard.house.app = yard.house.app.altered(|house| house.ports.plane = Plane::new(stores, policy));
    yard
}

#[tokio::test]
async fn copies_that_a_bucket_has_too_make_room_and_what_waits_to_be_sent_stays() {
    let yard = kept_besides().await;
    let app = &yard.house.app;
    let camera = film::camera(app, "Dock 2").await;
    let run = film::record(app, &camera, EIGHT, 2, None).await;
    yard.house.run_jobs().await;
    film::keep(app, &camera, &run, EIGHT + 2 * MINUTE, 60).await;
    let all = async || {
        let mut all = Vec::new();
        for segment in film::segments(app, &camera).await {
            let object = film::object_of(app, &segment).await;
            all.push((segment.state, copies(app, &object).await.join(", ")));
        }
        all
    };
    let line = |state: &str, copies: &str| (state.to_owned(), copies.to_owned());
    let (both, waits) =
        (line("completed", "local verified, s3 verified"), line("uploading", "local verified, s3 waiting"));
    assert_eq!(all().await, [both.clone(), both.clone(), waits.clone()]);

    let spool = |keep_free_mb| Spool::new(yard.house.data().to_owned(), Bound { spool_mb: 0, keep_free_mb });
    assert_eq!(spool(0).make_room(app).await.unwrap(), 0, "there is room");
    assert_eq!(all().await, [both.clone(), both, waits.clone()]);

    // More than any disk has.
    let tight = spool(1 << 40);
    assert_eq!(tight.make_room(app).await.unwrap(), 2);
    let sent = line("completed", "s3 verified");
    assert_eq!(all().await, [sent.clone(), sent, waits]);
    let is_here = |at: i64| yard.house.data().join("objects").join(recordings::key(&camera.slug, at, 1)).exists();
    assert_eq!([EIGHT, EIGHT + MINUTE, EIGHT + 2 * MINUTE].map(is_here), [false, false, true]);
    assert_eq!(tight.make_room(app).await.unwrap(), 0, "what waits is not let go");
}

#[tokio::test]
async fn copies_that_have_to_stay_keep_no_room_from_those_behind_them() {
    let yard = kept_besides().await;
    let app = &yard.house.app;
    let camera = film::camera(app, "Dock 2").await;
    // As many as one round tries.
    let run = film::record(app, &camera, EIGHT, 100, None).await;
    for minute in 100..102 {
        yard.house.clock.advance(Duration::from_secs(1));
        film::keep(app, &camera, &run, EIGHT + minute * MINUTE, 60).await;
    }
    yard.house.run_jobs().await;
    // Of those the bucket has nothing any more, whatever is on record.
    for minute in 0..100 {
        let key = recordings::key(&camera.slug, EIGHT + minute * MINUTE, 1);
        yard.s3.delete(&key).await.unwrap();
    }
    let tight = Spool::new(yard.house.data().to_owned(), Bound { spool_mb: 0, keep_free_mb: 1 << 40 });
    assert_eq!(tight.make_room(app).await.unwrap(), 0, "a round has its bound");
    yard.s3.is(Mood::Down);
    let asked = yard.s3.asked.load(Ordering::Relaxed);
    assert_eq!(tight.make_room(app).await.unwrap(), 0);
    assert_eq!(yard.s3.asked.load(Ordering::Relaxed), asked + 1, "who does not answer is not asked for each of them");
    yard.s3.is(Mood::Well);
    assert_eq!(tight.make_room(app).await.unwrap(), 1, "the next round goes on where the last one broke off");

    // On record in a bucket that is configured no more, they stand in nobody's way.
    let first = film::object_of(app, &film::segments(app, &camera).await[100]).await;
    let tx = app.begin().await.unwrap();
    placement::Entity::update_many()
        .col_expr(placement::Column::Bucket, Expr::value("the_old_one"))
        .filter(placement::COLUMN.backend.eq("s3"))
        .filter(placement::Column::ObjectId.ne(first.id))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(tight.make_room(app).await.unwrap(), 1, "and after the last one begins anew");
    assert_eq!(copies(app, &first).await, ["s3 verified"]);
}

#[tokio::test]
async fn what_fills_the_spool_while_the_database_is_away_counts_against_its_bound() {
    let house = TestApp::start().await;
    let (data, recorder) = (tempfile::tempdir().unwrap(), Some(house.app.id::<RecorderId>()));
    let spool = Spool::new(data.path().to_owned(), Bound { spool_mb: 1, keep_free_mb: 0 });
    spool.look(&house.app, recorder).await.unwrap();
    assert!(spool.has_room());
    let folder = spool.folder().join("camera/1");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("1.0.mp4"), vec![0; 1_000_000]).unwrap();
    house.app.db().close_by_ref().await.unwrap();
    assert!(spool.look(&house.app, recorder).await.is_err());
    assert!(!spool.has_room());
}
