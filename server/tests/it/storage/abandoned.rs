//! Uploads in parts that nobody finishes are swept, in the bucket and on record.

use std::time::Duration;

use gatehouse_app::{objects::model::upload, ports::Unfinished};
use gatehouse_jobs::reconcile;
use sea_orm::{EntityTrait, IntoActiveModel, PaginatorTrait};

use super::{Yard, copies, keep, slip_in};
use crate::support::buckets::Mood;

async fn on_record(yard: &Yard, key: &str, upload: &str) {
    let app = &yard.house.app;
    let row = upload::Model {
        backend: "s3".into(),
        bucket: "yard".into(),
        key: key.into(),
        upload: upload.into(),
        part_size: 8 << 20,
        size: 200 << 20,
        begun_at: app.now(),
    };
    let tx = app.begin().await.unwrap();
    upload::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn rows_of_uploads_that_were_given_up_go_with_what_the_bucket_has_of_them() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    yard.s3.is(Mood::Picky("0001"));
    let waits = keep(app, 1).await;
    on_record(&yard, "media/gone.mp4", "gone").await;
    on_record(&yard, "media/asked.mp4", "").await;
    on_record(&yard, "media/there.mp4", "there").await;
    on_record(&yard, &waits.key, "waited for").await;
    let begun = app.now();
    let unfinished = |key: &str, upload: &str| Unfinished { key: key.into(), upload: upload.into(), begun };
    *yard.s3.unfinished.lock().unwrap() = vec![
        unfinished("media/asked.mp4", "nobody heard its name"),
        unfinished("media/there.mp4", "there"),
        unfinished(&waits.key, "waited for"),
    ];
    yard.house.clock.advance(Duration::from_hours(25));
    on_record(&yard, "media/new.mp4", "new").await;
    assert_eq!(reconcile::round(app).await.swept, 3);
    let left = async || {
        let mut left: Vec<_> =
            upload::Entity::find().all(app.db()).await.unwrap().into_iter().map(|row| row.upload).collect();
        left.sort();
        left
    };
    assert_eq!(left().await, ["new", "waited for"]);
    let there: Vec<_> = yard.s3.unfinished.lock().unwrap().iter().map(|one| one.upload.clone()).collect();
    assert_eq!(there, ["waited for"]);
    assert_eq!(reconcile::round(app).await.swept, 0, "once an hour");
    // What waited is through, and its upload forgotten by whoever comes after it.
    yard.s3.is(Mood::Well);
    yard.house.clock.advance(Duration::from_hours(25));
    yard.house.run_jobs().await;
    reconcile::round(app).await;
    assert!(left().await.is_empty());
}

#[tokio::test]
async fn an_upload_that_was_killed_when_it_was_finished_leaves_nothing_on_record() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    yard.s3.is(Mood::Down);
    let report = keep(app, 1).await;
    on_record(&yard, &report.key, "finished").await;
    slip_in(&yard, "s3", &report.key, b"report 1");
    yard.s3.is(Mood::Well);
    yard.house.clock.advance(Duration::from_mins(1));
    yard.house.run_jobs().await;
    assert_eq!(copies(app, &report).await, ["s3 verified"]);
    assert!(yard.s3.puts.lock().unwrap().is_empty(), "it was not sent again");
    assert_eq!(upload::Entity::find().count(app.db()).await.unwrap(), 0);
}
