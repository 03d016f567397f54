//! What people do to mail on its way: send again, try now, cancel.

use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter};
use serde_json::json;

use super::{
    deliver::turn_of,
    list::find,
    model::delivery,
    queue::{MailKind, NewMail, queue},
    state::State,
};
use crate::{
    App, AppError, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    ids::DeliveryId,
    links,
};

/// Sends it once more, as a mail of its own: the first one stays on record with what became of it.
///
/// # Errors
/// [`AppError::Conflict`] while the first is still on its way, and where its link no longer opens anything.
pub async fn again(app: &App, actor: &Actor, id: DeliveryId) -> Result<DeliveryId> {
    let row = find(app, id).await?;
    let kind: MailKind = row.kind.parse()?;
    if matches!(row.state()?, State::Queued | State::Deferred | State::Sending) {
        return Err(AppError::Conflict("This mail is still on its way; it needs no second one.".into()));
    }
    let Some(link) = row.link_id else {
        return Err(AppError::Conflict(
            "What this mail opens is used up with it. Send a new invitation or reset from Users.".into(),
        ));
    };
    links::check_alive(app, link).await?;
    let mail = NewMail {
        kind,
        recipient: row.recipient,
        subject: row.subject,
        bol_id: row.bol_id,
        link_id: row.link_id,
        user_id: row.user_id,
        note: row.note,
    };
    let mut tx = app.begin().await?;
    let new = queue(app, &mut tx, actor, mail).await?;
    tx.audit(actor, Action::MailRetried, Subject::Delivery(id), json!({"new": new, "was": row.state}));
    tx.commit().await?;
    Ok(new)
}

/// Tries a deferred mail now rather than when its turn comes.
///
/// # Errors
/// [`AppError::Conflict`] when it is not waiting.
pub async fn try_now(app: &App, actor: &Actor, id: DeliveryId) -> Result<()> {
    let row = find(app, id).await?;
    let next = delivery::Model { generation: row.generation + 1, ..row.clone() };
    let mut tx = app.begin().await?;
    let change = delivery::ActiveModel {
        generation: Set(next.generation),
        next_attempt_at: Set(Some(app.now())),
        updated_at: Set(app.now()),
        ..Default::default()
    };
    let due = delivery::Entity::update_many()
        .set(change)
        .filter(turn_of(&row, &[State::Deferred, State::Queued]))
        .exec(&tx)
        .await?;
    if due.rows_affected == 0 {
        return Err(AppError::Conflict("This mail is not waiting any more.".into()));
    }
    tx.enqueue(next.job()).await?;
    tx.audit(actor, Action::MailRetried, Subject::Delivery(id), json!({"now": true}));
    tx.commit().await
}

/// Stops a mail that has not gone out.
///
/// # Errors
/// [`AppError::Conflict`] when it has, or may have.
pub async fn cancel(app: &App, actor: &Actor, id: DeliveryId) -> Result<()> {
    let row = find(app, id).await?;
    let mut tx = app.begin().await?;
    let why = format!("Cancelled by {}", actor.name);
    if !cancel_row(app, &mut tx, actor, &row, &why).await? {
        return Err(AppError::Conflict(
            "This mail is no longer waiting: it went out, or it was stopped already.".into(),
        ));
    }
    tx.commit().await
}

/// Whether it was still waiting.
pub(super) async fn cancel_row(
    app: &App,
    tx: &mut WriteTxn<'_>,
    actor: &Actor,
    row: &delivery::Model,
    why: &str,
) -> Result<bool> {
    let change = delivery::ActiveModel {
        state: Set(State::Cancelled.as_str().into()),
        answer: Set(Some(why.into())),
        updated_at: Set(app.now()),
        next_attempt_at: Set(None),
        ..Default::default()
    };
    let waiting = turn_of(row, &[State::Queued, State::Deferred]);
    let cancelled = delivery::Entity::update_many().set(change).filter(waiting).exec(&*tx).await?.rows_affected == 1;
    if cancelled {
        tx.audit(
            actor,
            Action::MailCancelled,
            Subject::Delivery(row.id),
            json!({"recipient": row.recipient, "why": why}),
        );
    }
    Ok(cancelled)
}
