//! Cutting: exactly what was asked for, of what was recorded and nothing else, and said where something is missing.

use std::{fs, time::Duration};

use chrono_tz::Tz;
use gatehouse_app::{
    audit::{Actor, Subject},
    clips,
    evidence::Refused,
    objects,
    recordings::model::run,
    ui::time::{TimeStyle, format_ms},
    users::{self, NewToken, Role},
};
use gatehouse_jobs::reconcile;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{asked, frames_between, house, id_of, judged, row, saved};
use crate::support::{
    TestApp,
    film::read,
    footage::{FROM, camera, files, film, missing, recorded},
};

#[tokio::test]
async fn a_clip_has_the_very_frames_of_its_time_and_proves_itself() {
    let (house, _, office) = house().await;
    let page = asked(&office, &["dock_2"], 1234, 13_456, &[]).await;
    let waiting = office.get(&page).await.expect(200).body;
    assert!(waiting.contains("Waiting") && waiting.contains("data-live"), "{waiting}");
    assert_eq!(house.run_jobs().await, 1);
    let shown = office.get(&page).await.expect(200).body;
    assert!(shown.contains("Ready") && shown.contains("dock_2_20261120_200211.mp4"), "{shown}");

    let bytes = saved(&office, &page, "1").await;
    let verdict = judged(&house, &bytes).unwrap();
    let file = &verdict.manifest.cameras[0].files[0];
    assert_eq!(file.frames, frames_between(1234, 13_456));
    assert_eq!((file.sources.len(), file.sources[0].recorder.as_str(), file.clock.as_str()), (4, "yard-1", "recorder"));
    assert!(verdict.manifest.cameras[0].missing.is_empty());
    assert_eq!((verdict.manifest.title.as_str(), verdict.manifest.reason.as_str()), ("Truck 4411", "A claim"));
    let steps: Vec<_> =
        verdict.manifest.custody.iter().map(|step| (step.what.as_str(), step.audit_seq.is_some())).collect();
    assert_eq!(steps, [("asked", true), ("cut", true), ("signed", false)]);
    // From the key in front of the first frame to the last one, unchanged.
    let (video, _) = read(&bytes);
    let data: Vec<_> = video.frames.iter().map(|frame| String::from_utf8(frame.data.clone()).unwrap()).collect();
    assert_eq!((data[0].as_str(), data.last().unwrap().as_str()), ("D0000025", "D0000336"));
    assert_eq!(data.len(), 312);

    for at in [100, bytes.len() / 3, bytes.len() - 600, bytes.len() - 1] {
        let mut other = bytes.clone();
        other[at] ^= 1;
        assert!(judged(&house, &other).is_err(), "byte {at}");
    }
    let manifest = office.get(&format!("{page}/manifest.json")).await.expect(200).body;
    assert_eq!(Some(manifest), row(&house.app, &page).await.manifest);
    let refused = "UPDATE clips SET manifest = 'other'";
    assert!(house.app.db().execute_unprepared(refused).await.is_err(), "what was signed is immutable");
    let left: Vec<_> = fs::read_dir(house.data().join("objects/.tmp/copies")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    // The job may run twice.
    clips::cut(&house.app, id_of(&page), 1, 1, || None).await.unwrap();
    assert_eq!(saved(&office, &page, "1").await, bytes);
}

#[tokio::test]
async fn a_gap_begins_another_file_and_is_said() {
    let (house, dock, office) = house().await;
    let gate = camera(&house.app, 2, "Gate", true).await;
    // Of the gate the third file is not there: four seconds without film.
    let whole = files(&film(500, "G"));
    recorded(&house.app, &gate, &whole[..2], FROM + 8000).await;
    missing(&house.app, &gate, FROM + 8000, Some(FROM + 12_000), "stalled").await;
    recorded_later(&house, &gate, &whole[3..]).await;
    missing(&house.app, &dock, FROM + 20_000, None, "unreachable").await;

    let page = asked(&office, &["dock_2", "gate"], 2000, 30_000, &[]).await;
    house.run_jobs().await;
    let shown = office.get(&page).await.expect(200).body;
    assert!(shown.contains("Download all (zip)") && shown.contains("Missing of this time"), "{shown}");
    assert!(shown.contains("The camera sent no frames") && shown.contains("The camera could not be reached"));
    let zip = saved(&office, &page, "").await;
    let verdict = judged(&house, &zip).unwrap();
    assert_eq!(verdict.proven.len(), 3);
    let gate = &verdict.manifest.cameras[1];
    assert_eq!((gate.files.len(), gate.missing[0].reason.as_str()), (2, "stalled"));
    assert_eq!(gate.files[1].sources[0].key, "recordings/gate/2026-11-20/recording_000013.mp4");
    assert_eq!(gate.missing.last().unwrap().reason, "unrecorded", "nobody noted why it ended");
    assert_eq!(verdict.manifest.cameras[0].missing[0].reason, "unreachable");
    let mut other = zip.clone();
    other[zip.len() / 2] ^= 0x20;
    assert!(judged(&house, &other).is_err());
    assert_eq!(judged(&house, &saved(&office, &page, "3").await).unwrap().proven[0].name, gate.files[1].name);
}

/// The rest of a film after a pause, as a run of its own.
async fn recorded_later(
    house: &TestApp,
    camera: &gatehouse_app::cameras::model::camera::Model,
    files: &[(i64, Vec<u8>)],
) {
    use crate::support::footage::recorded_from;
    recorded_from(&house.app, camera, files, 13, FROM + 12_000, FROM + 20_000).await;
}

#[tokio::test]
async fn a_recording_that_changed_fails_the_clip_and_is_named() {
    let (house, _, office) = house().await;
    let key = "recordings/dock_2/2026-11-20/recording_000001.mp4";
    let path = house.data().join("objects").join(key);
    let right = fs::read(&path).unwrap();
    let mut wrong = right.clone();
    let last = wrong.len() - 3;
    wrong[last] ^= 1;
    put(&path, &wrong);
    let page = asked(&office, &["dock_2"], 1000, 9000, &[]).await;
    house.run_jobs().await;
    let shown = office.get(&page).await.expect(200).body;
    assert!(shown.contains("It could not be made") && shown.contains(key), "{shown}");
    let none = office.post(&format!("{page}/download"), &[]).await.expect(409).body;
    assert!(none.contains("is not cut yet"), "{none}");

    put(&path, &right);
    office.post(&format!("{page}/retry"), &[]).await.expect(303);
    house.run_jobs().await;
    assert_eq!(judged(&house, &saved(&office, &page, "").await).unwrap().manifest.cameras[0].files[0].frames, 200);
    office.post(&format!("{page}/retry"), &[]).await.expect(409);
    let trail = house.audit_trail().await;
    assert_eq!(trail.iter().filter(|line| line.contains("clip.failed")).count(), 1, "{trail:?}");
}

#[expect(clippy::disallowed_methods, reason = "a test's file")]
fn put(path: &std::path::Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn film_that_is_not_here_yet_is_waited_for() {
    let (house, dock, office) = house().await;
    let open = |ended: Option<i64>| {
        let (app, number) = (house.app.clone(), dock.number);
        async move {
            let reason = ended.map(|_| "stopped".to_owned());
            let change = run::ActiveModel { ended_at: Set(ended), end_reason: Set(reason), ..Default::default() };
            let tx = app.begin().await.unwrap();
            run::Entity::update_many().set(change).filter(run::Column::Camera.eq(number)).exec(&tx).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    open(None).await;
    let page = asked(&office, &["dock_2"], 10_000, 25_000, &[]).await;
    house.run_jobs().await;
    let shown = office.get(&page).await.expect(200).body;
    assert!(shown.contains("Dock 2: the end of it is still being recorded"), "{shown}");
    assert_eq!(house.run_jobs().await, 0, "the next look is in a minute");
    house.clock.advance(Duration::from_secs(61));
    assert_eq!(house.run_jobs().await, 1);
    assert_eq!((row(&house.app, &page).await.state.as_str(), row(&house.app, &page).await.generation), ("waiting", 3));
    open(Some(FROM + 20_000)).await;
    house.clock.advance(Duration::from_secs(61));
    house.run_jobs().await;
    assert_eq!(row(&house.app, &page).await.state, "ready");

    // A recorder that is behind is waited for as long; after a week what there is is cut, and the rest is missing.
    missing(&house.app, &dock, FROM + 20_000, None, "recorder_away").await;
    let page = asked(&office, &["dock_2"], 10_000, 25_000, &[]).await;
    house.run_jobs().await;
    assert!(office.get(&page).await.expect(200).body.contains("its recorder has not been heard of"));
    house.clock.advance(Duration::from_hours(7 * 24));
    house.run_jobs().await;
    let clip = row(&house.app, &page).await;
    assert_eq!(clip.state, "ready", "{:?}", clip.error);
    assert!(clip.manifest.unwrap().contains("recorder_away"));
}

#[tokio::test]
async fn nothing_recorded_is_said_and_a_lost_job_comes_back() {
    let (house, _, office) = house().await;
    let page = asked(&office, &["dock_2"], 30_000, 40_000, &[]).await;
    house.run_jobs().await;
    assert!(office.get(&page).await.expect(200).body.contains("Nothing of this camera is recorded of this time"));

    let page = asked(&office, &["dock_2"], 1000, 2000, &[]).await;
    let jobs = if house.app.db().get_database_backend() == sea_orm::DatabaseBackend::Postgres {
        "apalis.jobs"
    } else {
        "Jobs"
    };
    house.app.db().execute_unprepared(&format!("DELETE FROM {jobs}")).await.unwrap();
    // A run that was killed left a file at the key, and no record of it.
    let year = house.data().join("objects/evidence/2026").join(id_of(&page).to_string());
    fs::create_dir_all(&year).unwrap();
    fs::File::create(year.join("dock_2_20261120_200211.mp4")).unwrap();
    assert_eq!(house.run_jobs().await, 0);
    assert_eq!(reconcile::round(&house.app).await.clips, 1);
    house.run_jobs().await;
    assert_eq!(reconcile::round(&house.app).await.clips, 0);
    judged(&house, &saved(&office, &page, "").await).unwrap();
}

#[tokio::test]
async fn of_two_runs_of_one_job_one_lays_the_files() {
    let (house, _, office) = house().await;
    let page = asked(&office, &["dock_2"], 1000, 2000, &[]).await;
    let folder = house.data().join("objects/evidence/2026").join(id_of(&page).to_string());
    fs::create_dir_all(&folder).unwrap();
    let other = fs::File::open(&folder).unwrap();
    other.lock().unwrap();
    house.run_jobs().await;
    assert_eq!(row(&house.app, &page).await.state, "cutting");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    // The other one was killed at its end.
    drop(other);
    assert_eq!(reconcile::round(&house.app).await.clips, 1);
    house.run_jobs().await;
    judged(&house, &saved(&office, &page, "").await).unwrap();
}

#[tokio::test]
async fn an_erased_clip_is_gone_and_a_held_one_stays() {
    let (house, _, office) = house().await;
    let admin = house.sign_in(gatehouse_app::users::Role::Admin).await;
    let page = asked(&office, &["dock_2"], 1000, 3000, &[]).await;
    house.run_jobs().await;
    let bytes = saved(&office, &page, "").await;
    office.post(&format!("{page}/erase"), &[("reason", "no")]).await.expect(403);
    admin.post(&format!("{page}/hold"), &[("reason", "Case 7")]).await.expect(303);
    assert!(admin.get(&page).await.expect(200).body.contains("On legal hold"));
    assert!(admin.post(&format!("{page}/erase"), &[("reason", "Old")]).await.expect(409).body.contains("Case 7"));
    admin.post(&format!("{page}/hold/release"), &[("reason", "Settled")]).await.expect(303);
    assert!(admin.post(&format!("{page}/erase"), &[("reason", " ")]).await.expect(422).body.contains("Say why"));
    admin.post(&format!("{page}/erase"), &[("reason", "Old")]).await.expect(303);
    house.run_jobs().await;
    assert!(admin.get(&page).await.expect(200).body.contains("Its files were erased"));
    office.post(&format!("{page}/download"), &[]).await.expect(410);
    office.get(&format!("{page}/1")).await.expect(410);
    let key = format!("evidence/2026/{}/dock_2_20261120_200211.mp4", id_of(&page));
    assert!(!house.data().join("objects").join(&key).exists());
    assert!(objects::known(&house.app, &key).await.unwrap().unwrap().erased_at.is_some());
    // Whoever saved it before has it, and it still proves itself.
    judged(&house, &bytes).unwrap();
    let held = objects::hold(&house.app, &Actor::system(), Subject::Clip(id_of(&page)), "late").await;
    assert!(held.is_ok(), "a hold on what is erased holds nothing and hurts nobody");
    assert!(matches!(judged(&house, b"no film"), Err(Refused::Unsealed)));
}

#[tokio::test]
async fn a_clip_that_was_kept_long_enough_says_that_and_when_it_was_erased() {
    let (house, _, office) = house().await;
    let gate = camera(&house.app, 2, "Gate", true).await;
    recorded(&house.app, &gate, &files(&film(500, "G")), FROM + 20_000).await;
    let page = asked(&office, &["dock_2", "gate"], 1000, 3000, &[]).await;
    let kept = asked(&office, &["dock_2"], 1000, 3000, &[]).await;
    house.run_jobs().await;
    objects::hold(&house.app, &Actor::system(), Subject::Clip(id_of(&kept)), "Case 7").await.unwrap();
    house.clock.advance(Duration::from_hours(24 * (3 * 365 + 2)));
    let office = house.sign_in(Role::Office).await;
    assert!(office.get(&page).await.expect(200).body.contains("Download all (zip)"), "nobody has looked yet");
    reconcile::round(&house.app).await;

    let (row, shown) = (row(&house.app, &page).await, office.get(&page).await.expect(200).body);
    assert_eq!((row.state.as_str(), row.updated_at), ("erased", house.app.now()));
    let day = format_ms(house.app.now(), Tz::UTC, TimeStyle::Date);
    assert!(shown.contains("Its files were erased on ") && shown.contains(&day), "{day} is not in {shown}");
    assert!(shown.contains("kept for as long as clips are kept") && shown.contains("Gatehouse erased it"), "{shown}");
    assert!(!shown.contains("/download") && !shown.contains("Ready"), "{shown}");
    office.post(&format!("{page}/download"), &[]).await.expect(410);
    office.get(&format!("{page}/manifest.json")).await.expect(200);
    let trail = house.audit_trail().await;
    assert_eq!(trail.iter().filter(|line| *line == "system clip.erased clip").count(), 1, "{trail:?}");
    assert_eq!(super::row(&house.app, &kept).await.state, "ready", "it is held");
    assert!(office.get(&kept).await.expect(200).body.contains("/download"));

    let owner = house.user("programs@gatehouse.test", Role::Office).await;
    let new = NewToken { name: "t".into(), scopes: vec!["cameras:read".into()], days: "1".into() };
    let (_, token) = users::create_token(&house.app, &Actor::system(), owner, new).await.unwrap();
    let program = house.anonymous().with("authorization", &format!("Bearer {token}"));
    let of = async |page: &str| program.get(&format!("/api/v1{page}")).await.expect(200).json();
    let (erased, held) = (of(&page).await, of(&kept).await);
    assert_eq!((erased["state"].as_str(), held["state"].as_str()), (Some("erased"), Some("ready")));
    assert!(erased["erased_at"].is_string() && held["erased_at"].is_null(), "{erased}");
}
