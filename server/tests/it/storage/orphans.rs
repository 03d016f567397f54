//! What no record knows: listed, and removed when an admin asks, by a job that looks at each once more.

use std::{fs, time::Duration};

use gatehouse_app::{
    audit::{Actor, verify::verify},
    jobs::table::Dialect,
    objects::{self, Class, NewObject, model::orphan},
    users::Role,
};
use gatehouse_jobs::reconcile;
use sea_orm::{ConnectionTrait, EntityTrait};

use super::{file, slip_in};
use crate::support::buckets::{Mood, Yard};

const STRAYS: [&str; 3] = ["media/a.jpg", "recordings/dock/x.mp4", "reports/2026/0001.csv"];

/// A yard whose bucket has three things of yesterday that nobody knows, and one of today; found by a check.
async fn littered() -> Yard {
    let yard = Yard::on("s3").await;
    for key in STRAYS {
        slip_in(&yard, "s3", key, b"whose?");
    }
    slip_in(&yard, "s3", "audit/notes.json", b"{}");
    yard.house.clock.advance(Duration::from_hours(23));
    slip_in(&yard, "s3", "recordings/dock/y.mp4", b"of today");
    objects::check(&yard.house.app, "s3", "yard", None).await.unwrap();
    yard
}

async fn listed(yard: &Yard) -> Vec<(String, bool)> {
    let rows = orphan::Entity::find().all(yard.house.app.db()).await.unwrap();
    let mut rows: Vec<_> = rows.into_iter().map(|row| (row.key, row.asked_at.is_some())).collect();
    rows.sort();
    rows
}

#[tokio::test]
async fn an_admin_has_them_removed_and_what_is_young_stays() {
    let yard = littered().await;
    let office = yard.house.sign_in(Role::Office).await;
    let place = [("backend", "s3"), ("bucket", "yard")];
    let page = office.get("/storage").await.expect(200).body;
    assert!(page.contains("What no record knows") && page.contains("4 objects"), "{page}");
    let page = office.get("/storage/orphans").await.expect(200).body;
    assert!(page.contains("recordings/dock/x.mp4") && page.contains("3 of them are a day old or older"), "{page}");
    assert!(!page.contains("/storage/orphans/remove"), "looking is all that the office may");
    office.post("/storage/orphans/remove", &place).await.expect(403);

    let admin = yard.house.sign_in(Role::Admin).await;
    assert!(admin.get("/storage/orphans").await.expect(200).body.contains("Remove 3"));
    admin.post("/storage/orphans/remove", &[("backend", "gcs"), ("bucket", "yard")]).await.expect(409);
    admin.post("/storage/orphans/remove", &place).await.expect(303);
    let page = admin.get("/storage/orphans").await.expect(200).body;
    assert!(page.contains("3 of them are to be removed") && !page.contains("Remove 3"), "{page}");
    let queued = admin.get("/jobs").await.expect(200).body;
    assert!(queued.contains("Remove what no record knows from s3 yard"), "{queued}");
    yard.house.run_jobs().await;
    for key in STRAYS {
        assert!(!file(&yard, "s3", key).exists(), "{key}");
    }
    assert!(file(&yard, "s3", "recordings/dock/y.mp4").is_file(), "it is younger than a day");
    assert!(file(&yard, "s3", "audit/notes.json").is_file(), "it is no object");
    assert_eq!(listed(&yard).await, [("recordings/dock/y.mp4".to_owned(), false)]);
    let trail = yard.house.audit_trail().await;
    let about: Vec<_> = trail.iter().filter(|line| line.contains("orphan")).collect();
    assert_eq!(about[0], "user object.orphans_asked yard");
    assert_eq!(about[1..], ["system object.orphan_removed yard"; 3]);
    assert!(verify(&yard.house.app, None).await.unwrap().is_whole());
    // Nothing of that age is left.
    admin.post("/storage/orphans/remove", &place).await.expect(409);
}

#[tokio::test]
async fn what_changed_or_got_a_record_meanwhile_stays() {
    let yard = littered().await;
    let app = &yard.house.app;
    assert_eq!(objects::ask_removal(app, &Actor::system(), "s3", "yard").await.unwrap(), 3);
    // One is kept as a report now, one was put anew.
    let new = NewObject {
        key: STRAYS[2],
        class: Class::Report,
        content_type: "text/csv",
        subject: None,
        retain_days: None,
        taken_at: None,
    };
    yard.s3.is(Mood::Down);
    objects::keep(app, new, b"whose?".to_vec()).await.unwrap();
    yard.s3.is(Mood::Well);
    slip_in(&yard, "s3", STRAYS[0], b"whose else?");
    yard.house.run_jobs().await;
    assert!(file(&yard, "s3", STRAYS[0]).is_file() && file(&yard, "s3", STRAYS[2]).is_file());
    assert!(!file(&yard, "s3", STRAYS[1]).exists());
    let left = [STRAYS[0], "recordings/dock/y.mp4", STRAYS[2]].map(|key| (key.to_owned(), false));
    assert_eq!(listed(&yard).await, left);
}

#[tokio::test]
async fn a_removal_is_finished_whatever_was_killed_or_lost() {
    let yard = littered().await;
    let app = &yard.house.app;
    objects::ask_removal(app, &Actor::system(), "s3", "yard").await.unwrap();
    // Killed after the bytes were gone and before that was on record; and the job is lost.
    fs::remove_file(file(&yard, "s3", STRAYS[0])).unwrap();
    app.db().execute_unprepared(&format!("DELETE FROM {}", Dialect::of(app.db()).jobs)).await.unwrap();
    yard.house.clock.advance(Duration::from_mins(11));
    assert_eq!(reconcile::round(app).await.erasing, 1);
    yard.s3.is(Mood::Down);
    yard.house.run_jobs().await;
    assert_eq!(listed(&yard).await.len(), 4);
    yard.s3.is(Mood::Well);
    yard.house.clock.advance(Duration::from_mins(1));
    yard.house.run_jobs().await;
    assert_eq!(listed(&yard).await, [("recordings/dock/y.mp4".to_owned(), false)]);
    let removed = yard.house.audit_trail().await;
    assert_eq!(removed.iter().filter(|line| *line == "system object.orphan_removed yard").count(), 3);
    yard.house.clock.advance(Duration::from_mins(11));
    assert_eq!(reconcile::round(app).await.erasing, 0);
}
