//! Switching cameras on and off, and taking them out of use.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    sea_query::Expr,
};
use serde_json::json;

use super::{
    State,
    find::visible,
    model::{camera, lease, status},
    save::{refuse_twin, taken},
};
use crate::{
    App, AppError, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    ids::CameraId,
    job::Job,
};

/// Lets a camera record, as its schedule says. One that does so already stays as it is.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] of one that is archived.
pub async fn enable(app: &App, actor: &Actor, id: CameraId) -> Result<()> {
    switch(app, actor, id, true).await
}

/// Ends a camera's recording until somebody switches it on again. What it recorded stays.
///
/// # Errors
/// As [`enable`].
pub async fn disable(app: &App, actor: &Actor, id: CameraId) -> Result<()> {
    switch(app, actor, id, false).await
}

async fn switch(app: &App, actor: &Actor, id: CameraId, on: bool) -> Result<()> {
    visible(app, actor, id).await?;
    let mut tx = app.begin().await?;
    let row = camera::Entity::find_by_id(id).one(&tx).await?.ok_or(AppError::NotFound("That camera"))?;
    if row.archived_at.is_some() {
        return Err(AppError::Conflict(format!("{} is archived. Bring it back first.", row.name)));
    }
    if row.enabled == on {
        return Ok(());
    }
    let action = if on { Action::CameraEnabled } else { Action::CameraDisabled };
    tx.audit(actor, action, Subject::Camera(id), json!({ "name": row.name }));
    turn(app, &tx, row, on, None).await?;
    tx.commit().await
}

/// Takes a camera out of use, or brings it back switched off. Its recordings stay for as long as they are kept.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`] on `name` when another camera is called so by now.
pub async fn archive(app: &App, actor: &Actor, id: CameraId, archived: bool) -> Result<()> {
    visible(app, actor, id).await?;
    let mut tx = app.begin().await?;
    let row = camera::Entity::find_by_id(id).one(&tx).await?.ok_or(AppError::NotFound("That camera"))?;
    if row.archived_at.is_some() == archived {
        return Ok(());
    }
    if !archived {
        refuse_twin(&tx, &row.name, Some(id)).await?;
    }
    tx.audit(actor, Action::CameraArchived, Subject::Camera(id), json!({ "name": row.name, "archived": archived }));
    turn(app, &tx, row, false, Some(archived)).await?;
    tx.commit().await
}

async fn turn(app: &App, tx: &WriteTxn<'_>, row: camera::Model, on: bool, archived: Option<bool>) -> Result<()> {
    let (id, records_here, version) = (row.id, row.recorder_id.is_none(), row.version);
    let mut row = row.into_active_model();
    row.enabled = Set(on);
    row.version = Set(version + 1);
    row.updated_at = Set(app.now());
    if let Some(archived) = archived {
        row.archived_at = Set(archived.then(|| app.now()));
    }
    row.update(tx).await.map_err(taken)?;
    let state = if on { State::Waiting } else { State::Off };
    status::Entity::update_many()
        .col_expr(status::Column::State, Expr::value(state.as_str()))
        .col_expr(status::Column::Detail, Expr::value(""))
        .col_expr(status::Column::Since, Expr::value(app.now()))
        .filter(status::COLUMN.camera_id.eq(id))
        .exec(tx)
        .await?;
    if on && records_here { ask(app, tx, id).await } else { Ok(()) }
}

/// Hours are read by another clock from now on: capture of the cameras that have any begins anew.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn other_clock(tx: &WriteTxn<'_>) -> Result<()> {
    camera::Entity::update_many()
        .col_expr(camera::Column::Version, Expr::col(camera::Column::Version).add(1))
        .filter(camera::COLUMN.schedule.ne(""))
        .filter(camera::COLUMN.archived_at.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Puts a camera in the queue with the next epoch of its lease. Whoever still holds it sees by its version that something changed, and does
/// so itself when it gives the lease back.
pub(super) async fn ask(app: &App, tx: &WriteTxn<'_>, camera: CameraId) -> Result<()> {
    let epoch = match lease::Entity::find_by_id(camera).one(tx).await? {
        None => {
            let row = lease::Model {
                camera_id: camera,
                epoch: 1,
                holder: String::new(),
                node: String::new(),
                beat: 0,
                asked_at: app.now(),
            };
            lease::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
            1
        }
        Some(held) if !held.holder.is_empty() => return Ok(()),
        Some(free) => {
            let epoch = free.epoch + 1;
            let asked = lease::Entity::update_many()
                .col_expr(lease::Column::Epoch, Expr::value(epoch))
                .col_expr(lease::Column::AskedAt, Expr::value(app.now()))
                .filter(lease::COLUMN.camera_id.eq(camera))
                .filter(lease::COLUMN.epoch.eq(free.epoch))
                .filter(lease::COLUMN.holder.eq(""));
            if asked.exec(tx).await?.rows_affected == 0 {
                return Ok(());
            }
            epoch
        }
    };
    tx.enqueue(Job::Capture { camera, epoch }).await
}
