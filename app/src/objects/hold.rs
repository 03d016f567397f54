//! Legal holds: what they lie on is not erased, whatever its age, until somebody releases them.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use serde_json::json;

use super::model::{hold, object};
use crate::{
    App, AppError, FormErrors, Result,
    audit::{Action, Actor, Subject},
    form,
};

/// Lays a hold on `subject`: an object, or a record that objects belong to. What comes to the record later is held too.
///
/// # Errors
/// [`AppError::Invalid`] without a reason; [`AppError::Conflict`] when it is held already.
pub async fn hold(app: &App, actor: &Actor, subject: Subject, reason: &str) -> Result<()> {
    let reason = check(reason)?;
    let (kind, Some(id)) = subject.parts() else { return Err(AppError::NotFound("This record")) };
    let mut tx = app.begin().await?;
    let row = hold::ActiveModel {
        subject_kind: Set(kind.to_owned()),
        subject_id: Set(id),
        reason: Set(reason.clone()),
        held_by: Set(actor.name.clone()),
        since: Set(app.now()),
    };
    let once = OnConflict::columns([hold::Column::SubjectKind, hold::Column::SubjectId]).do_nothing().to_owned();
    if hold::Entity::insert(row).on_conflict(once).exec_without_returning(&tx).await? == 0 {
        return Err(AppError::Conflict("It is on hold already.".into()));
    }
    tx.audit(actor, Action::HoldPlaced, subject, json!({ "reason": reason }));
    tx.commit().await
}

/// Takes the hold off again.
///
/// # Errors
/// [`AppError::Invalid`] without a reason; [`AppError::Conflict`] when there is no hold.
pub async fn release(app: &App, actor: &Actor, subject: Subject, reason: &str) -> Result<()> {
    let reason = check(reason)?;
    let (kind, Some(id)) = subject.parts() else { return Err(AppError::NotFound("This record")) };
    let mut tx = app.begin().await?;
    let gone = hold::Entity::delete_by_id((kind.to_owned(), id)).exec(&tx).await?.rows_affected;
    if gone == 0 {
        return Err(AppError::Conflict("There is no hold on it.".into()));
    }
    tx.audit(actor, Action::HoldReleased, subject, json!({ "reason": reason }));
    tx.commit().await
}

/// The hold that lies on `subject` itself.
///
/// # Errors
/// When the database does not answer.
pub async fn holds_of(db: &impl ConnectionTrait, subject: Subject) -> Result<Option<hold::Model>> {
    let (kind, Some(id)) = subject.parts() else { return Ok(None) };
    Ok(hold::Entity::find_by_id((kind.to_owned(), id)).one(db).await?)
}

/// The hold that keeps `object`: on itself, or on the record it belongs to.
pub(super) async fn of_object(db: &impl ConnectionTrait, object: &object::Model) -> Result<Option<hold::Model>> {
    let on = |kind: &str, id: &str| {
        Condition::all().add(hold::Column::SubjectKind.eq(kind)).add(hold::Column::SubjectId.eq(id))
    };
    let mut any = Condition::any().add(on("object", &object.id.to_string()));
    if let (Some(kind), Some(id)) = (&object.subject_kind, &object.subject_id) {
        any = any.add(on(kind, id));
    }
    Ok(hold::Entity::find().filter(any).order_by_asc(hold::Column::Since).one(db).await?)
}

/// As an SQL condition on `objects AS o`: nothing holds it.
pub(super) const FREE: &str = "NOT EXISTS (SELECT 1 FROM holds AS h WHERE (h.subject_kind = 'object' AND h.subject_id = o.id) \
     OR (h.subject_kind = o.subject_kind AND h.subject_id = o.subject_id))";

fn check(reason: &str) -> Result<String> {
    let mut errors = FormErrors::new();
    form::reason(&mut errors, reason, "Say why; it is kept on record").ok_or(AppError::Invalid(errors))
}
