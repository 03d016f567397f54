//! Copies that were lost are made again from one that was not.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

use super::{
    PlacementState,
    keep::{class_of, copies},
    model::{object, placement},
    plane::LOCAL,
    replicate::lock,
};
use crate::{App, Result, job::Job};

const CHUNK: u64 = 100;

/// Has every copy of this place made again that is missing, is something else or could not be filled, where another verified one is; where
/// it is not wanted any more, it is struck off. Returns how many.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn mend(app: &App, backend: &str, bucket: &str) -> Result<u64> {
    let lost = [PlacementState::Missing, PlacementState::Corrupt, PlacementState::Failed].map(PlacementState::as_str);
    let (mut mended, mut after) = (0, None);
    loop {
        let mut query = placement::Entity::find()
            .filter(placement::Column::State.is_in(lost))
            .filter(placement::Column::Backend.eq(backend))
            .filter(placement::Column::Bucket.eq(bucket))
            .order_by_asc(placement::Column::Id)
            .limit(CHUNK);
        if let Some(after) = after {
            query = query.filter(placement::Column::Id.gt(after));
        }
        let rows = query.all(app.db()).await?;
        let Some(last) = rows.last() else { return Ok(mended) };
        after = Some(last.id);
        for row in rows {
            mended += u64::from(one(app, &row).await?);
        }
    }
}

async fn one(app: &App, row: &placement::Model) -> Result<bool> {
    let sound: Vec<_> = copies(app, row.object_id).await?.into_iter().filter(|copy| copy.id != row.id).collect();
    let Some(first) = sound.first() else { return Ok(false) };
    let tx = app.begin().await?;
    let Some(object) = lock(&tx, row.object_id).await?.filter(|object| object.erased_at.is_none()) else {
        return Ok(false);
    };
    let same = Condition::all().add(placement::Column::Id.eq(row.id)).add(placement::Column::State.eq(&row.state));
    if !is_wanted(app, &object, row)? {
        let state = match row.state == PlacementState::Corrupt.as_str() {
            // Removed by the job for copies that are to go.
            true => PlacementState::Erasing,
            false => {
                placement::Entity::delete_many().filter(same.clone()).exec(&tx).await?;
                tx.commit().await?;
                return Ok(true);
            }
        };
        let going =
            placement::ActiveModel { state: Set(state.as_str().into()), since: Set(app.now()), ..Default::default() };
        placement::Entity::update_many().set(going).filter(same.clone()).exec(&tx).await?;
        let node = if row.backend == LOCAL { row.bucket.clone() } else { String::new() };
        tx.enqueue(Job::EraseObject { object: object.id, node, asked: app.now() }).await?;
        tx.commit().await?;
        return Ok(true);
    }
    let node = match (row.backend.as_str(), sound.iter().any(|copy| copy.backend != LOCAL)) {
        (LOCAL, _) => row.bucket.clone(),
        (_, true) => String::new(),
        (_, false) => first.bucket.clone(),
    };
    let again = placement::ActiveModel {
        state: Set(PlacementState::Waiting.as_str().into()),
        node: Set(node.clone()),
        attempts: Set(0),
        since: Set(app.now()),
        ..Default::default()
    };
    let changed = placement::Entity::update_many()
        .set(again)
        .col_expr(placement::Column::Generation, Expr::cust("generation + 1"))
        .filter(same.clone())
        .exec(&tx)
        .await?
        .rows_affected;
    if changed == 1 {
        let generation = u32::try_from(row.generation + 1).unwrap_or_default();
        tx.enqueue(Job::Replicate { placement: row.id, generation, node }).await?;
    }
    tx.commit().await?;
    Ok(changed == 1)
}

fn is_wanted(app: &App, object: &object::Model, row: &placement::Model) -> Result<bool> {
    let mut wanted = app.ports.plane.wanted(class_of(object)?);
    Ok(wanted.any(|store| store.backend() == row.backend && store.bucket() == row.bucket))
}
