//! Cameras with how they are: for the list, and for the page of one.

use std::{collections::HashMap, time::Duration};

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::{
    State, Uptime,
    find::{sees, visible},
    model::{camera, status},
};
use crate::{
    App, Result,
    audit::{Action, Actor, Subject},
    ids::{CameraId, ObjectId},
    objects::{self, Class, PlacementState, model::placement},
    recorders, recordings,
};

/// A picture is looked at now.
const PICTURE_LIFE: Duration = Duration::from_mins(5);

/// A camera, how it is and how it was.
#[derive(Clone, Debug)]
pub struct Line {
    pub camera: camera::Model,
    /// `None`: nobody has held it yet.
    pub status: Option<status::Model>,
    /// Where its last picture is to be had.
    pub picture: Option<String>,
    pub uptime: Uptime,
    /// It is recorded on another site, and nothing was heard of it for a minute.
    pub is_away: bool,
}

impl Line {
    #[must_use]
    pub fn state(&self) -> State {
        // Whoever records it says so a moment later.
        if !self.camera.enabled || self.camera.archived_at.is_some() {
            return State::Off;
        }
        if self.is_away {
            return State::RecorderAway;
        }
        self.status.as_ref().and_then(|status| status.state.parse().ok()).unwrap_or(State::Waiting)
    }
}

/// How pictures are given with what is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pictures {
    /// None: for programs.
    Without,
    /// To whoever opens a page; that is on record.
    With,
    /// To whoever has the page open, and is on record with it.
    Again,
}

/// The cameras that `actor` may see, by name, and how many others there are.
///
/// # Errors
/// When the database does not answer.
pub async fn lines(app: &App, actor: &Actor, archived: bool, pictures: Pictures) -> Result<(Vec<Line>, u64)> {
    let put_away = match archived {
        true => camera::COLUMN.archived_at.is_not_null(),
        false => camera::COLUMN.archived_at.is_null(),
    };
    let rows = camera::Entity::find().filter(put_away.clone()).filter(sees(app, actor).await?);
    let rows = rows.order_by_asc(camera::Column::NameKey).all(app.db()).await?;
    let all = camera::Entity::find().filter(put_away).count(app.db()).await?;
    let hidden = all.saturating_sub(rows.len() as u64);
    let lines = with_states(app, rows, pictures != Pictures::Without).await?;
    let seen: Vec<_> = lines.iter().filter(|line| line.picture.is_some()).map(|line| line.camera.id).collect();
    if pictures == Pictures::With && !seen.is_empty() {
        app.record_read(actor, Action::CameraPictures, Subject::Yard, json!({ "cameras": seen })).await?;
    }
    Ok((lines, hidden))
}

/// One of them.
///
/// # Errors
/// [`NotFound`](crate::AppError::NotFound) also where `actor` may not see it.
pub async fn line(app: &App, actor: &Actor, id: CameraId, pictures: Pictures) -> Result<Line> {
    let row = visible(app, actor, id).await?;
    let line = with_states(app, vec![row], pictures != Pictures::Without)
        .await?
        .pop()
        .ok_or(crate::AppError::NotFound("That camera"))?;
    if pictures == Pictures::With && line.picture.is_some() {
        app.record_read(actor, Action::CameraPictures, Subject::Camera(id), json!({ "name": line.camera.name }))
            .await?;
    }
    Ok(line)
}

async fn with_states(app: &App, cameras: Vec<camera::Model>, with_pictures: bool) -> Result<Vec<Line>> {
    let ids = cameras.iter().map(|camera| camera.id);
    let states = status::Entity::find().filter(status::Column::CameraId.is_in(ids)).all(app.db()).await?;
    let mut states: HashMap<_, _> = states.into_iter().map(|state| (state.camera_id, state)).collect();
    let snapshots = states.values().filter(|_| with_pictures).filter_map(|state| state.snapshot_id).collect();
    let mut pictures = pictures_of(app, snapshots).await?;
    let numbers: Vec<_> = cameras.iter().map(|camera| camera.number).collect();
    let mut uptimes = recordings::uptime(app, &numbers, app.now()).await?;
    let now = app.now();
    let line = |camera: camera::Model| {
        let status = states.remove(&camera.id);
        let heard_at = status.as_ref().map_or(camera.created_at, |status| status.heard_at);
        let is_away = camera.recorder_id.is_some() && now - heard_at >= recorders::HERE_MS;
        let picture = status.as_ref().and_then(|status| pictures.remove(&status.snapshot_id?));
        Line { uptime: uptimes.remove(&camera.number).unwrap_or_default(), camera, status, picture, is_away }
    };
    Ok(cameras.into_iter().map(line).collect())
}

/// Where each picture is to be had; those that no store gives just now are left out.
pub(crate) async fn pictures_of(app: &App, objects: Vec<ObjectId>) -> Result<HashMap<ObjectId, String>> {
    if objects.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = placement::Entity::find()
        .filter(placement::Column::ObjectId.is_in(objects))
        .filter(placement::Column::State.eq(PlacementState::Verified))
        .all(app.db())
        .await?;
    let mut copies: HashMap<ObjectId, Vec<placement::Model>> = HashMap::new();
    for row in rows {
        copies.entry(row.object_id).or_default().push(row);
    }
    let mut found = HashMap::new();
    for (object, copies) in copies {
        // Signing asks nobody.
        if let Ok(signed) = objects::url_of(app, Class::Media, &copies, None, PICTURE_LIFE).await {
            found.insert(object, signed.url.into());
        }
    }
    Ok(found)
}
