//! Taking an attachment away: every copy and version of it goes, by a job, and the record of it stays.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::{State, model};
use crate::{
    App, AppError, FormErrors, Result,
    audit::{Action, Actor, Subject},
    form,
    ids::AttachmentId,
    objects,
};

/// # Errors
/// `NotFound`; `Invalid` without a reason; `Conflict` while it is being checked, or held by law.
pub async fn remove(app: &App, actor: &Actor, id: AttachmentId, reason: &str) -> Result<()> {
    let row = super::find(app.db(), id).await?;
    let mut errors = FormErrors::new();
    let Some(reason) = form::reason(&mut errors, reason, "Say why it is removed; this is kept on record") else {
        return Err(AppError::Invalid(errors));
    };
    match row.state() {
        State::Expected => return super::give_up(app, actor, &row).await,
        State::Removed | State::GivenUp => return Ok(()),
        State::Checking => {
            return Err(AppError::Conflict(format!("“{}” is being checked. Try again in a few seconds.", row.name)));
        }
        State::Ready | State::Refused => {}
    }
    let mut tx = app.begin().await?;
    if let Some(object) = row.object_id {
        objects::erase_in(app, &mut tx, actor, object, &reason).await?;
    }
    let change = model::ActiveModel {
        state: Set(State::Removed.as_str().into()),
        updated_at: Set(app.now()),
        ..Default::default()
    };
    let removed = model::Entity::update_many()
        .set(change)
        .filter(model::Column::Id.eq(id))
        .filter(model::Column::State.eq(row.state.as_str()))
        .exec(&tx)
        .await?
        .rows_affected;
    if removed == 0 {
        return Err(AppError::Conflict(format!("Somebody else changed “{}” in the meantime.", row.name)));
    }
    let details = json!({ "attachment": id, "name": row.name, "kind": row.kind, "reason": reason });
    tx.audit(actor, Action::AttachmentRemoved, Subject::Bol(row.bol_id), details);
    tx.commit().await
}
