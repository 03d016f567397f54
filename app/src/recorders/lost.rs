//! Film that a recorder announced and will never send: its disk gives other bytes back than were written, or none.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{claim::line, model, wire::Lost};
use crate::{
    App, Result, WriteTxn,
    audit::Actor,
    cameras::{model::camera, sees},
    ids::{CameraId, RunId},
    objects,
    recordings::{
        self, Reason,
        model::{gap, run, segment},
    },
};

/// What is shown of it: no older, milliseconds, and no more.
const OLDEST: i64 = 30 * 86_400_000;
const SHOWN: u64 = 20;

/// The time of a file that `recorder` announced, and says it has lost, becomes a gap. What is another's, or here, stays as it is.
pub(super) async fn lose(
    tx: &mut WriteTxn<'_>,
    recorder: &model::Model,
    camera: &camera::Model,
    said: &Lost,
) -> Result<()> {
    let Some(row) = segment::Entity::find_by_id((camera.number, said.started_at)).one(&*tx).await? else {
        return Ok(());
    };
    let run = run::Entity::find_by_id(row.run_id).one(&*tx).await?;
    let object = objects::find(&*tx, row.object_id).await?;
    if run.is_some_and(|run| run.recorder_id == Some(recorder.id)) && object.sha256 == said.sha256 {
        recordings::give_up(tx, &row, &object, &line(&said.why, 300)).await?;
    }
    Ok(())
}

/// A file that a recorder has lost.
#[derive(Clone, Debug)]
pub struct LostFile {
    pub camera: CameraId,
    pub name: String,
    pub from: i64,
    pub detail: String,
}

/// What `recorder` has lost lately of its cameras, of those that `actor` may see; the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn lost_of(app: &App, actor: &Actor, recorder: &model::Model) -> Result<Vec<LostFile>> {
    let cameras = camera::Entity::find()
        .filter(camera::Column::RecorderId.eq(recorder.id))
        .filter(sees(app, actor).await?)
        .all(app.db())
        .await?;
    let gaps = gap::Entity::find()
        .filter(gap::Column::Camera.is_in(cameras.iter().map(|camera| camera.number)))
        .filter(gap::Column::StartedAt.gt(app.now() - OLDEST))
        .filter(gap::Column::Reason.eq(Reason::Lost.as_str()))
        .order_by_desc(gap::Column::StartedAt)
        .limit(SHOWN)
        .all(app.db())
        .await?;
    let own: HashSet<RunId> = run::Entity::find()
        .filter(run::Column::Id.is_in(gaps.iter().filter_map(|gap| gap.run_id)))
        .filter(run::Column::RecorderId.eq(recorder.id))
        .select_only()
        .column(run::Column::Id)
        .into_tuple()
        .all(app.db())
        .await?
        .into_iter()
        .collect();
    let cameras: HashMap<_, _> = cameras.into_iter().map(|camera| (camera.number, camera)).collect();
    let lost = gaps.into_iter().filter(|gap| gap.run_id.is_some_and(|run| own.contains(&run))).filter_map(|gap| {
        let camera = cameras.get(&gap.camera)?;
        Some(LostFile { camera: camera.id, name: camera.name.clone(), from: gap.started_at, detail: gap.detail })
    });
    Ok(lost.collect())
}
