//! The storage plane: copies where they are wanted, whatever the buckets do meanwhile.

mod abandoned;
mod checks;
mod erasing;
mod nodes;
mod orphans;
mod outages;
mod remade;

use std::{
    fs::{self, File},
    path::PathBuf,
    time::Duration,
};

use gatehouse_app::{
    App,
    audit::Subject,
    objects::{self, Class, NewObject, model::object},
};

use crate::support::{
    buckets::{Mood, Yard, copies},
    paper::issued_bill,
};

/// Keeps a small report.
async fn keep(app: &App, n: usize) -> object::Model {
    let (key, bytes) = (format!("reports/2026/{n:04}.csv"), format!("report {n}").into_bytes());
    let new = NewObject {
        key: &key,
        class: Class::Report,
        content_type: "text/csv",
        subject: None,
        retain_days: None,
        taken_at: None,
    };
    objects::keep(app, new, bytes).await.unwrap()
}

fn file(yard: &Yard, bucket: &str, key: &str) -> PathBuf {
    yard.house.data().join(bucket).join(key)
}

/// Puts bytes where nobody put them, at the house's time less two hours.
fn slip_in(yard: &Yard, bucket: &str, key: &str, bytes: &[u8]) {
    let path = file(yard, bucket, key);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut slipped = File::create(&path).unwrap();
    std::io::Write::write_all(&mut slipped, bytes).unwrap();
    let at = u64::try_from(yard.house.app.now()).unwrap() - 7_200_000;
    slipped.set_modified(std::time::UNIX_EPOCH + Duration::from_millis(at)).unwrap();
}

async fn text(app: &App, object: &object::Model) -> String {
    String::from_utf8(objects::bytes(app, object).await.unwrap()).unwrap()
}

/// Lets time pass and the queue run, until nothing is due any more.
async fn minutes(yard: &Yard, minutes: u64) {
    for _ in 0..minutes {
        yard.house.clock.advance(std::time::Duration::from_mins(1));
        yard.house.run_jobs().await;
    }
}

#[tokio::test]
async fn a_mirror_counts_with_the_first_copy_and_gets_the_second() {
    let yard = Yard::on("s3+gcs").await;
    let app = &yard.house.app;
    let report = keep(app, 1).await;
    assert_eq!(copies(app, &report).await, ["gcs waiting", "s3 verified"]);
    yard.house.run_jobs().await;
    assert_eq!(copies(app, &report).await, ["gcs verified", "s3 verified"]);
    // Either of them gives it.
    yard.s3.is(Mood::Down);
    assert_eq!(text(app, &report).await, "report 1");
    yard.s3.is(Mood::Well);
    yard.gcs.is(Mood::Down);
    assert_eq!(text(app, &report).await, "report 1");
    assert!(yard.house.audit_trail().await.contains(&"system object.copied object".to_owned()));
}

#[tokio::test]
async fn keeping_twice_is_keeping_once_and_other_bytes_are_refused() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    let report = keep(app, 1).await;
    assert_eq!(keep(app, 1).await, report);
    let new = NewObject {
        key: &report.key,
        class: Class::Report,
        content_type: "text/csv",
        subject: None,
        retain_days: None,
        taken_at: None,
    };
    let refused = objects::keep(app, new, b"other".to_vec()).await.unwrap_err();
    assert_eq!(refused.status(), 409, "{refused}");
    assert_eq!(text(app, &report).await, "report 1");
}

#[tokio::test]
async fn a_class_goes_where_its_own_setting_says() {
    let yard = Yard::on("s3").await;
    let mut policy = yard.house.app.ports.plane.policy().clone();
    policy.classes.insert(Class::Report, vec!["gcs".into()]);
    let stores = yard.house.app.ports.plane.stores().cloned().collect();
    let app = yard.house.app.altered(|house| house.ports.plane = objects::Plane::new(stores, policy));
    assert_eq!(copies(&app, &keep(&app, 1).await).await, ["gcs verified"]);
    let new = NewObject {
        key: "media/a.jpg",
        class: Class::Media,
        content_type: "image/jpeg",
        subject: None,
        retain_days: None,
        taken_at: None,
    };
    let media = objects::keep(&app, new, b"jpeg".to_vec()).await.unwrap();
    assert_eq!(copies(&app, &media).await, ["s3 verified"]);
}

#[tokio::test]
async fn urls_of_what_pages_show_are_the_same_for_a_while_and_never_live_longer_than_promised() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    let new = NewObject {
        key: "media/a.jpg",
        class: Class::Media,
        content_type: "image/jpeg",
        subject: None,
        retain_days: None,
        taken_at: None,
    };
    let media = objects::keep(app, new, b"jpeg".to_vec()).await.unwrap();
    let life = Class::Media.url_life();
    let (mut urls, mut last) = (std::collections::HashSet::new(), None);
    for _ in 0..60 {
        let signed = objects::url(app, &media, None, life).await.unwrap();
        let expires: i64 = signed.url.query_pairs().find(|(name, _)| name == "expires").unwrap().1.parse().unwrap();
        let left = std::time::Duration::from_millis(u64::try_from(expires * 1000 - app.now()).unwrap());
        assert!(left <= life && left >= life - Class::Media.url_step() && left.abs_diff(signed.life).as_secs() < 2);
        urls.insert(signed.url.to_string());
        last = Some(signed.url);
        yard.house.clock.advance(std::time::Duration::from_secs(5));
    }
    assert!((4..=5).contains(&urls.len()), "{} in five minutes", urls.len());
    // What is saved is on record each time, and its URL is its own.
    let saved = objects::url(app, &media, Some("a.jpg"), life).await.unwrap();
    assert_eq!(saved.life, life);
    assert_ne!(Some(saved.url), last);
    // Nobody gets more than the class allows.
    assert_eq!(objects::url(app, &media, Some("a.jpg"), life * 9).await.unwrap().life, life);
}

#[tokio::test]
async fn a_bill_on_a_mirror_is_in_both_buckets_and_belongs_to_its_bill() {
    let yard = Yard::on("s3+gcs").await;
    let bill = issued_bill(&yard.house.app, 1).await;
    yard.house.run_jobs().await;
    let app = &yard.house.app;
    let pdf = objects::known(app, "bols/2026/PRT-2026-0001.pdf").await.unwrap().unwrap();
    assert_eq!(copies(app, &pdf).await, ["gcs verified", "s3 verified"]);
    let (kind, id) = Subject::Bol(bill.id).parts();
    assert_eq!((pdf.subject_kind.as_deref(), pdf.subject_id), (Some(kind), id));
    assert_eq!(pdf.retain_until, Some(Class::Document.retain_until(pdf.created_at)));
}
