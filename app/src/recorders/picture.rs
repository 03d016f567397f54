//! A recorder says what its cameras saw. It is kept as pictures of this installation's own cameras are, where it can be what it is said to be.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};

use super::{
    claim::{self, Untrue},
    model,
    own::own,
    wire::{Fate, LARGEST_PICTURE, Picture, PictureKind},
};
use crate::{
    App, AppError, Result,
    cameras::model::{camera, status},
    ids::CameraId,
    recordings::{self, SHEET, Sheet, model::run},
};

/// Whole pictures of a camera that come sooner one after the other are one too many: milliseconds.
const APART: i64 = 30_000;
/// Pixels of a side of a tile, and of a whole picture.
const LONGEST_TILE: u32 = 640;
const LONGEST: u32 = 1920;
/// No JPEG is higher.
const HIGHEST: u32 = 65_535;
/// Seconds after which it is worth asking again.
const LATER: u32 = 60;

/// Keeps a picture. Saying it twice is saying it once.
///
/// # Errors
/// When the database does not answer.
pub async fn picture(app: &App, recorder: &model::Model, said: &Picture) -> Result<Fate> {
    let camera = camera::Entity::find_by_id(CameraId(said.camera)).one(app.db()).await?;
    let cameras = own(app, recorder, camera.into_iter().collect()).await?;
    let camera = match judge(&cameras, said, app.now()) {
        Ok(camera) => camera,
        Err(untrue) => return Ok(untrue.into()),
    };
    let jpeg = match jpeg(said) {
        Ok(jpeg) => jpeg,
        Err(untrue) => return Ok(untrue.into()),
    };
    let kept = match said.kind {
        PictureKind::Sheet if !has_recorded(app, recorder, camera, said.at).await? => {
            return Ok(Untrue::Never("it recorded nothing at that time").into());
        }
        PictureKind::Sheet => {
            let (tiles, width, height) = (said.tiles.clone(), said.width, said.height);
            let sheet = Sheet { started_at: said.at, tiles, width, height };
            recordings::keep_pictures(app, camera, &sheet, jpeg).await
        }
        PictureKind::Snapshot if camera.recorder_id != Some(recorder.id) => {
            return Ok(Untrue::Never("its camera is another recorder’s by now").into());
        }
        PictureKind::Snapshot if is_old(app, camera, said.at).await? => Ok(()),
        PictureKind::Snapshot => recordings::keep_snapshot(app, camera, said.at, jpeg).await,
    };
    match kept {
        Ok(()) => Ok(Fate::Kept),
        Err(AppError::Unavailable(_)) => Ok(Fate::Later { after_seconds: LATER }),
        Err(AppError::Conflict(_)) => Ok(Untrue::Never("another picture is kept of that moment").into()),
        Err(error) => Err(error),
    }
}

/// The camera, where the picture can be what it is said to be.
fn judge<'a>(
    cameras: &'a HashMap<CameraId, camera::Model>,
    said: &Picture,
    now: i64,
) -> Result<&'a camera::Model, Untrue> {
    let camera = cameras.get(&CameraId(said.camera));
    let camera = camera.ok_or(Untrue::Never("its camera is none of this recorder’s"))?;
    let (first, last) = match said.kind {
        PictureKind::Sheet => (said.tiles.first().copied().unwrap_or(-1), said.tiles.last().copied().unwrap_or(-1)),
        PictureKind::Snapshot => (0, 0),
    };
    if !(0..SHEET).contains(&first) || !(0..SHEET).contains(&last) || !said.tiles.is_sorted_by(|a, b| a < b) {
        return Err(Untrue::Never("its tiles are not of its time"));
    }
    if said.kind == PictureKind::Sheet && said.at.rem_euclid(SHEET) != 0 {
        return Err(Untrue::Never("no sheet begins then"));
    }
    claim::moment(camera, said.at.saturating_add(first), now)?;
    claim::moment(camera, said.at.saturating_add(last), now)?;
    Ok(camera)
}

fn jpeg(said: &Picture) -> Result<Vec<u8>, Untrue> {
    let (longest, rows) = match said.kind {
        PictureKind::Sheet => (LONGEST_TILE, u32::try_from(said.tiles.len()).unwrap_or(u32::MAX)),
        PictureKind::Snapshot => (LONGEST, 1),
    };
    let fits = |side: u32| (1..=longest).contains(&side);
    let height = said.height.saturating_mul(rows);
    let bytes = BASE64_STANDARD.decode(&said.jpeg).unwrap_or_default();
    let is_one = fits(said.width) && fits(said.height) && height <= HIGHEST && bytes.len() <= LARGEST_PICTURE;
    match is_one && recordings::is_jpeg(&bytes, said.width, height) {
        true => Ok(bytes),
        false => Err(Untrue::Never("it is no JPEG of its size")),
    }
}

/// Whether `recorder` has recorded the camera within the ten minutes of a sheet: the time may be another recorder's.
async fn has_recorded(app: &App, recorder: &model::Model, camera: &camera::Model, at: i64) -> Result<bool> {
    let goes_on = Condition::any().add(run::Column::EndedAt.is_null()).add(run::Column::EndedAt.gt(at));
    let found = run::Entity::find()
        .filter(run::Column::Camera.eq(camera.number))
        .filter(run::Column::RecorderId.eq(recorder.id))
        .filter(run::Column::StartedAt.lt(at + SHEET))
        .filter(goes_on)
        .order_by_desc(run::Column::StartedAt);
    Ok(found.one(app.db()).await?.is_some())
}

/// Whether as new a picture is shown already.
async fn is_old(app: &App, camera: &camera::Model, at: i64) -> Result<bool> {
    let status = status::Entity::find_by_id(camera.id).one(app.db()).await?;
    Ok(status.and_then(|status| status.snapshot_at).is_some_and(|shown| at < shown + APART))
}
