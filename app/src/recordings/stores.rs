//! Numbers of stores: what a segment says of where it is played from.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, sea_query::OnConflict};

use super::model::store;
use crate::{Result, WriteTxn, objects::Spot};

/// Where a segment is played from: a copy of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub backend: String,
    pub bucket: String,
    pub key: String,
}

impl Spot for Place {
    fn place(&self) -> (&str, &str) {
        (&self.backend, &self.bucket)
    }

    fn key(&self) -> &str {
        &self.key
    }
}

/// Backend and bucket of every store that segments were ever played from, by number.
///
/// # Errors
/// When the database does not answer.
pub async fn stores(db: &impl ConnectionTrait) -> Result<HashMap<i32, (String, String)>> {
    let rows = store::Entity::find().all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, (row.backend, row.bucket))).collect())
}

/// The number of a store; it gets one where it has none.
pub(super) async fn number(tx: &WriteTxn<'_>, backend: &str, bucket: &str) -> Result<i32> {
    let this =
        || store::Entity::find().filter(store::COLUMN.backend.eq(backend)).filter(store::COLUMN.bucket.eq(bucket));
    // Two who number at once: one of them finds the other's.
    for _ in 0..8 {
        if let Some(known) = this().one(tx).await? {
            return Ok(known.id);
        }
        let last = store::Entity::find().order_by_desc(store::Column::Id).one(tx).await?;
        let id = last.map_or(1, |last| last.id + 1);
        let row = store::Model { id, backend: backend.into(), bucket: bucket.into() }.into_active_model();
        let once = OnConflict::new().do_nothing().to_owned();
        store::Entity::insert(row).on_conflict(once).exec_without_returning(tx).await?;
    }
    Err(anyhow::anyhow!("no number for {backend} {bucket}").into())
}
