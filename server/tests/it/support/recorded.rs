//! Film of made-up cameras: real files, laid out as capture writes them, on record as capture puts them there.

use gatehouse::demo::Reel;
use gatehouse_app::{
    App,
    cameras::model::{camera, status},
    ids::{CameraNo, RunId},
    objects::model::object,
    ports::ObjectStore,
    recordings::{
        self, Fragments, Kept, Reason, Segment,
        model::{run, segment},
    },
};
use sea_orm::{EntityTrait, IntoActiveModel};
use sha2::{Digest, Sha256};

/// Eight fragments of a second, 192 × 108, ten frames each, a key frame first: made by `film.py` beside it.
const FILM: &[u8] = include_bytes!("../../data/film.mp4");
/// Its codec.
pub const VIDEO: &str = "avc1.4d400c";

fn reel() -> Reel {
    Reel::new(FILM).unwrap()
}

/// The head of every file of a run, `ftyp` and `moov`.
pub fn head() -> Vec<u8> {
    reel().head().to_vec()
}

/// A file of so many seconds from `started_at` (Unix milliseconds) on, in a run that began at `run_at`: a file's times count from there.
pub fn file(run_at: i64, started_at: i64, length: usize) -> (Vec<u8>, Fragments) {
    reel().file(run_at, started_at, length).unwrap()
}

/// A camera of the yard that everybody may see and nobody captures.
pub async fn camera(app: &App, name: &str) -> camera::Model {
    let known = camera::Entity::find().all(app.db()).await.unwrap().len();
    let row = camera::Model {
        id: app.id(),
        number: CameraNo(i32::try_from(known).unwrap() + 1),
        slug: name.to_lowercase().replace(' ', "_"),
        name: name.into(),
        name_key: name.to_lowercase(),
        site_id: "01900000-0000-7000-8000-000000000001".parse().unwrap(),
        recorder_id: None,
        host: "192.168.10.7".into(),
        port: 554,
        sealed: String::new(),
        transport: "tcp".into(),
        audio: false,
        enabled: true,
        schedule: String::new(),
        retention_days: None,
        open_to_all: true,
        onvif: String::new(),
        version: 1,
        created_by: None,
        created_at: app.now(),
        updated_at: app.now(),
        archived_at: None,
    };
    let state = status::Model {
        camera_id: row.id,
        state: "connected".into(),
        detail: String::new(),
        since: app.now(),
        recorder_id: None,
        recorder_name: String::new(),
        video: VIDEO.into(),
        audio: String::new(),
        width: Some(192),
        height: Some(108),
        fps_milli: Some(10_000),
        bits_per_second: None,
        last_frame_at: None,
        last_segment_at: None,
        clock_offset_ms: None,
        reconnects: 0,
        snapshot_id: None,
        snapshot_at: None,
        heard_at: app.now(),
    };
    let tx = app.begin().await.unwrap();
    camera::Entity::insert(row.clone().into_active_model()).exec_without_returning(&tx).await.unwrap();
    status::Entity::insert(state.into_active_model()).exec_without_returning(&tx).await.unwrap();
    tx.commit().await.unwrap();
    row
}

/// Begins a run of the camera by the recorder `yard`.
pub async fn begin(app: &App, camera: &camera::Model, at: i64) -> run::Model {
    let row = run::Model {
        id: app.id::<RunId>(),
        camera: camera.number,
        recorder_id: None,
        recorder_name: "yard".into(),
        epoch: 1,
        started_at: at,
        ended_at: None,
        end_reason: None,
        end_detail: String::new(),
        video: VIDEO.into(),
        audio: String::new(),
        width: 192,
        height: 108,
        clock: "camera".into(),
    };
    let mut tx = app.begin().await.unwrap();
    recordings::begin_run(&mut tx, row.clone()).await.unwrap();
    tx.commit().await.unwrap();
    row
}

pub async fn end(app: &App, run: &run::Model, at: i64, reason: Reason) {
    let mut tx = app.begin().await.unwrap();
    recordings::end_run(&mut tx, run.id, at, reason, "").await.unwrap();
    tx.commit().await.unwrap();
}

/// Puts a file of so many seconds at its key and on record.
pub async fn keep(app: &App, camera: &camera::Model, run: &run::Model, at: i64, length: usize) -> Kept {
    let nth = recordings::free_nth(app, camera.number, at).await.unwrap();
    keep_as(app, camera, run, nth, at, length).await
}

/// The same as the `nth` of its second.
pub async fn keep_as(app: &App, camera: &camera::Model, run: &run::Model, nth: i32, at: i64, length: usize) -> Kept {
    let (bytes, fragments) = file(run.started_at, at, length);
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let segment = Segment {
        camera,
        run: run.id,
        started_at: at,
        ended_at: at + fragments.length(),
        nth,
        size: bytes.len() as u64,
        sha256: &sha256,
        init_size: u32::try_from(head().len()).unwrap(),
        fragments: &fragments,
    };
    let key = recordings::key(&camera.slug, at, nth);
    local(app).put(&key, bytes, "video/mp4", &sha256).await.unwrap();
    let mut tx = app.begin().await.unwrap();
    let kept = recordings::keep(app, &mut tx, segment).await.unwrap();
    tx.commit().await.unwrap();
    kept
}

/// A whole run of minutes, ended for `reason`; files of a minute each. Gives the run.
pub async fn record(app: &App, camera: &camera::Model, at: i64, minutes: i64, reason: Option<Reason>) -> run::Model {
    let run = begin(app, camera, at).await;
    for minute in 0..minutes {
        assert_eq!(keep(app, camera, &run, at + minute * 60_000, 60).await, Kept::New);
    }
    if let Some(reason) = reason {
        end(app, &run, at + minutes * 60_000, reason).await;
    }
    run
}

fn local(app: &App) -> &std::sync::Arc<dyn ObjectStore> {
    app.ports.plane.store(gatehouse_app::objects::LOCAL).unwrap()
}

/// All segments of a camera, in their order.
pub async fn segments(app: &App, camera: &camera::Model) -> Vec<segment::Model> {
    use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
    let rows = segment::Entity::find().filter(segment::COLUMN.camera.eq(camera.number));
    rows.order_by_asc(segment::Column::StartedAt).all(app.db()).await.unwrap()
}

/// The object of a segment.
pub async fn object_of(app: &App, segment: &segment::Model) -> object::Model {
    object::Entity::find_by_id(segment.object_id).one(app.db()).await.unwrap().unwrap()
}
