//! Records a camera for as long as its lease is this process's.

use std::sync::Arc;

use gatehouse_app::ids::CameraId;

use crate::capture::hold::Station;

/// A process without a station, such as a test, leaves the camera to those that have one.
pub async fn run(station: Option<&Arc<Station>>, camera: CameraId, epoch: i64) -> anyhow::Result<()> {
    match station {
        Some(station) => station.hold(camera, epoch).await,
        None => Ok(()),
    }
}
