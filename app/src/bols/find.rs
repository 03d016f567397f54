//! Finds a bill with the revision that is asked for.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::LockType,
};

use super::{
    content::BolContent,
    model::{bol, revision},
};
use crate::{
    error::{AppError, Result},
    gatehouse::WriteTxn,
    ids::{BolId, RevisionId},
};

/// What a 404 calls it.
const BILL: &str = "This bill of lading";
const REVISION: &str = "This revision";

/// A bill and one of its revisions.
#[derive(Clone, Debug)]
pub struct Bill {
    pub bol: bol::Model,
    pub revision: revision::Model,
    pub content: BolContent,
}

impl Bill {
    fn new(bol: bol::Model, revision: revision::Model) -> Result<Self> {
        let content = revision.read()?;
        Ok(Self { bol, revision, content })
    }
}

/// The bill's row.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn find(db: &impl ConnectionTrait, id: BolId) -> Result<bol::Model> {
    bol::Entity::find_by_id(id).one(db).await?.ok_or(AppError::NotFound(BILL))
}

/// The bill that has exactly this number, in capitals or not.
///
/// # Errors
/// When the database does not answer.
pub async fn numbered(db: &impl ConnectionTrait, number: &str) -> Result<Option<bol::Model>> {
    Ok(bol::Entity::find().filter(bol::Column::Number.eq(number.trim().to_uppercase())).one(db).await?)
}

/// The bill as it stands: its newest frozen revision, for a draft what is typed so far.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn current(db: &impl ConnectionTrait, id: BolId) -> Result<Bill> {
    let bol = find(db, id).await?;
    let revision = bol.current_revision_id.or(bol.draft_revision_id).ok_or(AppError::NotFound(REVISION))?;
    let revision = by_id(db, revision).await?;
    Bill::new(bol, revision)
}

/// The revision that is being typed.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] when nothing is being typed.
pub async fn draft(db: &impl ConnectionTrait, id: BolId) -> Result<Bill> {
    let bol = find(db, id).await?;
    let revision = by_id(db, draft_of(&bol)?).await?;
    Bill::new(bol, revision)
}

/// Revision `number` of the bill, frozen or not.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn revision(db: &impl ConnectionTrait, id: BolId, number: i32) -> Result<Bill> {
    let bol = find(db, id).await?;
    let revision = revision::Entity::find()
        .filter(revision::Column::BolId.eq(id))
        .filter(revision::Column::Revision.eq(number))
        .one(db)
        .await?
        .ok_or(AppError::NotFound(REVISION))?;
    Bill::new(bol, revision)
}

/// Every revision, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn revisions(db: &impl ConnectionTrait, id: BolId) -> Result<Vec<revision::Model>> {
    Ok(revision::Entity::find()
        .filter(revision::Column::BolId.eq(id))
        .order_by_desc(revision::Column::Revision)
        .all(db)
        .await?)
}

/// The bill's row, held until the transaction ends: whoever else wants to change this bill waits, then sees what was done.
pub(super) async fn lock(txn: &WriteTxn<'_>, id: BolId) -> Result<bol::Model> {
    let mut find = bol::Entity::find_by_id(id);
    if txn.get_database_backend() == DatabaseBackend::Postgres {
        find = find.lock(LockType::Update);
    }
    find.one(txn).await?.ok_or(AppError::NotFound(BILL))
}

/// A revision by its id.
pub(super) async fn by_id(db: &impl ConnectionTrait, id: RevisionId) -> Result<revision::Model> {
    revision::Entity::find_by_id(id).one(db).await?.ok_or(AppError::NotFound(REVISION))
}

/// The revision that `bol` has in work.
pub(super) fn draft_of(bol: &bol::Model) -> Result<RevisionId> {
    bol.draft_revision_id.ok_or_else(|| {
        AppError::Conflict(match (bol.state(), bol.number.as_deref().unwrap_or_default()) {
            (super::State::Void, number) => {
                format!("{number} is void; nothing on it can change. Duplicate it to make a new bill.")
            }
            (_, number) => format!("{number} is issued; what it says is frozen. Revise it to change something."),
        })
    })
}
