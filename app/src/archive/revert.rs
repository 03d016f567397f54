//! Bringing a deleted or overwritten object back from an older version.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;

use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    ids::{ObjectId, PlacementId},
    objects::{self, Found, PlacementState, model::placement},
    recordings,
};

/// Makes `version` the current one again and looks whether it has the bytes that are on record; only then the copy counts.
///
/// # Errors
/// `NotFound`; `Gone` for what was erased on purpose; `Conflict` when that version has other bytes, or is archived.
pub async fn revert(app: &App, actor: &Actor, id: ObjectId, copy: PlacementId, version: &str) -> Result<()> {
    let object = objects::find(app.db(), id).await?;
    if object.erased_at.is_some() {
        return Err(AppError::Gone("This was erased on purpose, with every version of it.".into()));
    }
    let copy = placement::Entity::find_by_id(copy).one(app.db()).await?.filter(|copy| copy.object_id == id);
    let copy = copy.ok_or(AppError::NotFound("This copy"))?;
    let elsewhere = || AppError::Unavailable("Its storage is not configured here.".into());
    let store = app.ports.plane.holder(&copy).ok_or_else(elsewhere)?;
    let versions = store.versions(&copy.key).await?;
    let wanted = versions.iter().find(|found| found.id == version).ok_or(AppError::NotFound("This version"))?;
    if wanted.deleted {
        return Err(AppError::Conflict(
            "This version says that the object was deleted; choose one that has bytes.".into(),
        ));
    }
    if i64::try_from(wanted.size) != Ok(object.size) {
        return Err(AppError::Conflict(format!(
            "This version has {} bytes, and the object on record {}; choose another.",
            wanted.size, object.size
        )));
    }
    if !wanted.current {
        store.revert(&copy.key, version).await?;
    }
    let found = objects::verify(store.as_ref(), &copy.key, object.size, &object.sha256).await?;
    let (state, right) = match &found {
        Found::Right(_) => (PlacementState::Verified, true),
        Found::Other => (PlacementState::Corrupt, false),
        Found::Nothing => (PlacementState::Missing, false),
    };
    let details = json!({ "key": object.key, "backend": copy.backend, "version": version, "right": right });
    let mut row = copy;
    row.state = state.as_str().into();
    row.error = (!right).then(|| "The version that was brought back does not have the bytes on record.".to_owned());
    if let Found::Right(stored) = found {
        row.etag = stored.etag;
        row.verified_at = Some(app.now());
    }
    let mut tx = app.begin().await?;
    row.into_active_model().reset_all().update(&tx).await?;
    recordings::follow(app, &mut tx, &object).await?;
    tx.audit(actor, Action::ObjectReverted, Subject::Object(id), details);
    tx.commit().await?;
    match right {
        true => Ok(()),
        false => Err(AppError::Conflict(
            "That version is back, but it does not have the bytes on record, so this copy does not count. Nothing was lost; choose another.".into(),
        )),
    }
}
