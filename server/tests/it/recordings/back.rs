//! Archived film is asked back, a stretch at once; a clip over it asks by itself.

use std::{sync::Arc, time::Duration};

use gatehouse_app::{
    App,
    audit::Actor,
    jobs::table::Dialect,
    ports::Archive,
    recordings::{self, BackForm, BackState, Reason, model::film_restore},
    users::Role,
};
use gatehouse_jobs::reconcile;
use sea_orm::{ConnectionTrait, EntityTrait};

use super::EIGHT;
use crate::{
    clips,
    support::{
        TestApp,
        footage::{self, FROM},
        recorded as film,
        vault::Vault,
    },
};

/// Five minutes of a camera two days ago, in an archive.
async fn archived() -> (TestApp, Arc<Vault>) {
    let (house, vault) = Vault::house().await;
    let camera = film::camera(&house.app, "Dock 2").await;
    film::record(&house.app, &camera, EIGHT, 5, Some(Reason::Stopped)).await;
    house.run_jobs().await;
    house.clock.advance(Duration::from_hours(48));
    vault.is(Archive::Archived);
    (house, vault)
}

async fn rows(app: &App) -> Vec<film_restore::Model> {
    film_restore::Entity::find().all(app.db()).await.unwrap()
}

fn counted(row: &film_restore::Model) -> (BackState, i64, i64, i64) {
    (row.state(), row.files, row.archived, row.back)
}

const SHOWN: &str = "/recordings?cameras=dock_2&at=2026-11-20T08:02:00Z&span=10m";

#[tokio::test]
async fn a_stretch_is_asked_back_at_once_and_its_page_says_how_far_it_is() {
    let (house, vault) = archived().await;
    let (office, viewer) = (house.sign_in(Role::Office).await, house.sign_in(Role::Viewer).await);
    let page = office.get(SHOWN).await.expect(200).body;
    assert!(page.contains("lies in an archive (DEEP_ARCHIVE)") && page.contains("about 12 hours"), "{page}");
    let link =
        page.split('"').find(|part| part.starts_with("/recordings/restores/new?")).unwrap().replace("&amp;", "&");
    assert!(!viewer.get(SHOWN).await.expect(200).body.contains("/recordings/restores/new"));
    viewer.get(&link).await.expect(403);
    assert!(office.get(&link).await.expect(200).body.contains("2026-11-20T07:57:00Z"));

    let base = [
        ("cameras", "dock_2"),
        ("from", "2026-11-20T08:01:00Z"),
        ("until", "2026-11-20T08:04:00Z"),
        ("tier", "standard"),
        ("days", "7"),
        ("key", "k1"),
    ];
    for (name, value, words) in [
        ("cameras", "nothing", "Tick the cameras"),
        ("until", "2026-11-20T08:00:00Z", "It ends before it begins"),
        ("until", "2027-11-20T08:00:00Z", "31 days at most"),
        ("tier", "at once", "Choose how soon"),
        ("days", "99", "from 1 to 30"),
    ] {
        let fields = base.map(|(field, typed)| (field, if field == name { value } else { typed }));
        let refused = office.post("/recordings/restores/new", &fields).await.expect(422).body;
        assert!(refused.contains(words), "{words}");
    }
    // Pressed twice, it is asked for once.
    for _ in 0..2 {
        office.post("/recordings/restores/new", &base).await.expect(303);
    }
    viewer.post("/recordings/restores/new", &base).await.expect(403);
    assert!(office.get(SHOWN).await.expect(200).body.contains("it is about to be asked for"));

    house.run_jobs().await;
    assert_eq!(vault.state(), Archive::Restoring);
    let [row] = &rows(&house.app).await[..] else { panic!("one row") };
    assert_eq!(counted(row), (BackState::Restoring, 3, 3, 0));
    let page = office.get(SHOWN).await.expect(200).body;
    assert!(page.contains("0 of 3 files are back, and the rest is expected in about 12 hours"), "{page}");
    // The next look finds nothing new, and the one after it everything.
    house.clock.advance(Duration::from_mins(11));
    house.run_jobs().await;
    assert_eq!(counted(&rows(&house.app).await[0]), (BackState::Restoring, 3, 3, 0));
    vault.is(Archive::Restored(house.app.now() + 7 * 86_400_000));
    house.clock.advance(Duration::from_mins(11));
    house.run_jobs().await;
    assert_eq!(counted(&rows(&house.app).await[0]), (BackState::Ready, 3, 3, 3));
    let page = office.get(SHOWN).await.expect(200).body;
    assert!(page.contains("all of it is back (3 files)") && !page.contains("lies in an archive"), "{page}");
    let trail = house.audit_trail().await;
    for entry in ["user recording.asked_back camera", "system recording.back camera"] {
        assert_eq!(trail.iter().filter(|line| *line == entry).count(), 1, "{entry}: {trail:#?}");
    }
}

async fn asked(house: &TestApp, tier: &str) {
    let form = BackForm {
        cameras: vec!["dock_2".into()],
        from: "2026-11-20T08:00:00Z".into(),
        until: "2026-11-20T09:00:00Z".into(),
        tier: tier.into(),
        days: "1".into(),
    };
    recordings::ask_back(&house.app, &Actor::system(), &form, chrono_tz::Tz::UTC).await.unwrap();
}

#[tokio::test]
async fn what_is_at_hand_is_left_alone_and_what_cannot_come_is_said() {
    let (house, vault) = archived().await;
    vault.is(Archive::Ready);
    asked(&house, "standard").await;
    house.run_jobs().await;
    assert_eq!((counted(&rows(&house.app).await[0]), vault.state()), ((BackState::Ready, 5, 0, 0), Archive::Ready));
    vault.is(Archive::Archived);
    asked(&house, "expedited").await;
    house.run_jobs().await;
    let row = rows(&house.app).await.pop().unwrap();
    assert_eq!((row.state(), vault.state()), (BackState::Failed, Archive::Archived));
    assert!(row.error.unwrap().contains("DEEP_ARCHIVE brings nothing back that soon"));
    // What does not come is not waited for until the end of time.
    asked(&house, "standard").await;
    house.run_jobs().await;
    house.clock.advance(Duration::from_hours(37));
    house.run_jobs().await;
    let row = rows(&house.app).await.pop().unwrap();
    assert!(row.state() == BackState::Failed && row.error.unwrap().contains("not brought it back in time"));
    assert!(house.audit_trail().await.iter().any(|line| line == "system recording.not_back camera"));
}

#[tokio::test]
async fn a_lost_look_is_taken_up_again() {
    let (house, vault) = archived().await;
    let app = &house.app;
    asked(&house, "bulk").await;
    let jobs = Dialect::of(app.db()).jobs;
    app.db().execute_unprepared(&format!("DELETE FROM {jobs}")).await.unwrap();
    assert_eq!(reconcile::round(app).await.papers, 1);
    house.run_jobs().await;
    assert_eq!(vault.state(), Archive::Restoring);
    assert_eq!(reconcile::round(app).await.papers, 0, "its next look is queued");
}

#[tokio::test]
async fn a_clip_asks_for_its_film_and_waits() {
    let (house, vault) = Vault::house().await;
    house.clock.set(FROM + 3_600_000);
    let app = &house.app;
    let dock = footage::camera(app, 1, "Dock 2", true).await;
    footage::recorded(app, &dock, &footage::files(&footage::film(500, "D")), FROM + 20_000).await;
    house.run_jobs().await;
    house.clock.advance(Duration::from_hours(48));
    vault.is(Archive::Archived);
    let office = house.sign_in(Role::Office).await;
    let page = clips::asked(&office, &["dock_2"], 1000, 9000, &[]).await;
    house.run_jobs().await;
    let clip = clips::row(app, &page).await;
    assert_eq!(clip.state, "waiting", "{:?}", clip.error);
    assert!(office.get(&page).await.expect(200).body.contains("lies in an archive and is being fetched back"));
    for _ in 0..3 {
        house.clock.advance(Duration::from_secs(61));
        house.run_jobs().await;
    }
    let [row] = &rows(app).await[..] else { panic!("it asks once") };
    assert_eq!((row.clip_id, row.asked_by), (Some(clip.id), clip.created_by));
    assert_eq!(counted(row), (BackState::Restoring, 3, 3, 0));
    vault.is(Archive::Restored(app.now() + 7 * 86_400_000));
    for _ in 0..2 {
        house.clock.advance(Duration::from_mins(11));
        house.run_jobs().await;
    }
    let clip = clips::row(app, &page).await;
    assert_eq!(clip.state, "ready", "{:?}", clip.error);
}
