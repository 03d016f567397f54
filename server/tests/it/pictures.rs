//! Pictures of what is recorded: tiles, sheets and the last whole one, from a file's first frame to the page.

use std::{io::Write, time::Duration};

use gatehouse_app::{
    cameras::model::{camera, status},
    objects::model::object,
    recordings::{SHEET, model::sheet},
    users::Role,
};
use gatehouse_jobs::pictures::{Film, Pictures};
use sea_orm::EntityTrait;

use crate::{
    alerts::{camera, say},
    support::TestApp,
};

const FILMS: [&[u8]; 2] =
    [include_bytes!("../../../jobs/tests/data/h264.mp4"), include_bytes!("../../../jobs/tests/data/h265.mp4")];

/// A file as it is handed over when it is kept.
fn film(camera: &camera::Model, started_at: i64, bytes: &[u8]) -> Film {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let fragment = bytes.windows(4).position(|four| four == b"moof").unwrap() as u64 - 4;
    // `prft` may stand in front of `moof`, and belongs to the fragment.
    let prft = bytes.windows(4).position(|four| four == b"prft").map(|at| at as u64 - 4);
    let head = prft.filter(|at| *at < fragment).unwrap_or(fragment);
    Film { camera: camera.id, started_at, file, head, first: bytes.len() as u64 - head }
}

fn tiles(house: &TestApp, camera: &camera::Model) -> usize {
    let folder = house.data().join("spool/pictures").join(camera.id.to_string());
    std::fs::read_dir(folder).map(Iterator::count).unwrap_or(0)
}

async fn until(mut there: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if there().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come to that");
}

#[tokio::test]
async fn ten_minutes_are_one_sheet_and_the_last_picture_is_on_the_page() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let dock = camera(&house, &admin, "Dock 2").await;
    say(&house, &dock, "connected", |_| {}).await;
    let pictures = Pictures::new(house.app.clone(), &house.data().join("spool"), 5);
    let ten = house.app.now().div_euclid(SHEET) * SHEET;
    for minute in 0..10 {
        pictures.take(film(&dock, ten + minute * 60_000, FILMS[minute as usize % 2]));
        until(async || tiles(&house, &dock) == minute as usize + 1).await;
    }
    let shown = async || status::Entity::find_by_id(dock.id).one(house.app.db()).await.unwrap().unwrap().snapshot_at;
    until(async || shown().await == Some(ten + 5 * 60_000)).await;
    let objects = object::Entity::find().all(house.app.db()).await.unwrap();
    let mut keys: Vec<_> =
        objects.iter().map(|object| object.key.as_str()).filter(|key| key.starts_with("media/")).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        ["media/snapshots/dock_2/2026-11-20/14_00_00.jpg", "media/snapshots/dock_2/2026-11-20/14_05_00.jpg"]
    );
    assert!(admin.get("/cameras").await.expect(200).body.contains("What Dock 2 saw last"));
    assert!(admin.get(&format!("/cameras/{}", dock.id)).await.expect(200).body.contains("What Dock 2 saw last"));

    assert_eq!(pictures.sheets().await.unwrap(), 0, "not over yet");
    pictures.take(film(&dock, ten + SHEET, FILMS[0]));
    until(async || tiles(&house, &dock) == 11).await;
    assert_eq!(pictures.sheets().await.unwrap(), 1);
    let sheets = sheet::Entity::find().all(house.app.db()).await.unwrap();
    assert_eq!((sheets.len(), sheets[0].started_at, sheets[0].width, sheets[0].height), (1, ten, 192, 108));
    assert_eq!(sheets[0].tiles, "0,60000,120000,180000,240000,300000,360000,420000,480000,540000");
    assert_eq!((tiles(&house, &dock), pictures.sheets().await.unwrap()), (1, 0), "once, and its tiles are gone");

    // A picture that comes late for a sheet that is there is left out, and does not stay.
    pictures.take(film(&dock, ten + 30_000, FILMS[0]));
    until(async || tiles(&house, &dock) == 2).await;
    pictures.sheets().await.unwrap();
    assert_eq!((tiles(&house, &dock), sheet::Entity::find().all(house.app.db()).await.unwrap().len()), (1, 1));

    // Whoever died before the sheet was made left its tiles: the next process finds them when their time is over.
    house.clock.advance(Duration::from_mins(30));
    let next = Pictures::new(house.app.clone(), &house.data().join("spool"), 0);
    assert_eq!((next.sheets().await.unwrap(), tiles(&house, &dock)), (1, 0));
}

#[tokio::test]
async fn what_cannot_be_decoded_has_no_picture_and_nothing_else_comes_of_it() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let dock = camera(&house, &admin, "Dock 2").await;
    let pictures = Pictures::new(house.app.clone(), &house.data().join("spool"), 5);
    let now = house.app.now();
    let mut junk = FILMS[0].to_vec();
    let film_at = junk.windows(4).position(|four| four == b"mdat").unwrap() + 4;
    junk[film_at..].fill(0x55);
    pictures.take(film(&dock, now, &junk));
    let mut cut = film(&dock, now + 1, FILMS[1]);
    cut.file.set_len(200).unwrap();
    cut.head = u64::MAX / 2;
    pictures.take(cut);
    pictures.take(film(&dock, now + 2, FILMS[1]));
    until(async || tiles(&house, &dock) == 1).await;
    assert_eq!(pictures.sheets().await.unwrap(), 0);
    house.clock.advance(Duration::from_hours(30));
    assert_eq!((pictures.sheets().await.unwrap(), tiles(&house, &dock)), (0, 0), "nobody waits for it any more");
}
