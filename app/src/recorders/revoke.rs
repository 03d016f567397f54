//! Ending what a recorder may do.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::Expr,
};
use serde_json::json;

use super::model;
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    cameras::{
        State,
        model::{camera, status},
    },
    ids::{CameraId, RecorderId},
};

/// Ends a recorder: at its next request it is refused. Its cameras stay as they are, recorded by nobody, until somebody gives them another one.
///
/// # Errors
/// [`AppError::NotFound`] also of one that is over already, or is a node of this installation.
pub async fn revoke(app: &App, actor: &Actor, id: RecorderId) -> Result<()> {
    let mut tx = app.begin().await?;
    let row = model::Entity::find_by_id(id).one(&tx).await?;
    let row = row
        .filter(|row| row.kind == "remote" && row.revoked_at.is_none())
        .ok_or(AppError::NotFound("That recorder"))?;
    let name = row.name.clone();
    let mut row = row.into_active_model();
    row.revoked_at = Set(Some(app.now()));
    row.update(&tx).await?;
    let cameras: Vec<CameraId> = camera::Entity::find()
        .filter(camera::Column::RecorderId.eq(id))
        .select_only()
        .column(camera::Column::Id)
        .into_tuple()
        .all(&tx)
        .await?;
    status::Entity::update_many()
        .col_expr(status::Column::State, Expr::value(State::RecorderAway.as_str()))
        .col_expr(status::Column::Detail, Expr::value("its recorder was revoked"))
        .col_expr(status::Column::Since, Expr::value(app.now()))
        .filter(status::Column::CameraId.is_in(cameras.iter().copied()))
        .exec(&tx)
        .await?;
    tx.audit(actor, Action::RecorderRevoked, Subject::Recorder(id), json!({ "name": name, "cameras": cameras }));
    tx.commit().await
}
