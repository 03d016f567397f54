//! What is given of a camera's film: a playlist, a file, pictures. Each is on record before it is given.

use std::{collections::HashMap, time::Duration};

use chrono::DateTime;
use chrono_tz::Tz;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use serde_json::json;
use url::Url;

use super::{
    model::{segment, sheet},
    pieces::{Glance, fragments, glances, played},
    playlist::{Length, Piece, write},
    stores,
};
use crate::{
    App, AppError, Result, archive,
    audit::{Action, Actor, Subject},
    cameras::model::camera,
    ids::ObjectId,
    objects::{self, Class},
    ports::Signed,
};

const HOUR: i64 = 3_600_000;
/// The longest playlist.
pub const LONGEST: i64 = 24 * HOUR;
/// Up to here every few seconds are listed, so that one may begin anywhere; beyond, whole files.
const FINE: i64 = 3 * HOUR;
/// What is saved begins to be saved now.
const SAVING: Duration = Duration::from_mins(15);
/// Of a sheet of pictures, milliseconds.
const SHEET: i64 = 600_000;

/// A playlist, and for how long its addresses hold.
#[derive(Clone, Debug)]
pub struct Playlist {
    pub text: String,
    /// Before this is over a player asks again. Relative, since clocks of browsers are wrong.
    pub fresh_for: Duration,
    /// When film goes on behind it, Unix milliseconds.
    pub next_at: Option<i64>,
}

/// The film of `camera` between two instants (Unix milliseconds) as HLS, for somebody who may see it.
///
/// # Errors
/// [`AppError::Invalid`] beyond a day; [`AppError::Archived`] where it has to be asked for first.
pub async fn playlist(app: &App, actor: &Actor, camera: &camera::Model, from: i64, until: i64) -> Result<Playlist> {
    if until <= from {
        return Err(AppError::field("until", "Give an instant after “from”"));
    }
    if until - from > LONGEST {
        return Err(AppError::field("until", "Ask for 24 hours at most"));
    }
    let details = json!({ "name": camera.name, "from": from, "until": until });
    app.record_read(actor, Action::RecordingViewed, Subject::Camera(camera.id), details).await?;
    let found = glances(app, &[camera.number], from, until).await?;
    let stores = stores(app.db()).await?;
    let here: Vec<_> =
        found.iter().filter_map(|glance| Some((glance, played(app, &stores, &camera.slug, glance)?))).collect();
    let mut listed = match until - from <= FINE {
        true => fragments(app, camera.number, from, until).await?,
        false => HashMap::new(),
    };
    if let Some((first, copy)) = here.first() {
        let object = object_of(app, first).await?;
        // Where the oldest is at hand the others are.
        archive::at_hand(app, object, first.started_at, std::slice::from_ref(copy)).await?;
    }
    let life = app.ports.plane.policy().film_life.unwrap_or_else(|| Class::Recording.url_life());
    let (mut pieces, mut shortest) = (Vec::with_capacity(here.len()), life);
    for (glance, copy) in here {
        let signed = objects::url_of(app, Class::Recording, &[copy], None, life).await?;
        shortest = shortest.min(signed.life);
        pieces.push(Piece {
            url: signed.url.into(),
            run: glance.run_id,
            started_at: glance.started_at,
            ended_at: glance.ended_at,
            size: u64::try_from(glance.size).unwrap_or_default(),
            init_size: u32::try_from(glance.init_size).unwrap_or_default(),
            length: listed.remove(&glance.started_at).map_or(Length::Whole, Length::Fragments),
        });
    }
    // Five minutes for whoever is in the middle of something when it is over.
    let fresh_for = shortest.saturating_sub(Duration::from_mins(5).min(shortest / 4));
    let next_at = next_after(app, camera, until).await?;
    Ok(Playlist { text: write(&pieces), fresh_for, next_at })
}

/// When the first segment begins that can be played from `from` on.
async fn next_after(app: &App, camera: &camera::Model, from: i64) -> Result<Option<i64>> {
    let next = segment::Entity::find()
        .select_only()
        .column(segment::Column::StartedAt)
        .filter(segment::Column::Camera.eq(camera.number))
        .filter(segment::Column::StartedAt.gte(from))
        .filter(segment::Column::StoreId.is_not_null())
        .order_by_asc(segment::Column::StartedAt)
        .limit(1);
    Ok(next.into_tuple().one(app.db()).await?)
}

async fn object_of(app: &App, glance: &Glance) -> Result<ObjectId> {
    let found = segment::Entity::find_by_id((glance.camera, glance.started_at)).one(app.db()).await?;
    found.map(|segment| segment.object_id).ok_or(AppError::NotFound("That recording"))
}

/// Where the file is to be had that has the instant `at` (Unix milliseconds), named by the yard's clock.
///
/// # Errors
/// [`AppError::NotFound`] where nothing was recorded then; as [`objects::url`].
pub async fn download(app: &App, actor: &Actor, camera: &camera::Model, at: i64, zone: Tz) -> Result<Url> {
    let segment = segment::Entity::find()
        .filter(segment::Column::Camera.eq(camera.number))
        .filter(segment::Column::StartedAt.lte(at))
        .order_by_desc(segment::Column::StartedAt)
        .one(app.db())
        .await?
        .filter(|segment| at < segment.ended_at)
        .ok_or(AppError::NotFound("That recording"))?;
    let object = objects::find(app.db(), segment.object_id).await?;
    let began = DateTime::from_timestamp_millis(segment.started_at).unwrap_or_default().with_timezone(&zone);
    let name = format!("{}_{}.mp4", camera.slug, began.format("%Y-%m-%d_%H-%M-%S"));
    let signed = objects::url(app, &object, Some(&name), SAVING).await?;
    let details =
        json!({ "name": camera.name, "from": segment.started_at, "until": segment.ended_at, "key": object.key });
    app.record_read(actor, Action::RecordingDownloaded, Subject::Camera(camera.id), details).await?;
    Ok(signed.url)
}

/// Pictures of ten minutes, one below the other in one JPEG.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Pictures {
    /// Empty: there are none.
    pub url: String,
    /// Of one picture, pixels.
    pub width: i32,
    pub height: i32,
    pub tiles: Vec<Tile>,
}

/// One picture of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tile {
    /// Unix milliseconds.
    pub at: i64,
    /// How far down it begins, pixels.
    pub y: i32,
}

/// The pictures of the ten minutes that `at` (Unix milliseconds) lies in; none where there are none, or none can be had from here.
///
/// # Errors
/// When the database or the storage does not answer.
pub async fn pictures(app: &App, actor: &Actor, camera: &camera::Model, at: i64) -> Result<Pictures> {
    let began = at.div_euclid(SHEET).saturating_mul(SHEET);
    let Some(sheet) = sheet::Entity::find_by_id((camera.number, began)).one(app.db()).await? else {
        return Ok(Pictures::default());
    };
    let object = objects::find(app.db(), sheet.object_id).await?;
    let Ok(Signed { url, .. }) = objects::url(app, &object, None, Class::Media.url_life()).await else {
        return Ok(Pictures::default());
    };
    let details = json!({ "name": camera.name, "from": began, "until": began + SHEET });
    app.record_read(actor, Action::RecordingPictures, Subject::Camera(camera.id), details).await?;
    let offsets = sheet.tiles.split(',').filter_map(|offset| offset.parse::<i64>().ok());
    let tiles = (0..).zip(offsets).map(|(n, offset)| Tile { at: began + offset, y: n * sheet.height }).collect();
    Ok(Pictures { url: url.into(), width: sheet.width, height: sheet.height, tiles })
}
