//! Clips: exact, proven, kept; seen by those who see all of their cameras.

mod cut;
mod link;
mod who;

use std::{fs, path::PathBuf};

use gatehouse_app::{
    App, AppError,
    cameras::model::camera,
    clips::model::clip,
    evidence::{Refused, Signer, Trust, Verdict, verify},
    ids::ClipId,
    users::Role,
};
use sea_orm::EntityTrait;

use crate::support::{
    Client, TestApp,
    film::BEGAN,
    footage::{FROM, camera, files, film, recorded},
};

/// A house an hour after twenty seconds of film by `Dock 2`, in five files, and somebody of the office.
pub async fn house() -> (TestApp, camera::Model, Client) {
    let house = TestApp::start().await;
    house.clock.set(FROM + 3_600_000);
    let dock = camera(&house.app, 1, "Dock 2", true).await;
    recorded(&house.app, &dock, &files(&film(500, "D")), FROM + 20_000).await;
    let office = house.sign_in(Role::Office).await;
    (house, dock, office)
}

/// Milliseconds after the film began, as somebody types them.
pub fn at(milliseconds: i64) -> String {
    let at = chrono::DateTime::from_timestamp_millis(FROM + milliseconds).unwrap();
    at.format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// Asks for a clip of these cameras; its page.
pub async fn asked(client: &Client, cameras: &[&str], from: i64, until: i64, more: &[(&str, &str)]) -> String {
    let (from, until) = (at(from), at(until));
    // What is sent first counts.
    let mut fields = more.to_vec();
    fields.extend([("from", from.as_str()), ("until", until.as_str()), ("title", "Truck 4411"), ("reason", "A claim")]);
    fields.extend(cameras.iter().map(|camera| ("cameras", *camera)));
    client.post("/clips/new", &fields).await.expect(303).location().to_owned()
}

pub fn id_of(page: &str) -> ClipId {
    page.rsplit('/').next().unwrap().parse().unwrap()
}

pub async fn row(app: &App, page: &str) -> clip::Model {
    clip::Entity::find_by_id(id_of(page)).one(app.db()).await.unwrap().unwrap()
}

/// What a press on Download gives.
pub async fn saved(client: &Client, page: &str, file: &str) -> Vec<u8> {
    let answer = client.post(&format!("{page}/download"), &[("file", file)]).await.expect(303);
    let path = answer.location().trim_start_matches("http://gatehouse.test").to_owned();
    client.get(&path).await.expect(200).bytes
}

/// What `gatehouse evidence verify` says of these bytes.
#[expect(clippy::disallowed_methods, reason = "a test's file")]
pub fn judged(house: &TestApp, bytes: &[u8]) -> Result<Verdict, Refused> {
    let path: PathBuf = house.data().join("judged");
    fs::write(&path, bytes).unwrap();
    verify(&path, Trust::Own(&Signer::of(&house.app.secrets).key_id()))
}

/// How many frames were taken from `from` on and before `until`, milliseconds after the film began.
pub fn frames_between(from: i64, until: i64) -> u64 {
    let taken = (0..500).map(|n| BEGAN + n * 40_000);
    taken.filter(|at| (FROM + from) * 1000 <= *at && *at < (FROM + until) * 1000).count() as u64
}

pub fn not_found<T>(outcome: Result<T, AppError>) -> bool {
    matches!(outcome, Err(AppError::NotFound(_)))
}
