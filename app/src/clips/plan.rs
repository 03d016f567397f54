//! What a clip is cut out of, and whether all of it is here.

use std::{collections::HashMap, sync::Arc};

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::missing::MOST;
use crate::{
    App, Result,
    cameras::model::camera,
    ids::ObjectId,
    objects::{
        PlacementState,
        model::{object, placement},
    },
    recordings::{
        self, Reason, Row, SegmentState,
        model::{run, segment},
    },
};

/// A recording that a clip needs.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub segment: segment::Model,
    pub run: Arc<run::Model>,
    pub object: object::Model,
}

/// The recordings of a camera that have something of `from..until`, in the order of time, but for those that are lost.
pub(super) async fn sources(app: &App, camera: &camera::Model, from: i64, until: i64) -> Result<Vec<Source>> {
    let mut pieces = recordings::pieces(app, camera, from, until).await?;
    pieces.retain(|piece| piece.segment.state != SegmentState::Failed.as_str());
    let ids = pieces.iter().map(|piece| piece.segment.object_id);
    let objects = object::Entity::find().filter(object::Column::Id.is_in(ids)).all(app.db()).await?;
    let mut objects: HashMap<ObjectId, object::Model> =
        objects.into_iter().filter(|object| object.erased_at.is_none()).map(|object| (object.id, object)).collect();
    let source =
        |Row { segment, run, .. }: Row| Some(Source { object: objects.remove(&segment.object_id)?, run, segment });
    Ok(pieces.into_iter().filter_map(source).collect())
}

/// Why all of it is not here yet, where it will be: it is being recorded, or a recorder on another site is behind.
pub(super) async fn not_here_yet(
    app: &App,
    camera: &camera::Model,
    sources: &[Source],
    from: i64,
    until: i64,
) -> Result<Option<String>> {
    let ids: Vec<ObjectId> = sources.iter().map(|source| source.object.id).collect();
    let here: Vec<ObjectId> = placement::Entity::find()
        .filter(placement::Column::ObjectId.is_in(ids.clone()))
        .filter(placement::Column::State.eq(PlacementState::Verified))
        .select_only()
        .column(placement::Column::ObjectId)
        .distinct()
        .into_tuple()
        .all(app.db())
        .await?;
    let behind = ids.iter().filter(|id| !here.contains(id)).count();
    if behind > 0 {
        let files = if behind == 1 { "1 file of it is".into() } else { format!("{behind} files of it are") };
        return Ok(Some(format!("{}: {files} not here yet", camera.name)));
    }
    let ends = sources.last().map_or(from, |source| source.segment.ended_at);
    let goes_on = run::Entity::find()
        .filter(run::Column::Camera.eq(camera.number))
        .filter(run::COLUMN.ended_at.is_null())
        .filter(run::COLUMN.started_at.lt(until));
    if ends < until && goes_on.count(app.db()).await? > 0 {
        return Ok(Some(format!("{}: the end of it is still being recorded", camera.name)));
    }
    let gaps = recordings::missing(app, camera.number, from, until, MOST).await?;
    Ok(gaps
        .iter()
        .any(|gap| gap.reason == Reason::RecorderAway)
        .then(|| format!("{}: its recorder has not been heard of, and may have film of this time", camera.name)))
}
