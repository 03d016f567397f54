//! Gathers what the rest of the yard knows about a bill.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::LockType,
};

use super::{
    content::BolContent,
    readiness::{CustomerFact, Facts, ReleaseFact},
    weight::Weight,
};
use crate::{
    customers::model::{customer, draw, release},
    error::Result,
    ids::{BolId, ReleaseId},
};

impl Facts {
    /// As they are now, for a page.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn load(db: &impl ConnectionTrait, bol: BolId, content: &BolContent) -> Result<Self> {
        gather(db, bol, content, false).await
    }

    /// The same inside the transaction that issues: nobody else draws on these releases until it ends.
    pub(super) async fn load_locked(txn: &impl ConnectionTrait, bol: BolId, content: &BolContent) -> Result<Self> {
        gather(txn, bol, content, txn.get_database_backend() == DatabaseBackend::Postgres).await
    }
}

async fn gather(db: &impl ConnectionTrait, bol: BolId, content: &BolContent, lock: bool) -> Result<Facts> {
    let customer = match content.customer {
        Some(id) => customer::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    let numbers: BTreeSet<&str> =
        content.lines.iter().map(|line| line.release.as_str()).filter(|number| !number.is_empty()).collect();
    let releases = if numbers.is_empty() { HashMap::new() } else { releases(db, bol, numbers, lock).await? };
    Ok(Facts { customer: customer.map(|c| CustomerFact { name: c.name, archived: c.archived_at.is_some() }), releases })
}

async fn releases(
    db: &impl ConnectionTrait,
    bol: BolId,
    numbers: BTreeSet<&str>,
    lock: bool,
) -> Result<HashMap<String, ReleaseFact>> {
    // In the order of their ids, so that two bills on the same releases never wait for each other.
    let mut find =
        release::Entity::find().filter(release::Column::Number.is_in(numbers)).order_by_asc(release::Column::Id);
    if lock {
        find = find.lock(LockType::Update);
    }
    let rows = find.all(db).await?;
    // Read after the lock is held, so that it counts what was committed while waiting for it.
    let drawn: HashMap<ReleaseId, Vec<i64>> = draw::Entity::find()
        .filter(draw::Column::ReleaseId.is_in(rows.iter().map(|row| row.id)))
        .filter(draw::Column::BolId.ne(bol))
        .all(db)
        .await?
        .into_iter()
        .fold(HashMap::new(), |mut sums, row| {
            sums.entry(row.release_id).or_default().push(row.net_milli);
            sums
        });
    rows.into_iter()
        .map(|row| {
            let unit = row.unit.parse().map_err(anyhow::Error::msg)?;
            let milli = drawn.get(&row.id).map_or(0, |nets| nets.iter().sum());
            let fact = ReleaseFact {
                id: row.id,
                customer_id: row.customer_id,
                open: row.closed_at.is_none(),
                allowed: Weight::new(row.allowed_milli, unit),
                drawn: Weight::new(milli, unit),
            };
            Ok((row.number, fact))
        })
        .collect()
}
