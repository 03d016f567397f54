//! What people do to mail on its way: send again, try now, cancel, settle.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
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

/// Sends it once more, as a mail of its own: the first one stays on record with what became of it, and needs nobody any more.
///
/// # Errors
/// [`AppError::Conflict`] while the first is still on its way, when it was sent again already, and where its link no longer opens anything.
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
        alert_id: None,
        note: row.note,
    };
    let mut tx = app.begin().await?;
    let new = queue(app, &mut tx, actor, mail).await?;
    let change = delivery::ActiveModel {
        replaced_by: Set(Some(new)),
        settled_at: Set(Some(row.settled_at.unwrap_or_else(|| app.now()))),
        ..Default::default()
    };
    // One mail takes its place: whoever presses twice, or at the same time as somebody else, sends no third.
    let first = delivery::Entity::update_many()
        .set(change)
        .filter(delivery::Column::Id.eq(id))
        .filter(delivery::Column::State.eq(row.state.as_str()))
        .filter(delivery::Column::ReplacedBy.is_null());
    if first.exec(&tx).await?.rows_affected == 0 {
        return Err(AppError::Conflict(
            "This mail was sent again already. What became of that stands in the outbox.".into(),
        ));
    }
    tx.audit(actor, Action::MailRetried, Subject::Delivery(id), json!({"new": new, "was": row.state}));
    tx.made(&new).await?;
    tx.commit().await?;
    Ok(new)
}

/// Says that a refused or unknown mail needs nobody any more, without sending it again.
///
/// # Errors
/// [`AppError::Conflict`] when it does not wait for anybody.
pub async fn settle(app: &App, actor: &Actor, id: DeliveryId) -> Result<()> {
    let row = find(app, id).await?;
    let stuck = State::ALL.into_iter().filter(|state| state.is_stuck()).map(State::as_str);
    let mut tx = app.begin().await?;
    let settled = delivery::Entity::update_many()
        .set(delivery::ActiveModel { settled_at: Set(Some(app.now())), ..Default::default() })
        .filter(delivery::Column::Id.eq(id))
        .filter(delivery::Column::State.is_in(stuck))
        .filter(delivery::Column::SettledAt.is_null())
        .exec(&tx)
        .await?;
    if settled.rows_affected == 0 {
        return Err(AppError::Conflict(
            "This mail waits for nobody: nothing was refused, or it is settled already.".into(),
        ));
    }
    let details = json!({"recipient": row.recipient, "was": row.state});
    tx.audit(actor, Action::MailSettled, Subject::Delivery(id), details);
    tx.commit().await
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
