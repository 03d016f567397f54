//! Pictures of what is recorded, kept: sheets of ten minutes, and the last whole picture of a camera.

use chrono::DateTime;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};

use super::model::sheet;
use crate::{
    App, Result,
    audit::Subject,
    cameras::model::{camera, status},
    objects::{self, Class, NewObject},
};

/// A sheet is of so many milliseconds, from a multiple of them on.
pub const SHEET: i64 = 600_000;

/// Pictures one below the other in one JPEG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// A multiple of [`SHEET`].
    pub started_at: i64,
    /// When each picture is of, milliseconds after `started_at`, from top to bottom.
    pub tiles: Vec<i64>,
    /// Of one picture, pixels.
    pub width: u32,
    pub height: u32,
}

/// Keeps ten minutes of pictures. Doing it twice is doing it once; what comes too late for a sheet that is there is left out.
///
/// # Errors
/// [`Unavailable`](crate::AppError::Unavailable) when no store takes it.
pub async fn keep_pictures(app: &App, camera: &camera::Model, sheet: &Sheet, jpeg: Vec<u8>) -> Result<()> {
    let known = sheet::Entity::find_by_id((camera.number, sheet.started_at)).one(app.db()).await?;
    if known.is_some() {
        return Ok(());
    }
    let key = format!("media/thumbnails/{}/{}.jpg", camera.slug, utc(sheet.started_at, "%Y-%m-%d/%H_%M"));
    let days = camera.retention_days.and_then(|days| u32::try_from(days).ok());
    let object = objects::keep(app, picture(&key, camera, sheet.started_at, days), jpeg).await?;
    let tiles = sheet.tiles.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let row = sheet::Model {
        camera: camera.number,
        started_at: sheet.started_at,
        object_id: object.id,
        tiles,
        width: i32::try_from(sheet.width).unwrap_or_default(),
        height: i32::try_from(sheet.height).unwrap_or_default(),
    };
    let tx = app.begin().await?;
    let known = sheet::Entity::find_by_id((camera.number, sheet.started_at)).one(&tx).await?;
    if known.is_none() {
        row.into_active_model().insert(&tx).await?;
    }
    tx.commit().await
}

/// Keeps a whole picture of a camera, for a day, and shows it as the last one where no newer one is known.
///
/// # Errors
/// [`Unavailable`](crate::AppError::Unavailable) when no store takes it.
pub async fn keep_snapshot(app: &App, camera: &camera::Model, at: i64, jpeg: Vec<u8>) -> Result<()> {
    let key = format!("media/snapshots/{}/{}.jpg", camera.slug, utc(at, "%Y-%m-%d/%H_%M_%S"));
    let object = objects::keep(app, picture(&key, camera, at, Some(1)), jpeg).await?;
    let tx = app.begin().await?;
    let older = Condition::any().add(status::COLUMN.snapshot_at.is_null()).add(status::COLUMN.snapshot_at.lt(at));
    status::Entity::update_many()
        .set(status::ActiveModel {
            snapshot_id: Set(Some(object.id)),
            snapshot_at: Set(Some(at)),
            ..Default::default()
        })
        .filter(status::Column::CameraId.eq(camera.id))
        .filter(older)
        .exec(&tx)
        .await?;
    tx.commit().await
}

/// `days`: for how long it is kept, where not as long as its class.
fn picture<'a>(key: &'a str, camera: &camera::Model, at: i64, days: Option<u32>) -> NewObject<'a> {
    NewObject {
        key,
        class: Class::Media,
        content_type: "image/jpeg",
        subject: Some(Subject::Camera(camera.id)),
        retain_days: days,
        taken_at: Some(at),
    }
}

/// Keys have UTC in them, as those of recordings have.
fn utc(at: i64, format: &str) -> String {
    DateTime::from_timestamp_millis(at).map(|at| at.format(format).to_string()).unwrap_or_default()
}
