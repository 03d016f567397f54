//! Clips, the newest first.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    find::seen_with,
    model::{clip, clip_camera},
};
use crate::{
    App, Result,
    audit::Actor,
    cameras::{self, model::camera},
    ids::{BolId, CameraId, ClipId},
    paging::{Place, Slice},
};

/// Where a page of clips begins: when the one before was asked for, and its id.
pub type ClipKey = (i64, ClipId);

/// Clips that a bill's page shows.
const OF_BILL: u64 = 50;

/// A clip in a list.
#[derive(Clone, Debug)]
pub struct ClipLine {
    pub clip: clip::Model,
    /// Names of its cameras, in their order.
    pub cameras: Vec<String>,
}

/// The clips that `actor` may see.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, actor: &Actor, place: &Place<ClipKey>, limit: usize) -> Result<Slice<ClipLine>> {
    let mut query = clip::Entity::find().filter(seen_with(cameras::sees(app, actor).await?));
    let beside = |at: i64, id: ClipId, newer: bool| {
        let (time, same) = match newer {
            true => (clip::Column::CreatedAt.gt(at), clip::Column::Id.gt(id)),
            false => (clip::Column::CreatedAt.lt(at), clip::Column::Id.lt(id)),
        };
        let same = Condition::all().add(clip::Column::CreatedAt.eq(at)).add(same);
        Condition::any().add(time).add(same)
    };
    query = match place {
        Place::Start => query,
        Place::After((at, id)) => query.filter(beside(*at, *id, false)),
        Place::Before((at, id)) => query.filter(beside(*at, *id, true)),
    };
    let query = match place {
        Place::Before(_) => query.order_by_asc(clip::Column::CreatedAt).order_by_asc(clip::Column::Id),
        _ => query.order_by_desc(clip::Column::CreatedAt).order_by_desc(clip::Column::Id),
    };
    let rows = query.limit(limit as u64 + 1).all(app.db()).await?;
    let Slice { rows, newer, older } = Slice::cut(rows, limit, place, |row| (row.created_at, row.id));
    Ok(Slice { rows: with_cameras(app, rows).await?, newer, older })
}

/// The clips of a bill that `actor` may see, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_bill(app: &App, actor: &Actor, bol: BolId) -> Result<Vec<ClipLine>> {
    let rows = clip::Entity::find()
        .filter(clip::COLUMN.bol_id.eq(bol))
        .filter(seen_with(cameras::sees(app, actor).await?))
        .order_by_desc(clip::Column::CreatedAt)
        .order_by_desc(clip::Column::Id)
        .limit(OF_BILL)
        .all(app.db())
        .await?;
    with_cameras(app, rows).await
}

async fn with_cameras(app: &App, rows: Vec<clip::Model>) -> Result<Vec<ClipLine>> {
    let pairs = clip_camera::Entity::find()
        .filter(clip_camera::Column::ClipId.is_in(rows.iter().map(|clip| clip.id)))
        .order_by_asc(clip_camera::Column::Position)
        .all(app.db())
        .await?;
    let names: Vec<(CameraId, String)> = camera::Entity::find()
        .filter(camera::Column::Id.is_in(pairs.iter().map(|pair| pair.camera_id)))
        .select_only()
        .columns([camera::Column::Id, camera::Column::Name])
        .into_tuple()
        .all(app.db())
        .await?;
    let names: HashMap<_, _> = names.into_iter().collect();
    let line = |clip: clip::Model| {
        let own = pairs.iter().filter(|pair| pair.clip_id == clip.id);
        ClipLine { cameras: own.filter_map(|pair| names.get(&pair.camera_id).cloned()).collect(), clip }
    };
    Ok(rows.into_iter().map(line).collect())
}
