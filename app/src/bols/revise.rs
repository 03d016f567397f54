//! Begins the next revision of an issued bill. What is issued stays as it is until the revision is issued too.

use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::json;

use super::{State, create::insert_revision, find, model::bol};
use crate::{
    App,
    audit::{Action, Actor, Subject},
    error::{AppError, Result},
    ids::{BolId, RevisionId},
};

/// # Errors
/// [`AppError::Conflict`] when the bill is no issued one, or somebody has begun a revision already.
pub async fn revise(app: &App, actor: &Actor, id: BolId) -> Result<i32> {
    let mut tx = app.begin().await?;
    let bol = find::lock(&tx, id).await?;
    let number = bol.number.clone().unwrap_or_default();
    let current = match (bol.state(), bol.current_revision_id) {
        (State::Issued, Some(current)) => find::by_id(&tx, current).await?,
        (State::Void, _) => {
            return Err(AppError::Conflict(format!(
                "{number} is void; nothing on it can change. Duplicate it to make a new bill."
            )));
        }
        _ => return Err(AppError::Conflict("This bill is a draft: change it as it is.".into())),
    };
    if let Some(begun) = bol.draft_revision_id {
        let begun = find::by_id(&tx, begun).await?;
        return Err(AppError::Conflict(format!(
            "Revision {} of {number} is in work already; {} saved it last. Open it to go on, or discard it first.",
            begun.revision, begun.edited_by
        )));
    }
    let revision = current.revision + 1;
    let draft: RevisionId = app.id();
    insert_revision(app, &tx, actor, draft, id, revision, &current.read()?).await?;
    let mut row: bol::ActiveModel = bol.into();
    row.draft_revision_id = Set(Some(draft));
    row.updated_at = Set(app.now());
    row.update(&tx).await?;
    tx.audit(
        actor,
        Action::BolDrafted,
        Subject::Bol(id),
        json!({ "from": "revise", "number": number, "revision": revision }),
    );
    tx.commit().await?;
    Ok(revision)
}
