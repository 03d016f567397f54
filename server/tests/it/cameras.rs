//! Cameras and sites, through pages, API and verbs.

mod addresses;
mod form;
mod grants;
mod lease;
mod secrets;
mod tried;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use gatehouse::{config::Config, http};
use gatehouse_app::{
    App,
    cameras::{Allow, model::camera},
    ids::CameraId,
    ports::{Cameras, Discovered, Ended, Look, Profile, Source, Tracks},
    recordings::Reason,
};
use sea_orm::EntityTrait;

use crate::support::{Client, TestApp};

/// The site that is there from the beginning.
pub const YARD: &str = "01900000-0000-7000-8000-000000000001";

/// What opens the camera of [`DOCK`].
pub const PASSWORD: &str = "hunter2-und-mehr";

pub const DOCK: &[(&str, &str)] = &[
    ("name", "Dock 2"),
    ("site", YARD),
    ("url", "rtsp://192.168.10.7/stream1?profile=main"),
    ("user", "recorder"),
    ("password", PASSWORD),
];

/// [`DOCK`] with some fields otherwise.
pub fn dock_with<'a>(other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let rest = DOCK.iter().filter(|(name, _)| other.iter().all(|(changed, _)| changed != name));
    rest.copied().chain(other.iter().copied()).collect()
}

/// Adds a camera; gives its page's address.
pub async fn added(admin: &Client, fields: &[(&str, &str)]) -> String {
    admin.post("/cameras/new", fields).await.expect(303).location().to_owned()
}

pub fn id_of(page: &str) -> CameraId {
    page.rsplit('/').next().unwrap().parse().unwrap()
}

pub async fn row(app: &App, page: &str) -> camera::Model {
    camera::Entity::find_by_id(id_of(page)).one(app.db()).await.unwrap().unwrap()
}

/// The value of a hidden field.
pub fn hidden(page: &str, name: &str) -> Option<String> {
    let from = page.find(&format!("name=\"{name}\" value=\""))? + name.len() + 15;
    Some(page[from..].split('"').next()?.to_owned())
}

/// Cameras that answer what a test wants, and remember what was asked of them.
#[derive(Default)]
pub struct Answering {
    pub asked: Mutex<Vec<Source>>,
    pub refuses: bool,
}

#[async_trait]
impl Cameras for Answering {
    async fn look(&self, source: &Source, _: Duration) -> Result<Look, Ended> {
        self.asked.lock().unwrap().push(source.clone());
        if self.refuses {
            return Err(Ended { reason: Reason::Refused, detail: "401 Unauthorized".into() });
        }
        let tracks = Tracks { video: "avc1.640028".into(), width: 1920, height: 1080, ..Tracks::default() };
        Ok(Look { tracks, picture: Some(vec![0xff, 0xd8, 0xff, 0xd9]), took: Duration::from_millis(840) })
    }

    async fn discover(&self, _: &Allow, _: Duration) -> Vec<Discovered> {
        vec![Discovered {
            endpoint: "urn:uuid:1".into(),
            name: "Gate <1>".into(),
            hardware: "IPC-4".into(),
            service: "http://192.168.10.9/onvif/device_service".into(),
            allowed: true,
        }]
    }

    async fn profiles(&self, _: &str, user: &str, _: &str, _: &Allow) -> Result<Vec<Profile>, Ended> {
        if user.is_empty() {
            return Err(Ended { reason: Reason::Refused, detail: "it asks for a user".into() });
        }
        Ok(vec![Profile {
            name: "main".into(),
            url: "rtsp://192.168.10.9:554/main".into(),
            codec: "H264".into(),
            width: 2560,
            height: 1440,
        }])
    }
}

/// The house's database with these cameras around it, and a browser that has `client`'s cookies.
pub fn with_cameras(house: &TestApp, client: &Client, cameras: Arc<Answering>) -> Client {
    let app = house.app.altered(|house| house.ports.cameras = cameras);
    let config =
        Config { data: house.data().to_owned(), base_url: "http://gatehouse.test".into(), ..Config::default() };
    let other = Client::new(http::router(&app, &config));
    for pair in client.cookie_header().split("; ") {
        if let Some((name, value)) = pair.split_once('=') {
            other.set_cookie(name, value);
        }
    }
    other
}
