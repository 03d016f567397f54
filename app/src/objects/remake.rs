//! A document whose every copy is lost is drawn anew. The same revision gives the same bytes, so what comes out either is the paper, by its
//! SHA-256, or is not taken for it.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, sea_query::Expr,
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    PlacementState,
    document::{Source, draw},
    keep,
    model::{object, placement},
    replicate::lock,
};
use crate::{
    App, Result,
    audit::{Action, Actor, Subject},
    bols::model::revision,
    ids::{BolId, ObjectId},
    job::Job,
    jobs::table::Dialect,
};

/// Documents that are queued in one round.
const CHUNK: u64 = 100;

#[derive(FromQueryResult)]
struct Lost {
    id: ObjectId,
    since: i64,
}

/// Puts a job in the queue for each document of which no sound copy is left and none is being made; once for each time it is lost. Returns
/// how many.
///
/// # Errors
/// When the database does not answer.
pub async fn remake_lost(app: &App) -> Result<u64> {
    let dialect = Dialect::of(app.db());
    // The list as it stands in the partial index, or SQLite does not see that the index serves.
    let sql = format!(
        "SELECT lost.id, lost.since FROM (SELECT copy.object_id AS id, MAX(copy.since) AS since FROM placements AS copy \
         JOIN objects AS object ON object.id = copy.object_id \
         WHERE copy.state <> 'verified' AND copy.state IN ('missing', 'corrupt', 'failed') \
         AND object.class = 'document' AND object.erased_at IS NULL AND NOT EXISTS (SELECT 1 FROM placements AS other \
         WHERE other.object_id = copy.object_id AND other.state NOT IN ('missing', 'corrupt', 'failed')) \
         GROUP BY copy.object_id) AS lost \
         WHERE NOT EXISTS (SELECT 1 FROM {} AS job WHERE job.job_type = 'render_bol' \
         AND job.idempotency_key = 'again ' || lost.id || ' ' || lost.since) LIMIT {CHUNK}",
        dialect.jobs
    );
    let lost = Lost::find_by_statement(dialect.statement(sql, Vec::new())).all(app.db()).await?;
    if lost.is_empty() {
        return Ok(0);
    }
    let tx = app.begin().await?;
    for Lost { id, since } in &lost {
        tx.enqueue(Job::RemakeDocument { object: *id, since: *since }).await?;
    }
    tx.commit().await?;
    Ok(lost.len() as u64)
}

/// Draws the document anew and keeps it, provided that it still is lost and comes out byte for byte. Where it does not, that is said on
/// its copies and on record, and they stay as they are.
///
/// # Errors
/// When it has to be tried again.
pub async fn remake(app: &App, id: ObjectId) -> Result<()> {
    let object = object::Entity::find_by_id(id).one(app.db()).await?;
    let Some(object) = object.filter(|object| object.erased_at.is_none()) else { return Ok(()) };
    if !is_lost(app.db(), id).await? {
        return Ok(());
    }
    let Some(source) = source_of(app, &object).await? else {
        return give_up(app, &object, "No copy is left, and it was not drawn here: look for it in a backup.").await;
    };
    let bytes = draw(&source).await?;
    let found = hex::encode(Sha256::digest(&bytes));
    if found != object.sha256 {
        let why = format!(
            "No copy is left, and drawn anew it has other bytes (SHA-256 {found}): settings, or Gatehouse, are not what they were then. \
             Look for it in a backup."
        );
        return give_up(app, &object, &why).await;
    }
    let copy = keep::put(app, &object, bytes).await?;
    let store = copy.store.clone();
    let mut tx = app.begin().await?;
    let erased = lock(&tx, id).await?.is_none_or(|object| object.erased_at.is_some());
    if !erased && is_lost(&tx, id).await? {
        keep::place(app, &mut tx, &object, copy).await?;
        let details = json!({
            "key": object.key, "backend": store.backend(), "bucket": store.bucket(), "sha256": object.sha256,
        });
        tx.audit(&Actor::system(), Action::ObjectRemade, Subject::Object(id), details);
    }
    tx.commit().await?;
    if erased {
        store.erase(&object.key).await?;
    }
    Ok(())
}

/// Whether there were copies, and none of them is sound or being made.
async fn is_lost(db: &impl ConnectionTrait, id: ObjectId) -> Result<bool> {
    let copies = placement::Entity::find().filter(placement::Column::ObjectId.eq(id)).all(db).await?;
    Ok(!copies.is_empty() && copies.iter().all(|copy| copy.is_any(&PlacementState::LOST)))
}

/// The revision that is printed under the object's key, valid or void.
async fn source_of(app: &App, object: &object::Model) -> Result<Option<Source>> {
    let bill = match (object.subject_kind.as_deref(), &object.subject_id) {
        (Some("bol"), Some(id)) => id.parse::<BolId>().ok(),
        _ => None,
    };
    let Some(bill) = bill else { return Ok(None) };
    let revisions = revision::Entity::find()
        .filter(revision::Column::BolId.eq(bill))
        .filter(revision::Column::IssuedAt.is_not_null())
        .order_by_asc(revision::Column::Revision)
        .all(app.db())
        .await?;
    for revision in revisions {
        let Some(source) = Source::of(app, revision).await? else { return Ok(None) };
        // A bill that was voided has the paper that was valid besides.
        for source in [source.clone(), source.before_it_was_void()] {
            if source.key()? == object.key {
                return Ok(Some(source));
            }
        }
    }
    Ok(None)
}

async fn give_up(app: &App, object: &object::Model, why: &str) -> Result<()> {
    let other = Condition::any().add(placement::Column::Error.is_null()).add(placement::Column::Error.ne(why));
    let mut tx = app.begin().await?;
    let told = placement::Entity::update_many()
        .col_expr(placement::Column::Error, Expr::value(why))
        .filter(placement::Column::ObjectId.eq(object.id))
        .filter(placement::Column::State.is_in(PlacementState::LOST))
        .filter(other)
        .exec(&tx)
        .await?
        .rows_affected;
    if told > 0 {
        tracing::error!(key = object.key, why, "a document is lost");
        let details = json!({ "key": object.key, "sha256": object.sha256, "why": why });
        tx.audit(&Actor::system(), Action::ObjectNotRemade, Subject::Object(object.id), details);
    }
    tx.commit().await
}
