//! The bytes are there: from here on a job has them.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use tokio::io::AsyncRead;

use super::{
    Announced, MOST, State,
    begin::{New, insert, taking},
    model,
};
use crate::{
    App, AppError, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    ids::{AttachmentId, BolId},
    job::Job,
    objects::LOCAL,
    ports::StoreError,
};

/// The sender says that all of it was put.
///
/// # Errors
/// `NotFound`; `Conflict` when it was taken before, or when parts of it are missing: [`super::sending`] says which.
pub async fn arrived(app: &App, id: AttachmentId) -> Result<()> {
    let row = super::find(app.db(), id).await?;
    match row.state() {
        State::Expected => {}
        // The answer to the first time was lost.
        State::Checking | State::Ready => return Ok(()),
        state => {
            return Err(AppError::Conflict(format!("“{}” was not taken: {}.", row.name, state.label().to_lowercase())));
        }
    }
    let store = super::staged_on(app, &row)?;
    let missing = match &row.upload {
        Some(upload) => {
            let there: u64 = store.parts(&row.staged_key, upload).await?.iter().map(|part| part.size).sum();
            // A finished upload has no parts any more, and the object itself instead.
            there != u64::try_from(row.size).unwrap_or_default() && store.size(&row.staged_key).await?.is_none()
        }
        None => store.size(&row.staged_key).await?.is_none(),
    };
    if missing {
        return Err(AppError::Conflict(format!("Not all of “{}” arrived. Send what is missing.", row.name)));
    }
    let tx = app.begin().await?;
    hand_over(app, &tx, &row).await?;
    tx.commit().await
}

/// Takes the bytes of an attachment that came with a form, as they come: first they are on the disk, then all of the rest is, at once.
///
/// # Errors
/// `Invalid` for what is not taken or broke off; `NotFound`; when the disk refuses.
pub async fn receive(
    app: &App,
    actor: &Actor,
    bol: BolId,
    kind: &str,
    name: &str,
    bytes: &mut (dyn AsyncRead + Send + Unpin),
) -> Result<AttachmentId> {
    let announced = |size| Announced { kind: kind.into(), name: name.into(), size };
    // What is wrong before the first byte is said before the first byte.
    announced(1).check()?;
    let bill = taking(app, bol).await?;
    let id = app.id();
    let store =
        app.ports.plane.store(LOCAL).ok_or_else(|| AppError::Unavailable("There are no local files.".into()))?;
    let key = New::staged_key(id);
    let size = match store.receive(&key, bytes, MOST).await {
        Ok(size) => size,
        Err(StoreError::Source(_)) => return Err(AppError::field("file", BROKE_OFF)),
        Err(error) => return Err(error.into()),
    };
    let (kind, name) = match announced(size).check() {
        Ok(found) => found,
        Err(error) => {
            store.delete(&key).await?;
            return Err(error);
        }
    };
    let row = New { id, bol, kind, name, size }.row(app, actor, store.backend(), None);
    let mut tx = app.begin().await?;
    insert(&mut tx, actor, &bill, &row).await?;
    hand_over(app, &tx, &row).await?;
    tx.commit().await?;
    Ok(id)
}

const BROKE_OFF: &str =
    "The file broke off on its way, or is larger than 1 GB. Nothing of it was kept; choose it again";

/// Queues the job that looks at it.
pub(super) async fn hand_over(app: &App, tx: &WriteTxn<'_>, row: &model::Model) -> Result<()> {
    let generation = row.generation + 1;
    let change = model::ActiveModel {
        state: Set(State::Checking.as_str().into()),
        generation: Set(generation),
        updated_at: Set(app.now()),
        ..Default::default()
    };
    let taken = model::Entity::update_many()
        .set(change)
        .filter(model::Column::Id.eq(row.id))
        .filter(model::Column::Generation.eq(row.generation))
        .exec(tx)
        .await?
        .rows_affected;
    if taken == 1 {
        let generation = u32::try_from(generation).unwrap_or_default();
        tx.enqueue(Job::CheckAttachment { attachment: row.id, generation, node: row.node.clone() }).await?;
    }
    Ok(())
}

/// Takes an attachment away that never came, with what did come of it.
///
/// # Errors
/// When the database or the storage does not answer.
pub async fn give_up(app: &App, actor: &Actor, row: &model::Model) -> Result<()> {
    let store = super::staged_on(app, row)?;
    if let Some(upload) = &row.upload {
        store.abort(&row.staged_key, upload).await?;
    }
    store.erase(&row.staged_key).await?;
    let mut tx = app.begin().await?;
    let change = model::ActiveModel {
        state: Set(State::GivenUp.as_str().into()),
        updated_at: Set(app.now()),
        ..Default::default()
    };
    let given_up = model::Entity::update_many()
        .set(change)
        .filter(model::Column::Id.eq(row.id))
        .filter(model::Column::State.eq(State::Expected.as_str()))
        .exec(&tx)
        .await?
        .rows_affected;
    if given_up == 1 {
        let details = json!({ "attachment": row.id, "name": row.name });
        tx.audit(actor, Action::AttachmentGivenUp, Subject::Bol(row.bol_id), details);
    }
    tx.commit().await
}
