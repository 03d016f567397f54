//! Copies that were lost are made again from one that was not.

use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    PlacementState,
    keep::{class_of, copies},
    model::{object, placement},
    plane::LOCAL,
    replicate::lock,
};
use crate::{App, Result, job::Job, recordings};

const CHUNK: u64 = 100;

/// Has every copy of this place made again that is missing, is something else or could not be filled, where another verified one is; where
/// it is not wanted any more, it is struck off. Returns how many.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn mend(app: &App, backend: &str, bucket: &str) -> Result<u64> {
    let (mut mended, mut after) = (0, None);
    loop {
        let mut query = placement::Entity::find()
            .filter(placement::Column::State.is_in(PlacementState::LOST))
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
    let mut tx = app.begin().await?;
    let Some(object) = lock(&tx, row.object_id).await?.filter(|object| object.erased_at.is_none()) else {
        return Ok(false);
    };
    let same = Condition::all().add(placement::Column::Id.eq(row.id)).add(placement::Column::State.eq(&row.state));
    let changed = if is_wanted(app, &object, row)? {
        let node = match (row.backend.as_str(), sound.iter().any(|copy| copy.backend != LOCAL)) {
            (LOCAL, _) => row.bucket.clone(),
            (_, true) => String::new(),
            (_, false) => first.bucket.clone(),
        };
        let again = placement::Model { node, generation: row.generation + 1, ..row.clone() };
        let change = placement::ActiveModel {
            state: Set(PlacementState::Waiting.as_str().into()),
            node: Set(again.node.clone()),
            generation: Set(again.generation),
            attempts: Set(0),
            since: Set(app.now()),
            ..Default::default()
        };
        let same = same.add(placement::Column::Generation.eq(row.generation));
        let changed = placement::Entity::update_many().set(change).filter(same).exec(&tx).await?.rows_affected;
        if changed == 1 {
            tx.enqueue(again.replication()).await?;
        }
        changed
    } else if row.is(PlacementState::Corrupt) {
        // Bytes are there, which the job for copies that are to go removes.
        let change = placement::ActiveModel {
            state: Set(PlacementState::Erasing.as_str().into()),
            since: Set(app.now()),
            ..Default::default()
        };
        tx.enqueue(Job::EraseObject { object: object.id, node: row.home().to_owned(), asked: app.now() }).await?;
        placement::Entity::update_many().set(change).filter(same).exec(&tx).await?.rows_affected
    } else {
        placement::Entity::delete_many().filter(same).exec(&tx).await?.rows_affected
    };
    recordings::follow(app, &mut tx, &object).await?;
    tx.commit().await?;
    Ok(changed == 1)
}

fn is_wanted(app: &App, object: &object::Model, row: &placement::Model) -> Result<bool> {
    let mut wanted = app.ports.plane.wanted(class_of(object)?);
    Ok(wanted.any(|store| store.backend() == row.backend && store.bucket() == row.bucket))
}
