//! What one file puts on record, once.

use std::process::Command;

use gatehouse_app::recordings::{self, Fragments, Kept, Reason, model::fragment};
use sea_orm::EntityTrait;

use super::{EIGHT, MINUTE, covered, missing};
use crate::support::{TestApp, recorded as film};

#[tokio::test]
async fn a_file_is_on_record_with_its_object_its_fragments_and_its_day() {
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    let run = film::begin(app, &camera, EIGHT).await;
    assert_eq!(film::keep(app, &camera, &run, EIGHT, 60).await, Kept::New);
    assert_eq!(film::keep(app, &camera, &run, EIGHT + MINUTE, 30).await, Kept::New);

    let segments = film::segments(app, &camera).await;
    let first = film::object_of(app, &segments[0]).await;
    assert_eq!(first.key, "recordings/dock_2/2026-11-20/recording_08_00_00.mp4");
    assert_eq!((first.class.as_str(), first.content_type.as_str()), ("recording", "video/mp4"));
    assert_eq!((segments[0].ended_at, segments[1].ended_at), (EIGHT + MINUTE, EIGHT + 90_000));
    // Files on this disk are the storage here: nothing is on its way.
    assert!(segments.iter().all(|segment| segment.state == "completed" && segment.store_id == Some(1)));
    let packed = fragment::Entity::find_by_id((camera.number, EIGHT)).one(app.db()).await.unwrap().unwrap();
    let fragments = Fragments::unpack(&packed.fragments).unwrap();
    assert_eq!((fragments.0.len(), fragments.length()), (60, MINUTE));
    let bytes: i64 = fragments.0.iter().map(|fragment| i64::from(fragment.bytes)).sum();
    assert_eq!(bytes + i64::from(segments[0].init_size), segments[0].size);
    assert_eq!(covered(app, &camera).await, (vec![(0, 2)], 2, 90));
    assert_eq!(missing(app, &camera).await, [""; 0]);

    // What stands there is film.
    let file = house.data().join("objects").join(&first.key);
    let mut probe = Command::new("ffprobe");
    probe.args(["-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0"]).arg(&file);
    let out = probe.output().expect("ffprobe");
    assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), "600", "{}", String::from_utf8_lossy(&out.stderr));
}

#[tokio::test]
async fn a_file_that_comes_twice_changes_nothing_and_another_of_its_time_is_not_taken() {
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    let run = film::record(app, &camera, EIGHT, 2, Some(Reason::Stalled)).await;
    let before = (film::segments(app, &camera).await, covered(app, &camera).await, missing(app, &camera).await);

    assert_eq!(film::keep_as(app, &camera, &run, 1, EIGHT, 60).await, Kept::Known);
    assert_eq!(film::keep_as(app, &camera, &run, 2, EIGHT, 50).await, Kept::Taken);
    assert_eq!(film::keep(app, &camera, &run, EIGHT + 30_000, 60).await, Kept::Taken);
    let early = film::begin(app, &camera, EIGHT - 30_000).await;
    assert_eq!(film::keep(app, &camera, &early, EIGHT - 30_000, 300).await, Kept::Taken);
    assert_eq!((film::segments(app, &camera).await, covered(app, &camera).await, missing(app, &camera).await), before);

    // A quarter of a second is how far two frames may be apart.
    assert_eq!(film::keep(app, &camera, &run, EIGHT + 2 * MINUTE - 200, 60).await, Kept::New);
}

#[tokio::test]
async fn two_files_that_begin_in_one_second_have_two_names() {
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    let first = film::begin(app, &camera, EIGHT).await;
    film::keep(app, &camera, &first, EIGHT, 1).await;
    film::end(app, &first, EIGHT + 1000, Reason::Parameters).await;
    let second = film::begin(app, &camera, EIGHT + 800).await;
    film::keep(app, &camera, &second, EIGHT + 800, 60).await;
    assert_eq!(recordings::free_nth(app, camera.number, EIGHT + 999).await.unwrap(), 3);
    let mut keys = Vec::new();
    for segment in film::segments(app, &camera).await {
        keys.push(film::object_of(app, &segment).await.key);
    }
    assert_eq!(
        keys,
        [
            "recordings/dock_2/2026-11-20/recording_08_00_00.mp4",
            "recordings/dock_2/2026-11-20/recording_08_00_00_2.mp4"
        ]
    );
    // Other parameters are no gap.
    assert_eq!(missing(app, &camera).await, [""; 0]);
}

#[tokio::test]
async fn a_file_over_midnight_counts_for_both_days() {
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    let midnight = EIGHT - 8 * 60 * MINUTE;
    let run = film::begin(app, &camera, midnight - 30_000).await;
    film::keep(app, &camera, &run, midnight - 30_000, 60).await;
    // It began the day before, and is counted there.
    assert_eq!(covered(app, &camera).await, (vec![(-480, -479)], 0, 30));
}

#[tokio::test]
async fn how_long_film_is_kept_is_its_cameras_and_counts_from_when_it_was_recorded() {
    const DAY: i64 = 86_400_000;
    let house = TestApp::start().await;
    let app = &house.app;
    let camera = film::camera(app, "Dock 2").await;
    film::record(app, &camera, EIGHT, 1, None).await;
    let short =
        gatehouse_app::cameras::model::camera::Model { retention_days: Some(7), ..film::camera(app, "Gate").await };
    film::record(app, &short, EIGHT, 1, None).await;
    for (camera, days) in [(&camera, 365), (&short, 7)] {
        let object = film::object_of(app, &film::segments(app, camera).await[0]).await;
        assert_eq!(object.retain_until, Some(EIGHT + MINUTE + days * DAY));
        assert_eq!(object.subject_id, Some(camera.id.to_string()));
    }
}
