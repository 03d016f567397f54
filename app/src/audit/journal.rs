//! Reads on record: many at once share one commit.
//!
//! A view or a download changes nothing but must be on record, durably, before the person gets what they asked for. One fsync each
//! would bound the whole house to the disk's commits a second, so whoever comes while a commit is under way shares the next.

use std::{sync::Arc, time::Duration};

use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};
use tokio::sync::{mpsc, oneshot};

use super::NewEntry;
use crate::{
    bols::model::bol,
    database::Database,
    error::{AppError, Result},
    ids::BolId,
    links::model::view,
    ports::Clock,
};

/// What is put on record about one read: its entries, and for an emailed link the lines of its trail and what lists say of its bill.
#[derive(Debug, Default)]
pub struct Read {
    pub entries: Vec<NewEntry>,
    pub views: Vec<view::Model>,
    /// The bill that a customer opened for the first time.
    pub opened: Option<BolId>,
    /// The bill that a customer downloaded for the first time.
    pub downloaded: Option<BolId>,
}

/// How long a commit waits for more to share it, once reads come together: what a commit costs is worth many of them.
const PAUSE: Duration = Duration::from_millis(1);

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
            let mut busy = false;
            while inbox.recv_many(&mut batch, Self::BATCH).await > 0 {
                if busy {
                    // Those whom the commit before has just answered are about to come again.
                    tokio::time::sleep(PAUSE).await;
                    while batch.len() < Self::BATCH
                        && let Ok(read) = inbox.try_recv()
                    {
                        batch.push(read);
                    }
                }
                busy = batch.len() > 1;
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
    let opened: Vec<BolId> = reads.iter().filter_map(|read| read.opened).collect();
    let downloaded: Vec<BolId> = reads.iter().filter_map(|read| read.downloaded).collect();
    let (entries, views): (Vec<_>, Vec<_>) = reads.into_iter().map(|read| (read.entries, read.views)).unzip();
    let views: Vec<_> = views.into_iter().flatten().map(IntoActiveModel::into_active_model).collect();
    let entries = entries.into_iter().flatten().collect();
    let (txn, _turn) = db.begin().await?;
    if !views.is_empty() {
        view::Entity::insert_many(views).exec_without_returning(&txn).await?;
    }
    for (column, bills) in [(bol::Column::OpenedAt, opened), (bol::Column::DownloadedAt, downloaded)] {
        if !bills.is_empty() {
            let unmarked = bol::Entity::update_many().filter(bol::Column::Id.is_in(bills)).filter(column.is_null());
            unmarked.col_expr(column, Expr::value(now)).exec(&txn).await?;
        }
    }
    super::append(&txn, now, entries).await?;
    Ok(txn.commit().await?)
}
