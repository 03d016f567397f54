//! Erasing: first it is decided, on record, and from then on nobody gets the object; then every copy goes, in every version; and that is
//! on record too.

use std::collections::BTreeSet;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::json;

use super::{
    PlacementState, hold,
    keep::class_of,
    model::{object, placement},
    replicate::{lock, place_of},
};
use crate::{
    App, AppError, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    clips,
    ids::ObjectId,
    job::Job,
    jobs::table::Dialect,
    recordings,
};

/// Objects that are decided on in one transaction: of sixty cameras' film a minute's is sixty, and a camera whose film is to be kept for a shorter time
/// has a hundred thousand to go.
const ROUND: u64 = 2000;
/// Film that is held and was kept long enough is looked at again so much later, milliseconds: a million files that are held for years cost a round of
/// looks a month, and not one a minute.
const HELD_AGAIN: i64 = 30 * 86_400_000;
/// Objects whose removal is asked for again in one round.
const CHUNK: u64 = 200;
/// Whoever removes copies is given so long before another one sets about it: milliseconds.
const PATIENCE: i64 = 10 * 60_000;

/// Has an object erased. Erasing what is erased is fine.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] while a hold lies on it.
pub async fn erase(app: &App, actor: &Actor, id: ObjectId, why: &str) -> Result<()> {
    let mut tx = app.begin().await?;
    erase_in(app, &mut tx, actor, id, why).await?;
    tx.commit().await
}

/// The same as a part of something larger.
///
/// # Errors
/// As [`erase`].
pub async fn erase_in(app: &App, tx: &mut WriteTxn<'_>, actor: &Actor, id: ObjectId, why: &str) -> Result<()> {
    let object = lock(tx, id).await?.ok_or(AppError::NotFound("This object"))?;
    if object.erased_at.is_some() {
        return Ok(());
    }
    if let Some(hold) = hold::of_object(&*tx, &object).await? {
        return Err(AppError::Conflict(format!("It is on legal hold: {}", hold.reason)));
    }
    if let Some(why) = recordings::kept(tx, std::slice::from_ref(&object)).await?.remove(&id) {
        return Err(AppError::Conflict(format!("It is film that is kept: {why}")));
    }
    let gone = object::ActiveModel { id: Set(id), erased_at: Set(Some(app.now())), ..Default::default() };
    object::Entity::update(gone).exec(&*tx).await?;
    let copies = placement::Entity::find().filter(placement::Column::ObjectId.eq(id)).all(&*tx).await?;
    let change = placement::ActiveModel {
        state: Set(PlacementState::Erasing.as_str().into()),
        since: Set(app.now()),
        ..Default::default()
    };
    placement::Entity::update_many().set(change).filter(placement::Column::ObjectId.eq(id)).exec(&*tx).await?;
    let details = json!({ "key": object.key, "class": object.class, "sha256": object.sha256, "why": why, "copies": copies.len() });
    tx.audit(actor, Action::ObjectEraseAsked, Subject::Object(id), details);
    recordings::erased(tx, &object).await?;
    // Copies on other machines' disks are theirs to remove.
    let nodes: BTreeSet<_> = copies.iter().map(placement::Model::home).collect();
    for node in nodes {
        tx.enqueue(Job::EraseObject { object: id, node: node.to_owned(), asked: app.now() }).await?;
    }
    Ok(())
}

/// Removes those copies of an object that are to go and can be reached from here, every version of them.
///
/// # Errors
/// When a store does not answer; the others' copies are gone all the same.
pub async fn remove_copies(app: &App, id: ObjectId) -> Result<()> {
    let erasing = placement::Entity::find()
        .filter(placement::Column::ObjectId.eq(id))
        .filter(placement::Column::State.eq(PlacementState::Erasing))
        .all(app.db())
        .await?;
    let (mut removed, mut refused) = (Vec::new(), None);
    for copy in erasing {
        let Some(store) = app.ports.plane.holder(&copy) else { continue };
        match store.erase(&copy.key).await {
            Ok(()) => removed.push(copy),
            Err(error) => {
                tracing::warn!(backend = copy.backend, key = copy.key, %error, "a copy was not removed");
                refused.get_or_insert(error);
            }
        }
    }
    let mut tx = app.begin().await?;
    let Some(object) = lock(&tx, id).await? else { return Ok(()) };
    let mut gone = Vec::new();
    for copy in removed {
        // Of two who removed it one says so.
        if placement::Entity::delete_by_id(copy.id).exec(&tx).await?.rows_affected == 1 {
            gone.push(copy);
        }
    }
    // What a person had erased is told of to its end, whatever it is.
    let by_a_person = object.erased_at.is_some() && object.erased_at < object.retain_until;
    let is_told_of = class_of(&object)?.is_told_of() || by_a_person;
    for copy in gone.iter().filter(|_| is_told_of) {
        tx.audit(&Actor::system(), Action::ObjectCopyRemoved, Subject::Object(id), place_of(copy));
    }
    let left = placement::Entity::find().filter(placement::Column::ObjectId.eq(id)).limit(1).one(&tx).await?;
    if is_told_of && !gone.is_empty() && left.is_none() && object.erased_at.is_some() {
        let details = json!({ "key": object.key, "sha256": object.sha256, "size": object.size });
        tx.audit(&Actor::system(), Action::ObjectErased, Subject::Object(id), details);
    }
    tx.commit().await?;
    refused.map_or(Ok(()), |error| Err(error.into()))
}

/// What was kept long enough and nothing holds, the oldest first. In a transaction it is locked.
async fn due(db: &impl ConnectionTrait, now: i64, most: u64, locked: bool) -> Result<Vec<object::Model>> {
    let lock = if locked && db.get_database_backend() == DatabaseBackend::Postgres { "FOR UPDATE OF o" } else { "" };
    let sql = format!(
        "SELECT o.* FROM objects AS o WHERE o.erased_at IS NULL AND o.retain_until IS NOT NULL AND o.retain_until <= $1 \
         AND {} ORDER BY o.retain_until, o.id LIMIT {most} {lock}",
        hold::FREE
    );
    Ok(object::Model::find_by_statement(Dialect::of(db).statement(sql, vec![now.into()])).all(db).await?)
}

/// Has what was kept long enough erased, unless a hold lies on it. Returns how many.
///
/// # Errors
/// When the database does not answer.
pub async fn retire(app: &App) -> Result<u64> {
    if due(app.db(), app.now(), 1, false).await?.is_empty() {
        return Ok(0);
    }
    let mut tx = app.begin().await?;
    let (mut told, mut quiet) = (Vec::new(), Vec::new());
    let due = due(&tx, app.now(), ROUND, true).await?;
    let kept = recordings::kept(&tx, &due).await?;
    put_off(app, &tx, kept.keys().copied().collect()).await?;
    for object in due.into_iter().filter(|object| !kept.contains_key(&object.id)) {
        if class_of(&object)?.is_told_of() { told.push(object) } else { quiet.push(object) }
    }
    let mut gone = Vec::new();
    for object in told {
        match erase_in(app, &mut tx, &Actor::system(), object.id, "its class's time is over").await {
            Ok(()) => gone.push(object),
            // Somebody laid a hold on it meanwhile.
            Err(AppError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    clips::retired(app, &mut tx, &gone).await?;
    retire_quietly(app, &mut tx, &quiet).await?;
    tx.commit().await?;
    Ok((gone.len() + quiet.len()) as u64)
}

/// Film that is held stands in nobody's way: it comes up again in a while, or when it is released.
async fn put_off(app: &App, tx: &WriteTxn<'_>, held: Vec<ObjectId>) -> Result<()> {
    if held.is_empty() {
        return Ok(());
    }
    let later = object::ActiveModel { retain_until: Set(Some(app.now() + HELD_AGAIN)), ..Default::default() };
    object::Entity::update_many().set(later).filter(object::Column::Id.is_in(held)).exec(tx).await?;
    Ok(())
}

/// Decides the same for many at once, without a word about each.
async fn retire_quietly(app: &App, tx: &mut WriteTxn<'_>, objects: &[object::Model]) -> Result<()> {
    let ids: Vec<ObjectId> = objects.iter().map(|object| object.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let gone = object::ActiveModel { erased_at: Set(Some(app.now())), ..Default::default() };
    object::Entity::update_many().set(gone).filter(object::Column::Id.is_in(ids.clone())).exec(&*tx).await?;
    let of_them = || placement::Column::ObjectId.is_in(ids.clone());
    let copies = placement::Entity::find().filter(of_them()).all(&*tx).await?;
    let change = placement::ActiveModel {
        state: Set(PlacementState::Erasing.as_str().into()),
        since: Set(app.now()),
        ..Default::default()
    };
    placement::Entity::update_many().set(change).filter(of_them()).exec(&*tx).await?;
    let nodes: BTreeSet<_> = copies.iter().map(|copy| (copy.object_id, copy.home())).collect();
    for (object, node) in nodes {
        tx.enqueue(Job::EraseObject { object, node: node.to_owned(), asked: app.now() }).await?;
    }
    recordings::retired(tx, objects).await
}

/// Puts a job in the queue for copies that are to go and still are there after a while. Returns how many objects.
///
/// # Errors
/// When the database does not answer.
pub async fn finish_erasing(app: &App) -> Result<u64> {
    let stuck: Vec<placement::Model> = placement::Entity::find()
        .filter(placement::Column::State.eq(PlacementState::Erasing))
        .filter(placement::Column::Since.lt(app.now() - PATIENCE))
        .order_by_asc(placement::Column::Since)
        .limit(CHUNK)
        .all(app.db())
        .await?;
    if stuck.is_empty() {
        return Ok(0);
    }
    let tx = app.begin().await?;
    let wanted: BTreeSet<_> = stuck.iter().map(|copy| (copy.object_id, copy.home().to_owned())).collect();
    let asked = app.now() - app.now().rem_euclid(PATIENCE);
    for (object, node) in &wanted {
        tx.enqueue(Job::EraseObject { object: *object, node: node.clone(), asked }).await?;
    }
    tx.commit().await?;
    Ok(wanted.len() as u64)
}
