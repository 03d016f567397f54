//! Cameras that recorded film which a test knows frame by frame, put into database and storage as recording leaves them.

use gatehouse_app::{
    App,
    cameras::model::{camera, grant},
    ids::{CameraId, CameraNo, RunId, UserId, YardSiteId},
    objects::{self, Class, NewObject},
    recordings::model::{gap, run, segment},
};
use sea_orm::{EntityTrait, IntoActiveModel};

use super::film::{BEGAN, CUTS, Cuts, Frame, Stream, avc1, record};

/// Unix milliseconds of the first frame.
pub const FROM: i64 = BEGAN / 1000;

/// A camera that nobody records: no job is queued for it.
pub async fn camera(app: &App, number: i32, name: &str, open_to_all: bool) -> camera::Model {
    let id: CameraId = app.id();
    let row = camera::Model {
        id,
        number: CameraNo(number),
        slug: name.to_lowercase().replace(' ', "_"),
        name: name.into(),
        name_key: name.to_lowercase(),
        site_id: "01900000-0000-7000-8000-000000000001".parse::<YardSiteId>().unwrap(),
        recorder_id: None,
        host: "192.168.10.7".into(),
        port: 554,
        sealed: String::new(),
        transport: "tcp".into(),
        audio: false,
        enabled: false,
        schedule: String::new(),
        retention_days: None,
        open_to_all,
        onvif: String::new(),
        version: 1,
        created_by: None,
        created_at: app.now(),
        updated_at: app.now(),
        archived_at: None,
    };
    insert(app, camera::Entity::insert(row.clone().into_active_model())).await;
    row
}

async fn insert<A: sea_orm::ActiveModelTrait>(app: &App, insert: sea_orm::Insert<A>) {
    let tx = app.begin().await.unwrap();
    insert.exec_without_returning(&tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// Film of so many frames, 25 a second, a key each second; `letter` tells it from other film.
pub fn film(frames: i64, letter: &str) -> Stream {
    let frame = |n: i64| Frame {
        shown: n * 3600,
        decode: n * 3600,
        lasts: 3600,
        key: n % 25 == 0,
        data: format!("{letter}{n:07}").into_bytes(),
    };
    Stream { rate: 90_000, entry: avc1(), frames: (0..frames).map(frame).collect() }
}

/// Files of four seconds each: when each began (microseconds, [`BEGAN`] the first), and its bytes.
pub fn files(film: &Stream) -> Vec<(i64, Vec<u8>)> {
    record(film, None, Cuts { anew: false, ..CUTS })
}

/// Puts files into the house as one ended run of `camera`, each up to the next, the last one up to `until` (milliseconds).
pub async fn recorded(app: &App, camera: &camera::Model, files: &[(i64, Vec<u8>)], until: i64) -> Vec<segment::Model> {
    recorded_from(app, camera, files, 0, FROM, until).await
}

/// The same of a run that began at `from`; its keys are numbered from `first` on.
pub async fn recorded_from(
    app: &App,
    camera: &camera::Model,
    files: &[(i64, Vec<u8>)],
    first: usize,
    from: i64,
    until: i64,
) -> Vec<segment::Model> {
    let began: Vec<i64> = (0..).map(|n| from + n * 4000).take(files.len()).collect();
    let run = run::Model {
        id: app.id::<RunId>(),
        camera: camera.number,
        recorder_id: None,
        recorder_name: "yard-1".into(),
        epoch: 1,
        started_at: began[0],
        ended_at: Some(until),
        end_reason: Some("stopped".into()),
        end_detail: String::new(),
        video: "avc1.42001e".into(),
        audio: String::new(),
        width: 640,
        height: 360,
        clock: "recorder".into(),
    };
    insert(app, run::Entity::insert(run.clone().into_active_model())).await;
    let mut rows = Vec::new();
    for (n, (_, bytes)) in files.iter().enumerate() {
        let at = began[n];
        let key = format!("recordings/{}/2026-11-20/recording_{:06}.mp4", camera.slug, first + n);
        let new = NewObject {
            key: &key,
            class: Class::Recording,
            content_type: "video/mp4",
            subject: None,
            retain_days: None,
            taken_at: None,
        };
        let object = objects::keep(app, new, bytes.clone()).await.unwrap();
        let row = segment::Model {
            camera: camera.number,
            started_at: at,
            ended_at: began.get(n + 1).copied().unwrap_or(until),
            run_id: run.id,
            object_id: object.id,
            nth: 1,
            size: object.size,
            init_size: 0,
            state: "completed".into(),
            store_id: None,
        };
        insert(app, segment::Entity::insert(row.clone().into_active_model())).await;
        rows.push(row);
    }
    rows
}

/// Time of which nothing is recorded.
pub async fn missing(app: &App, camera: &camera::Model, from: i64, until: Option<i64>, reason: &str) {
    let row = gap::Model {
        camera: camera.number,
        started_at: from,
        ended_at: until,
        reason: reason.into(),
        detail: String::new(),
        run_id: None,
    };
    insert(app, gap::Entity::insert(row.into_active_model())).await;
}

/// Lets somebody see a camera.
pub async fn granted(app: &App, camera: &camera::Model, user: UserId) {
    let row = grant::Model { user_id: user, camera_id: camera.id, granted_by: None, granted_at: app.now() };
    insert(app, grant::Entity::insert(row.into_active_model())).await;
}
