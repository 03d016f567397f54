//! Database and buckets compared, both ways.

use std::{fs, time::Duration};

use gatehouse_app::{
    objects::{self, model::orphan, model::placement},
    ports::Unfinished,
};
use gatehouse_jobs::reconcile;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{copies, file, keep, slip_in, text};
use crate::support::buckets::{Mood, Yard};

/// A mirror with some reports in both buckets, a day old.
async fn mirrored(reports: usize) -> (Yard, Vec<objects::model::object::Model>) {
    let yard = Yard::on("s3+gcs").await;
    let mut kept = Vec::new();
    for n in 0..reports {
        kept.push(keep(&yard.house.app, n).await);
    }
    yard.house.run_jobs().await;
    yard.house.clock.advance(Duration::from_hours(24));
    (yard, kept)
}

#[tokio::test]
async fn what_is_right_is_left_alone() {
    let (yard, kept) = mirrored(3).await;
    let report = objects::check(&yard.house.app, "s3", "yard", None).await.unwrap();
    assert_eq!((report.listed, report.read), (3, 3));
    assert_eq!((report.missing, report.corrupt, report.orphans, report.mended), (0, 0, 0, 0));
    assert_eq!(objects::last_checks(&yard.house.app).await.unwrap(), [report]);
    assert_eq!(copies(&yard.house.app, &kept[0]).await, ["gcs verified", "s3 verified"]);
}

#[tokio::test]
async fn a_copy_that_is_gone_is_made_again_from_the_other() {
    let (yard, kept) = mirrored(3).await;
    let app = &yard.house.app;
    fs::remove_file(file(&yard, "s3", &kept[1].key)).unwrap();
    let report = objects::check(app, "s3", "yard", None).await.unwrap();
    assert_eq!((report.missing, report.mended), (1, 1));
    yard.house.run_jobs().await;
    assert_eq!(copies(app, &kept[1]).await, ["gcs verified", "s3 verified"]);
    assert!(file(&yard, "s3", &kept[1].key).is_file());
}

#[tokio::test]
async fn bytes_that_rotted_are_found_by_reading_and_replaced() {
    let (yard, kept) = mirrored(2).await;
    let app = &yard.house.app;
    // The same length, and the store swears that all is well.
    slip_in(&yard, "gcs", &kept[0].key, b"repurt 0");
    yard.gcs.is(Mood::Forgetful);
    let report = objects::check(app, "gcs", "yard", None).await.unwrap();
    assert_eq!((report.corrupt, report.mended), (1, 1));
    yard.house.run_jobs().await;
    assert_eq!(copies(app, &kept[0]).await, ["gcs verified", "s3 verified"]);
    assert_eq!(fs::read(file(&yard, "gcs", &kept[0].key)).unwrap(), b"report 0");
    assert!(yard.house.audit_trail().await.contains(&"system object.corrupt object".to_owned()));
}

#[tokio::test]
async fn the_last_copy_is_never_touched_though_it_is_corrupt() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    let report = keep(app, 1).await;
    yard.house.clock.advance(Duration::from_hours(24));
    slip_in(&yard, "s3", &report.key, b"other");
    let found = objects::check(app, "s3", "yard", None).await.unwrap();
    assert_eq!((found.corrupt, found.mended), (1, 0));
    yard.house.run_jobs().await;
    assert_eq!(copies(app, &report).await, ["s3 corrupt"]);
    assert_eq!(fs::read(file(&yard, "s3", &report.key)).unwrap(), b"other");
    // Somebody puts the right bytes back.
    slip_in(&yard, "s3", &report.key, b"report 1");
    let found = objects::check(app, "s3", "yard", None).await.unwrap();
    assert_eq!(found.adopted, 1);
    assert_eq!(text(app, &report).await, "report 1");
}

#[tokio::test]
async fn what_nobody_knows_is_told_of_and_what_was_cut_off_is_finished() {
    let (yard, kept) = mirrored(3).await;
    let app = &yard.house.app;
    slip_in(&yard, "s3", "recordings/dock/x.mp4", b"whose?");
    // Outside the classes nothing is ours to judge.
    slip_in(&yard, "s3", "audit/head.json", b"{}");
    // Two whose put was cut off before it counted: one is whole, one is not.
    let tx = app.begin().await.unwrap();
    placement::Entity::delete_many()
        .filter(placement::Column::Backend.eq("s3"))
        .filter(placement::Column::ObjectId.is_in([kept[0].id, kept[1].id]))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    slip_in(&yard, "s3", &kept[0].key, b"report 0");
    slip_in(&yard, "s3", &kept[1].key, b"rep");
    let report = objects::check(app, "s3", "yard", None).await.unwrap();
    assert_eq!((report.orphans, report.adopted, report.removed), (1, 1, 1));
    assert_eq!(copies(app, &kept[0]).await, ["gcs verified", "s3 verified"]);
    assert!(!file(&yard, "s3", &kept[1].key).exists());
    let orphans = orphan::Entity::find().all(app.db()).await.unwrap();
    assert_eq!((orphans[0].key.as_str(), orphans[0].size, orphans.len()), ("recordings/dock/x.mp4", 6, 1));
    assert!(file(&yard, "s3", "recordings/dock/x.mp4").is_file(), "it may be somebody's");
    // It is forgotten when it is gone.
    fs::remove_file(file(&yard, "s3", "recordings/dock/x.mp4")).unwrap();
    yard.house.clock.advance(Duration::from_mins(1));
    objects::check(app, "s3", "yard", None).await.unwrap();
    assert_eq!(orphan::Entity::find().count(app.db()).await.unwrap(), 0);
}

#[tokio::test]
async fn many_pages_of_both_lists_are_walked_whatever_is_missing_in_either() {
    let (yard, kept) = mirrored(12).await;
    let app = &yard.house.app;
    // Beyond a page on either side.
    for n in 0..1_100 {
        slip_in(&yard, "s3", &format!("reports/2025/{n:05}.csv"), b"x");
    }
    for object in &kept[..6] {
        fs::remove_file(file(&yard, "s3", &object.key)).unwrap();
    }
    let report = objects::check(app, "s3", "yard", None).await.unwrap();
    assert_eq!((report.listed, report.orphans, report.missing), (1_106, 1_100, 6));
}

#[tokio::test]
async fn unfinished_uploads_are_given_up_after_a_day_unless_something_waits_for_them() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    yard.s3.is(Mood::Picky("0001"));
    let waits = keep(app, 1).await;
    let begun = app.now();
    let upload = |key: &str, upload: &str, begun| Unfinished { key: key.into(), upload: upload.into(), begun };
    yard.house.clock.advance(Duration::from_hours(30));
    *yard.s3.unfinished.lock().unwrap() = vec![
        upload("uploads/a", "old", begun),
        upload(&waits.key, "waited for", begun),
        upload("uploads/b", "new", app.now()),
    ];
    let report = objects::check(app, "s3", "yard", None).await.unwrap();
    assert_eq!(report.aborted, 1);
    let left: Vec<_> = yard.s3.unfinished.lock().unwrap().iter().map(|upload| upload.upload.clone()).collect();
    assert_eq!(left, ["waited for", "new"]);
}

#[tokio::test]
async fn every_store_is_checked_on_a_schedule() {
    let (yard, kept) = mirrored(1).await;
    let app = &yard.house.app;
    assert_eq!(reconcile::round(app).await.checks, 3);
    assert_eq!(reconcile::round(app).await.checks, 0);
    yard.house.run_jobs().await;
    assert_eq!(objects::last_checks(app).await.unwrap().len(), 3);
    fs::remove_file(file(&yard, "gcs", &kept[0].key)).unwrap();
    yard.house.clock.advance(Duration::from_hours(6));
    assert_eq!(reconcile::round(app).await.checks, 3);
    yard.house.run_jobs().await;
    assert_eq!(copies(app, &kept[0]).await, ["gcs verified", "s3 verified"]);
}
