//! Keeping an object, in an order that loses nothing when it is cut off anywhere: what the bytes must be is written down first, then they
//! are put into the first wanted store that takes them and read back (HEAD), and only then they count. The copies that are wanted besides
//! are on record in the same transaction, each with its job.

use std::{collections::HashMap, sync::Arc};

use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use sha2::{Digest, Sha256};

use super::{
    Class, NewObject, PlacementState,
    model::{object, placement},
    plane::LOCAL,
    pour::hash,
    replicate::lock,
};
use crate::{
    App, AppError, Result, WriteTxn,
    ids::ObjectId,
    ports::{ObjectStore, StoreError, Stored},
    recordings,
};

/// A copy that was verified and is not on record yet: [`place`] puts it there.
pub(crate) struct Copy {
    pub store: Arc<dyn ObjectStore>,
    pub stored: Stored,
}

/// The object at `key`, if there ever was one.
///
/// # Errors
/// When the database does not answer.
pub async fn known(app: &App, key: &str) -> Result<Option<object::Model>> {
    Ok(object::Entity::find().filter(object::Column::Key.eq(key)).one(app.db()).await?)
}

/// Keeps `bytes` for ever, or as long as their class is kept. Doing it twice is doing it once.
///
/// # Errors
/// [`AppError::Unavailable`] when no store takes them; [`AppError::Conflict`] when the key counts for other bytes already.
pub async fn keep(app: &App, new: NewObject<'_>, bytes: Vec<u8>) -> Result<object::Model> {
    let known = known(app, new.key).await?;
    if let Some(object) = &known
        && !copies(app, object.id).await?.is_empty()
    {
        return match object.sha256 == hex::encode(Sha256::digest(&bytes)) {
            true => Ok(object.clone()),
            false => Err(AppError::Conflict(format!("Other bytes are kept as {} already.", new.key))),
        };
    }
    let object = write_down(app, known, new, &bytes).await?;
    let copy = put(app, &object, bytes).await?;
    let mut tx = app.begin().await?;
    place(app, &mut tx, &object, copy).await?;
    tx.commit().await?;
    Ok(object)
}

/// Keeps what stands as a file of this machine at the object's key already, hashed and synced by whoever put it there. It counts with `tx`.
///
/// # Errors
/// [`AppError::Conflict`] when the key counts for other bytes already.
pub(crate) async fn keep_local(
    app: &App,
    tx: &mut WriteTxn<'_>,
    new: NewObject<'_>,
    size: u64,
    sha256: &str,
) -> Result<ObjectId> {
    let known = object::Entity::find().filter(object::Column::Key.eq(new.key)).one(&*tx).await?;
    if let Some(known) = known {
        return match known.sha256 == sha256 {
            true => Ok(known.id),
            false => Err(AppError::Conflict(format!("Other bytes are kept as {} already.", new.key))),
        };
    }
    let local = app.ports.plane.store(LOCAL);
    let local = local.ok_or_else(|| AppError::Unavailable("There are no local files.".into()))?;
    let row = object::Model::new(app, new, i64::try_from(size).unwrap_or(i64::MAX), sha256.to_owned());
    row.clone().into_active_model().insert(&*tx).await?;
    let stored = Stored { size, sha256: Some(sha256.to_owned()), etag: None };
    place(app, tx, &row, Copy { store: Arc::clone(local), stored }).await?;
    Ok(row.id)
}

/// The row of an object whose bytes are on their way from outside: what they must be. [`arrived`] looks for them.
///
/// # Errors
/// [`AppError::Conflict`] when the key counts for other bytes already.
pub(crate) async fn expect(
    app: &App,
    tx: &WriteTxn<'_>,
    new: NewObject<'_>,
    size: u64,
    sha256: &str,
) -> Result<object::Model> {
    let known = object::Entity::find().filter(object::Column::Key.eq(new.key)).one(tx).await?;
    if let Some(known) = known {
        return match known.sha256 == sha256 {
            true => Ok(known),
            false => Err(AppError::Conflict(format!("Other bytes are kept as {} already.", new.key))),
        };
    }
    let row = object::Model::new(app, new, i64::try_from(size).unwrap_or(i64::MAX), sha256.to_owned());
    row.clone().into_active_model().insert(tx).await?;
    Ok(row)
}

/// Looks whether the bytes of an [`expect`]ed object are where they may have been put, the wanted stores and what stands in for them. Right,
/// they count from now on, and whatever else is wanted is on its way.
///
/// # Errors
/// [`AppError::Unavailable`] when a store does not answer, and no other has them.
pub async fn arrived(app: &App, object: &object::Model) -> Result<Found> {
    if let Some(copy) = copies(app, object.id).await?.first() {
        let size = u64::try_from(copy.size).unwrap_or_default();
        return Ok(Found::Right(Stored { size, sha256: Some(copy.sha256.clone()), etag: copy.etag.clone() }));
    }
    let (class, plane) = (class_of(object)?, &app.ports.plane);
    let (mut seen, mut refused) = (Found::Nothing, None);
    for store in plane.wanted(class).chain(plane.fallback(class)) {
        match verify(store.as_ref(), &object.key, object.size, &object.sha256).await {
            Ok(Found::Right(stored)) => {
                let mut tx = app.begin().await?;
                let current = lock(&tx, object.id).await?;
                if current.is_some_and(|object| object.erased_at.is_none()) {
                    place(app, &mut tx, object, Copy { store: Arc::clone(store), stored: stored.clone() }).await?;
                }
                tx.commit().await?;
                return Ok(Found::Right(stored));
            }
            Ok(Found::Other) => seen = Found::Other,
            Ok(Found::Nothing) => {}
            Err(error) => refused = Some(error),
        }
    }
    refused.map_or(Ok(seen), |error| Err(error.into()))
}

/// The object's row: what the bytes must be, before they are anywhere.
pub(crate) async fn write_down(
    app: &App,
    known: Option<object::Model>,
    new: NewObject<'_>,
    bytes: &[u8],
) -> Result<object::Model> {
    let (size, sha256) = (i64::try_from(bytes.len()).unwrap_or(i64::MAX), hex::encode(Sha256::digest(bytes)));
    let mut row = object::Model::new(app, new, size, sha256);
    let tx = app.begin().await?;
    match known {
        Some(known) if known.sha256 == row.sha256 && known.erased_at.is_none() => return Ok(known),
        Some(known) => {
            row.id = known.id;
            row.clone().into_active_model().reset_all().update(&tx).await?;
        }
        None => {
            row.clone().into_active_model().insert(&tx).await?;
        }
    }
    tx.commit().await?;
    Ok(row)
}

/// Puts `bytes` into the first store that takes them, in the order of the policy, local files last where they may stand in; and reads
/// them back.
///
/// # Errors
/// What the primary store said, when none took them.
pub(crate) async fn put(app: &App, object: &object::Model, bytes: Vec<u8>) -> Result<Copy> {
    let class = class_of(object)?;
    let plane = &app.ports.plane;
    let mut stores: Vec<_> = plane.wanted(class).chain(plane.fallback(class)).collect();
    // A store that did not answer a moment ago is asked only when no other takes it.
    stores.sort_by_key(|store| plane.rests(store.as_ref(), app.now()));
    let mut refused = None;
    for store in stores {
        match put_and_verify(store.as_ref(), object, bytes.clone()).await {
            Ok(stored) => {
                plane.is_back(store.as_ref());
                return Ok(Copy { store: Arc::clone(store), stored });
            }
            Err(error) => {
                plane.let_rest(store.as_ref(), app.now());
                tracing::warn!(backend = store.backend(), key = object.key, %error, "a store did not take an object");
                refused.get_or_insert(error);
            }
        }
    }
    Err(refused.unwrap_or_else(|| AppError::Unavailable("No storage is configured for this.".into())))
}

async fn put_and_verify(store: &dyn ObjectStore, object: &object::Model, bytes: Vec<u8>) -> Result<Stored> {
    let (key, kind) = (&object.key, &object.content_type);
    match store.put(key, bytes.clone(), kind, &object.sha256).await {
        Ok(_) => {}
        Err(StoreError::Conflict(_)) => {
            // Bytes of an attempt that was cut off before they counted: nobody has seen them.
            store.delete(key).await?;
            store.put(key, bytes, kind, &object.sha256).await?;
        }
        Err(error) => return Err(error.into()),
    }
    let found = verify(store, key, object.size, &object.sha256).await?;
    found.after_a_put().map_err(|why| AppError::Unavailable(why.into()))
}

/// What stands at a key, compared with what should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Right(Stored),
    Other,
    Nothing,
}

impl Found {
    /// What it says of a store that took the bytes a moment ago; the error is for people.
    pub(crate) fn after_a_put(self) -> Result<Stored, &'static str> {
        match self {
            Self::Right(stored) => Ok(stored),
            Self::Other => Err("The storage keeps other bytes than it was given."),
            Self::Nothing => Err("The storage took the object, and does not have it."),
        }
    }
}

/// Whether `store` has these very bytes. One that keeps no checksum is read back: a size alone proves nothing.
///
/// # Errors
/// When it does not answer.
pub async fn verify(store: &dyn ObjectStore, key: &str, size: i64, sha256: &str) -> Result<Found, StoreError> {
    let Some(stored) = store.head(key).await? else { return Ok(Found::Nothing) };
    if i64::try_from(stored.size) != Ok(size) {
        return Ok(Found::Other);
    }
    let right = match &stored.sha256 {
        Some(theirs) => theirs == sha256,
        None => hash(store, key).await? == sha256,
    };
    Ok(if right { Found::Right(stored) } else { Found::Other })
}

/// From here on `copy` counts; whatever other store the class wants waits for its own.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn place(app: &App, tx: &mut WriteTxn<'_>, object: &object::Model, copy: Copy) -> Result<()> {
    // Rows of bytes that never counted, or counted for what the object was before.
    placement::Entity::delete_many().filter(placement::Column::ObjectId.eq(object.id)).exec(&*tx).await?;
    let first = placement::Model::wanted(app, object, copy.store.as_ref()).verified(app.now(), copy.stored.etag);
    first.clone().into_active_model().insert(&*tx).await?;
    for waiting in further(app, object, &first)? {
        tx.enqueue(waiting.replication()).await?;
        waiting.into_active_model().insert(&*tx).await?;
    }
    recordings::follow(app, tx, object).await
}

/// The copies that the class wants besides the `first`.
///
/// # Errors
/// When the row was written by a newer Gatehouse.
pub(crate) fn further(app: &App, object: &object::Model, first: &placement::Model) -> Result<Vec<placement::Model>> {
    let others = app.ports.plane.wanted(class_of(object)?).filter(|store| store.backend() != first.backend);
    let waiting = others.map(|store| {
        let copy = placement::Model::wanted(app, object, store.as_ref());
        // The file of a node can be sent by that node alone.
        let node = if copy.backend == LOCAL { copy.home() } else { first.home() }.to_owned();
        placement::Model { node, ..copy }
    });
    Ok(waiting.collect())
}

/// Verified copies of an object, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn copies(app: &App, object: ObjectId) -> Result<Vec<placement::Model>> {
    Ok(placement::Entity::find()
        .filter(placement::Column::ObjectId.eq(object))
        .filter(placement::Column::State.eq(PlacementState::Verified))
        .order_by_desc(placement::Column::VerifiedAt)
        .all(app.db())
        .await?)
}

/// Verified copies of each of `objects` that has one.
///
/// # Errors
/// When the database does not answer.
pub async fn copies_of(
    app: &App,
    objects: impl Iterator<Item = ObjectId>,
) -> Result<HashMap<ObjectId, Vec<placement::Model>>> {
    let rows = placement::Entity::find()
        .filter(placement::Column::ObjectId.is_in(objects))
        .filter(placement::Column::State.eq(PlacementState::Verified));
    let mut copies: HashMap<ObjectId, Vec<placement::Model>> = HashMap::new();
    for copy in rows.all(app.db()).await? {
        copies.entry(copy.object_id).or_default().push(copy);
    }
    Ok(copies)
}

/// # Errors
/// When the row was written by a newer Gatehouse.
pub(crate) fn class_of(object: &object::Model) -> Result<Class> {
    object.class.parse().map_err(|error: String| anyhow::anyhow!(error).into())
}
