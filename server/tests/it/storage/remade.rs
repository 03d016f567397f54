//! A bill's PDF whose every copy is lost is drawn anew, byte for byte; or it is said that it cannot be.

use std::{fs, time::Duration};

use gatehouse_app::{
    App,
    objects::{self, model::object, model::placement},
    users::Role,
    yard,
};
use gatehouse_jobs::reconcile;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{copies, file, slip_in};
use crate::support::{
    buckets::Yard,
    paper::{issued_bill, void},
};

async fn paper(app: &App, key: &str) -> object::Model {
    objects::known(app, key).await.unwrap().unwrap()
}

/// What the check of both buckets, a minute's round and its jobs do.
async fn checked(yard: &Yard) -> u64 {
    let app = &yard.house.app;
    for backend in ["s3", "gcs"] {
        objects::check(app, backend, "yard", None).await.unwrap();
    }
    // A copy whose other one was believed in finds out.
    yard.house.run_jobs().await;
    let remade = reconcile::round(app).await.remade;
    yard.house.run_jobs().await;
    remade
}

#[tokio::test]
async fn the_papers_of_a_void_bill_come_back_both_of_them() {
    let yard = Yard::on("s3+gcs").await;
    let app = &yard.house.app;
    let bill = issued_bill(app, 1).await;
    yard.house.run_jobs().await;
    void(app, &bill).await;
    yard.house.run_jobs().await;
    yard.house.clock.advance(Duration::from_hours(24));
    let keys = ["bols/2026/PRT-2026-0001.pdf", "bols/2026/PRT-2026-0001.void.pdf"];
    let before = [paper(app, keys[0]).await, paper(app, keys[1]).await];
    assert_ne!(before[0].sha256, before[1].sha256);
    // Of one all copies are gone, of the other one copy is and the other has rotted.
    fs::remove_file(file(&yard, "s3", keys[0])).unwrap();
    fs::remove_file(file(&yard, "gcs", keys[0])).unwrap();
    fs::remove_file(file(&yard, "s3", keys[1])).unwrap();
    slip_in(&yard, "gcs", keys[1], b"rotten");
    assert_eq!(checked(&yard).await, 2);
    for object in &before {
        assert_eq!(&paper(app, &object.key).await, object);
        assert_eq!(copies(app, object).await, ["gcs verified", "s3 verified"]);
        for backend in ["s3", "gcs"] {
            let store = app.ports.plane.store(backend).unwrap();
            assert_eq!(objects::hash(store.as_ref(), &object.key).await.unwrap(), object.sha256, "{backend}");
        }
    }
    let trail = yard.house.audit_trail().await;
    assert_eq!(trail.iter().filter(|line| *line == "system object.remade object").count(), 2);
    assert_eq!(checked(&yard).await, 0);
    // Another loss is another job.
    yard.house.clock.advance(Duration::from_hours(24));
    fs::remove_file(file(&yard, "s3", keys[0])).unwrap();
    fs::remove_file(file(&yard, "gcs", keys[0])).unwrap();
    assert_eq!(checked(&yard).await, 1);
    assert_eq!(copies(app, &before[0]).await, ["gcs verified", "s3 verified"]);
}

#[tokio::test]
async fn a_sound_copy_is_left_to_the_check() {
    let yard = Yard::on("s3+gcs").await;
    let app = &yard.house.app;
    issued_bill(app, 1).await;
    yard.house.run_jobs().await;
    yard.house.clock.advance(Duration::from_hours(24));
    fs::remove_file(file(&yard, "s3", "bols/2026/PRT-2026-0001.pdf")).unwrap();
    assert_eq!(checked(&yard).await, 0);
    let pdf = paper(app, "bols/2026/PRT-2026-0001.pdf").await;
    assert_eq!(copies(app, &pdf).await, ["gcs verified", "s3 verified"]);
}

#[tokio::test]
async fn other_bytes_are_not_taken_for_the_paper_and_that_is_said_once() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    issued_bill(app, 1).await;
    yard.house.run_jobs().await;
    yard.house.clock.advance(Duration::from_hours(24));
    let pdf = paper(app, "bols/2026/PRT-2026-0001.pdf").await;
    let tx = app.begin().await.unwrap();
    yard::Yard { name: "Another name".into(), ..yard::Yard::default() }.store(&tx).await.unwrap();
    tx.commit().await.unwrap();
    fs::remove_file(file(&yard, "s3", &pdf.key)).unwrap();
    assert_eq!(checked(&yard).await, 1);
    assert_eq!(paper(app, &pdf.key).await, pdf);
    assert_eq!(copies(app, &pdf).await, ["s3 missing"]);
    assert!(!file(&yard, "s3", &pdf.key).exists());
    let row = placement::Entity::find().filter(placement::Column::ObjectId.eq(pdf.id)).one(app.db()).await.unwrap();
    assert!(row.unwrap().error.unwrap().contains("drawn anew it has other bytes"));
    let office = yard.house.sign_in(Role::Office).await;
    assert!(office.get("/storage").await.expect(200).body.contains("Look for it in a backup"));
    objects::remake(app, pdf.id).await.unwrap();
    assert_eq!(checked(&yard).await, 0);
    let trail = yard.house.audit_trail().await;
    assert_eq!(trail.iter().filter(|line| *line == "system object.not_remade object").count(), 1);
    // Somebody puts it back from a backup, or the name as it was.
    let tx = app.begin().await.unwrap();
    yard::Yard::default().store(&tx).await.unwrap();
    tx.commit().await.unwrap();
    objects::remake(app, pdf.id).await.unwrap();
    assert_eq!(copies(app, &pdf).await, ["s3 verified"]);
}
