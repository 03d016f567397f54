//! Reads on record: many at once share one commit.
//!
//! A view or a download changes nothing but must be on record, durably, before the person gets what they asked for. One fsync each
//! would bound the whole house to the disk's commits a second, so whoever comes while a commit is under way shares the next.

use std::{sync::Arc, time::Duration};

use super::NewEntry;
use crate::{
    bols::model::bol,
    database::Database,
    error::{AppError, Result},
    ids::BolId,
    links::model::view,
    ports::Clock,
    together::Together,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryTrait, sea_query::Expr};

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

/// The most reads that one commit takes: bounds the size of its statements.
const MOST: usize = 256;

/// How long a commit waits for more to share it, once reads come together: what a commit costs is worth many of them.
const PAUSE: Duration = Duration::from_millis(1);

#[derive(Clone, Debug)]
pub struct Journal(Together<Read, bool>);

impl Journal {
    /// Starts the writer; it ends with the last clone of the journal.
    #[must_use]
    pub fn start(db: Database, clock: Arc<dyn Clock>) -> Self {
        Self(Together::start(MOST, PAUSE, move |reads| {
            let (db, now, count) = (db.clone(), clock.now(), reads.len());
            async move {
                let written = write(&db, now, reads).await;
                if let Err(error) = &written {
                    tracing::error!(%error, "reads could not be put on record; they are refused");
                }
                vec![written.is_ok(); count]
            }
        }))
    }

    /// Puts `read` on record and returns when it is durable.
    ///
    /// # Errors
    /// When it could not be written: then the person must not get what they asked for.
    pub async fn record(&self, read: Read) -> Result<()> {
        match self.0.ask(read).await {
            Some(true) => Ok(()),
            _ => Err(AppError::Unavailable(
                "This could not be put on record, so it was not done. Try again in a moment.".into(),
            )),
        }
    }
}

async fn write(db: &Database, now: i64, reads: Vec<Read>) -> Result<()> {
    let opened: Vec<BolId> = reads.iter().filter_map(|read| read.opened).collect();
    let downloaded: Vec<BolId> = reads.iter().filter_map(|read| read.downloaded).collect();
    let (entries, views): (Vec<_>, Vec<_>) = reads.into_iter().map(|read| (read.entries, read.views)).unzip();
    let views: Vec<_> = views.into_iter().flatten().map(IntoActiveModel::into_active_model).collect();
    let entries = entries.into_iter().flatten().collect();
    let txn = db.begin().await?;
    let backend = txn.get_database_backend();
    let mut trail = Vec::new();
    if !views.is_empty() {
        trail.push(view::Entity::insert_many(views).build(backend));
    }
    for (column, bills) in [(bol::Column::OpenedAt, opened), (bol::Column::DownloadedAt, downloaded)] {
        if !bills.is_empty() {
            let unmarked = bol::Entity::update_many().filter(bol::Column::Id.is_in(bills)).filter(column.is_null());
            trail.push(unmarked.col_expr(column, Expr::value(now)).build(backend));
        }
    }
    super::append(&txn, now, entries, trail).await?;
    Ok(txn.commit().await?)
}
