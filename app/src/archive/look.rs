//! The job of a restore: tells the store, looks now and then whether it is done, and tells who asked.

use std::collections::BTreeSet;

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};
use serde_json::json;

use super::{State, model, tier_named};
use crate::{
    App, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    ids::RestoreId,
    job::Job,
    jobs::table::Dialect,
    links,
    mail::{self, MailKind, NewMail},
    objects::model::{object, placement},
    ports::{Archive, ObjectStore, RestoreTier, StoreError},
    users::model::user,
};

const MINUTE: i64 = 60_000;

/// One look, provided it is this one's turn.
///
/// # Errors
/// When the store or the database does not answer: it is tried again.
pub async fn look(app: &App, id: RestoreId, look: u32) -> Result<()> {
    let Some(row) = model::Entity::find_by_id(id).one(app.db()).await? else { return Ok(()) };
    let open = [State::Asked.as_str(), State::Restoring.as_str()].contains(&row.state.as_str());
    if !open || i64::from(row.look) != i64::from(look) {
        return Ok(());
    }
    let Some(object) = object::Entity::find_by_id(row.object_id).one(app.db()).await? else { return Ok(()) };
    let copy = placement::Entity::find()
        .filter(placement::Column::ObjectId.eq(row.object_id))
        .filter(placement::Column::Backend.eq(row.backend.as_str()))
        .one(app.db())
        .await?;
    let Some((copy, store)) = copy.and_then(|copy| Some((copy.clone(), app.ports.plane.holder(&copy)?))) else {
        return settle(app, &row, &object, Outcome::Failed("Its copy is not there any more.".into())).await;
    };
    let Some(info) = store.info(&copy.key).await? else {
        return settle(app, &row, &object, Outcome::Failed("Nothing stands at its key in the storage.".into())).await;
    };
    let tier = tier_named(&row.tier).unwrap_or(RestoreTier::Standard);
    match info.archive {
        Archive::Ready => settle(app, &row, &object, Outcome::Ready(None)).await,
        Archive::Restored(until) => settle(app, &row, &object, Outcome::Ready(Some(until))).await,
        Archive::Restoring => again(app, &row, tier).await,
        Archive::Archived => match begin(store.as_ref(), &copy.key, tier, &row).await? {
            None => again(app, &row, tier).await,
            Some(why) => settle(app, &row, &object, Outcome::Failed(why)).await,
        },
    }
}

/// Tells the store. Says why it cannot, where trying again does not help.
async fn begin(store: &dyn ObjectStore, key: &str, tier: RestoreTier, row: &model::Model) -> Result<Option<String>> {
    match store.restore(key, tier, u32::try_from(row.days).unwrap_or(1)).await {
        Ok(()) => Ok(None),
        Err(StoreError::Unsupported(what)) => Ok(Some(format!("This storage has no {what}."))),
        Err(error) => Err(error.into()),
    }
}

/// Looks again in a while.
async fn again(app: &App, row: &model::Model, tier: RestoreTier) -> Result<()> {
    let wait = match tier {
        RestoreTier::Expedited => MINUTE,
        RestoreTier::Standard => 10 * MINUTE,
        RestoreTier::Bulk => 30 * MINUTE,
    };
    let tx = app.begin().await?;
    let next = row.look + 1;
    let change =
        model::ActiveModel { state: Set(State::Restoring.as_str().into()), look: Set(next), ..Default::default() };
    if turn(&tx, row, change).await? {
        let job = Job::RestoreObject { restore: row.id, look: u32::try_from(next).unwrap_or_default() };
        tx.enqueue_at(job, app.now() + wait).await?;
    }
    tx.commit().await
}

enum Outcome {
    /// Until when, where it goes back.
    Ready(Option<i64>),
    Failed(String),
}

/// Writes down what became of it, and writes to whoever asked and whoever waits.
async fn settle(app: &App, row: &model::Model, object: &object::Model, outcome: Outcome) -> Result<()> {
    let mut tx = app.begin().await?;
    let (state, until, error) = match outcome {
        Outcome::Ready(until) => (State::Ready, until, None),
        Outcome::Failed(why) => (State::Failed, None, Some(why)),
    };
    let change = model::ActiveModel {
        state: Set(state.as_str().into()),
        ready_at: Set((state == State::Ready).then(|| app.now())),
        until: Set(until),
        error: Set(error.clone()),
        ..Default::default()
    };
    if !turn(&tx, row, change).await? {
        return Ok(());
    }
    let action = if state == State::Ready { Action::ObjectRestored } else { Action::ObjectRestoreFailed };
    let details = json!({ "key": object.key, "backend": row.backend, "asked_by": row.asked_by_name, "why": error });
    tx.audit(&Actor::system(), action, Subject::Object(object.id), details);
    let waiting = links::waiting_for(&tx, row.id).await?;
    let mut told = row.asked_by.into_iter().collect::<BTreeSet<_>>();
    match state {
        State::Ready => links::send_waited_for(app, &mut tx, waiting).await?,
        // Customers hear of it from whoever sent them the bill.
        _ => told.extend(waiting.iter().filter_map(|link| link.created_by)),
    }
    for asker in user::Entity::find().filter(user::Column::Id.is_in(told)).all(&tx).await? {
        let subject = match state {
            State::Ready => format!("Back from the archive: {}", object.key),
            _ => format!("Could not be restored: {}", object.key),
        };
        let mail = NewMail {
            kind: MailKind::Restored,
            recipient: asker.email,
            subject,
            bol_id: None,
            link_id: None,
            user_id: Some(asker.id),
            alert_id: None,
            // The letter leads to what its first line names.
            note: [Some(&object.key), error.as_ref()].into_iter().flatten().cloned().collect::<Vec<_>>().join("\n"),
        };
        mail::queue(app, &mut tx, &Actor::system(), mail).await?;
    }
    tx.commit().await
}

/// Whether this look had the turn.
async fn turn(tx: &WriteTxn<'_>, row: &model::Model, change: model::ActiveModel) -> Result<bool> {
    let changed = model::Entity::update_many()
        .set(change)
        .filter(model::Column::Id.eq(row.id))
        .filter(model::Column::Look.eq(row.look))
        .filter(model::Column::State.eq(row.state.as_str()))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

#[derive(FromQueryResult)]
struct Lost {
    id: RestoreId,
    look: i32,
}

/// Queues the next look of restores that have none. `live` is the SQL of jobs that will still be done. Returns how many.
///
/// # Errors
/// When the database does not answer.
pub async fn catch_up(app: &App, live: &str) -> Result<u64> {
    let tx = app.begin().await?;
    let dialect = Dialect::of(&tx);
    let sql = format!(
        "SELECT id, look FROM restores AS restore WHERE state IN ('asked', 'restoring') AND NOT EXISTS ({live}) LIMIT 200"
    );
    let lost = Lost::find_by_statement(dialect.statement(sql, Vec::new())).all(&tx).await?;
    for Lost { id, look } in &lost {
        let change = model::ActiveModel { look: Set(look + 1), ..Default::default() };
        let next = model::Entity::update_many()
            .set(change)
            .filter(model::Column::Id.eq(*id))
            .filter(model::Column::Look.eq(*look))
            .exec(&tx)
            .await?;
        if next.rows_affected == 1 {
            let look = u32::try_from(look + 1).unwrap_or_default();
            tx.enqueue(Job::RestoreObject { restore: *id, look }).await?;
        }
    }
    tx.commit().await?;
    Ok(lost.len() as u64)
}
