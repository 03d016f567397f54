//! What is wrong with cameras and recorders: found from rows, told to whom it concerns.

mod hooks;
mod kinds;
mod metrics;
mod pages;

use std::time::Duration;

use gatehouse_app::{
    alerts::{self, model::alert},
    cameras::model::{camera, status},
    recorders::model as recorder,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryOrder};

use crate::{
    cameras::{YARD, added, dock_with, row},
    support::{Client, TestApp},
};

pub const LOOK: Duration = Duration::from_secs(15);

/// A camera that is in use.
pub async fn camera(house: &TestApp, admin: &Client, name: &str) -> camera::Model {
    row(&house.app, &added(admin, &dock_with(&[("name", name)])).await).await
}

/// Whoever records a camera says how it is.
pub async fn say(house: &TestApp, camera: &camera::Model, state: &str, change: impl FnOnce(&mut status::Model)) {
    let now = house.app.now();
    let known = status::Entity::find_by_id(camera.id).one(house.app.db()).await.unwrap();
    let is_new = known.is_none();
    let mut row = known.unwrap_or(status::Model {
        camera_id: camera.id,
        state: String::new(),
        detail: String::new(),
        since: now,
        recorder_id: None,
        recorder_name: "yard-1".into(),
        video: "avc1.640028".into(),
        audio: String::new(),
        width: Some(1920),
        height: Some(1080),
        fps_milli: Some(25_000),
        bits_per_second: Some(4_000_000),
        last_frame_at: None,
        last_segment_at: None,
        clock_offset_ms: None,
        reconnects: 0,
        snapshot_id: None,
        snapshot_at: None,
        heard_at: now,
    });
    if row.state != state {
        row.since = now;
    }
    row.state = state.into();
    row.heard_at = now;
    if state == "connected" {
        row.last_segment_at = Some(now);
        row.detail.clear();
    }
    change(&mut row);
    let tx = house.app.begin().await.unwrap();
    match is_new {
        true => drop(row.into_active_model().insert(&tx).await.unwrap()),
        false => drop(row.into_active_model().reset_all().update(&tx).await.unwrap()),
    }
    tx.commit().await.unwrap();
}

/// A recorder on another site that was heard of now.
pub async fn recorder(house: &TestApp, name: &str, change: impl FnOnce(&mut recorder::Model)) -> recorder::Model {
    let mut row = recorder::Model {
        id: house.app.id(),
        site_id: YARD.parse().unwrap(),
        kind: "remote".into(),
        name: name.into(),
        name_key: name.to_lowercase(),
        token_hash: Some(name.into()),
        node: "south-1".into(),
        version: "0.1.0".into(),
        ip: None,
        last_seen_at: Some(house.app.now()),
        clock_offset_ms: Some(0),
        disk_free: Some(900 << 30),
        disk_total: Some(1000 << 30),
        keep_free: 2 << 30,
        spool_bytes: 0,
        spool_limit: 100 << 30,
        queue_segments: 0,
        queue_bytes: 0,
        oldest_waiting_at: None,
        aside: 0,
        created_by: None,
        created_at: house.app.now(),
        revoked_at: None,
    };
    change(&mut row);
    let tx = house.app.begin().await.unwrap();
    row.clone().into_active_model().insert(&tx).await.unwrap();
    tx.commit().await.unwrap();
    row
}

/// What a recorder says of itself, now.
pub async fn beat(house: &TestApp, row: &recorder::Model, change: impl FnOnce(&mut recorder::Model)) {
    let mut row = row.clone();
    row.last_seen_at = Some(house.app.now());
    change(&mut row);
    let tx = house.app.begin().await.unwrap();
    row.into_active_model().reset_all().update(&tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// One look, 15 s after the last one.
pub async fn look(house: &TestApp) -> u64 {
    house.clock.advance(LOOK);
    alerts::watch(&house.app).await.unwrap()
}

/// Looks for as long as `minutes`, while `each` says how things are.
pub async fn look_for(house: &TestApp, minutes: u32, mut each: impl AsyncFnMut()) -> u64 {
    let mut changed = 0;
    for _ in 0..minutes * 4 {
        house.clock.advance(LOOK);
        each().await;
        changed += alerts::watch(&house.app).await.unwrap();
    }
    changed
}

/// Kind and subject's name of each alert that is open, the oldest first.
pub async fn open(house: &TestApp) -> Vec<String> {
    let rows = alert::Entity::find().order_by_asc(alert::Column::OpenedAt).order_by_asc(alert::Column::Id);
    let rows = rows.all(house.app.db()).await.unwrap();
    rows.into_iter().filter(|row| row.closed_at.is_none()).map(|row| row.kind).collect()
}

pub async fn all(house: &TestApp) -> Vec<alert::Model> {
    alert::Entity::find().order_by_asc(alert::Column::OpenedAt).all(house.app.db()).await.unwrap()
}
