//! Appending to the chain.

use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, QuerySelect, QueryTrait, Statement,
    sea_query::LockType,
};
use sha2::{Digest, Sha256};

use super::{
    entry::NewEntry,
    model::{entry, head},
};
use crate::database::execute_all;

/// The hash before the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Appends `entries` in order, at the end of the caller's transaction, together with what else is to be executed there. The head's row is
/// the lock that keeps the chain single.
///
/// Their time is `at`, or the last entry's where that is later: who waited for the lock, or has a slow clock, breaks no order of time.
///
/// # Errors
/// When the database does not answer.
pub async fn append(
    txn: &impl ConnectionTrait,
    at: i64,
    entries: Vec<NewEntry>,
    mut also: Vec<Statement>,
) -> Result<(), DbErr> {
    let backend = txn.get_database_backend();
    let mut head = head::Entity::find_by_id(1);
    if backend == DatabaseBackend::Postgres {
        head = head.lock(LockType::Update);
    }
    let head = head.one(txn).await?.ok_or_else(|| DbErr::RecordNotFound("audit_head".into()))?;
    let (mut seq, mut hash, at) = (head.seq, head.hash, at.max(head.at));
    let mut rows = Vec::with_capacity(entries.len());
    for new in entries {
        seq += 1;
        let mut row = entry::Model {
            seq,
            at,
            actor_kind: new.actor_kind.into(),
            actor_id: new.actor_id,
            actor_name: new.actor_name,
            ip: new.ip,
            request_id: new.request_id,
            action: new.action.as_str().into(),
            subject_kind: new.subject_kind.into(),
            subject_id: new.subject_id,
            details: new.details.to_string(),
            hash: String::new(),
        };
        hash = row.chained(&hash);
        row.hash.clone_from(&hash);
        rows.push(entry::ActiveModel::from(row));
    }
    // A statement holds so many values and no more; an import writes thousands of entries at once.
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        also.push(entry::Entity::insert_many(rows.by_ref().take(1000)).build(backend));
    }
    let head = head::ActiveModel { id: Set(1), seq: Set(seq), hash: Set(hash), at: Set(at) };
    also.push(head::Entity::update(head).validate()?.build(backend));
    execute_all(txn, also).await
}

impl entry::Model {
    /// The hash this entry must have when `previous` is the hash before it.
    #[must_use]
    pub fn chained(&self, previous: &str) -> String {
        let mut sha = Sha256::new();
        let mut field = |text: Option<&str>| {
            // Length first, so that no two different entries read alike; an absent field differs from an empty one.
            sha.update(text.map_or(u64::MAX, |t| t.len() as u64).to_be_bytes());
            sha.update(text.unwrap_or_default());
        };
        field(Some(previous));
        field(Some(&self.seq.to_string()));
        field(Some(&self.at.to_string()));
        field(Some(&self.actor_kind));
        field(self.actor_id.as_deref());
        field(Some(&self.actor_name));
        field(self.ip.as_deref());
        field(self.request_id.as_deref());
        field(Some(&self.action));
        field(Some(&self.subject_kind));
        field(self.subject_id.as_deref());
        field(Some(&self.details));
        hex::encode(sha.finalize())
    }
}
