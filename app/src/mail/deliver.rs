//! Sends one mail, once.
//!
//! Every step is a compare-and-swap on (state, generation): a job that runs twice, late or at the same time as its double finds that
//! it is not its turn. The one moment that cannot be undone is when the text goes out, so `sending` is durable before it does;
//! whoever finds a row in `sending` knows only that nobody knows, and leaves it to a person.

use async_trait::async_trait;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::{
    letter::{self, Letter},
    model::delivery,
    state::State,
};
use crate::{
    App, AppError, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    ids::DeliveryId,
    objects::lock_bol,
    ports::{BeforeData, Envelope, Sent},
};

/// How long a mail that is not taken is tried for.
const PATIENCE: i64 = 3 * 24 * 3600 * 1000;

/// Does what is next for the delivery, provided it is the turn of job `turn`.
///
/// # Errors
/// When the database does not answer: then running it again is safe.
pub async fn deliver(app: &App, id: DeliveryId, turn: u32) -> Result<()> {
    let Some(row) = delivery::Entity::find_by_id(id).one(app.db()).await? else { return Ok(()) };
    if i64::from(row.generation) != i64::from(turn) {
        return Ok(());
    }
    match row.state()? {
        State::Queued | State::Deferred => {}
        State::Sending => {
            let why = "Gatehouse stopped while the text was going out. Ask the recipient before you send it again.";
            return settle(app, &row, &[State::Sending], Sent::Unknown(why.into())).await;
        }
        State::Sent | State::Refused | State::Barred | State::Unknown | State::Cancelled => return Ok(()),
    }
    let letter = match letter::compose(app, &row).await? {
        Letter::Ready(envelope) => envelope,
        Letter::NotYet => return wait_for_pdf(app, &row).await,
        Letter::Never(why) => {
            let mut tx = app.begin().await?;
            super::again::cancel_row(app, &mut tx, &Actor::system(), &row, &why).await?;
            return tx.commit().await;
        }
        Letter::Impossible(why) => return settle(app, &row, &WAITING, Sent::Refused(why)).await,
    };
    hand_over(app, &row, letter).await
}

const WAITING: [State; 2] = [State::Queued, State::Deferred];

async fn hand_over(app: &App, row: &delivery::Model, envelope: Envelope) -> Result<()> {
    let mut claim = Claim { app, row, outcome: None };
    let sent = app.ports.mailer.send(envelope, &mut claim).await;
    match (sent, claim.outcome) {
        // Its double, or a person who cancelled it, was faster.
        (_, Some(false)) => Ok(()),
        (Err(error), _) => Err(error),
        // What the claimant learns outranks the “unknown” of a double that found it sending.
        (Ok(sent), Some(true)) => settle(app, row, &[State::Sending, State::Unknown], sent).await,
        (Ok(sent), None) => settle(app, row, &WAITING, sent).await,
    }
}

/// Makes `sending` durable right before the text goes out.
struct Claim<'a> {
    app: &'a App,
    row: &'a delivery::Model,
    outcome: Option<bool>,
}

#[async_trait]
impl BeforeData for Claim<'_> {
    async fn before_data(&mut self) -> Result<()> {
        let tx = self.app.begin().await?;
        let claimed = delivery::Entity::update_many()
            .set(delivery::ActiveModel {
                state: Set(State::Sending.as_str().into()),
                updated_at: Set(self.app.now()),
                attempts: Set(self.row.attempts + 1),
                next_attempt_at: Set(None),
                ..Default::default()
            })
            .filter(turn_of(self.row, &WAITING))
            .exec(&tx)
            .await?
            .rows_affected
            == 1;
        tx.commit().await?;
        self.outcome = Some(claimed);
        if claimed { Ok(()) } else { Err(AppError::Conflict("Another worker has this mail.".into())) }
    }
}

/// The row, as long as it is in one of `states` and no later job has the turn.
pub(super) fn turn_of(row: &delivery::Model, states: &[State]) -> sea_orm::Condition {
    sea_orm::Condition::all()
        .add(delivery::Column::Id.eq(row.id))
        .add(delivery::Column::Generation.eq(row.generation))
        .add(delivery::Column::State.is_in(states.iter().map(|state| state.as_str())))
}

/// Writes down what became of it, if it still is in one of `from`.
async fn settle(app: &App, row: &delivery::Model, from: &[State], sent: Sent) -> Result<()> {
    let now = app.now();
    let sent = match sent {
        Sent::Deferred(answer) if now - row.created_at > PATIENCE => {
            Sent::Refused(format!("Not taken for three days; the last answer was: {answer}"))
        }
        other => other,
    };
    let mut change = delivery::ActiveModel { updated_at: Set(now), next_attempt_at: Set(None), ..Default::default() };
    if from == WAITING {
        change.attempts = Set(row.attempts + 1);
    }
    let (state, answer, action) = match sent {
        Sent::Accepted(answer) => {
            change.sent_at = Set(Some(now));
            (State::Sent, answer, Some(Action::MailSent))
        }
        Sent::Refused(answer) => (State::Refused, answer, Some(Action::MailRefused)),
        Sent::Barred(answer) => (State::Barred, answer, Some(Action::MailRefused)),
        Sent::Unknown(answer) => (State::Unknown, answer, Some(Action::MailUnknown)),
        Sent::Deferred(answer) => {
            change.generation = Set(row.generation + 1);
            change.next_attempt_at = Set(Some(now + backoff(row.generation)));
            (State::Deferred, answer, None)
        }
    };
    change.state = Set(state.as_str().into());
    change.answer = Set(Some(shorten(&answer)));

    let mut tx = app.begin().await?;
    let update = delivery::Entity::update_many().set(change).filter(turn_of(row, from));
    if update.exec(&tx).await?.rows_affected == 0 {
        return Ok(());
    }
    if state == State::Deferred {
        let next = delivery::Model { generation: row.generation + 1, ..row.clone() };
        tx.enqueue_at(next.job(), now + backoff(row.generation)).await?;
    }
    if let Some(action) = action {
        audit(&mut tx, action, row, &answer);
    }
    tx.commit().await
}

fn audit(tx: &mut WriteTxn<'_>, action: Action, row: &delivery::Model, answer: &str) {
    let details = json!({"recipient": row.recipient, "kind": row.kind, "bol": row.bol_id, "answer": shorten(answer)});
    tx.audit(&Actor::system(), action, Subject::Delivery(row.id), details);
}

/// Its PDF is not ready. Whoever makes it ready queues the job of the turn that this gives away.
async fn wait_for_pdf(app: &App, row: &delivery::Model) -> Result<()> {
    let tx = app.begin().await?;
    let Some(bol) = row.bol_id else { return Ok(()) };
    // With the bill locked nobody makes it ready in between.
    let bol = lock_bol(&tx, bol).await?;
    let next = delivery::Model { generation: row.generation + 1, ..row.clone() };
    let change = delivery::ActiveModel {
        generation: Set(next.generation),
        state: Set(State::Queued.as_str().into()),
        answer: Set(Some("Waits for the PDF".into())),
        updated_at: Set(app.now()),
        next_attempt_at: Set(None),
        ..Default::default()
    };
    let waits =
        delivery::Entity::update_many().set(change).filter(turn_of(row, &WAITING)).exec(&tx).await?.rows_affected == 1;
    if waits && letter::pdf_is_ready(&tx, &bol).await? {
        tx.enqueue(next.job()).await?;
    }
    tx.commit().await
}

/// 5 s, 10 s, 20 s … 15 minutes, in milliseconds.
fn backoff(tries: i32) -> i64 {
    let doubled = 5_000_i64 << tries.clamp(0, 12);
    doubled.min(15 * 60 * 1000)
}

/// Servers may say a lot; the first part of it is enough for a table.
fn shorten(answer: &str) -> String {
    answer.chars().filter(|c| !c.is_control() || *c == '\n').take(500).collect()
}
