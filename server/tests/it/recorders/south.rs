//! A recorder on another site, and what it says.

use std::time::Duration;

use axum::{body::Body, http::Method};
use base64::{Engine, prelude::BASE64_STANDARD};
use gatehouse_app::{
    App,
    recordings::{
        Fragment, Fragments, TICKS,
        model::{gap, segment},
    },
    users::Role,
};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{hello, recorder, say};
use crate::{
    cameras::{added, dock_with, id_of},
    support::{Answer, Client, TestApp},
};

pub(super) const MINUTE: i64 = 60_000;

/// A yard with a recorder in the south, its camera, and whatever that is told.
pub(super) struct South {
    pub house: TestApp,
    pub admin: Client,
    /// The recorder’s.
    pub page: String,
    pub client: Client,
    /// The page of its camera.
    pub camera: String,
    pub began: i64,
}

impl South {
    pub async fn new() -> Self {
        let house = TestApp::start().await;
        let admin = house.sign_in(Role::Admin).await;
        let (page, client) = recorder(&house, &admin, "South yard").await;
        let camera = added(&admin, &dock_with(&[("recorder", page.rsplit('/').next().unwrap())])).await;
        say(&client, "hello", &hello("south")).await.expect(200);
        client.get("/recorder/v1/cameras").await.expect(200);
        house.clock.advance(Duration::from_mins(10));
        let began = house.app.now() - 10 * MINUTE;
        Self { house, admin, page, client, camera, began }
    }

    pub fn app(&self) -> &App {
        &self.house.app
    }

    pub fn run(&self, n: u128) -> Value {
        json!({
            "id": Uuid::from_u128(n), "camera": id_of(&self.camera), "started_at": self.began, "ended_at": null, "end_reason": null,
            "end_detail": "", "video": "avc1.640028", "audio": "", "width": 1920, "height": 1080, "clock": "camera",
        })
    }

    /// The minute `n` of run 7.
    pub fn segment(&self, n: i64, film: &[u8]) -> Value {
        let started_at = self.began + n * MINUTE;
        let bytes = u32::try_from(film.len()).unwrap() - 10;
        let fragments = Fragments(vec![Fragment { bytes, ticks: 60 * TICKS, key: true }]).pack();
        json!({
            "camera": id_of(&self.camera), "run": Uuid::from_u128(7), "started_at": started_at, "ended_at": started_at + MINUTE, "nth": 1,
            "size": film.len(), "sha256": hex::encode(Sha256::digest(film)), "init_size": 10,
            "fragments": BASE64_STANDARD.encode(fragments),
        })
    }

    pub async fn announce(&self, segments: &[Value]) -> Vec<Value> {
        let said = json!({ "runs": [self.run(7)], "segments": segments });
        let answer = say(&self.client, "segments", &said).await.expect(200).json();
        answer["items"].as_array().unwrap().clone()
    }

    pub async fn fate(&self, segment: Value) -> String {
        fate(&self.announce(&[segment]).await[0])
    }

    pub async fn put(&self, item: &Value, film: &[u8]) -> Answer {
        let url = item["url"].as_str().unwrap().trim_start_matches("http://gatehouse.test");
        self.house.anonymous().send(Method::PUT, url, Some("video/mp4"), Body::from(film.to_vec())).await
    }

    pub async fn kept(&self, key: &str) -> String {
        let answer = say(&self.client, "kept", &json!({ "keys": [key] })).await.expect(200).json();
        assert_eq!(answer["items"][0]["key"], key);
        fate(&answer["items"][0])
    }

    /// `from-until reason` of each gap in minutes after the beginning.
    pub async fn gaps(&self) -> Vec<String> {
        let rows = gap::Entity::find().order_by_asc(gap::Column::StartedAt).all(self.app().db()).await.unwrap();
        let minute = |at: i64| (at - self.began) / MINUTE;
        let until = |row: &gap::Model| row.ended_at.map_or("…".into(), |at| minute(at).to_string());
        rows.iter().map(|row| format!("{}-{} {}", minute(row.started_at), until(row), row.reason)).collect()
    }

    pub async fn segments(&self) -> Vec<segment::Model> {
        segment::Entity::find().order_by_asc(segment::Column::StartedAt).all(self.app().db()).await.unwrap()
    }
}

pub(super) fn fate(item: &Value) -> String {
    item["fate"].as_str().unwrap().to_owned()
}
