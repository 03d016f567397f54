//! Voids an issued bill: it keeps its number, gives back what it drew, and is printed again with VOID across it.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::{
    PdfState, State, find,
    issue::replace_draws,
    model::{bol, revision},
};
use crate::{
    App,
    audit::{Action, Actor, Subject},
    error::{AppError, FormErrors, Result},
    form,
    gatehouse::WriteTxn,
    ids::BolId,
    job::Job,
};

/// # Errors
/// [`AppError::Invalid`] without a reason; [`AppError::Conflict`] when the bill is a draft or void already.
pub async fn void(app: &App, actor: &Actor, id: BolId, reason: &str) -> Result<()> {
    let mut errors = FormErrors::new();
    let Some(reason) = form::reason(&mut errors, reason, "Say why it is void; this is kept with the bill") else {
        return Err(AppError::Invalid(errors));
    };
    let now = app.now();
    let mut tx = app.begin().await?;
    let bol = find::lock(&tx, id).await?;
    let number = bol.number.clone().unwrap_or_default();
    let current = match (bol.state(), bol.current_revision_id) {
        (State::Issued, Some(current)) => find::by_id(&tx, current).await?,
        (State::Void, _) => return Err(AppError::Conflict(format!("{number} is void already."))),
        _ => return Err(AppError::Conflict("This bill is a draft without a number: delete it instead.".into())),
    };
    if let Some(draft) = bol.draft_revision_id {
        revision::Entity::delete_by_id(draft).exec(&tx).await?;
    }
    replace_draws(&tx, id, Vec::new()).await?;
    let revision = current.revision;
    render_again(&tx, current).await?;
    let mut row: bol::ActiveModel = bol.into();
    row.state = Set(State::Void.as_str().into());
    row.draft_revision_id = Set(None);
    row.voided_at = Set(Some(now));
    row.void_reason = Set(Some(reason.clone()));
    row.updated_at = Set(now);
    row.update(&tx).await?;
    tx.audit(
        actor,
        Action::BolVoided,
        Subject::Bol(id),
        json!({ "number": number, "revision": revision, "reason": reason }),
    );
    tx.commit().await?;
    Ok(())
}

/// Has the revision's PDF made once more: a person's retry.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for a revision that is not issued.
pub async fn retry_pdf(app: &App, actor: &Actor, id: BolId, number: i32) -> Result<()> {
    let found = find::revision(app.db(), id, number).await?;
    let mut tx = app.begin().await?;
    find::lock(&tx, id).await?;
    let current = find::by_id(&tx, found.revision.id).await?;
    match current.pdf_state() {
        PdfState::Failed | PdfState::Waiting => {}
        PdfState::Ready => return Err(AppError::Conflict("The PDF is ready; there is nothing to make again.".into())),
        PdfState::None => return Err(AppError::Conflict("A draft has no PDF; issue it first.".into())),
    }
    let generation = render_again(&tx, current).await?;
    tx.audit(
        actor,
        Action::JobRetried,
        Subject::Bol(id),
        json!({ "job": "render_bol", "revision": number, "generation": generation }),
    );
    tx.commit().await
}

async fn render_again(tx: &WriteTxn<'_>, current: revision::Model) -> Result<i32> {
    let generation = current.pdf_generation + 1;
    let revision = current.id;
    let mut row: revision::ActiveModel = current.into();
    row.pdf_generation = Set(generation);
    row.pdf_state = Set(PdfState::Waiting.as_str().into());
    row.pdf_error = Set(None);
    row.update(tx).await?;
    tx.enqueue(Job::RenderBol { revision, generation: u32::try_from(generation).unwrap_or_default() }).await?;
    Ok(generation)
}
