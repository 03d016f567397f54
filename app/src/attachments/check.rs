//! The job that looks at what arrived: is it as large as it was said to be, is it a file that is taken, what are its bytes?
//!
//! It is copied to its own key while it is hashed, in one reading, and counts from the transaction on that has the object, its first
//! copy, the jobs of the further ones and the attachment. What was staged goes afterwards; whoever is killed before that leaves it to
//! the sweep.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use super::{State, model, sniff};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    ids::AttachmentId,
    objects::{self, Class, LOCAL, NewObject},
    ports::{ObjectStore, StoreError},
};

/// Keeps or refuses what arrived of the attachment, provided `generation` has the turn. Doing it twice is doing it once.
///
/// # Errors
/// When it has to be tried again.
pub async fn check(app: &App, id: AttachmentId, generation: u32) -> Result<()> {
    let Some(row) = model::Entity::find_by_id(id).one(app.db()).await? else { return Ok(()) };
    if row.state() != State::Checking || i64::from(row.generation) != i64::from(generation) {
        return Ok(());
    }
    let staged = super::staged_on(app, &row)?;
    if let Some(upload) = &row.upload
        && staged.size(&row.staged_key).await?.is_none()
    {
        let parts = staged.parts(&row.staged_key, upload).await?;
        staged.finish_parts(&row.staged_key, upload, &parts).await?;
    }
    let size = u64::try_from(row.size).unwrap_or_default();
    match staged.size(&row.staged_key).await? {
        Some(found) if found == size => {}
        Some(found) => {
            return refuse(app, &row, format!("{found} bytes arrived, not the {size} that were announced")).await;
        }
        None => return refuse(app, &row, "Nothing of it is in the storage any more".into()).await,
    }
    let Some(found) = sniff::sniff(&head(staged.as_ref(), &row.staged_key, size).await?) else {
        return refuse(app, &row, format!("It is none of {}", sniff::TAKEN)).await;
    };
    let year = chrono::DateTime::from_timestamp_millis(row.created_at).unwrap_or_default().format("%Y");
    let key = format!("{}{year}/{}.{}", Class::Upload.prefix(), row.id, found.extension);
    let sha256 = copy(app, staged.as_ref(), &row, &key).await?;
    let new = NewObject {
        key: &key,
        class: Class::Upload,
        content_type: found.content_type,
        subject: Some(Subject::Bol(row.bol_id)),
        retain_days: None,
        taken_at: None,
    };
    let mut tx = app.begin().await?;
    let object = objects::keep_local(app, &mut tx, new, size, &sha256).await?;
    let change = model::ActiveModel {
        state: Set(State::Ready.as_str().into()),
        content_type: Set(Some(found.content_type.into())),
        object_id: Set(Some(object)),
        updated_at: Set(app.now()),
        ..Default::default()
    };
    if !settle(&tx, &row, change).await? {
        // Its double was faster, and everything of this one is undone.
        return Ok(());
    }
    let details = json!({ "attachment": row.id, "name": row.name, "kind": row.kind, "type": found.content_type, "sha256": sha256 });
    tx.audit(&Actor::system(), Action::AttachmentKept, Subject::Bol(row.bol_id), details);
    tx.commit().await?;
    forget_staged(staged.as_ref(), &row).await;
    Ok(())
}

async fn head(staged: &dyn ObjectStore, key: &str, size: u64) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut bytes = staged.read(key, Some(0..size.min(sniff::HEAD as u64))).await?;
    bytes.read_to_end(&mut head).await.map_err(|e| StoreError::Unavailable(format!("{key}: {e}")))?;
    Ok(head)
}

/// Copies the bytes to a file of this machine under `key`, and says their SHA-256.
async fn copy(app: &App, staged: &dyn ObjectStore, row: &model::Model, key: &str) -> Result<String> {
    let local =
        app.ports.plane.store(LOCAL).ok_or_else(|| AppError::Unavailable("There are no local files.".into()))?;
    let mut bytes = Hashing { inner: staged.read(&row.staged_key, None).await?, sha: Sha256::new() };
    let size = u64::try_from(row.size).unwrap_or_default();
    let copied = local.receive(key, &mut bytes, size).await?;
    if copied != size {
        return Err(AppError::Unavailable(format!("The storage gave {copied} of {size} bytes of {}.", row.staged_key)));
    }
    Ok(hex::encode(bytes.sha.finalize()))
}

/// Hashes what is read through it.
struct Hashing<R> {
    inner: R,
    sha: Sha256,
}

impl<R: AsyncRead + Unpin> AsyncRead for Hashing<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buffer);
        self.sha.update(&buffer.filled()[before..]);
        polled
    }
}

async fn refuse(app: &App, row: &model::Model, why: String) -> Result<()> {
    let staged = super::staged_on(app, row)?;
    let mut tx = app.begin().await?;
    let change = model::ActiveModel {
        state: Set(State::Refused.as_str().into()),
        error: Set(Some(why.clone())),
        updated_at: Set(app.now()),
        ..Default::default()
    };
    if settle(&tx, row, change).await? {
        let details = json!({ "attachment": row.id, "name": row.name, "why": why });
        tx.audit(&Actor::system(), Action::AttachmentRefused, Subject::Bol(row.bol_id), details);
    }
    tx.commit().await?;
    forget_staged(staged.as_ref(), row).await;
    Ok(())
}

/// Whether this job still had the turn.
async fn settle(tx: &crate::WriteTxn<'_>, row: &model::Model, change: model::ActiveModel) -> Result<bool> {
    let settled = model::Entity::update_many()
        .set(change)
        .filter(model::Column::Id.eq(row.id))
        .filter(model::Column::State.eq(State::Checking.as_str()))
        .filter(model::Column::Generation.eq(row.generation))
        .exec(tx)
        .await?;
    Ok(settled.rows_affected == 1)
}

/// What is left of it is swept another time.
async fn forget_staged(staged: &dyn ObjectStore, row: &model::Model) {
    if let Err(error) = staged.erase(&row.staged_key).await {
        tracing::warn!(%error, key = row.staged_key, "what was staged could not be deleted");
    }
}
