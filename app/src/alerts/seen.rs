//! Somebody knows.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::model::alert;
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    cameras,
    ids::AlertId,
};

/// Says that `actor` knows of an alert: nobody is reminded of it any more. It stays open until its cause goes.
///
/// # Errors
/// [`AppError::NotFound`] also where it is about a camera that `actor` may not see.
pub async fn seen(app: &App, actor: &Actor, id: AlertId) -> Result<()> {
    let row = alert::Entity::find_by_id(id).one(app.db()).await?.ok_or(AppError::NotFound("That alert"))?;
    if let Some(camera) = row.camera_id {
        cameras::visible(app, actor, camera).await.map_err(|error| match error {
            AppError::NotFound(_) => AppError::NotFound("That alert"),
            other => other,
        })?;
    }
    let mut tx = app.begin().await?;
    let row = alert::Entity::find_by_id(id).one(&tx).await?.ok_or(AppError::NotFound("That alert"))?;
    if row.seen_at.is_some() {
        return Ok(());
    }
    // What was never told yet is told all the same: others want to know too.
    let tell_at = row.tell_at.filter(|_| row.told_at.is_none() || row.closed_at.is_some());
    let details = json!({ "kind": row.kind, "subject": row.subject });
    let mut change = row.into_active_model();
    change.seen_by = Set(Some(actor.name.clone()));
    change.seen_at = Set(Some(app.now()));
    change.tell_at = Set(tell_at);
    change.update(&tx).await?;
    tx.audit(actor, Action::AlertSeen, Subject::Alert(id), details);
    tx.commit().await
}
