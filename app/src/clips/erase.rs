//! Erasing a clip: its files go from every store; what it was, its manifest and its history stay.

use std::collections::HashSet;

use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::{State, find::parts_of, model::clip};
use crate::{
    App, AppError, FormErrors, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    form,
    ids::ClipId,
    objects::{self, model::object},
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

/// Files were kept long enough and are erased with `tx`: a clip that has no other is erased with its last one, and says so.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn retired(app: &App, tx: &mut WriteTxn<'_>, files: &[object::Model]) -> Result<()> {
    let of_clips = files.iter().filter(|file| file.subject_kind.as_deref() == Some("clip"));
    let clips: HashSet<&str> = of_clips.filter_map(|file| file.subject_id.as_deref()).collect();
    if clips.is_empty() {
        return Ok(());
    }
    let left: HashSet<String> = object::Entity::find()
        .filter(object::COLUMN.subject_id.is_in(clips.iter().copied()))
        .filter(object::COLUMN.subject_kind.eq("clip"))
        .filter(object::Column::ErasedAt.is_null())
        .select_only()
        .column(object::Column::SubjectId)
        .into_tuple()
        .all(&*tx)
        .await?
        .into_iter()
        .collect();
    let over: Vec<ClipId> =
        clips.into_iter().filter(|clip| !left.contains(*clip)).filter_map(|clip| clip.parse().ok()).collect();
    let ready = || {
        let these = Condition::all().add(clip::Column::Id.is_in(over.clone()));
        these.add(clip::Column::State.eq(State::Ready.as_str()))
    };
    let gone = clip::Entity::find().filter(ready()).all(&*tx).await?;
    let change = clip::ActiveModel {
        state: Set(State::Erased.as_str().into()),
        updated_at: Set(app.now()),
        ..Default::default()
    };
    clip::Entity::update_many().set(change).filter(ready()).exec(&*tx).await?;
    for clip in gone {
        let details = json!({ "title": clip.title, "reason": "its class's time is over" });
        tx.audit(&Actor::system(), Action::ClipErased, Subject::Clip(clip.id), details);
    }
    Ok(())
}
