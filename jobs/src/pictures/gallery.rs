//! Where pictures go when they are made: on record here, or on the way to a hub.

use async_trait::async_trait;
use gatehouse_app::{
    App, AppError,
    cameras::model::camera,
    ids::CameraId,
    recordings::{self, Sheet},
};
use sea_orm::EntityTrait;

use crate::capture::picture::Jpeg;

/// A sheet that nobody took for so long is one that nobody takes: milliseconds.
const FORGOTTEN: i64 = 24 * 3_600_000;

/// Takes pictures. All of it may be said twice.
#[async_trait]
pub trait Gallery: Send + Sync {
    /// Unix milliseconds.
    fn now(&self) -> i64;

    /// Ten minutes of a camera. `false`: nobody wants them, and they may go.
    ///
    /// # Errors
    /// When it is not taken just now.
    async fn sheet(&self, camera: CameraId, sheet: Sheet, jpeg: Vec<u8>) -> anyhow::Result<bool>;

    /// What a camera saw at `at`.
    ///
    /// # Errors
    /// When it is not taken.
    async fn whole(&self, camera: CameraId, at: i64, jpeg: Jpeg) -> anyhow::Result<()>;
}

#[async_trait]
impl Gallery for App {
    fn now(&self) -> i64 {
        self.now()
    }

    async fn sheet(&self, camera: CameraId, sheet: Sheet, jpeg: Vec<u8>) -> anyhow::Result<bool> {
        let row = camera::Entity::find_by_id(camera).one(self.db()).await?;
        let Some(row) = row.filter(|_| self.now() - sheet.started_at < FORGOTTEN) else { return Ok(false) };
        match recordings::keep_pictures(self, &row, &sheet, jpeg).await {
            Ok(()) => Ok(true),
            // Begun by one that was killed, with other tiles: this one must not keep those behind it from theirs.
            Err(AppError::Conflict(why)) => {
                tracing::info!(why, camera = row.slug, "ten minutes of pictures are left out");
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn whole(&self, camera: CameraId, at: i64, jpeg: Jpeg) -> anyhow::Result<()> {
        if let Some(row) = camera::Entity::find_by_id(camera).one(self.db()).await? {
            recordings::keep_snapshot(self, &row, at, jpeg.bytes).await?;
        }
        Ok(())
    }
}
