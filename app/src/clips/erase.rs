//! Erasing a clip: its files go from every store; what it was, its manifest and its history stay.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::{State, find::parts_of, model::clip};
use crate::{
    App, AppError, FormErrors, Result,
    audit::{Action, Actor, Subject},
    form,
    ids::ClipId,
    objects,
};

/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`] without a reason; [`AppError::Conflict`] while a hold lies on it.
pub async fn erase(app: &App, actor: &Actor, id: ClipId, reason: &str) -> Result<()> {
    let clip = super::visible(app, actor, id).await?;
    let mut errors = FormErrors::new();
    let Some(reason) = form::reason(&mut errors, reason, "Say why it is erased; this is kept on record") else {
        return Err(AppError::Invalid(errors));
    };
    if clip.state() == State::Erased {
        return Ok(());
    }
    let parts = parts_of(app, id).await?;
    let mut tx = app.begin().await?;
    if let Some(hold) = objects::holds_of(&tx, Subject::Clip(id)).await? {
        return Err(AppError::Conflict(format!("It is on legal hold: {}", hold.reason)));
    }
    for object in parts.iter().map(|part| part.object.id).chain(clip.package_id) {
        objects::erase_in(app, &mut tx, actor, object, &reason).await?;
    }
    let change = clip::ActiveModel {
        state: Set(State::Erased.as_str().into()),
        error: Set(None),
        // A job that is cutting it sees that it has lost its turn.
        generation: Set(clip.generation + 1),
        updated_at: Set(app.now()),
        ..Default::default()
    };
    let erased = clip::Entity::update_many()
        .set(change)
        .filter(clip::Column::Id.eq(id))
        .filter(clip::Column::State.eq(clip.state.as_str()))
        .filter(clip::Column::Generation.eq(clip.generation));
    if erased.exec(&tx).await?.rows_affected == 0 {
        return Err(AppError::Conflict(format!("“{}” has changed in the meantime. Look at it again.", clip.title)));
    }
    tx.audit(actor, Action::ClipErased, Subject::Clip(id), json!({ "title": clip.title, "reason": reason }));
    tx.commit().await
}
