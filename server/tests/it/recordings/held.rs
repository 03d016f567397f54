//! Film that is held: it stays whatever its age, whether it was here or came later, until somebody releases it.

use std::time::Duration;

use gatehouse_app::{
    App,
    audit::{Actor, model::entry},
    cameras::model::camera,
    ids::FilmHoldId,
    objects,
    recordings::{self, HoldForm, Reason, model::sheet},
    users::Role,
};
use gatehouse_jobs::reconcile;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::{EIGHT, MINUTE, covered, missing};
use crate::{
    cameras::{DOCK, added, dock_with, row},
    support::{TestApp, recorded as film},
};

const DAY: i64 = 86_400_000;

fn at(after_eight: i64) -> String {
    let at = chrono::DateTime::from_timestamp_millis(EIGHT + after_eight).unwrap();
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// Holds what cameras have between two instants, seconds after [`EIGHT`].
async fn held(app: &App, cameras: &[&camera::Model], from: i64, until: i64) -> FilmHoldId {
    let form = HoldForm {
        cameras: cameras.iter().map(|camera| camera.slug.clone()).collect(),
        from: at(from * 1000),
        until: at(until * 1000),
        reason: "Case 118".into(),
    };
    recordings::hold(app, &Actor::system(), &form, chrono_tz::Tz::UTC).await.unwrap()
}

fn wait_until(house: &TestApp, after_eight: i64) {
    let left = EIGHT + after_eight - house.app.now();
    house.clock.advance(Duration::from_millis(u64::try_from(left).unwrap()));
}

async fn round(house: &TestApp) -> u64 {
    let round = reconcile::round(&house.app).await;
    house.run_jobs().await;
    round.retired
}

/// When what is left began, in minutes after [`EIGHT`].
async fn left(app: &App, camera: &camera::Model) -> Vec<i64> {
    film::segments(app, camera).await.iter().map(|segment| (segment.started_at - EIGHT) / MINUTE).collect()
}

async fn told(app: &App, action: &str) -> Vec<String> {
    let rows = entry::Entity::find().filter(entry::Column::Action.eq(action)).order_by_asc(entry::Column::Seq);
    rows.all(app.db()).await.unwrap().into_iter().map(|entry| entry.details).collect()
}

#[tokio::test]
async fn film_that_is_held_stays_past_its_time_and_goes_when_it_is_released() {
    let house = TestApp::start().await;
    let app = &house.app;
    let dock = film::camera(app, "Dock 2").await;
    let gate = film::camera(app, "Gate").await;
    for camera in [&dock, &gate] {
        film::record(app, camera, EIGHT, 6, Some(Reason::Stopped)).await;
    }
    // A minute and a half of minutes: what has something of it is held, and no other.
    let hold = held(app, &[&dock], 150, 240).await;
    wait_until(&house, 366 * DAY);
    assert_eq!(round(&house).await, 10);
    assert_eq!(left(app, &dock).await, [2, 3]);
    assert_eq!(left(app, &gate).await, [0; 0]);
    // Its day is there, and says how much of it.
    assert_eq!(covered(app, &dock).await, (vec![(2, 4)], 2, 120));
    assert_eq!(told(app, "recording.retired").await.len(), 1, "the gate's day alone is over");
    assert_eq!(missing(app, &dock).await, ["360.. stopped"]);
    // Nor does it stand in the way of what is due: it comes up again in a month.
    let first = film::object_of(app, &film::segments(app, &dock).await[0]).await;
    assert_eq!(first.retain_until, Some(app.now() + 30 * DAY));
    for days in [1, 31, 400] {
        house.clock.advance(Duration::from_hours(24 * days));
        assert_eq!(round(&house).await, 0);
    }

    recordings::release(app, &Actor::system(), hold, "The case is over").await.unwrap();
    house.run_jobs().await;
    assert_eq!(round(&house).await, 2);
    assert_eq!(left(app, &dock).await, [0; 0]);
    assert!(told(app, "recording.retired").await[1].contains(r#""segments":6"#));
    let entries = [told(app, "recording.held").await, told(app, "recording.released").await].concat();
    assert_eq!(entries.len(), 2);
    assert!(entries[0].contains("Case 118") && entries[1].contains("The case is over"), "{entries:?}");
    let again = recordings::release(app, &Actor::system(), hold, "Again").await.unwrap_err();
    assert_eq!(again.status(), 409, "{again}");
}

#[tokio::test]
async fn film_that_comes_after_the_hold_is_held_as_well() {
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    let run = film::begin(app, &camera, EIGHT).await;
    let hold = held(app, &[&camera], 60, 3600).await;
    // A recorder that was away for more than a year brings it: its time is over when it comes.
    wait_until(&house, 366 * DAY);
    for minute in 0..4 {
        film::keep(app, &camera, &run, EIGHT + minute * MINUTE, 60).await;
    }
    assert_eq!(round(&house).await, 1);
    assert_eq!(left(app, &camera).await, [1, 2, 3]);
    // Of two holds each keeps it.
    let other = held(app, &[&camera], 180, 200).await;
    recordings::release(app, &Actor::system(), hold, "Over").await.unwrap();
    house.run_jobs().await;
    assert_eq!(round(&house).await, 2);
    assert_eq!(left(app, &camera).await, [3]);
    recordings::release(app, &Actor::system(), other, "Over").await.unwrap();
    house.run_jobs().await;
    assert_eq!(round(&house).await, 1);
}

#[tokio::test]
async fn nobody_erases_held_film_and_its_pictures_stay_with_it() {
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    film::record(app, &camera, EIGHT, 2, None).await;
    for (name, at) in [("08_00", EIGHT), ("08_10", EIGHT + 10 * MINUTE)] {
        let key = format!("media/thumbnails/dock_2/2026-11-20/{name}.jpg");
        let new = objects::NewObject {
            key: &key,
            class: objects::Class::Media,
            content_type: "image/jpeg",
            subject: None,
            retain_days: None,
            taken_at: None,
        };
        let object = objects::keep(app, new, vec![1, 2, 3]).await.unwrap();
        let (tiles, width, height) = ("0".into(), 192, 108);
        let row = sheet::Model { camera: camera.number, started_at: at, object_id: object.id, tiles, width, height };
        let tx = app.begin().await.unwrap();
        sheet::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await.unwrap();
        tx.commit().await.unwrap();
    }
    held(app, &[&camera], 60, 90).await;
    let segments = film::segments(app, &camera).await;
    let refused = objects::erase(app, &Actor::system(), segments[1].object_id, "mistaken").await.unwrap_err();
    assert!(refused.status() == 409 && refused.to_string().contains("Case 118"), "{refused}");
    objects::erase(app, &Actor::system(), segments[0].object_id, "mistaken").await.unwrap();
    wait_until(&house, 400 * DAY);
    assert_eq!(round(&house).await, 1);
    let sheets: Vec<_> =
        sheet::Entity::find().all(app.db()).await.unwrap().into_iter().map(|row| row.started_at).collect();
    assert_eq!((sheets, left(app, &camera).await), (vec![EIGHT], vec![1]));
}

#[tokio::test]
async fn an_admin_keeps_what_is_shown_and_releases_it_with_a_reason() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let dock = row(&house.app, &added(&admin, DOCK).await).await;
    let gate = row(&house.app, &added(&admin, &dock_with(&[("name", "Gate"), ("open_to_all", "on")])).await).await;
    for camera in [&dock, &gate] {
        film::record(&house.app, camera, EIGHT, 10, None).await;
    }
    let page = admin.get("/recordings?cameras=gate,dock_2&at=2026-11-20T08:05:00Z&span=10m").await.expect(200).body;
    let link = page.split('"').find(|part| part.starts_with("/recordings/holds/new?")).unwrap().replace("&amp;", "&");
    let form = admin.get(&link).await.expect(200).body;
    assert!(form.contains("2026-11-20T08:00:00Z") && form.contains("2026-11-20T08:10:00Z"), "{form}");
    assert_eq!(form.matches("checked").count(), 2);

    let nothing = admin.post("/recordings/holds/new", &[("until", "soon")]).await.expect(422).body;
    for words in ["Tick the cameras", "Give date and time", "Say why", "soon"] {
        assert!(nothing.contains(words), "{words} is not in {nothing}");
    }
    let (eight, nine) = (at(0), at(3_600_000));
    let mut fields =
        vec![("cameras", "gate,dock_2"), ("from", &nine), ("until", &eight), ("reason", "Case 118"), ("key", "k1")];
    assert!(admin.post("/recordings/holds/new", &fields).await.expect(422).body.contains("It ends before it begins"));
    fields[1].1 = &eight;
    fields[2].1 = &nine;
    // Pressed twice, it is laid once.
    for _ in 0..2 {
        assert_eq!(admin.post("/recordings/holds/new", &fields).await.expect(303).location(), "/recordings/holds");
    }
    fields[3].1 = "Case 119";
    assert!(admin.post("/recordings/holds/new", &fields).await.expect(422).body.contains("This form was sent already"));
    let list = admin.get("/recordings/holds").await.expect(200).body;
    let release = list.split('"').find(|part| part.ends_with("/release")).unwrap().to_owned();
    assert_eq!(list.matches("/release\"").count(), 1);
    assert!(list.contains("Case 118") && list.contains("Kept") && !list.contains("Case 119"), "{list}");
    let shown = admin.get("/recordings/tracks?cameras=gate,dock_2&at=2026-11-20T08:05:00Z").await.expect(200).body;
    assert!(shown.contains("Kept whatever its age") && shown.matches("class=\"kept\"></rect>").count() == 2, "{shown}");

    // Who does not see all of its cameras does not see the hold; what of it is of the gate is shown to whoever sees that.
    let office = house.sign_in(Role::Office).await;
    assert!(office.get("/recordings/holds").await.expect(200).body.contains("No film is on hold"));
    let page = office.get("/recordings?cameras=gate,dock_2&at=2026-11-20T08:05:00Z").await.expect(200).body;
    assert!(page.contains("Gate: 20 Nov") && !page.contains("Dock 2") && !page.contains("Keep this film"), "{page}");
    office.get("/recordings/holds/new").await.expect(403);
    office.post("/recordings/holds/new", &fields).await.expect(403);
    office.get(&release).await.expect(403);
    office.post(&release, &[("reason", "mine")]).await.expect(403);

    assert!(admin.get(&release).await.expect(200).body.contains("Case 118"));
    assert!(admin.post(&release, &[("reason", " ")]).await.expect(422).body.contains("Say why"));
    admin.post(&release, &[("reason", "The case is over")]).await.expect(303);
    admin.post(&release, &[("reason", "The case is over")]).await.expect(409);
    let list = admin.get("/recordings/holds").await.expect(200).body;
    assert!(
        list.contains("Released by") && list.contains("The case is over") && !list.contains("/release\""),
        "{list}"
    );
    let shown = admin.get("/recordings/tracks?cameras=gate&at=2026-11-20T08:05:00Z").await.expect(200).body;
    assert!(!shown.contains("Kept whatever its age"));
    let trail = house.audit_trail().await;
    for entry in ["user recording.held camera", "user recording.released camera"] {
        assert_eq!(trail.iter().filter(|line| *line == entry).count(), 2, "{entry}: {trail:#?}");
    }
}
