//! Saves what is typed, unless somebody else has saved in the meantime.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, IntoActiveModel};
use serde_json::json;

use super::{
    columns, compare,
    content::BolContent,
    find,
    model::{bol, revision},
    prepare, search,
};
use crate::{
    App,
    audit::{Action, Actor, Subject},
    error::{AppError, Result},
    ids::BolId,
    yard::Yard,
};

/// Puts `content` in place of what the draft said; gives the version it has now. `expected` is the version that was typed over.
///
/// # Errors
/// [`AppError::Conflict`] when nothing is being typed here, or somebody saved in the meantime (the message says who and when);
/// [`AppError::Invalid`] where something is too long.
pub async fn save(app: &App, actor: &Actor, id: BolId, expected: i32, content: BolContent) -> Result<i32> {
    let content = prepare(content)?;
    let now = app.now();
    let mut tx = app.begin().await?;
    let bol = find::lock(&tx, id).await?;
    let draft = find::by_id(&tx, find::draft_of(&bol)?).await?;
    check_version(&tx, &draft, expected).await?;
    let before = draft.read()?;
    if before == content {
        return Ok(draft.version);
    }
    let version = draft.version + 1;
    let mut row: bol::ActiveModel = bol.clone().into();
    row.updated_at = Set(now);
    let first = bol.current_revision_id.is_none();
    if first {
        columns::fill(&tx, &mut row, &content).await?;
        row.missing = Set(columns::missing(&tx, id, &content).await?);
    }
    let row = row.update(&tx).await?;
    if first {
        search::index(&tx, &row, &content).await?;
    }
    let revision = draft.revision;
    let mut draft = draft.into_active_model();
    draft.content = Set(serde_json::to_string(&content)?);
    draft.version = Set(version);
    draft.edited_at = Set(now);
    draft.edited_by = Set(actor.name.clone());
    draft.update(&tx).await?;
    let fields = compare::changed(&before, &content);
    tx.audit(
        actor,
        Action::BolEdited,
        Subject::Bol(id),
        json!({ "revision": revision, "version": version, "fields": fields }),
    );
    tx.commit().await?;
    Ok(version)
}

/// Refuses what was typed over an older version than the one that is stored.
pub(super) async fn check_version(db: &impl ConnectionTrait, draft: &revision::Model, expected: i32) -> Result<()> {
    if draft.version == expected {
        return Ok(());
    }
    let zone = Yard::load(db).await?.zone;
    let at = chrono::DateTime::from_timestamp_millis(draft.edited_at).unwrap_or_default().with_timezone(&zone);
    Err(AppError::Conflict(format!(
        "{} saved this draft at {} on {}, after you had opened it. Nothing of yours was saved yet.",
        draft.edited_by,
        at.format("%H:%M"),
        at.format("%-d %B %Y"),
    )))
}
