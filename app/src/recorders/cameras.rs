//! What a recorder has to know to record for days alone.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{model, wire};
use crate::{
    App, Result,
    audit::{Action, Actor, Subject},
    cameras::{model::camera, site, source},
    yard::Yard,
};

/// How cameras are recorded, here and on every other site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// The length of a file.
    pub segment_seconds: u32,
    /// A whole picture of each camera so often; 0: none.
    pub snapshot_minutes: u32,
}

/// The number of what a recorder is to do now: another one after every change of it.
///
/// # Errors
/// When the database does not answer.
pub async fn config(app: &App, recorder: &model::Model, manner: Manner) -> Result<i64> {
    let cameras = cameras_of(app, recorder).await?;
    let site = site(app.db(), recorder.site_id).await?;
    let zone = Yard::load(app.db()).await?.zone;
    Ok(number(&cameras, &site.allow, zone.name(), manner))
}

fn number(cameras: &[camera::Model], allow: &str, zone: &str, manner: Manner) -> i64 {
    let mut all = Sha256::new();
    for camera in cameras {
        all.update(format!("{} {} {}\n", camera.id, camera.version, camera.name));
    }
    let Manner { segment_seconds, snapshot_minutes } = manner;
    all.update(format!("{zone}\n{segment_seconds} {snapshot_minutes}\n{allow}"));
    let first = all.finalize().iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    // Numbers beyond that are not whole ones everywhere.
    (first >> 11) as i64
}

async fn cameras_of(app: &App, recorder: &model::Model) -> Result<Vec<camera::Model>> {
    let rows = camera::Entity::find()
        .filter(camera::Column::RecorderId.eq(recorder.id))
        .filter(camera::Column::ArchivedAt.is_null())
        .order_by_asc(camera::Column::Number);
    Ok(rows.all(app.db()).await?)
}

/// The recorder's cameras with what opens them. On record, before anything is given.
///
/// # Errors
/// When the database does not answer.
pub async fn given(app: &App, actor: &Actor, recorder: &model::Model, manner: Manner) -> Result<wire::Cameras> {
    let cameras = cameras_of(app, recorder).await?;
    let site = site(app.db(), recorder.site_id).await?;
    let zone = Yard::load(app.db()).await?.zone;
    let ids: Vec<_> = cameras.iter().map(|camera| camera.id).collect();
    let details = json!({ "name": recorder.name, "cameras": ids });
    app.record_read(actor, Action::RecorderGivenCameras, Subject::Recorder(recorder.id), details).await?;
    let config = number(&cameras, &site.allow, zone.name(), manner);
    let mut given = Vec::with_capacity(cameras.len());
    for camera in cameras {
        // One whose secret is lost is not recorded; the others are.
        let Ok(source) = source(app, &camera).await else { continue };
        let (address, opening) = (source.address.host, source.address.opening);
        given.push(wire::Camera {
            id: camera.id.0,
            slug: camera.slug,
            name: camera.name,
            version: camera.version,
            enabled: camera.enabled,
            host: address,
            port: source.address.port,
            path: opening.path,
            user: opening.user,
            password: opening.password,
            transport: camera.transport,
            audio: camera.audio,
            schedule: camera.schedule,
        });
    }
    Ok(wire::Cameras {
        config,
        zone: zone.name().into(),
        allow: site.allow,
        segment_seconds: manner.segment_seconds,
        snapshot_minutes: manner.snapshot_minutes,
        cameras: given,
    })
}
