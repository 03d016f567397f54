//! Bytes that no record knows, and the way to be rid of them. They may be somebody's: so a person looks at the list and asks, and a job
//! removes what was on it then, one by one, each looked at once more right before.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;

use super::{
    Class,
    model::{object, orphan, placement, upload},
    plane::LOCAL,
};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    job::Job,
    jobs::table::Dialect,
    ports::ObjectStore,
};

/// What is younger may be on its way to the record, however slowly: milliseconds.
const DAY: i64 = 24 * 3_600_000;
/// A removal that was asked for is given so long before it is looked after: milliseconds.
const PATIENCE: i64 = 10 * 60_000;
/// Rows that are read at once.
const CHUNK: u64 = 500;

/// What one store has that no record knows.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Heap {
    pub backend: String,
    pub bucket: String,
    pub objects: i64,
    pub bytes: i64,
    /// Those of a day and older, which may be removed.
    pub old: i64,
    /// Those whose removal was asked for.
    pub asked: i64,
}

/// Every store that has such.
///
/// # Errors
/// When the database does not answer.
pub async fn heaps(app: &App) -> Result<Vec<Heap>> {
    let sql = "SELECT backend, bucket, COUNT(*) AS objects, CAST(SUM(size) AS BIGINT) AS bytes, \
               CAST(SUM(CASE WHEN modified < $1 THEN 1 ELSE 0 END) AS BIGINT) AS old, COUNT(asked_at) AS asked \
               FROM orphans GROUP BY backend, bucket ORDER BY backend, bucket";
    let values = vec![(app.now() - DAY).into()];
    Ok(Heap::find_by_statement(Dialect::of(app.db()).statement(sql.into(), values)).all(app.db()).await?)
}

/// Those of one store whose key stands behind `after`, in the order of keys; at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn orphans(app: &App, backend: &str, bucket: &str, after: &str, limit: u64) -> Result<Vec<orphan::Model>> {
    Ok(orphan::Entity::find()
        .filter(of(backend, bucket))
        .filter(orphan::Column::Key.gt(after))
        .order_by_asc(orphan::Column::Key)
        .limit(limit)
        .all(app.db())
        .await?)
}

fn of(backend: &str, bucket: &str) -> Condition {
    Condition::all().add(orphan::Column::Backend.eq(backend)).add(orphan::Column::Bucket.eq(bucket))
}

/// Has a job remove what one store has that no record knows and that is a day old. Returns how many are on the list.
///
/// # Errors
/// [`AppError::Conflict`] when there is none of that age.
pub async fn ask_removal(app: &App, actor: &Actor, backend: &str, bucket: &str) -> Result<u64> {
    let asked = app.now();
    let mut tx = app.begin().await?;
    let change = orphan::ActiveModel { asked_at: Set(Some(asked)), ..Default::default() };
    let old = of(backend, bucket).add(orphan::Column::Modified.lt(asked - DAY));
    let marked = orphan::Entity::update_many().set(change).filter(old).exec(&tx).await?.rows_affected;
    if marked == 0 {
        return Err(AppError::Conflict(
            "Nothing there that no record knows is a day old, so nothing is removed.".into(),
        ));
    }
    let details = json!({ "backend": backend, "bucket": bucket, "objects": marked });
    tx.audit(actor, Action::OrphansRemovalAsked, Subject::Yard, details);
    tx.enqueue(removal(backend, bucket, asked)).await?;
    tx.commit().await?;
    Ok(marked)
}

fn removal(backend: &str, bucket: &str, asked: i64) -> Job {
    let node = if backend == LOCAL { bucket } else { "" };
    Job::RemoveOrphans { backend: backend.into(), bucket: bucket.into(), node: node.into(), asked }
}

/// Removes what was `asked` for, every version of it, unless it is somebody's by now. Returns how many.
///
/// # Errors
/// When the store or the database does not answer: what was removed until then is on record.
pub async fn remove_orphans(app: &App, backend: &str, bucket: &str, asked: i64) -> Result<u64> {
    let store = app.ports.plane.at(backend, bucket);
    let store =
        store.ok_or_else(|| AppError::Unavailable(format!("No storage {backend} {bucket} is configured here.")))?;
    let (mut removed, mut after) = (0, String::new());
    loop {
        let rows = orphan::Entity::find()
            .filter(of(backend, bucket))
            .filter(orphan::Column::AskedAt.eq(asked))
            .filter(orphan::Column::Key.gt(&after))
            .order_by_asc(orphan::Column::Key)
            .limit(CHUNK)
            .all(app.db())
            .await?;
        let Some(last) = rows.last() else { return Ok(removed) };
        after.clone_from(&last.key);
        for row in &rows {
            removed += u64::from(remove(app, store.as_ref(), row).await?);
        }
    }
}

async fn remove(app: &App, store: &dyn ObjectStore, row: &orphan::Model) -> Result<bool> {
    let listed = store.list(&row.key, None, 1).await?.into_iter().find(|found| found.key == row.key);
    let spared = match &listed {
        _ if Class::of_key(&row.key).is_none() => Some("no object has such a key"),
        Some(found) if found.modified > app.now() - DAY => Some("it is younger than a day"),
        Some(found) if i64::try_from(found.size) != Ok(row.size) || found.modified != row.modified => {
            Some("it is another than the one that was listed")
        }
        // Last of all, so that as little time as can be is between this look and the removal.
        _ if is_known(app, row).await? => Some("a record knows it by now"),
        _ => None,
    };
    if let Some(why) = spared {
        tracing::info!(
            backend = row.backend,
            bucket = row.bucket,
            key = row.key,
            why,
            "an orphan was left where it is"
        );
    } else if listed.is_some() {
        store.erase(&row.key).await?;
    }
    let same = of(&row.backend, &row.bucket)
        .add(orphan::Column::Key.eq(&row.key))
        .add(orphan::Column::AskedAt.eq(row.asked_at));
    let mut tx = app.begin().await?;
    let changed = if spared.is_some() {
        let change = orphan::ActiveModel { asked_at: Set(None), ..Default::default() };
        orphan::Entity::update_many().set(change).filter(same).exec(&tx).await?.rows_affected
    } else {
        orphan::Entity::delete_many().filter(same).exec(&tx).await?.rows_affected
    };
    let removed = spared.is_none() && changed == 1;
    if removed {
        // Not there: a run that was killed removed it, or somebody else did.
        let details = json!({
            "key": row.key, "backend": row.backend, "bucket": row.bucket, "size": row.size, "was_there": listed.is_some(),
        });
        tx.audit(&Actor::system(), Action::OrphanRemoved, Subject::Yard, details);
    }
    tx.commit().await?;
    Ok(removed)
}

/// Whether an object, a copy or an upload that is under way has this key.
async fn is_known(app: &App, row: &orphan::Model) -> Result<bool> {
    let objects = object::Entity::find().filter(object::Column::Key.eq(&row.key));
    let copies = placement::Entity::find()
        .filter(placement::Column::Backend.eq(&row.backend))
        .filter(placement::Column::Bucket.eq(&row.bucket))
        .filter(placement::Column::Key.eq(&row.key));
    let uploads = upload::Entity::find_by_id((row.backend.clone(), row.bucket.clone(), row.key.clone()));
    Ok(objects.count(app.db()).await? + copies.count(app.db()).await? + uploads.count(app.db()).await? > 0)
}

#[derive(FromQueryResult)]
struct Asked {
    backend: String,
    bucket: String,
    asked_at: i64,
}

/// Puts removals in the queue whose job was lost; one that was cancelled stays so. Returns how many were asked for.
///
/// # Errors
/// When the database does not answer.
pub async fn finish_removing(app: &App) -> Result<u64> {
    let sql = "SELECT DISTINCT backend, bucket, asked_at FROM orphans WHERE asked_at < $1";
    let values = vec![(app.now() - PATIENCE).into()];
    let asked = Asked::find_by_statement(Dialect::of(app.db()).statement(sql.into(), values)).all(app.db()).await?;
    if asked.is_empty() {
        return Ok(0);
    }
    let tx = app.begin().await?;
    for Asked { backend, bucket, asked_at } in &asked {
        tx.enqueue(removal(backend, bucket, *asked_at)).await?;
    }
    tx.commit().await?;
    Ok(asked.len() as u64)
}
