//! The recording browser's page and its timeline.

use gatehouse_app::{
    recordings::{self, Reason},
    users::Role,
    yard::Yard,
};

use super::MINUTE;
use crate::{
    cameras::{DOCK, added, dock_with, row},
    support::{
        Client, TestApp,
        recorded::{end, record},
    },
};

const HOUR: i64 = 60 * MINUTE;
/// Friday, 20 November 2026, 13:00 UTC.
const ONE: i64 = 1_795_179_600_000;

async fn two_cameras() -> (TestApp, Client) {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let dock = row(&house.app, &added(&admin, DOCK).await).await;
    let gate = row(&house.app, &added(&admin, &dock_with(&[("name", "Gate"), ("open_to_all", "on")])).await).await;
    record(&house.app, &dock, ONE, 10, Some(Reason::Stalled)).await;
    record(&house.app, &dock, ONE + 12 * MINUTE, 8, Some(Reason::Closed)).await;
    let mut tx = house.app.begin().await.unwrap();
    recordings::begin_gap(&mut tx, gate.number, ONE - 40 * 24 * HOUR, Reason::Refused, "401").await.unwrap();
    tx.commit().await.unwrap();
    (house, admin)
}

/// The page's own part, without what each build of the scripts changes.
fn part(body: &str) -> String {
    let main = &body[body.find("<main").unwrap()..body.find("</main>").unwrap()];
    let (first, rest) = main.split_once("/assets/").unwrap();
    let hash = rest.split('/').next().unwrap();
    [first, rest].join("/assets/").replace(hash, "…").replace("><", ">\n<")
}

#[tokio::test]
async fn the_page_shows_what_there_is_and_what_is_missing() {
    let (_house, admin) = two_cameras().await;
    let empty = admin.get("/recordings").await.expect(200).body;
    assert!(empty.contains("Choose a camera") && empty.contains("Gate") && !empty.contains("data-browser"));
    let page = admin.get("/recordings?cameras=dock_2,gate&at=2026-11-20T13:10:00Z&span=1h").await.expect(200);
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("media-src 'self' blob:"));
    for words in [
        "Dock 2: 30 % of this time is recorded",
        "20 Nov, 13:10:00 to 13:12:00, 2 min 0 s: The camera sent no frames",
        "since 11 Oct, 13:00:00: The camera did not let us in (401)",
        ">yard<",
    ] {
        assert!(page.body.contains(words), "{words}");
    }
    insta::assert_snapshot!("page", part(&page.body));
    assert!(page.body.contains("/clips/new?cameras=dock_2%2Cgate&amp;from=2026-11-20T12%3A40%3A00Z"));
    let month = admin.get("/recordings?cameras=gate&span=31d").await.expect(200).body;
    let hidden = |page: &str| page.matches(" hidden").count();
    assert_eq!(hidden(&month), hidden(&page.body) + 1, "no clip is so long");
    // As the form sends it.
    let form = admin.get("/recordings?cameras=dock_2&cameras=gate&at=2026-11-20T13%3A10%3A00&was=&span=1h").await;
    assert_eq!(form.expect(200).body.matches("data-film=").count(), 2);
    // With no instant it is the newest film.
    let newest = admin.get("/recordings?cameras=dock_2").await.expect(200).body;
    assert!(newest.contains(&format!("data-at=\"{}\"", ONE + 19 * MINUTE)));
}

#[tokio::test]
async fn film_that_is_being_recorded_stands_in_the_table_until_its_run_ends() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let dock = row(&house.app, &added(&admin, DOCK).await).await;
    let began = house.app.now() - 5 * MINUTE;
    let run = record(&house.app, &dock, began, 2, None).await;
    let shown = async || admin.get("/recordings?cameras=dock_2&span=10m").await.expect(200).body;
    let page = shown().await;
    assert!(page.matches("Not ended yet").count() == 1 && page.contains("3 min 0 s"), "{page}");
    assert_eq!(page.matches("1 min 0 s").count(), 2);
    end(&house.app, &run, began + 2 * MINUTE, Reason::Closed).await;
    assert!(!shown().await.contains("Not ended yet"));
}

#[tokio::test]
async fn what_cannot_be_read_comes_back_as_it_was_typed() {
    let (_house, admin) = two_cameras().await;
    let page = admin.get("/recordings?cameras=gate&at=yesterday+noon&span=1h").await.expect(422).body;
    assert!(
        page.contains("yesterday noon") && page.contains("Give date and time such as") && page.contains("data-browser")
    );
    assert!(admin.get("/recordings?cameras=gate&span=2h").await.expect(422).body.contains("is no span of time"));
    admin.get("/recordings/tracks?cameras=gate&at=never").await.expect(422);
    for at in ["9223372036854775807", "-9223372036854775808", "+262142-12-31T00:00:00Z", "-1"] {
        assert!(admin.get(&format!("/recordings?cameras=gate&at={at}&span=31d")).await.status < 500, "{at}");
    }
}

#[tokio::test]
async fn a_camera_that_is_not_open_is_as_one_that_is_not() {
    let (house, _) = two_cameras().await;
    let viewer = house.sign_in(Role::Viewer).await;
    let page = viewer.get("/recordings?cameras=dock_2,gate&at=2026-11-20T13:10:00Z").await.expect(200).body;
    assert!(page.contains("Gate") && !page.contains("Dock 2") && !page.contains("dock_2"));
    assert!(!page.contains("/clips/new"), "who may not export is not asked to");
    let part = viewer.get("/recordings/tracks?cameras=dock_2,nothing&at=2026-11-20T13:10:00Z").await.expect(200).body;
    assert!(!part.contains("Dock 2"));
    // Looking at a line of time is no look at film.
    assert!(!house.audit_trail().await.iter().any(|line| line.contains("recording.")));
}

#[tokio::test]
async fn beyond_a_day_minutes_are_drawn() {
    let (_house, admin) = two_cameras().await;
    for span in ["7d", "31d"] {
        let part =
            admin.get(&format!("/recordings/tracks?cameras=dock_2,gate&at=2026-11-20T13:10:00Z&span={span}")).await;
        let part = part.expect(200).body;
        assert!(
            !part.contains("<html") && part.contains("class=\"ink\"") && part.contains("Zoom in to a day"),
            "{part}"
        );
    }
}

#[tokio::test]
async fn days_of_23_and_of_25_hours_are_drawn_by_the_yards_clock() {
    let house = TestApp::start().await;
    let yard = Yard { zone: chrono_tz::Tz::America__Chicago, ..Yard::default() };
    let tx = house.app.begin().await.unwrap();
    yard.store(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let admin = house.sign_in(Role::Admin).await;
    added(&admin, DOCK).await;
    let tracks = |at: &str| format!("/recordings/tracks?cameras=dock_2&at={}&span=24h", at.replace('+', "%2B"));
    let spring = admin.get(&tracks("2026-03-08T12:00:00-05:00")).await.expect(200).body;
    assert!(spring.contains(">8 Mar<") && spring.contains(">CDT<"), "{spring}");
    let autumn = admin.get(&tracks("2026-11-01T08:00:00-06:00")).await.expect(200).body;
    assert!(autumn.contains(">1 Nov<") && autumn.contains(">CST<"), "{autumn}");
    // The hour that is there twice is two links, and the form keeps to the one that it came from.
    for (was, zone) in [("2026-11-01T01:30:00-05:00", "CDT"), ("2026-11-01T01:30:00-06:00", "CST")] {
        let query = [("cameras", "dock_2"), ("at", "2026-11-01T01:30:00"), ("was", was), ("span", "10m")];
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let page = admin.get(&format!("/recordings?{query}")).await.expect(200).body;
        assert!(page.contains(&format!(">{zone}<")), "{was}");
    }
    let never = admin.get("/recordings?cameras=dock_2&at=2026-03-08T02:30:00").await.expect(422).body;
    assert!(never.contains("it never was"));
}
