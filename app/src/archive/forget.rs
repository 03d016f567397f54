//! A bucket that is gone for good: what was on record in it is struck off, and what was nowhere else is said to be missing.

use std::collections::HashSet;

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    ids::ObjectId,
    objects::{
        LOCAL, PlacementState,
        model::{object, placement},
    },
    recordings,
};

/// Copies that are decided on in one transaction.
const CHUNK: u64 = 500;

/// What became of a copy in a bucket that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Another copy was verified: this one is struck off.
    StruckOff,
    /// There is no other: it stays on record, as missing.
    Missing,
}

/// Strikes off every copy that is on record in `bucket`, in the order of their ids, and tells each to `tell`; in a dry run it would.
///
/// # Errors
/// `Conflict` while a storage of that name is configured: then `object recover` and the checks are what is wanted.
pub async fn forget(
    app: &App,
    actor: &Actor,
    bucket: &str,
    dry: bool,
    mut tell: impl FnMut(&placement::Model, Fate),
) -> Result<()> {
    if app.ports.plane.stores().any(|store| store.bucket() == bucket) {
        return Err(AppError::Conflict(format!(
            "{bucket} is configured here. Name the new bucket in the settings first."
        )));
    }
    let mut after = None;
    loop {
        let mut query = placement::Entity::find()
            .filter(placement::Column::Bucket.eq(bucket))
            .filter(placement::Column::Backend.ne(LOCAL))
            .order_by_asc(placement::Column::Id)
            .limit(CHUNK);
        if let Some(after) = after {
            query = query.filter(placement::Column::Id.gt(after));
        }
        let rows = query.all(app.db()).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        let elsewhere = elsewhere(app, bucket, &rows).await?;
        let (struck_off, missing): (Vec<_>, Vec<_>) = rows.iter().partition(|row| elsewhere.contains(&row.object_id));
        for row in &rows {
            tell(row, if elsewhere.contains(&row.object_id) { Fate::StruckOff } else { Fate::Missing });
        }
        if dry {
            continue;
        }
        let mut tx = app.begin().await?;
        let among = |copies: &[&placement::Model]| placement::Column::Id.is_in(copies.iter().map(|copy| copy.id));
        placement::Entity::delete_many().filter(among(&struck_off)).exec(&tx).await?;
        let change = placement::ActiveModel {
            state: Set(PlacementState::Missing.as_str().into()),
            error: Set(Some("Its bucket is gone.".into())),
            since: Set(app.now()),
            ..Default::default()
        };
        placement::Entity::update_many().set(change).filter(among(&missing)).exec(&tx).await?;
        for (copies, action) in [(struck_off, Action::ObjectCopyRemoved), (missing, Action::ObjectMissing)] {
            for row in copies {
                let details =
                    json!({ "key": row.key, "backend": row.backend, "bucket": bucket, "why": "its bucket is gone" });
                tx.audit(actor, action, Subject::Object(row.object_id), details);
            }
        }
        let objects = object::Entity::find().filter(object::Column::Id.is_in(rows.iter().map(|row| row.object_id)));
        for object in objects.all(&tx).await? {
            recordings::follow(app, &mut tx, &object).await?;
        }
        tx.commit().await?;
    }
}

/// Those objects of `rows` that have a verified copy in a storage that is there.
async fn elsewhere(app: &App, bucket: &str, rows: &[placement::Model]) -> Result<HashSet<ObjectId>> {
    let others = placement::Entity::find()
        .filter(placement::Column::ObjectId.is_in(rows.iter().map(|row| row.object_id)))
        .filter(placement::Column::State.eq(PlacementState::Verified.as_str()))
        .filter(placement::Column::Bucket.ne(bucket))
        .all(app.db())
        .await?;
    // A file on another machine's disk is there, though it cannot be reached from here.
    let is_there = |row: &placement::Model| row.backend == LOCAL || app.ports.plane.holder(row).is_some();
    Ok(others.into_iter().filter(is_there).map(|row| row.object_id).collect())
}
