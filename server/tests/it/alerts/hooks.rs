//! Webhooks are called once for each moment, signed, and until they take it or a day is over.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use gatehouse_app::{
    App,
    alerts::{
        self,
        model::{post, target},
    },
    ports::Webhooks,
    users::Role,
};
use gatehouse_jobs::{reconcile, runtime};
use hmac::{Hmac, Mac};
use sea_orm::{ConnectionTrait, EntityTrait, Set, Statement};
use serde_json::Value;
use sha2::Sha256;
use url::Url;

use super::{LOOK, camera, say};
use crate::support::TestApp;

/// Answers what the test says, and remembers what it was sent.
#[derive(Default)]
struct Hook {
    answer: Mutex<Option<u16>>,
    heard: Mutex<Vec<(Url, String, Value)>>,
}

#[async_trait]
impl Webhooks for Hook {
    async fn post(&self, url: &Url, headers: &[(&str, String)], body: Vec<u8>) -> Result<u16, String> {
        let signature = headers.iter().find(|(name, _)| *name == "x-gatehouse-signature").unwrap().1.clone();
        self.heard.lock().unwrap().push((url.clone(), signature, serde_json::from_slice(&body).unwrap()));
        self.answer.lock().unwrap().ok_or_else(|| "no connection: refused".into())
    }
}

const URL: &str = "https://chat.example.com/hooks/secret-path";

/// A house whose camera is lost, and a webhook that wants to know; the key of its signatures.
async fn lost(house: &TestApp, hook: &Arc<Hook>) -> (App, String) {
    let admin = house.sign_in(Role::Admin).await;
    let form = [("kind", "webhook"), ("url", URL), ("enabled", "on")];
    let shown = admin.post("/alerts/targets", &form).await.expect(200).body;
    let from = shown.find("name=\"key\" value=\"").unwrap() + 18;
    let key = shown[from..from + 64].to_owned();
    let app = house.app.altered(|house| house.ports.webhooks = hook.clone());
    let dock = camera(house, &admin, "Dock 2").await;
    house.run_jobs().await;
    for _ in 0..12 {
        house.clock.advance(LOOK);
        say(house, &dock, "stalled", |_| {}).await;
        alerts::watch(&app).await.unwrap();
    }
    (app, key)
}

async fn posts(app: &App) -> Vec<post::Model> {
    post::Entity::find().all(app.db()).await.unwrap()
}

#[tokio::test]
async fn a_webhook_is_told_what_opens_and_what_closes() {
    let house = TestApp::start().await;
    let hook = Arc::new(Hook { answer: Mutex::new(Some(204)), ..Hook::default() });
    let (app, key) = lost(&house, &hook).await;
    assert_eq!(runtime::run_due(&app).await.unwrap(), 1);
    assert_eq!(runtime::run_due(&app).await.unwrap(), 0, "once");
    let (url, signature, body) = hook.heard.lock().unwrap().remove(0);
    assert_eq!(url.as_str(), URL);
    assert_eq!((&body["kind"], &body["moment"]), (&"camera_lost".into(), &"opened".into()));
    assert_eq!((&body["camera"], &body["recorder"]), (&"dock_2".into(), &Value::Null));
    assert!(body["url"].as_str().unwrap().starts_with("http://gatehouse.test/cameras/"), "{body}");
    let (seconds, mac) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let mut ours = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    ours.update(format!("{seconds}.{body}").as_bytes());
    assert_eq!(mac, hex::encode(ours.finalize().into_bytes()));
    assert_eq!(posts(&app).await[0].state, "taken");

    let dock = gatehouse_app::cameras::model::camera::Entity::find().one(app.db()).await.unwrap().unwrap();
    for _ in 0..4 {
        house.clock.advance(LOOK);
        say(&house, &dock, "connected", |_| {}).await;
        alerts::watch(&app).await.unwrap();
    }
    runtime::run_due(&app).await.unwrap();
    let heard = hook.heard.lock().unwrap();
    assert_eq!(heard.iter().map(|(_, _, body)| body["moment"].clone()).collect::<Vec<_>>(), ["closed"]);
}

#[tokio::test]
async fn who_does_not_take_it_is_asked_for_a_day_and_given_up() {
    let house = TestApp::start().await;
    let hook = Arc::new(Hook::default());
    let (app, _) = lost(&house, &hook).await;
    runtime::run_due(&app).await.unwrap();
    assert_eq!(hook.heard.lock().unwrap().len(), 1);
    house.clock.advance(Duration::from_secs(9));
    assert_eq!(runtime::run_due(&app).await.unwrap(), 0, "not at once again");
    for _ in 0..60 {
        house.clock.advance(Duration::from_mins(30));
        runtime::run_due(&app).await.unwrap();
    }
    let row = posts(&app).await.remove(0);
    assert_eq!((row.state.as_str(), row.answer.as_deref()), ("given_up", Some("no connection: refused")));
    assert!((45..60).contains(&hook.heard.lock().unwrap().len()), "{}", hook.heard.lock().unwrap().len());
}

#[tokio::test]
async fn a_call_whose_job_was_lost_is_made_all_the_same() {
    let house = TestApp::start().await;
    let hook = Arc::new(Hook { answer: Mutex::new(Some(200)), ..Hook::default() });
    let (app, _) = lost(&house, &hook).await;
    let jobs = gatehouse_app::jobs::table::Dialect::of(app.db()).jobs;
    let sql = format!("DELETE FROM {jobs} WHERE job_type = 'post_webhook'");
    app.db().execute_raw(Statement::from_string(app.db().get_database_backend(), sql)).await.unwrap();
    house.clock.advance(Duration::from_mins(2));
    assert_eq!(reconcile::round(&app).await.posts, 1);
    runtime::run_due(&app).await.unwrap();
    assert_eq!(hook.heard.lock().unwrap().len(), 1);
    house.clock.advance(Duration::from_mins(2));
    assert_eq!(reconcile::round(&app).await.posts, 0);
}

#[tokio::test]
async fn who_was_switched_off_meanwhile_is_told_nothing_more() {
    let house = TestApp::start().await;
    let hook = Arc::new(Hook::default());
    let (app, _) = lost(&house, &hook).await;
    runtime::run_due(&app).await.unwrap();
    assert_eq!(hook.heard.lock().unwrap().len(), 1);
    let off = target::ActiveModel { enabled: Set(false), ..Default::default() };
    target::Entity::update_many().set(off).exec(app.db()).await.unwrap();
    house.clock.advance(Duration::from_mins(30));
    runtime::run_due(&app).await.unwrap();
    let row = posts(&app).await.remove(0);
    assert_eq!((row.state.as_str(), row.answer.as_deref()), ("given_up", Some("it was switched off meanwhile")));
    assert_eq!(hook.heard.lock().unwrap().len(), 1);
}
