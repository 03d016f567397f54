//! What two made-up cameras saw of the last hour, and the loading of a bill among it.

use anyhow::{Context, Result};
use gatehouse_app::{
    App,
    audit::Actor,
    cameras::{self, CameraForm, model::camera},
    docks::{self, DockForm, Loaded, LoadingForm},
    ids::{BolId, RunId, YardSiteId},
    objects::LOCAL,
    recordings::{self, Reason, Segment, model::run},
    yard::Yard,
};
use sea_orm::EntityTrait;
use sha2::{Digest, Sha256};

use super::reel::Reel;

const MINUTE: i64 = 60_000;
/// Minutes before now: film begins,
const BEGINS: i64 = 60;
/// the gate's camera is lost
const LOST: i64 = 34;
/// and found again,
const FOUND: i64 = 28;
/// and film ends.
const ENDS: i64 = 10;

/// Puts cameras in, their film, and that `bill` was loaded before them. They lead nowhere, so they are switched off at once: what they
/// recorded is there.
pub(super) async fn fill(app: &App, actor: &Actor, bill: Option<BolId>) -> Result<usize> {
    let now = app.now() / MINUTE * MINUTE;
    let at = |minutes: i64| now - minutes * MINUTE;
    let site = cameras::sites(app, false)
        .await?
        .into_iter()
        .next()
        .context("the site that is there from the beginning")?
        .site
        .id;
    let dock = camera(app, site, "Dock 2", "192.168.10.21").await?;
    let reel = Reel::new(include_bytes!("film/dock.mp4"))?;
    let mut kept = film(app, &dock, &reel, [at(BEGINS), at(ENDS)], Reason::SwitchedOff).await?;
    let gate = camera(app, site, "Gate", "192.168.10.22").await?;
    let reel = Reel::new(include_bytes!("film/gate.mp4"))?;
    kept += film(app, &gate, &reel, [at(BEGINS), at(LOST)], Reason::Unreachable).await?;
    kept += film(app, &gate, &reel, [at(FOUND), at(ENDS)], Reason::SwitchedOff).await?;

    let form = DockForm {
        name: "Dock 2".into(),
        site: site.to_string(),
        cameras: vec![dock.id.to_string(), gate.id.to_string()],
    };
    let loaded_at = docks::save(app, &Actor::system(), None, &form).await?;
    if let Some(bill) = bill {
        let zone = Yard::load(app.db()).await?.zone;
        let loaded = Loaded {
            dock: loaded_at,
            dock_name: form.name,
            from: at(BEGINS - 10),
            until: Some(at(ENDS + 5)),
            set_by: String::new(),
        };
        docks::set(app, actor, bill, Some(&LoadingForm::of(&loaded, zone)), zone).await?;
    }
    Ok(kept)
}

async fn camera(app: &App, site: YardSiteId, name: &str, host: &str) -> Result<camera::Model> {
    let form = CameraForm {
        name: name.into(),
        site: site.to_string(),
        url: format!("rtsp://{host}/stream1"),
        open: true,
        open_to_all: true,
        ..CameraForm::default()
    };
    let id = cameras::add(app, &Actor::system(), &form).await?;
    cameras::disable(app, &Actor::system(), id).await?;
    camera::Entity::find_by_id(id).one(app.db()).await?.context("the camera that was added")
}

/// A run of files of a minute each; gives how many.
async fn film(app: &App, camera: &camera::Model, reel: &Reel, [from, until]: [i64; 2], end: Reason) -> Result<usize> {
    let run = run::Model {
        id: app.id::<RunId>(),
        camera: camera.number,
        recorder_id: None,
        recorder_name: "demo".into(),
        epoch: 1,
        started_at: from,
        ended_at: None,
        end_reason: None,
        end_detail: String::new(),
        video: "avc1.4d401f".into(),
        audio: String::new(),
        width: 480,
        height: 270,
        clock: "recorder".into(),
    };
    let mut tx = app.begin().await?;
    recordings::begin_run(&mut tx, run.clone()).await?;
    tx.commit().await?;
    let files = app.ports.plane.store(LOCAL).context("the files of this machine")?;
    let mut kept = 0;
    for started_at in (from..until).step_by(MINUTE as usize) {
        let (bytes, fragments) = reel.file(from, started_at, 60)?;
        let (size, sha256) = (bytes.len() as u64, hex::encode(Sha256::digest(&bytes)));
        files.put(&recordings::key(&camera.slug, started_at, 1), bytes, "video/mp4", &sha256).await?;
        let mut tx = app.begin().await?;
        let segment = Segment {
            camera,
            run: run.id,
            started_at,
            ended_at: started_at + fragments.length(),
            nth: 1,
            size,
            sha256: &sha256,
            init_size: u32::try_from(reel.head().len())?,
            fragments: &fragments,
        };
        recordings::keep(app, &mut tx, segment).await?;
        tx.commit().await?;
        kept += 1;
    }
    let mut tx = app.begin().await?;
    recordings::end_run(&mut tx, run.id, until, end, "").await?;
    tx.commit().await?;
    Ok(kept)
}
