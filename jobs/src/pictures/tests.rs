use gatehouse_app::recordings::SHEET;

use super::*;

fn camera(n: u128) -> CameraId {
    CameraId(uuid::Uuid::from_u128(n))
}

fn tile(folder: &Path, camera: CameraId, at: i64, bytes: usize) {
    let folder = folder.join(camera.to_string());
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{at}.tile")), vec![90; bytes]).unwrap();
}

const WHOLE_TILE: usize = 192 * 108 * 3;
const TEN: i64 = 1_795_183_200_000;

#[test]
fn a_sheet_is_due_when_a_later_one_has_begun_or_its_time_is_over() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(due(&folder.path().join("none"), TEN).unwrap(), []);
    for at in [TEN + 61_000, TEN, TEN + 599_999] {
        tile(folder.path(), camera(1), at, WHOLE_TILE);
    }
    assert_eq!(due(folder.path(), TEN + SHEET).unwrap(), [], "its last file may still be open");
    tile(folder.path(), camera(2), TEN + SHEET, WHOLE_TILE);
    assert_eq!(due(folder.path(), TEN + SHEET + 1).unwrap(), [], "another camera's");
    tile(folder.path(), camera(1), TEN + SHEET, WHOLE_TILE);
    let found = due(folder.path(), TEN + SHEET + 1).unwrap();
    assert_eq!(found.len(), 1);
    let times: Vec<_> = found[0].tiles.iter().map(|(at, _)| at - TEN).collect();
    assert_eq!((found[0].camera, found[0].started_at, times), (camera(1), TEN, vec![0, 61_000, 599_999]));
    assert_eq!(due(folder.path(), TEN + 2 * SHEET + LATEST).unwrap().len(), 3);
    fs::write(folder.path().join("stranger"), b"").unwrap();
    fs::write(folder.path().join(camera(1).to_string()).join("noon.tile"), b"").unwrap();
    assert!(due(folder.path(), TEN).is_err() || due(folder.path(), TEN).unwrap().len() == 1);
}

#[test]
fn whole_pictures_come_as_often_as_asked_and_not_of_all_cameras_at_once() {
    let (minute, every) = (60_000, 300_000);
    assert!(is_due(camera(7), None, TEN, every), "the first one at once");
    let minutes_of = |n: u128| {
        let mut last = Some(TEN);
        let due = |at: &i64| {
            let due = is_due(camera(n), last, *at, every);
            last = last.filter(|_| !due).or(Some(*at));
            due
        };
        (1..=60).map(|n| TEN + n * minute).filter(due).map(|at| (at - TEN) / minute).collect::<Vec<_>>()
    };
    for n in (0..5).map(|n| n * 60_000) {
        let minutes = minutes_of(n);
        assert_eq!(minutes.len(), 12, "{minutes:?}");
        assert!(minutes.windows(2).all(|two| two[1] - two[0] == 5), "{minutes:?}");
    }
    let first: std::collections::BTreeSet<_> = (0..5).map(|n| minutes_of(n * 60_000)[0]).collect();
    assert_eq!(first.len(), 5);
    assert!(is_due(camera(7), Some(TEN + every), TEN, every), "a clock that was set back keeps none away");
}

#[test]
fn tiles_stand_below_each_other_and_half_ones_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    for (at, bytes) in [(TEN, WHOLE_TILE), (TEN + 60_000, 100), (TEN + 120_000, WHOLE_TILE)] {
        tile(folder.path(), camera(1), at, bytes);
    }
    let due = due(folder.path(), TEN + 10 * SHEET).unwrap().remove(0);
    let (kept, jpeg) = sheet::join(TEN, &due.tiles).unwrap().unwrap();
    assert_eq!((kept.tiles.as_slice(), kept.width, kept.height), (&[0, 120_000][..], 192, 108));
    // Height and width stand in the frame header (ITU-T T.81 §B.2.2).
    let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    assert_eq!(&jpeg[frame + 5..frame + 9], [0, 216, 0, 192]);
    assert!(sheet::join(TEN, &[(TEN, folder.path().join("gone"))]).unwrap().is_none());
}
