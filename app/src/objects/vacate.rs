//! Leaving a store behind: a copy goes where another store proves to have the bytes.

use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::{
    Found, PlacementState,
    erase::remove_copies,
    keep::verify,
    model::{object, placement},
    replicate::lock,
};
use crate::{App, AppError, Result, ports::ObjectStore, recordings};

/// Removes the copy of `object` in `from`, once `to` has proved again that it has the bytes. It is decided in one transaction, on which the
/// copy counts no more, and goes afterwards; whoever is killed between the two leaves it to the reconciler. A legal hold keeps the bytes,
/// which stay, and not this copy of them. `false`: there was none.
///
/// # Errors
/// [`AppError::Conflict`] when `to` does not have them: then nothing was done.
pub async fn vacate(app: &App, object: &object::Model, from: &dyn ObjectStore, to: &dyn ObjectStore) -> Result<bool> {
    match verify(to, &object.key, object.size, &object.sha256).await? {
        Found::Right(_) => {}
        Found::Other => return Err(AppError::Conflict(format!("{} has other bytes by now", to.backend()))),
        Found::Nothing => return Err(AppError::Conflict(format!("{} does not have it any more", to.backend()))),
    }
    let verified = |store: &dyn ObjectStore| {
        Condition::all()
            .add(placement::Column::ObjectId.eq(object.id))
            .add(placement::Column::Backend.eq(store.backend()))
            .add(placement::Column::Bucket.eq(store.bucket()))
            .add(placement::Column::State.eq(PlacementState::Verified))
    };
    let mut tx = app.begin().await?;
    let current = lock(&tx, object.id).await?;
    let counts = placement::Entity::find().filter(verified(to)).one(&tx).await?.is_some();
    if !counts || current.is_none_or(|object| object.erased_at.is_some()) {
        return Err(AppError::Conflict(format!("the copy on {} does not count any more", to.backend())));
    }
    let change = placement::ActiveModel {
        state: Set(PlacementState::Erasing.as_str().into()),
        since: Set(app.now()),
        ..Default::default()
    };
    let going = placement::Entity::update_many().set(change).filter(verified(from)).exec(&tx).await?.rows_affected;
    recordings::follow(app, &mut tx, object).await?;
    tx.commit().await?;
    remove_copies(app, object.id).await?;
    Ok(going == 1)
}
