//! Asking for an archived object back.

use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, SqlErr};
use serde_json::json;

use super::{State, expected, model, tier_named};
use crate::{
    App, AppError, FormErrors, Result,
    audit::{Action, Actor, Subject},
    ids::{ObjectId, RestoreId},
    job::Job,
    objects::{self, PlacementState, model::placement},
    ports::{Archive, Info},
};

/// A restored copy costs Standard's price besides the archive's for as long as it is kept.
#[must_use]
pub fn longest_days() -> i32 {
    30
}

/// Puts the wish on record with the job that carries it out. `tier` and `days` as typed.
///
/// # Errors
/// `NotFound`; `Invalid` for a tier that the copy's class does not have; `Conflict` when nothing is archived, or somebody asked before.
pub async fn ask(app: &App, actor: &Actor, id: ObjectId, tier: &str, days: &str) -> Result<RestoreId> {
    let object = objects::find(app.db(), id).await?;
    if object.erased_at.is_some() {
        return Err(AppError::Gone("This was erased; there is nothing to restore.".into()));
    }
    let (copy, info) = archived(app, id).await?;
    let class = info.storage_class.as_deref().unwrap_or_default();
    let mut errors = FormErrors::new();
    let found = tier_named(tier).and_then(|tier| Some((tier, expected(class, tier)?)));
    if found.is_none() {
        errors.add("tier", format!("{class} has no such way; choose another"));
    }
    let days = days.parse().ok().filter(|days| (1..=longest_days()).contains(days));
    if days.is_none() {
        errors.add("days", format!("Give a number of days from 1 to {}", longest_days()));
    }
    errors.into_result()?;
    let (Some((tier, takes)), Some(days)) = (found, days) else { return Err(AppError::Forbidden) };
    let row = model::Model {
        id: app.id(),
        object_id: id,
        backend: copy.backend,
        tier: tier.as_str().into(),
        days,
        state: State::Asked.as_str().into(),
        error: None,
        look: 0,
        asked_by: actor.user_id(),
        asked_by_name: actor.name.clone(),
        asked_at: app.now(),
        expected_at: app.now() + takes,
        ready_at: None,
        until: None,
    };
    let mut tx = app.begin().await?;
    match row.clone().into_active_model().insert(&tx).await {
        Ok(_) => {}
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            return Err(AppError::Conflict("It is being restored already; its page says when it is expected.".into()));
        }
        Err(error) => return Err(error.into()),
    }
    let details = json!({ "key": object.key, "backend": row.backend, "tier": row.tier, "days": days });
    tx.audit(actor, Action::ObjectRestoreAsked, Subject::Object(id), details);
    tx.enqueue(Job::RestoreObject { restore: row.id, look: 0 }).await?;
    tx.made(&row.id).await?;
    tx.commit().await?;
    Ok(row.id)
}

/// The copy that is archived, when none is at hand.
async fn archived(app: &App, id: ObjectId) -> Result<(placement::Model, Info)> {
    let rows = placement::Entity::find()
        .filter(placement::Column::ObjectId.eq(id))
        .filter(placement::Column::State.eq(PlacementState::Verified))
        .all(app.db())
        .await?;
    let mut found = None;
    // At most one a backend.
    for row in rows {
        let Some(store) = app.ports.plane.holder(&row) else { continue };
        match store.info(&row.key).await? {
            Some(info) if info.archive == Archive::Archived => found = Some((row, info)),
            Some(Info { archive: Archive::Restoring, .. }) => {
                return Err(AppError::Conflict("The storage is restoring it already.".into()));
            }
            Some(_) => {
                return Err(AppError::Conflict(format!(
                    "Its copy on {} is at hand; nothing needs restoring.",
                    row.backend
                )));
            }
            None => {}
        }
    }
    found.ok_or_else(|| AppError::Conflict("No copy of it is in an archive that can be reached from here.".into()))
}
