//! Buckets that are away, refuse, or lie: nothing is lost, and what waits is sent, oldest first.

use std::{sync::atomic::Ordering, time::Duration};

use gatehouse_app::{
    job::Job,
    jobs::{self, Asked, table::Dialect},
    objects::{
        self,
        model::{object, placement},
    },
    users::Role,
};
use gatehouse_jobs::reconcile;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{copies, keep, minutes, text};
use crate::support::{
    buckets::{Mood, Yard},
    paper::issued_bill,
};

#[tokio::test]
async fn an_outage_is_caught_up_with_and_the_local_copy_goes_only_then() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    yard.s3.is(Mood::Down);
    let bill = issued_bill(app, 1).await;
    yard.house.run_jobs().await;
    let pdf = objects::known(app, "bols/2026/PRT-2026-0001.pdf").await.unwrap().unwrap();
    assert_eq!(copies(app, &pdf).await, ["local verified", "s3 waiting"]);
    let file = yard.house.data().join("objects").join(&pdf.key);
    assert!(file.is_file());
    // It is to be had meanwhile.
    let office = yard.house.sign_in(Role::Office).await;
    let to = office.get(&format!("/bols/{}/pdf", bill.id)).await.expect(303).headers["location"]
        .to_str()
        .unwrap()
        .to_owned();
    let path = to.strip_prefix("http://gatehouse.test").unwrap().to_owned();
    office.get(&path).await.expect(200);

    yard.s3.is(Mood::Well);
    minutes(&yard, 2).await;
    assert_eq!(copies(app, &pdf).await, ["s3 verified"]);
    assert!(!file.exists());
    // Whoever still has the local URL is led to the bucket.
    let link = office.get(&format!("/bols/{}/pdf", bill.id)).await.expect(303).headers["location"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(link.starts_with("https://s3.test/"), "{link}");
    let led = office.get(&path).await.expect(303);
    assert!(led.headers["location"].to_str().unwrap().starts_with("https://s3.test/"));
    for entry in ["system object.copied object", "system object.copy_removed object"] {
        assert!(yard.house.audit_trail().await.contains(&entry.to_owned()), "{entry}");
    }
}

#[tokio::test]
async fn an_hour_of_outage_under_load_is_drained_by_itself_oldest_first() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    let kept = outage(&yard, 60).await;
    let waiting = placement::Entity::find().filter(placement::Column::State.eq("waiting"));
    assert_eq!(waiting.clone().count(app.db()).await.unwrap(), 60);
    assert_eq!(text(app, &kept[0]).await, "report 0");
    // Nobody hammers a bucket that is away: every minute one put that falls back, and three tries of the oldest.
    let asked = yard.s3.asked.swap(0, Ordering::Relaxed);
    assert!(asked < 60 * 9, "{asked} requests in an hour");
    yard.s3.puts.lock().unwrap().clear();

    yard.s3.is(Mood::Well);
    minutes(&yard, 2).await;
    assert_eq!(waiting.count(app.db()).await.unwrap(), 0);
    for object in &kept {
        assert_eq!(copies(app, object).await, ["s3 verified"]);
    }
    assert!(objects_left(&yard).is_empty(), "{:?}", objects_left(&yard));
    let order = yard.s3.puts.lock().unwrap().clone();
    assert_eq!(order.len(), 60, "each once");
    for (at, object) in kept.iter().enumerate() {
        let sent = order.iter().position(|key| *key == object.key).unwrap();
        assert!(sent.abs_diff(at) < 4, "number {at} was sent as number {sent}");
    }
}

/// Files in the folder that stood in.
fn objects_left(yard: &Yard) -> Vec<std::path::PathBuf> {
    let folder = yard.house.data().join("objects/reports/2026");
    std::fs::read_dir(folder).map(|files| files.map(|file| file.unwrap().path()).collect()).unwrap_or_default()
}

/// The bucket goes away, and each minute one more object is kept.
async fn outage(yard: &Yard, objects: usize) -> Vec<object::Model> {
    yard.s3.is(Mood::Down);
    let mut kept = Vec::new();
    for n in 0..objects {
        kept.push(keep(&yard.house.app, n).await);
        minutes(yard, 1).await;
    }
    kept
}

/// The first of all, and one in the middle of those that go together.
#[tokio::test]
async fn one_object_that_a_bucket_will_not_take_holds_up_no_other() {
    for (picky, key) in [(0, "0000"), (5, "0005")] {
        let yard = Yard::on("s3").await;
        let app = &yard.house.app;
        let kept = outage(&yard, 10).await;
        yard.s3.is(Mood::Picky(key));
        let began = std::time::Instant::now();
        minutes(&yard, 3).await;
        let took = began.elapsed();
        assert!(took < Duration::from_secs(15), "{took:?}: somebody waited for a connection that another one held");
        for (n, object) in kept.iter().enumerate() {
            let expected: &[_] = if n == picky { &["local verified", "s3 waiting"] } else { &["s3 verified"] };
            assert_eq!(copies(app, object).await, expected, "{}", object.key);
        }
        let row = placement::Entity::find()
            .filter(placement::Column::ObjectId.eq(kept[picky].id))
            .filter(placement::Column::Backend.eq("s3"));
        let row = row.one(app.db()).await.unwrap().unwrap();
        assert!(row.error.unwrap().contains("400") && row.attempts > 0);
        yard.s3.is(Mood::Well);
        minutes(&yard, 2).await;
        assert_eq!(copies(app, &kept[picky]).await, ["s3 verified"]);
    }
}

#[tokio::test]
async fn a_bucket_that_keeps_other_bytes_than_it_was_given_is_not_believed() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    yard.s3.is(Mood::Stingy);
    let report = keep(app, 1).await;
    minutes(&yard, 5).await;
    assert_eq!(copies(app, &report).await, ["local verified", "s3 waiting"]);
    assert_eq!(text(app, &report).await, "report 1");
    yard.s3.is(Mood::Well);
    minutes(&yard, 2).await;
    assert_eq!(copies(app, &report).await, ["s3 verified"]);
    assert_eq!(text(app, &report).await, "report 1");
}

#[tokio::test]
async fn without_a_fallback_it_is_said_at_once() {
    let yard = Yard::on("s3").await;
    let policy = objects::Policy { fallback: false, ..yard.house.app.ports.plane.policy().clone() };
    let stores = yard.house.app.ports.plane.stores().cloned().collect();
    let app = yard.house.app.altered(|house| house.ports.plane = objects::Plane::new(stores, policy));
    yard.s3.is(Mood::Down);
    let new = objects::NewObject {
        key: "reports/2026/a.csv",
        class: objects::Class::Report,
        content_type: "text/csv",
        subject: None,
        retain_days: None,
        taken_at: None,
    };
    let refused = objects::keep(&app, new, b"a".to_vec()).await.unwrap_err();
    assert_eq!(refused.status(), 503, "{refused}");
}

#[tokio::test]
async fn cut_off_between_the_put_and_the_record_it_is_not_sent_twice() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    yard.s3.is(Mood::Down);
    let report = keep(app, 1).await;
    // The bytes of a worker that was killed right after its put.
    let there = yard.house.data().join("s3").join(&report.key);
    std::fs::create_dir_all(there.parent().unwrap()).unwrap();
    std::fs::copy(yard.house.data().join("objects").join(&report.key), there).unwrap();
    yard.s3.is(Mood::Well);
    minutes(&yard, 2).await;
    assert_eq!(copies(app, &report).await, ["s3 verified"]);
    assert!(yard.s3.puts.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_copy_whose_job_is_lost_is_made_all_the_same() {
    let yard = Yard::on("s3+gcs").await;
    let app = &yard.house.app;
    let report = keep(app, 1).await;
    app.db().execute_unprepared(&format!("DELETE FROM {}", Dialect::of(app.db()).jobs)).await.unwrap();
    assert_eq!(reconcile::round(app).await.copies, 0, "its own job is given a while");
    yard.house.clock.advance(Duration::from_mins(3));
    assert_eq!(reconcile::round(app).await.copies, 1);
    assert_eq!(reconcile::round(app).await.copies, 0, "one is there");
    yard.house.run_jobs().await;
    assert_eq!(copies(app, &report).await, ["gcs verified", "s3 verified"]);
    let asked = Asked { queue: Some("catch_up".into()), ..Asked::default() };
    let line = jobs::list(app, &asked).await.unwrap().lines.remove(0);
    assert_eq!(line.what, "Catch up with gcs yard");
    assert!(matches!(serde_json::from_slice(&line.row.job).unwrap(), Job::CatchUp { .. }));
}

#[tokio::test]
async fn when_the_last_copy_is_gone_it_says_so_and_does_not_go_on_for_ever() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    yard.s3.is(Mood::Down);
    let report = keep(app, 1).await;
    std::fs::remove_file(yard.house.data().join("objects").join(&report.key)).unwrap();
    yard.s3.is(Mood::Well);
    minutes(&yard, 2).await;
    assert_eq!(copies(app, &report).await, ["local missing", "s3 failed"]);
    let row =
        placement::Entity::find().filter(placement::Column::Backend.eq("s3")).one(app.db()).await.unwrap().unwrap();
    assert_eq!(row.error.as_deref(), Some("No copy is left to copy from."));
    assert!(yard.house.audit_trail().await.contains(&"system object.missing object".to_owned()));
    assert_eq!(objects::url(app, &report, Some("x"), Duration::from_secs(9)).await.unwrap_err().status(), 503);
}
