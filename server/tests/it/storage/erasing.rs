//! Retention, legal holds, and deletes that delete.

use std::time::Duration;

use gatehouse_app::{
    audit::{Actor, Subject},
    objects,
    users::Role,
};
use gatehouse_jobs::reconcile;

use super::{copies, keep, minutes};
use crate::support::{
    buckets::{Mood, Yard},
    paper::issued_bill,
};

const YEAR: Duration = Duration::from_hours(366 * 24);

#[tokio::test]
async fn what_was_kept_long_enough_goes_everywhere_and_that_is_on_record() {
    let yard = Yard::on("s3+gcs").await;
    let app = &yard.house.app;
    let report = keep(app, 1).await;
    yard.house.run_jobs().await;
    yard.house.clock.advance(YEAR * 2);
    assert_eq!(reconcile::round(app).await.retired, 0, "three years are not over");
    yard.house.clock.advance(YEAR);
    assert_eq!(reconcile::round(app).await.retired, 1);
    let report = objects::known(app, &report.key).await.unwrap().unwrap();
    let gone = objects::url(app, &report, Some("x"), Duration::from_secs(9)).await.unwrap_err();
    assert_eq!(gone.status(), 410, "from the decision on nobody gets it");
    yard.house.run_jobs().await;
    assert!(copies(app, &report).await.is_empty());
    for bucket in ["s3", "gcs"] {
        assert!(!yard.house.data().join(bucket).join(&report.key).exists());
    }
    let trail = yard.house.audit_trail().await;
    let about: Vec<_> = trail.iter().filter(|line| line.contains("object.")).collect();
    assert_eq!(
        about,
        [
            "system object.copied object",
            "system object.erase_asked object",
            "system object.copy_removed object",
            "system object.copy_removed object",
            "system object.erased object"
        ]
    );
    assert_eq!(reconcile::round(app).await.retired, 0);
}

#[tokio::test]
async fn a_bucket_that_is_away_keeps_nothing_from_being_erased_later() {
    let yard = Yard::on("s3+gcs").await;
    let app = &yard.house.app;
    let report = keep(app, 1).await;
    yard.house.run_jobs().await;
    yard.s3.is(Mood::Down);
    objects::erase(app, &Actor::system(), report.id, "a test").await.unwrap();
    objects::erase(app, &Actor::system(), report.id, "again").await.unwrap();
    yard.house.run_jobs().await;
    assert_eq!(copies(app, &report).await, ["s3 erasing"]);
    assert!(!yard.house.audit_trail().await.contains(&"system object.erased object".to_owned()));
    yard.s3.is(Mood::Well);
    minutes(&yard, 5).await;
    assert!(copies(app, &report).await.is_empty());
    assert!(yard.house.audit_trail().await.contains(&"system object.erased object".to_owned()));
}

#[tokio::test]
async fn what_waits_for_a_copy_when_it_is_erased_does_not_come_back() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    yard.s3.is(Mood::Down);
    let report = keep(app, 1).await;
    objects::erase(app, &Actor::system(), report.id, "a test").await.unwrap();
    yard.s3.is(Mood::Well);
    minutes(&yard, 5).await;
    assert!(copies(app, &report).await.is_empty());
    assert!(yard.s3.puts.lock().unwrap().is_empty());
    assert!(!yard.house.data().join("objects").join(&report.key).exists());
}

#[tokio::test]
async fn a_hold_on_a_bill_keeps_its_papers_and_is_an_admins_affair() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    let bill = issued_bill(app, 1).await;
    yard.house.run_jobs().await;
    let pdf = objects::known(app, "bols/2026/PRT-2026-0001.pdf").await.unwrap().unwrap();
    let (page, hold) = (format!("/bols/{}", bill.id), format!("/bols/{}/hold", bill.id));
    let office = yard.house.sign_in(Role::Office).await;
    office.get(&hold).await.expect(403);
    office.post(&hold, &[("reason", "x")]).await.expect(403);
    assert!(!office.get(&page).await.expect(200).body.contains("/hold"));

    let admin = yard.house.sign_in(Role::Admin).await;
    assert!(admin.get(&page).await.expect(200).body.contains("Legal hold"));
    assert!(admin.get(&hold).await.expect(200).body.contains("Put PRT-2026-0001 on legal hold?"));
    let refused = admin.post(&hold, &[("reason", "  ")]).await.expect(422).body;
    assert!(refused.contains("Say why"), "{refused}");
    admin.post(&hold, &[("reason", "Case 4711, <Acme>")]).await.expect(303);
    admin.post(&hold, &[("reason", "again")]).await.expect(409);
    let shown = admin.get(&page).await.expect(200).body;
    assert!(shown.contains("On legal hold") && shown.contains("Case 4711, &lt;Acme&gt;"), "{shown}");

    yard.house.clock.advance(YEAR * 8);
    assert_eq!(reconcile::round(app).await.retired, 0);
    let refused = objects::erase(app, &Actor::system(), pdf.id, "a test").await.unwrap_err();
    assert!(refused.to_string().contains("Case 4711"), "{refused}");

    let admin = yard.house.sign_in(Role::Admin).await;
    assert!(admin.get(&hold).await.expect(200).body.contains("Release the hold on PRT-2026-0001?"));
    let release = format!("{hold}/release");
    admin.post(&release, &[("reason", "")]).await.expect(422);
    admin.post(&release, &[("reason", "Settled")]).await.expect(303);
    admin.post(&release, &[("reason", "Settled")]).await.expect(409);
    assert_eq!(reconcile::round(app).await.retired, 1);
    yard.house.run_jobs().await;
    assert!(copies(app, &pdf).await.is_empty());
    let trail = yard.house.audit_trail().await;
    assert!(trail.contains(&"user hold.placed bol".to_owned()) && trail.contains(&"user hold.released bol".to_owned()));
    let gone = admin.get(&format!("{page}/pdf")).await.expect(410).body;
    assert!(gone.contains("erased"), "{gone}");
}

#[tokio::test]
async fn a_hold_on_one_object_keeps_that_one() {
    let yard = Yard::on("s3").await;
    let app = &yard.house.app;
    let (held, other) = (keep(app, 1).await, keep(app, 2).await);
    objects::hold(app, &Actor::system(), Subject::Object(held.id), "a case").await.unwrap();
    yard.house.clock.advance(YEAR * 4);
    assert_eq!(reconcile::round(app).await.retired, 1);
    yard.house.run_jobs().await;
    assert_eq!(copies(app, &held).await, ["s3 verified"]);
    assert!(copies(app, &other).await.is_empty());
}
