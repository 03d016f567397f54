//! Reads on record: many at once share one commit.
//!
//! A view or a download changes nothing but must be on record, durably, before the person gets what they asked for. One fsync each
//! would bound the whole house to the disk's commits a second, so whoever comes while a commit is under way shares the next.

use std::sync::Arc;

use sea_orm::{EntityTrait, IntoActiveModel};
use tokio::sync::{mpsc, oneshot};

use super::NewEntry;
use crate::{
    database::Database,
    error::{AppError, Result},
    links::model::view,
    ports::Clock,
};

/// What is put on record about one read: an entry, and for an emailed link the line of its trail.
#[derive(Debug)]
pub struct Read {
    pub entry: NewEntry,
    pub view: Option<view::Model>,
}

type Waiting = (Read, oneshot::Sender<bool>);

#[derive(Clone, Debug)]
pub struct Journal(mpsc::Sender<Waiting>);

impl Journal {
    /// The most reads that one commit takes: bounds the size of its statements.
    const BATCH: usize = 256;

    /// Starts the writer; it ends with the last clone of the journal.
    #[must_use]
    pub fn start(db: Database, clock: Arc<dyn Clock>) -> Self {
        let (sender, mut inbox) = mpsc::channel::<Waiting>(Self::BATCH);
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(Self::BATCH);
            while inbox.recv_many(&mut batch, Self::BATCH).await > 0 {
                let (reads, waiters): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
                let written = write(&db, clock.now(), reads).await;
                if let Err(error) = &written {
                    tracing::error!(%error, "reads could not be put on record; they are refused");
                }
                for waiter in waiters {
                    // Whoever went away in the meantime does not need the answer.
                    let _ = waiter.send(written.is_ok());
                }
            }
        });
        Self(sender)
    }

    /// Puts `read` on record and returns when it is durable.
    ///
    /// # Errors
    /// When it could not be written: then the person must not get what they asked for.
    pub async fn record(&self, read: Read) -> Result<()> {
        let refused = || {
            AppError::Unavailable("This could not be put on record, so it was not done. Try again in a moment.".into())
        };
        let (done, written) = oneshot::channel();
        self.0.send((read, done)).await.map_err(|_| refused())?;
        if written.await == Ok(true) { Ok(()) } else { Err(refused()) }
    }
}

async fn write(db: &Database, now: i64, reads: Vec<Read>) -> Result<()> {
    let (entries, views): (Vec<_>, Vec<_>) = reads.into_iter().map(|read| (read.entry, read.view)).unzip();
    let views: Vec<_> = views.into_iter().flatten().map(IntoActiveModel::into_active_model).collect();
    let (txn, _turn) = db.begin().await?;
    if !views.is_empty() {
        view::Entity::insert_many(views).exec_without_returning(&txn).await?;
    }
    super::append(&txn, now, entries).await?;
    Ok(txn.commit().await?)
}
