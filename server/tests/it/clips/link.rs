//! Clips that go along with a bill: what the customer gets, what a scanner gets, what stands in the trail.

use std::time::Duration;

use gatehouse_app::{links::model::view, users::Role};
use sea_orm::{EntityTrait, QueryOrder};

use super::{asked, house, id_of, judged};
use crate::{
    links::{link_in, page_token, person},
    support::{Client, TestApp, paper::issued_bill},
};

/// A bill with a clip, sent to gary.
struct Sent {
    house: TestApp,
    /// His link, and where its buttons for the clip post to.
    path: String,
    pressed: String,
    office: Client,
    /// The clip's page, and the bill's.
    page: String,
    bill: String,
}

async fn sent(more: &[(&str, &str)]) -> Sent {
    let (house, _, office) = house().await;
    let bill = issued_bill(&house.app, 1).await;
    let page = asked(&office, &["dock_2"], 1000, 5000, &[("bol", &bill.number)]).await;
    house.run_jobs().await;
    let form = office.get(&format!("/bols/{}/send", bill.id)).await.expect(200).body;
    assert!(form.contains("Footage that goes along") && form.contains("Truck 4411, 4 s (Dock 2)"), "{form}");
    let clip = id_of(&page).to_string();
    let fields: Vec<_> =
        [("to", "gary@acme.test"), ("clips", clip.as_str())].into_iter().chain(more.iter().copied()).collect();
    office.post(&format!("/bols/{}/send", bill.id), &fields).await.expect(303);
    house.run_jobs().await;
    let path = link_in(&house, 0);
    assert!(house.mail.texts()[0].contains("Footage of its loading goes along"));
    house.clock.advance(Duration::from_mins(5));
    let pressed = format!("{path}/clips/{clip}");
    Sent { bill: format!("/bols/{}", bill.id), house, path, pressed, office, page }
}

async fn kinds(house: &TestApp) -> Vec<(String, bool)> {
    let rows = view::Entity::find().order_by_asc(view::Column::Id).all(house.app.db()).await.unwrap();
    rows.into_iter().map(|row| (row.kind, row.clip_id.is_some())).collect()
}

#[tokio::test]
async fn a_customer_plays_and_downloads_and_the_trail_shows_it() {
    let Sent { house, path, pressed, office, page, bill } = sent(&[]).await;
    let browser = person(&house);
    let shown = browser.get(&path).await.expect(200);
    assert!(shown.body.contains("Footage of the loading") && shown.body.contains("Truck 4411"), "{}", shown.body);
    assert!(!shown.body.contains("<video") && !shown.body.contains("/files/"), "nothing before a press");
    let token = page_token(&shown);
    let playing = browser.post(&pressed, &[("csrf", &token), ("press", "play")]).await.expect(200);
    let from = playing.body.find("src=\"http://gatehouse.test/files/").expect("a film") + 5;
    let url = playing.body[from..].split('"').next().unwrap().replace("&amp;", "&");
    assert!(playing.headers["content-security-policy"].to_str().unwrap().contains("media-src 'self'"));
    assert_eq!(playing.headers["cache-control"], "no-store");
    house.clock.advance(Duration::from_mins(55));
    let film = browser.get(url.trim_start_matches("http://gatehouse.test")).await.expect(200);
    assert_eq!(film.headers["content-type"], "video/mp4");
    house.clock.advance(Duration::from_mins(6));
    browser.get(url.trim_start_matches("http://gatehouse.test")).await.expect(410);

    let answer = browser.post(&pressed, &[("csrf", &token), ("press", "download")]).await.expect(303);
    let file = browser.get(answer.location().trim_start_matches("http://gatehouse.test")).await.expect(200);
    assert!(file.headers["content-disposition"].to_str().unwrap().contains("dock_2_20261120_200211.mp4"));
    assert_eq!(judged(&house, &file.bytes).unwrap().manifest.bol.as_deref(), Some("PRT-2026-0001"));
    let found = kinds(&house).await;
    let found: Vec<_> = found.iter().map(|(kind, clip)| (kind.as_str(), *clip)).collect();
    assert_eq!(found, [("fetched", false), ("played", true), ("clip_downloaded", true)]);
    let shown = office.get(&page).await.expect(200).body;
    assert!(shown.contains("watched it by their link") && shown.contains("saved it by their link"), "{shown}");
    let trail = office.get(&bill).await.expect(200).body;
    assert!(trail.contains("gary@acme.test watched “Truck 4411”"), "{trail}");
}

#[tokio::test]
async fn scanners_and_strangers_get_nothing() {
    let Sent { house, path, pressed, office, .. } = sent(&[("passcode", "gate-7-blue")]).await;
    let scanner = house.anonymous().with("sec-fetch-mode", "navigate").with("sec-ch-ua", "\"Chromium\"");
    scanner.get(&pressed).await.expect(405);
    let token = page_token(&scanner.get(&path).await.expect(200));
    let answer = scanner.post(&pressed, &[("csrf", &token)]).await.expect(422);
    assert!(answer.body.contains("Press Play or Download") && !answer.body.contains("<video"));
    let answer = scanner.post(&pressed, &[("csrf", &token), ("press", "play")]).await.expect(422);
    assert!(answer.body.contains("Type the last four digits") && !answer.body.contains("<video"), "{}", answer.body);

    let browser = person(&house);
    let old = browser.post(&pressed, &[("csrf", "other"), ("press", "play")]).await.expect(422);
    assert!(old.body.contains("Press the button once more"));
    let asks = browser.post(&pressed, &[("csrf", &token), ("press", "play")]).await.expect(422);
    assert!(asks.body.contains("Type the passcode"), "{}", asks.body);
    let field = format!("passcode.{}", pressed.rsplit('/').next().unwrap());
    assert!(asks.body.contains(&field));
    let wrong =
        browser.post(&pressed, &[("csrf", &token), ("press", "play"), (&field, "gate-8-blue")]).await.expect(422);
    assert!(wrong.body.contains("This passcode is wrong"));
    browser.post(&pressed, &[("csrf", &token), ("press", "play"), (&field, "gate-7-blue")]).await.expect(200);
    // A clip that the link does not carry is none of its holder's business.
    let other = asked(&office, &["dock_2"], 1000, 2000, &[]).await;
    house.run_jobs().await;
    let elsewhere = format!("{path}/clips/{}", id_of(&other));
    browser.post(&elsewhere, &[("csrf", &token), ("press", "play"), (&field, "gate-7-blue")]).await.expect(404);
    browser.post(&format!("{path}/clips/nonsense"), &[]).await.expect(404);
    assert_eq!(kinds(&house).await.iter().filter(|(kind, _)| kind == "played").count(), 1);
}

#[tokio::test]
async fn what_is_over_is_said_in_words() {
    let Sent { house, path, pressed, page, .. } = sent(&[("hours", "2")]).await;
    let (browser, admin) = (person(&house), house.sign_in(Role::Admin).await);
    let token = page_token(&browser.get(&path).await.expect(200));
    admin.post(&format!("{page}/erase"), &[("reason", "Old")]).await.expect(303);
    house.run_jobs().await;
    assert!(browser.get(&path).await.expect(200).body.contains("This clip was erased by the yard"));
    let press = [("csrf", token.as_str()), ("press", "play")];
    assert!(browser.post(&pressed, &press).await.expect(410).body.contains("was erased by the yard"));
    house.clock.advance(Duration::from_hours(3));
    assert!(browser.post(&pressed, &press).await.expect(410).body.contains("This link expired"));
}

#[tokio::test]
async fn only_clips_that_the_sender_sees_go_along() {
    let Sent { house, office, page, .. } = sent(&[]).await;
    let bill = issued_bill(&house.app, 2).await;
    let clip = id_of(&page).to_string();
    let fields = [("to", "gary@acme.test"), ("clips", clip.as_str())];
    let refused = office.post(&format!("/bols/{}/send", bill.id), &fields).await.expect(422).body;
    assert!(refused.contains("One of these clips cannot be sent any more"), "a clip of another bill: {refused}");
}
