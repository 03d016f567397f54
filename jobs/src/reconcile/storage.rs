//! The storage's triggers: copies that wait without a job, copies that are to go, what was kept long enough, uploads that nobody
//! finishes, and the checks when they are due.

use gatehouse_app::{
    App, Result,
    job::Job,
    jobs::table::Dialect,
    objects::{self, LOCAL},
};
use sea_orm::FromQueryResult;

use super::tick;

/// A copy's own job is given so long: milliseconds.
const PATIENCE: i64 = 2 * 60_000;
const HOUR: i64 = 3_600_000;

#[derive(FromQueryResult)]
struct Place {
    backend: String,
    bucket: String,
    node: String,
}

/// Puts a catch-up in the queue for every place that something has waited for, for a while. Returns how many.
pub(super) async fn catch_up(app: &App) -> Result<u64> {
    let dialect = Dialect::of(app.db());
    let sql =
        "SELECT DISTINCT backend, bucket, node FROM placements WHERE state IN ('waiting', 'uploading') AND since < $1";
    let values = vec![(app.now() - PATIENCE).into()];
    let places = Place::find_by_statement(dialect.statement(sql.into(), values)).all(app.db()).await?;
    if places.is_empty() {
        return Ok(0);
    }
    let (tx, mut queued) = (app.begin().await?, 0);
    for Place { backend, bucket, node } in places {
        let new = objects::want_catch_up(app, &tx, &backend, &bucket, &node, app.now()).await?;
        queued += u64::from(new);
    }
    tx.commit().await?;
    Ok(queued)
}

/// Gives up uploads that nobody finishes, in the buckets and on record, once an hour. Returns how many.
pub(super) async fn give_up_uploads(app: &App) -> Result<u64> {
    if !tick::claim(app, "uploads", HOUR).await? {
        return Ok(0);
    }
    let mut given_up = 0;
    for store in app.ports.plane.stores() {
        match objects::give_up_uploads(app, store.as_ref()).await {
            Ok(uploads) => given_up += uploads,
            // An hour later it may answer.
            Err(error) => tracing::warn!(backend = store.backend(), %error, "unfinished uploads were not given up"),
        }
    }
    Ok(given_up)
}

/// Has every store checked that this process knows, once in a while, whoever of them comes first. Returns how many.
pub(super) async fn check(app: &App) -> Result<u64> {
    let plane = &app.ports.plane;
    let every = i64::try_from(plane.policy().check_hours).unwrap_or_default() * HOUR;
    if every == 0 {
        return Ok(0);
    }
    let mut queued = 0;
    for store in plane.stores() {
        let (backend, bucket) = (store.backend().to_owned(), store.bucket().to_owned());
        if !tick::claim(app, &format!("check_storage {backend} {bucket}"), every).await? {
            continue;
        }
        let node = if backend == LOCAL { bucket.clone() } else { String::new() };
        let tx = app.begin().await?;
        tx.enqueue(Job::CheckStorage { backend, bucket, node, asked: app.now() }).await?;
        tx.commit().await?;
        queued += 1;
    }
    Ok(queued)
}
