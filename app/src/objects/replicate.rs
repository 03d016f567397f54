//! Filling a placement that waits: from a verified copy to the store that wants one.
//!
//! The order loses nothing when it is cut off anywhere: the bytes are put, read back (HEAD, size and checksum), and in one transaction they
//! count and the local copy that nobody wants any more is marked for removal; only then it goes. A store that does not answer is left to
//! the [catch-up](super::catch_up), which tries one object at a time, the oldest first, for as long as it takes.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DatabaseBackend, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, LockType},
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Found, PlacementState, Recorded, catch_up,
    erase::remove_copies,
    find::find,
    keep::{class_of, copies, verify},
    model::{object, placement},
    plane::LOCAL,
    pour::{fetch, hash, other_bytes},
};
use crate::{
    App, AppError, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    ids::{ObjectId, PlacementId},
    job::Job,
    ports::{ObjectStore, StoreError, Stored},
    recordings,
};

/// What is no larger goes through memory, the rest through a file: bytes.
const SMALL: i64 = 8 << 20;

/// Why a placement was not filled.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The store did not answer, or no copy could be reached: later.
    Away(String),
    /// Time does not mend it.
    Amiss(String),
    /// Another node has what it takes, and its job.
    PassedOn,
    /// Our own database.
    Ours(AppError),
}

impl<E: Into<AppError>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Ours(error.into())
    }
}

/// Fills the placement, provided `generation` still is the one that is wanted. When its store is away a catch-up sees to it.
///
/// # Errors
/// When the database does not answer.
pub async fn replicate(app: &App, id: PlacementId, generation: u32) -> Result<()> {
    let Some(row) = placement::Entity::find_by_id(id).one(app.db()).await? else { return Ok(()) };
    if !row.is_any(&PlacementState::OPEN) || i64::from(row.generation) != i64::from(generation) {
        return Ok(());
    }
    // Others failed before it: the catch-up that is on its way takes all of them in order.
    if catch_up::is_behind(app, &row).await? {
        return Ok(());
    }
    let Err(trouble) = fill(app, &row).await else { return Ok(()) };
    note(app, &row, trouble).await.map(drop)
}

/// Writes down what went wrong. Returns whether the store was away; then a catch-up is in the queue.
pub(super) async fn note(app: &App, row: &placement::Model, trouble: Trouble) -> Result<bool> {
    let (state, why) = match trouble {
        Trouble::Ours(error) => return Err(error),
        Trouble::PassedOn => return Ok(false),
        Trouble::Away(why) => (PlacementState::Waiting, why),
        Trouble::Amiss(why) => (PlacementState::Failed, why),
    };
    tracing::warn!(backend = row.backend, bucket = row.bucket, key = row.key, why, "an object was not copied");
    let mut tx = app.begin().await?;
    placement::Entity::update_many()
        .col_expr(placement::Column::Attempts, Expr::cust("attempts + 1"))
        .set(placement::ActiveModel { state: Set(state.as_str().into()), error: Set(Some(why)), ..Default::default() })
        .filter(still_open(row))
        .exec(&tx)
        .await?;
    let away = state == PlacementState::Waiting;
    if away {
        catch_up::want(app, &tx, &row.backend, &row.bucket, &row.node, app.now() + catch_up::SOON).await?;
    } else {
        let object = find(&tx, row.object_id).await?;
        recordings::follow(app, &mut tx, &object).await?;
    }
    tx.commit().await?;
    Ok(away)
}

/// The row, while nobody else has decided otherwise about it.
fn still_open(row: &placement::Model) -> sea_orm::Condition {
    sea_orm::Condition::all()
        .add(placement::Column::Id.eq(row.id))
        .add(placement::Column::Generation.eq(row.generation))
        .add(placement::Column::State.is_in(PlacementState::OPEN))
}

/// Has the bytes put where `row` says, verified, and on record. `false`: there was nothing to do, or somebody else in this process is at it.
pub(super) async fn fill(app: &App, row: &placement::Model) -> Result<bool, Trouble> {
    let plane = &app.ports.plane;
    let Some(_claim) = plane.claim(row.id) else { return Ok(false) };
    let object = object::Entity::find_by_id(row.object_id).one(app.db()).await?;
    let Some(object) = object.filter(|object| object.erased_at.is_none()) else { return Ok(false) };
    let Some(target) = plane.holder(row) else {
        return Err(Trouble::Amiss(format!("No storage {} {} is configured here.", row.backend, row.bucket)));
    };
    let tx = app.begin().await?;
    let under_way =
        placement::ActiveModel { state: Set(PlacementState::Uploading.as_str().into()), ..Default::default() };
    let wanted = placement::Entity::update_many().set(under_way).filter(still_open(row)).exec(&tx).await?.rows_affected;
    tx.commit().await?;
    if wanted == 0 {
        return Ok(false);
    }
    let away = |error: StoreError| {
        plane.let_rest(target.as_ref(), app.now());
        Trouble::Away(error.to_string())
    };
    let stored = match verify(target.as_ref(), &row.key, object.size, &object.sha256).await.map_err(away)? {
        // Bytes of a run that was killed before they counted.
        Found::Right(stored) => {
            let size = u64::try_from(object.size).unwrap_or_default();
            Recorded::new(app, target.as_ref(), &row.key, size).is_over(target.as_ref()).await.map_err(away)?;
            stored
        }
        found => {
            send(app, &object, row, target.as_ref(), found == Found::Other).await?;
            let found = verify(target.as_ref(), &row.key, object.size, &object.sha256).await.map_err(away)?;
            found.after_a_put().map_err(|why| Trouble::Away(why.into()))?
        }
    };
    plane.is_back(target.as_ref());
    count(app, &object, row, target.as_ref(), stored).await?;
    Ok(true)
}

/// Sends the bytes from the best copy that proves to have them. `replace`: other bytes stand there, which go once the source is proven.
async fn send(
    app: &App,
    object: &object::Model,
    row: &placement::Model,
    target: &dyn ObjectStore,
    replace: bool,
) -> Result<(), Trouble> {
    let (plane, class) = (&app.ports.plane, class_of(object)?);
    let mut left = copies(app, object.id).await?;
    let mut why = None;
    while let Some((copy, source)) = plane.best(class, app.now(), &left) {
        let copy = copy.clone();
        match transfer(app, object, &copy, source.as_ref(), row, target, replace).await {
            Ok(()) => return Ok(()),
            Err(Blame::Target(error)) => {
                plane.let_rest(target, app.now());
                return Err(Trouble::Away(error.to_string()));
            }
            Err(Blame::Source(error)) => {
                doubt(app, object, &copy, source.as_ref()).await?;
                why.get_or_insert(format!("the copy on {} cannot be read: {error}", copy.backend));
            }
        }
        left.retain(|other| other.id != copy.id);
    }
    // What is left is on other machines' disks.
    if let Some(elsewhere) = left.iter().find(|copy| copy.backend == LOCAL && copy.bucket != row.node) {
        pass_on(app, row, &elsewhere.bucket).await?;
        return Err(Trouble::PassedOn);
    }
    match (why, copies(app, object.id).await?.is_empty()) {
        (why, false) => Err(Trouble::Away(why.unwrap_or_else(|| "No copy can be reached from here.".into()))),
        (_, true) => Err(Trouble::Amiss("No copy is left to copy from.".into())),
    }
}

/// Where a large object is on its way between two buckets.
fn scratch(app: &App, row: &placement::Model) -> Option<std::path::PathBuf> {
    app.ports.plane.store(LOCAL).and_then(|local| local.scratch(&format!("copy-{}", row.id)))
}

/// Whose fault it was.
enum Blame {
    Source(StoreError),
    Target(StoreError),
}

async fn transfer(
    app: &App,
    object: &object::Model,
    copy: &placement::Model,
    source: &dyn ObjectStore,
    row: &placement::Model,
    target: &dyn ObjectStore,
    replace: bool,
) -> Result<(), Blame> {
    if replace {
        if hash(source, &copy.key).await.map_err(Blame::Source)? != object.sha256 {
            return Err(Blame::Source(other_bytes()));
        }
        target.delete(&row.key).await.map_err(Blame::Target)?;
    }
    let size = u64::try_from(object.size).unwrap_or_default();
    let blame = |error: StoreError| match error {
        StoreError::Source(_) => Blame::Source(error),
        _ => Blame::Target(error),
    };
    if let Some(path) = source.path(&copy.key) {
        return put_file(app, object, row, target, &path, size).await.map_err(blame);
    }
    if let Some(path) = scratch(app, row).filter(|_| object.size > SMALL) {
        let fetched = fetch(source, &copy.key, &path, &object.sha256).await;
        let sent = match fetched {
            Ok(()) => put_file(app, object, row, target, &path, size).await.map_err(Blame::Target),
            Err(error) => Err(Blame::Source(error)),
        };
        // A file that stays is swept a day later.
        let _ = tokio::fs::remove_file(&path).await;
        return sent;
    }
    let bytes = source.get(&copy.key).await.map_err(Blame::Source)?;
    if hex::encode(Sha256::digest(&bytes)) != object.sha256 {
        return Err(Blame::Source(other_bytes()));
    }
    target.put(&row.key, bytes, &object.content_type, &object.sha256).await.map(drop).map_err(Blame::Target)
}

async fn put_file(
    app: &App,
    object: &object::Model,
    row: &placement::Model,
    target: &dyn ObjectStore,
    path: &std::path::Path,
    size: u64,
) -> Result<(), StoreError> {
    let progress = Recorded::new(app, target, &row.key, size);
    target.put_file(&row.key, path, &object.content_type, &object.sha256, size, &progress).await.map(drop)
}

/// Looks at a copy that could not be read, and says on its row what is wrong with it.
async fn doubt(app: &App, object: &object::Model, copy: &placement::Model, source: &dyn ObjectStore) -> Result<()> {
    let found = match verify(source, &copy.key, object.size, &object.sha256).await {
        // A checksum that a store remembers says nothing of the bytes that it gives.
        Ok(Found::Right(_)) => {
            hash(source, &copy.key).await.map(|found| (found != object.sha256).then_some(Found::Other))
        }
        Ok(found) => Ok(Some(found)),
        Err(error) => Err(error),
    };
    match found {
        Ok(Some(Found::Nothing)) => mark(app, copy, PlacementState::Missing).await,
        Ok(Some(_)) => mark(app, copy, PlacementState::Corrupt).await,
        Ok(None) => Ok(()),
        Err(_) => {
            app.ports.plane.let_rest(source, app.now());
            Ok(())
        }
    }
}

/// Takes the word “verified” from a copy, on record: it is `Missing`, or else `Corrupt`.
pub(super) async fn mark(app: &App, copy: &placement::Model, state: PlacementState) -> Result<()> {
    let (action, why) = match state {
        PlacementState::Missing => (Action::ObjectMissing, "It is not there any more."),
        _ => (Action::ObjectCorrupt, "Other bytes are there."),
    };
    let mut tx = app.begin().await?;
    let change = placement::ActiveModel {
        state: Set(state.as_str().into()),
        error: Set(Some(why.into())),
        since: Set(app.now()),
        ..Default::default()
    };
    let marked = placement::Entity::update_many()
        .set(change)
        .filter(placement::Column::Id.eq(copy.id))
        .filter(placement::Column::State.eq(PlacementState::Verified))
        .exec(&tx)
        .await?
        .rows_affected;
    if marked == 1 {
        tracing::error!(backend = copy.backend, bucket = copy.bucket, key = copy.key, why, "a copy is not what it was");
        tx.audit(&Actor::system(), action, Subject::Object(copy.object_id), place_of(copy));
        let object = find(&tx, copy.object_id).await?;
        recordings::follow(app, &mut tx, &object).await?;
    }
    tx.commit().await
}

/// A copy, for the audit log.
pub(super) fn place_of(copy: &placement::Model) -> serde_json::Value {
    json!({ "key": copy.key, "backend": copy.backend, "bucket": copy.bucket, "sha256": copy.sha256 })
}

/// Leaves the row to the node that has the file.
async fn pass_on(app: &App, row: &placement::Model, node: &str) -> Result<()> {
    let tx = app.begin().await?;
    let change = placement::ActiveModel {
        node: Set(node.to_owned()),
        generation: Set(row.generation + 1),
        state: Set(PlacementState::Waiting.as_str().into()),
        ..Default::default()
    };
    if placement::Entity::update_many().set(change).filter(still_open(row)).exec(&tx).await?.rows_affected == 1 {
        let later = placement::Model { generation: row.generation + 1, node: node.to_owned(), ..row.clone() };
        tx.enqueue(later.replication()).await?;
    }
    tx.commit().await
}

/// From here on the copy counts, and a local one that only stood in goes.
async fn count(
    app: &App,
    object: &object::Model,
    row: &placement::Model,
    target: &dyn ObjectStore,
    stored: Stored,
) -> Result<()> {
    let mut tx = app.begin().await?;
    let current = lock(&tx, object.id).await?;
    let verified = placement::ActiveModel {
        state: Set(PlacementState::Verified.as_str().into()),
        etag: Set(stored.etag),
        error: Set(None),
        attempts: Set(0),
        verified_at: Set(Some(app.now())),
        ..Default::default()
    };
    let counts =
        placement::Entity::update_many().set(verified).filter(still_open(row)).exec(&tx).await?.rows_affected == 1;
    if !counts {
        tx.commit().await?;
        // Erased while it was on its way: what arrived goes again.
        if current.is_none_or(|object| object.erased_at.is_some()) {
            target.erase(&row.key).await?;
        }
        return Ok(());
    }
    if class_of(object)?.is_told_of() {
        tx.audit(&Actor::system(), Action::ObjectCopied, Subject::Object(object.id), place_of(row));
    }
    let nodes = dismiss_stand_ins(app, &tx, object).await?;
    recordings::follow(app, &mut tx, object).await?;
    let here = app.ports.plane.node();
    for node in nodes.iter().filter(|node| *node != here) {
        tx.enqueue(Job::EraseObject { object: object.id, node: node.clone(), asked: app.now() }).await?;
    }
    tx.commit().await?;
    if nodes.iter().any(|node| node == here) {
        remove_copies(app, object.id).await?;
    }
    Ok(())
}

/// Marks local copies that nobody wants for removal, once every wanted one is verified. Returns the nodes that they are on.
async fn dismiss_stand_ins(app: &App, tx: &WriteTxn<'_>, object: &object::Model) -> Result<Vec<String>> {
    let (plane, class) = (&app.ports.plane, class_of(object)?);
    if !plane.policy().cleanup_local || plane.wants(class, LOCAL) {
        return Ok(Vec::new());
    }
    let rows = placement::Entity::find()
        .filter(placement::Column::ObjectId.eq(object.id))
        .filter(placement::Column::State.eq(PlacementState::Verified))
        .all(tx)
        .await?;
    let has =
        |store: &dyn ObjectStore| rows.iter().any(|row| row.backend == store.backend() && row.bucket == store.bucket());
    if !plane.wanted(class).all(|store| has(store.as_ref())) {
        return Ok(Vec::new());
    }
    let change = placement::ActiveModel {
        state: Set(PlacementState::Erasing.as_str().into()),
        since: Set(app.now()),
        ..Default::default()
    };
    let local: Vec<_> = rows.into_iter().filter(|row| row.backend == LOCAL).collect();
    placement::Entity::update_many()
        .set(change)
        .filter(placement::Column::Id.is_in(local.iter().map(|row| row.id)))
        .exec(tx)
        .await?;
    Ok(local.into_iter().map(|row| row.bucket).collect())
}

/// The object's row, locked until the transaction ends: what is decided about its copies is decided one after the other.
pub(super) async fn lock(tx: &WriteTxn<'_>, id: ObjectId) -> Result<Option<object::Model>> {
    let mut query = object::Entity::find_by_id(id);
    // On SQLite whoever writes has the whole database.
    if sea_orm::ConnectionTrait::get_database_backend(tx) == DatabaseBackend::Postgres {
        query = query.lock(LockType::Update);
    }
    Ok(query.one(tx).await?)
}
