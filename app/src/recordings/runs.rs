//! Runs: begun and ended once, whoever says so twice.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, sea_query::OnConflict,
};

use super::{
    Reason, gaps,
    model::{run, segment},
    turn,
};
use crate::{
    Result, WriteTxn,
    ids::{CameraNo, RunId},
};

/// Puts a run on record. Doing it twice is doing it once.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_run(tx: &mut WriteTxn<'_>, run: run::Model) -> Result<()> {
    let once = OnConflict::column(run::Column::Id).do_nothing().to_owned();
    run::Entity::insert(run.into_active_model()).on_conflict(once).exec_without_returning(tx).await?;
    Ok(())
}

/// Ends a run: nothing of its camera is recorded from `at` on, for this reason. One that has ended stays as it is.
///
/// # Errors
/// When the database does not answer.
pub async fn end_run(tx: &mut WriteTxn<'_>, run: RunId, at: i64, reason: Reason, detail: &str) -> Result<()> {
    let Some(row) = run::Entity::find_by_id(run).one(&*tx).await? else { return Ok(()) };
    let at = at.max(row.started_at);
    let end = run::ActiveModel {
        ended_at: Set(Some(at)),
        end_reason: Set(Some(reason.as_str().into())),
        end_detail: Set(detail.into()),
        ..Default::default()
    };
    let open =
        run::Entity::update_many().set(end).filter(run::COLUMN.id.eq(run)).filter(run::COLUMN.ended_at.is_null());
    if open.exec(&*tx).await?.rows_affected == 1 {
        gaps::begin(tx, row.camera, at, reason, detail, Some(run)).await?;
    }
    Ok(())
}

/// Ends what holders of earlier epochs left open, each run where its last file on record ends: whoever recorded it is gone. Returns how many.
///
/// # Errors
/// When the database does not answer.
pub async fn end_older_runs(tx: &mut WriteTxn<'_>, camera: CameraNo, epoch: i64) -> Result<u64> {
    let open = run::Entity::find()
        .filter(run::COLUMN.camera.eq(camera))
        .filter(run::COLUMN.epoch.lt(epoch))
        .filter(run::COLUMN.ended_at.is_null())
        .order_by_asc(run::Column::StartedAt)
        .all(&*tx)
        .await?;
    if !open.is_empty() {
        turn::take(tx, camera).await?;
    }
    for run in &open {
        let last = segment::Entity::find()
            .filter(segment::COLUMN.camera.eq(camera))
            .filter(segment::COLUMN.started_at.gte(run.started_at))
            .filter(segment::COLUMN.run_id.eq(run.id))
            .order_by_desc(segment::Column::StartedAt)
            .one(&*tx)
            .await?;
        let at = last.map_or(run.started_at, |segment| segment.ended_at);
        end_run(tx, run.id, at, Reason::WorkerLost, "").await?;
    }
    Ok(open.len() as u64)
}
