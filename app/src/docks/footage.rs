//! What the cameras of a bill's dock saw while it was loaded: for the bill's page.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::{
    Loaded,
    loading::loading,
    save::{self, in_use},
};
use crate::{
    App, Result,
    audit::{Action, Actor, Subject},
    cameras::{self, model::camera},
    clips::{self, ClipLine},
    ids::{BolId, CameraNo},
    recordings::{self, Track, model::sheet},
};

/// A sheet of pictures is of so much time.
const SHEET: i64 = 10 * 60_000;

/// Where a bill was loaded, and what was seen of it.
#[derive(Clone, Debug)]
pub struct Footage {
    /// `None`: nobody has said so yet.
    pub loaded: Option<Loaded>,
    /// There is a dock to choose.
    pub has_docks: bool,
    /// Up to when: [`Loaded::ends`], or now. Unix milliseconds.
    pub until: i64,
    /// Of the dock's cameras those that whoever asks may see.
    pub cameras: Vec<Seen>,
    /// The bill's clips that whoever asks may see, the newest first.
    pub clips: Vec<ClipLine>,
}

/// What one camera saw.
#[derive(Clone, Debug)]
pub struct Seen {
    pub track: Track,
    /// Near the middle.
    pub picture: Option<Tile>,
}

/// One picture of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    pub url: String,
    pub at: i64,
    /// Of the picture, pixels.
    pub width: i32,
    pub height: i32,
    /// Which one of the sheet, from the top, of how many.
    pub nth: i32,
    pub of: i32,
}

/// The footage of a bill's loading, as `actor` may see it; `None` where there is nothing to say: no loading, no dock, no clip. Pictures are on record.
///
/// # Errors
/// When the database does not answer.
pub async fn footage(app: &App, actor: &Actor, bol: BolId) -> Result<Option<Footage>> {
    let (loaded, clips) = tokio::try_join!(loading(app, bol), clips::of_bill(app, actor, bol))?;
    let Some(loaded) = loaded else {
        let has_docks = !in_use(app).await?.is_empty();
        let is_something = has_docks || !clips.is_empty();
        let none = Footage { loaded: None, has_docks, until: app.now(), cameras: Vec::new(), clips };
        return Ok(is_something.then_some(none));
    };
    let until = loaded.ends(app.now());
    let cameras = save::dock(app, actor, loaded.dock).await?.cameras;
    let cameras = seen(app, &cameras, loaded.from, until).await?;
    let shown: Vec<_> = cameras.iter().filter(|seen| seen.picture.is_some()).map(|seen| &seen.track.slug).collect();
    if !shown.is_empty() {
        let details = json!({ "cameras": shown, "from": loaded.from, "until": until });
        app.record_read(actor, Action::RecordingPictures, Subject::Bol(bol), details).await?;
    }
    Ok(Some(Footage { loaded: Some(loaded), has_docks: true, until, cameras, clips }))
}

async fn seen(app: &App, cameras: &[camera::Model], from: i64, until: i64) -> Result<Vec<Seen>> {
    let tracks = recordings::tracks(app, cameras, from, until).await?;
    let numbers: Vec<CameraNo> = cameras.iter().map(|camera| camera.number).collect();
    let mut pictures = tiles(app, &numbers, from, until).await?;
    let seen = |(track, number): (Track, CameraNo)| Seen { track, picture: pictures.remove(&number) };
    Ok(tracks.into_iter().zip(numbers).map(seen).collect())
}

/// Of each camera the picture nearest to the middle.
async fn tiles(app: &App, cameras: &[CameraNo], from: i64, until: i64) -> Result<HashMap<CameraNo, Tile>> {
    if cameras.is_empty() {
        return Ok(HashMap::new());
    }
    let sheets = sheet::Entity::find()
        .filter(sheet::Column::Camera.is_in(cameras.iter().copied()))
        .filter(sheet::Column::StartedAt.gt(from - SHEET))
        .filter(sheet::Column::StartedAt.lt(until))
        .all(app.db())
        .await?;
    let middle = i64::midpoint(from, until);
    let mut nearest: HashMap<CameraNo, (sheet::Model, i64, i32, i32)> = HashMap::new();
    for sheet in sheets {
        let offsets: Vec<i64> = sheet.tiles.split(',').filter_map(|offset| offset.parse().ok()).collect();
        let of = i32::try_from(offsets.len()).unwrap_or(i32::MAX);
        for (offset, nth) in offsets.into_iter().zip(0..) {
            let at = sheet.started_at + offset;
            let best = nearest.get(&sheet.camera).map_or(i64::MAX, |(_, best, ..)| (best - middle).abs());
            if (from..=until).contains(&at) && (at - middle).abs() < best {
                nearest.insert(sheet.camera, (sheet.clone(), at, nth, of));
            }
        }
    }
    let mut urls = cameras::pictures_of(app, nearest.values().map(|(sheet, ..)| sheet.object_id).collect()).await?;
    let tile = |(camera, (sheet, at, nth, of)): (CameraNo, (sheet::Model, i64, i32, i32))| {
        let url = urls.remove(&sheet.object_id)?;
        Some((camera, Tile { url, at, width: sheet.width, height: sheet.height, nth, of }))
    };
    Ok(nearest.into_iter().filter_map(tile).collect())
}
