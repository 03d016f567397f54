//! Keeping an object, in an order that loses nothing when it is cut off anywhere: what the bytes must be is written down first, then they
//! are put into the first wanted store that takes them and read back (HEAD), and only then they count. The copies that are wanted besides
//! are on record in the same transaction, each with its job.

use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use super::{
    Class, PlacementState,
    model::{object, placement},
    plane::LOCAL,
};
use crate::{
    App, AppError, Result, WriteTxn,
    audit::Subject,
    ids::ObjectId,
    job::Job,
    ports::{ObjectStore, StoreError, Stored},
};

/// What is to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewObject<'a> {
    pub key: &'a str,
    pub class: Class,
    pub content_type: &'a str,
    /// The record it belongs to.
    pub subject: Option<Subject>,
}

/// A copy that was verified and is not on record yet: [`place`] puts it there.
#[derive(Clone, Debug)]
pub struct Copy {
    pub backend: &'static str,
    pub bucket: String,
    pub region: String,
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
    let row = described(app, None, new, i64::try_from(size).unwrap_or(i64::MAX), sha256.to_owned());
    row.clone().into_active_model().insert(&*tx).await?;
    let stored = Stored { size, sha256: Some(sha256.to_owned()), etag: None };
    let bucket = app.ports.plane.node().to_owned();
    place(app, tx, &row, Copy { backend: LOCAL, bucket, region: String::new(), stored }).await?;
    Ok(row.id)
}

/// The object's row: what the bytes must be, before they are anywhere.
pub(crate) async fn write_down(
    app: &App,
    known: Option<object::Model>,
    new: NewObject<'_>,
    bytes: &[u8],
) -> Result<object::Model> {
    let (size, sha256) = (i64::try_from(bytes.len()).unwrap_or(i64::MAX), hex::encode(Sha256::digest(bytes)));
    let row = described(app, known.as_ref(), new, size, sha256);
    let tx = app.begin().await?;
    match known {
        Some(known) if known.sha256 == row.sha256 && known.erased_at.is_none() => return Ok(known),
        Some(_) => {
            row.clone().into_active_model().reset_all().update(&tx).await?;
        }
        None => {
            row.clone().into_active_model().insert(&tx).await?;
        }
    }
    tx.commit().await?;
    Ok(row)
}

fn described(app: &App, known: Option<&object::Model>, new: NewObject<'_>, size: i64, sha256: String) -> object::Model {
    let (subject_kind, subject_id) = match new.subject.map(Subject::parts) {
        Some((kind, id)) => (Some(kind.to_owned()), id),
        None => (None, None),
    };
    object::Model {
        id: known.map_or_else(|| app.id::<ObjectId>(), |object| object.id),
        key: new.key.into(),
        class: new.class.as_str().into(),
        content_type: new.content_type.into(),
        size,
        sha256,
        subject_kind,
        subject_id,
        created_at: app.now(),
        retain_until: Some(new.class.retain_until(app.now())),
        erased_at: None,
    }
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
                return Ok(Copy {
                    backend: store.backend(),
                    bucket: store.bucket().to_owned(),
                    region: store.region().to_owned(),
                    stored,
                });
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
    match verify(store, key, object.size, &object.sha256).await? {
        Found::Right(stored) => Ok(stored),
        Found::Other => Err(AppError::Unavailable("The storage keeps other bytes than it was given.".into())),
        Found::Nothing => Err(AppError::Unavailable("The storage took the object, and does not have it.".into())),
    }
}

/// What stands at a key, compared with what should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Right(Stored),
    Other,
    Nothing,
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

/// The SHA-256 of what `store` gives out, lower-case hex.
///
/// # Errors
/// When it does not, or stops half-way.
pub async fn hash(store: &dyn ObjectStore, key: &str) -> Result<String, StoreError> {
    let (mut bytes, mut sha, mut buffer) = (store.read(key, None).await?, Sha256::new(), vec![0; 256 * 1024]);
    loop {
        let n = bytes.read(&mut buffer).await.map_err(|e| StoreError::Unavailable(format!("{key}: {e}")))?;
        if n == 0 {
            return Ok(hex::encode(sha.finalize()));
        }
        sha.update(&buffer[..n]);
    }
}

/// From here on `copy` counts; whatever other store the class wants waits for its own.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn place(app: &App, tx: &mut WriteTxn<'_>, object: &object::Model, copy: Copy) -> Result<()> {
    let class = class_of(object)?;
    let row = |backend: &str, bucket: &str, region: &str| placement::Model {
        id: app.id(),
        object_id: object.id,
        backend: backend.into(),
        bucket: bucket.into(),
        key: object.key.clone(),
        region: region.into(),
        size: object.size,
        sha256: object.sha256.clone(),
        etag: None,
        storage_class: None,
        state: PlacementState::Waiting.as_str().into(),
        node: String::new(),
        generation: 1,
        attempts: 0,
        error: None,
        since: app.now(),
        verified_at: None,
    };
    // Rows of bytes that never counted, or counted for what the object was before.
    placement::Entity::delete_many().filter(placement::Column::ObjectId.eq(object.id)).exec(&*tx).await?;
    let verified = placement::Model {
        etag: copy.stored.etag,
        state: PlacementState::Verified.as_str().into(),
        verified_at: Some(app.now()),
        ..row(copy.backend, &copy.bucket, &copy.region)
    };
    verified.into_active_model().insert(&*tx).await?;
    // The file of a node can be sent by that node alone.
    let node = if copy.backend == LOCAL { copy.bucket.as_str() } else { "" };
    for store in app.ports.plane.wanted(class) {
        if store.backend() != copy.backend {
            let node = if store.backend() == LOCAL { store.bucket() } else { node };
            let waiting =
                placement::Model { node: node.into(), ..row(store.backend(), store.bucket(), store.region()) };
            let job = Job::Replicate { placement: waiting.id, generation: 1, node: waiting.node.clone() };
            waiting.into_active_model().insert(&*tx).await?;
            tx.enqueue(job).await?;
        }
    }
    Ok(())
}

/// Verified copies of an object, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn copies(app: &App, object: ObjectId) -> Result<Vec<placement::Model>> {
    Ok(placement::Entity::find()
        .filter(placement::Column::ObjectId.eq(object))
        .filter(placement::Column::State.eq(PlacementState::Verified.as_str()))
        .order_by_desc(placement::Column::VerifiedAt)
        .all(app.db())
        .await?)
}

/// # Errors
/// When the row was written by a newer Gatehouse.
pub(crate) fn class_of(object: &object::Model) -> Result<Class> {
    object.class.parse().map_err(|error: String| anyhow::anyhow!(error).into())
}
