//! Uploads in parts that nobody will finish: in a bucket they go on costing money, on record they are in the way of the next one.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    PlacementState,
    model::{placement, upload},
};
use crate::{
    App, Result,
    ports::{ObjectStore, StoreError, Unfinished},
};

/// Uploads that nobody goes on with for so long are given up: milliseconds.
const ABANDONED: i64 = 24 * 3_600_000;
/// Rows that are looked at together.
const CHUNK: u64 = 500;

/// Gives up what was begun a day ago in `store` and nothing waits for, there and on record. Returns how many uploads.
///
/// # Errors
/// When the store or the database does not answer.
pub async fn give_up_uploads(app: &App, store: &dyn ObjectStore) -> Result<u64> {
    let before = app.now() - ABANDONED;
    let mut old = match store.unfinished().await {
        Err(StoreError::Unsupported(_)) => Vec::new(),
        unfinished => unfinished?,
    };
    old.retain(|upload| upload.begun < before);
    let mut given_up = 0;
    let waiting = waited_for(app, store, old.iter().map(|upload| upload.key.as_str())).await?;
    for Unfinished { key, upload, .. } in old.iter().filter(|upload| !waiting.contains(&upload.key)) {
        store.abort(key, upload).await?;
        given_up += 1;
    }
    // The bucket's list ends with what it has: rows of uploads that are there no more are found here alone.
    let rows = upload::Entity::find()
        .filter(upload::Column::BegunAt.lt(before))
        .filter(upload::Column::Backend.eq(store.backend()))
        .filter(upload::Column::Bucket.eq(store.bucket()))
        .order_by_asc(upload::Column::BegunAt)
        .limit(CHUNK)
        .all(app.db())
        .await?;
    let waiting = waited_for(app, store, rows.iter().map(|row| row.key.as_str())).await?;
    for row in rows.into_iter().filter(|row| !waiting.contains(&row.key)) {
        // Without a name it was only asked for, and what came of it stood in the list.
        let listed = row.upload.is_empty() || old.iter().any(|upload| upload.upload == row.upload);
        if !listed {
            store.abort(&row.key, &row.upload).await?;
        }
        let tx = app.begin().await?;
        let gone = upload::Entity::delete_many()
            .filter(upload::Column::Backend.eq(&row.backend))
            .filter(upload::Column::Bucket.eq(&row.bucket))
            .filter(upload::Column::Key.eq(&row.key))
            // Another upload of the same key may have begun meanwhile.
            .filter(upload::Column::BegunAt.eq(row.begun_at))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        given_up += u64::from(!listed) * gone.rows_affected;
    }
    Ok(given_up)
}

/// Those of `keys` that a copy waits for: an outage may last longer than a day, and the upload goes on where it stopped.
async fn waited_for<'a>(
    app: &App,
    store: &dyn ObjectStore,
    keys: impl Iterator<Item = &'a str>,
) -> Result<HashSet<String>> {
    let keys: Vec<_> = keys.collect();
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    let waiting: Vec<String> = placement::Entity::find()
        .filter(placement::Column::Backend.eq(store.backend()))
        .filter(placement::Column::Bucket.eq(store.bucket()))
        .filter(placement::Column::Key.is_in(keys))
        .filter(placement::Column::State.is_in(PlacementState::OPEN))
        .select_only()
        .column(placement::Column::Key)
        .into_tuple()
        .all(app.db())
        .await?;
    Ok(waiting.into_iter().collect())
}
