//! Leases: which process records a camera of this installation. The row is the lease; a job only says that there is one to be had.
//!
//! Clocks of two machines never agree, so none is asked: a holder counts its `beat` up, and whoever sees the same number for too long, by its
//! own steady clock, takes the camera away. What a holder that was only paused writes afterwards begins with [`fence`], and is not written.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, SelectStatement},
};

use super::{
    State,
    model::{camera, lease, status},
};
use crate::{
    App, AppError, Result, WriteTxn,
    ids::{CameraId, CameraNo},
    job::Job,
    jobs::table::Dialect,
    recordings,
};

/// A beat that did not change for so long is a dead process's.
pub const DEAD_AFTER: Duration = Duration::from_secs(9);

/// Between two looks of a watcher that sees.
const BLINK: Duration = Duration::from_secs(5);

/// A camera that is ours to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub camera: CameraId,
    pub number: CameraNo,
    pub epoch: i64,
    /// The boot of a process.
    pub holder: String,
}

/// Takes the lease of `epoch`, where nobody has it yet; `None` where somebody has, or it is not to be recorded here. Runs that earlier
/// holders left open are ended.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(
    app: &App,
    camera: CameraId,
    epoch: i64,
    holder: &str,
    node: &str,
) -> Result<Option<(Held, camera::Model)>> {
    let mut tx = app.begin().await?;
    let taken = lease::Entity::update_many()
        .col_expr(lease::Column::Holder, Expr::value(holder))
        .col_expr(lease::Column::Node, Expr::value(node))
        .col_expr(lease::Column::Beat, Expr::col(lease::Column::Beat).add(1))
        .filter(lease::COLUMN.camera_id.eq(camera))
        .filter(lease::COLUMN.epoch.eq(epoch))
        .filter(lease::COLUMN.holder.eq(""))
        .exec(&tx)
        .await?;
    if taken.rows_affected == 0 {
        return Ok(None);
    }
    let row = camera::Entity::find_by_id(camera).one(&tx).await?.ok_or(AppError::NotFound("That camera"))?;
    if !is_wanted(&row) {
        return Ok(None);
    }
    recordings::end_older_runs(&mut tx, row.number, epoch).await?;
    tx.commit().await?;
    Ok(Some((Held { camera, number: row.number, epoch, holder: holder.to_owned() }, row)))
}

fn is_wanted(camera: &camera::Model) -> bool {
    camera.enabled && camera.archived_at.is_none() && camera.recorder_id.is_none()
}

fn own(held: &Held) -> Condition {
    Condition::all()
        .add(lease::COLUMN.camera_id.eq(held.camera))
        .add(lease::COLUMN.epoch.eq(held.epoch))
        .add(lease::COLUMN.holder.eq(held.holder.as_str()))
}

/// Whether the camera is still ours, as of this transaction: first of all that a holder writes.
///
/// # Errors
/// When the database does not answer.
pub async fn fence(tx: &WriteTxn<'_>, held: &Held) -> Result<bool> {
    // An update, so that a takeover waits for this transaction or this one sees it.
    let held = lease::Entity::update_many()
        .col_expr(lease::Column::AskedAt, Expr::col(lease::Column::AskedAt))
        .filter(own(held))
        .exec(tx)
        .await?;
    Ok(held.rows_affected == 1)
}

/// Says that `holder` lives, and returns what it still holds, each with the version of its camera's settings.
///
/// # Errors
/// When the database does not answer.
pub async fn beat(app: &App, holder: &str) -> Result<Vec<(Held, i32)>> {
    let tx = app.begin().await?;
    lease::Entity::update_many()
        .col_expr(lease::Column::Beat, Expr::col(lease::Column::Beat).add(1))
        .filter(lease::COLUMN.holder.eq(holder))
        .exec(&tx)
        .await?;
    let sql = "SELECT l.camera_id, c.number, l.epoch, c.version FROM camera_leases l \
               JOIN cameras c ON c.id = l.camera_id WHERE l.holder = $1";
    let held = OfHolder::find_by_statement(Dialect::of(&tx).statement(sql.into(), vec![holder.into()]));
    let held = held.all(&tx).await?;
    tx.commit().await?;
    let held = held.into_iter().map(|OfHolder { camera_id: camera, number, epoch, version }| {
        (Held { camera, number, epoch, holder: holder.to_owned() }, version)
    });
    Ok(held.collect())
}

#[derive(FromQueryResult)]
struct OfHolder {
    camera_id: CameraId,
    number: CameraNo,
    epoch: i64,
    version: i32,
}

/// Gives the lease back, and has it taken anew where the camera is still to be recorded. One that is another's by now stays there.
///
/// # Errors
/// When the database does not answer.
pub async fn give_back(app: &App, held: &Held) -> Result<()> {
    let tx = app.begin().await?;
    let given = lease::Entity::update_many()
        .col_expr(lease::Column::Holder, Expr::value(""))
        .filter(own(held))
        .exec(&tx)
        .await?;
    if given.rows_affected == 0 {
        return Ok(());
    }
    let row = camera::Entity::find_by_id(held.camera).one(&tx).await?.ok_or(AppError::NotFound("That camera"))?;
    if is_wanted(&row) {
        next(app, &tx, held.camera, held.epoch).await?;
    }
    tx.commit().await
}

/// Puts the epoch after `epoch` in the queue, in the name of nobody.
async fn next(app: &App, tx: &WriteTxn<'_>, camera: CameraId, epoch: i64) -> Result<()> {
    lease::Entity::update_many()
        .col_expr(lease::Column::Epoch, Expr::value(epoch + 1))
        .col_expr(lease::Column::Holder, Expr::value(""))
        .col_expr(lease::Column::AskedAt, Expr::value(app.now()))
        .filter(lease::COLUMN.camera_id.eq(camera))
        .filter(lease::COLUMN.epoch.eq(epoch))
        .exec(tx)
        .await?;
    status::Entity::update_many()
        .col_expr(status::Column::State, Expr::value(State::Waiting.as_str()))
        .col_expr(status::Column::Detail, Expr::value(""))
        .col_expr(status::Column::Since, Expr::value(app.now()))
        .filter(status::COLUMN.camera_id.eq(camera))
        .exec(tx)
        .await?;
    tx.enqueue(Job::Capture { camera, epoch: epoch + 1 }).await
}

/// Watches leases for dead holders, and for jobs that were lost.
#[derive(Debug, Default)]
pub struct Watcher {
    /// Of each lease what was seen last, and since when it is so, by our own steady clock.
    seen: HashMap<CameraId, (i64, String, i64, Duration)>,
    last: Option<Duration>,
}

impl Watcher {
    /// Looks at all leases once. `steady` counts from anywhere and never jumps; `own` is the boot of this process, which takes nothing from
    /// itself; `is_gone` may know at once that a holder on this machine is no more. Returns how many cameras were put in the queue.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn look(
        &mut self,
        app: &App,
        steady: Duration,
        own: &str,
        is_gone: impl Fn(&lease::Model) -> bool,
    ) -> Result<u64> {
        let leases = lease::Entity::find().filter(lease::Column::CameraId.in_subquery(wanted())).all(app.db()).await?;
        let mut before = std::mem::take(&mut self.seen);
        // Who could not look has seen nobody stand still: the database was away, for holders too, or this process was paused itself.
        if self.last.replace(steady).is_some_and(|last| steady.saturating_sub(last) > BLINK) {
            before.clear();
        }
        let mut lost = Vec::new();
        for lease in leases {
            let now = (lease.epoch, lease.holder.clone(), lease.beat);
            let since = match before.remove(&lease.camera_id) {
                Some((epoch, holder, beat, since)) if (epoch, &holder, beat) == (now.0, &now.1, now.2) => since,
                _ => steady,
            };
            self.seen.insert(lease.camera_id, (now.0, now.1, now.2, since));
            let is_late = steady.saturating_sub(since) >= DEAD_AFTER;
            let is_lost = match lease.holder.as_str() {
                "" => is_late,
                // Where its beat could not be written, no takeover could either.
                holder if holder == own => false,
                _ => is_late || is_gone(&lease),
            };
            if is_lost {
                lost.push(lease);
            }
        }
        if lost.iter().any(|lease| lease.holder.is_empty()) {
            // Nobody took them: their jobs may be waiting for a free place, or be lost.
            let waiting = waiting(app).await?;
            lost.retain(|lease| !lease.holder.is_empty() || !waiting.contains(&job_of(lease).key()));
        }
        let mut asked = 0;
        for lease in lost {
            asked += u64::from(take_away(app, &lease).await?);
        }
        Ok(asked)
    }
}

/// Only from whom it was seen with, and only while that one gave no sign of life since.
async fn take_away(app: &App, seen: &lease::Model) -> Result<bool> {
    let tx = app.begin().await?;
    let taken = lease::Entity::update_many()
        .col_expr(lease::Column::Holder, Expr::value(""))
        .filter(lease::COLUMN.camera_id.eq(seen.camera_id))
        .filter(lease::COLUMN.epoch.eq(seen.epoch))
        .filter(lease::COLUMN.holder.eq(seen.holder.as_str()))
        .filter(lease::COLUMN.beat.eq(seen.beat))
        .exec(&tx)
        .await?;
    if taken.rows_affected == 0 {
        return Ok(false);
    }
    next(app, &tx, seen.camera_id, seen.epoch).await?;
    tx.commit().await?;
    tracing::warn!(camera = %seen.camera_id, node = seen.node, epoch = seen.epoch, "a camera's holder is gone; another takes it");
    Ok(true)
}

fn job_of(lease: &lease::Model) -> Job {
    Job::Capture { camera: lease.camera_id, epoch: lease.epoch }
}

#[derive(FromQueryResult)]
struct Waiting {
    key: Option<String>,
}

/// The keys of jobs that wait for a worker. One that a worker has had in hand for so long without a claim is lost.
async fn waiting(app: &App) -> Result<HashSet<String>> {
    let dialect = Dialect::of(app.db());
    let sql = format!(
        "SELECT idempotency_key AS key FROM {} WHERE job_type = 'capture' \
         AND (status = 'Pending' OR (status = 'Failed' AND attempts < max_attempts))",
        dialect.jobs
    );
    let rows = Waiting::find_by_statement(dialect.statement(sql, Vec::new())).all(app.db()).await?;
    Ok(rows.into_iter().filter_map(|row| row.key).collect())
}

/// The ids of cameras that are to be recorded by this installation.
fn wanted() -> SelectStatement {
    camera::Entity::find()
        .select_only()
        .column(camera::Column::Id)
        .filter(camera::COLUMN.enabled.eq(true))
        .filter(camera::COLUMN.archived_at.is_null())
        .filter(camera::COLUMN.recorder_id.is_null())
        .into_query()
}

/// When the last file of a camera ended, Unix milliseconds; 0 where it has none.
///
/// # Errors
/// When the database does not answer.
pub async fn recorded_until(app: &App, camera: CameraNo) -> Result<i64> {
    use recordings::model::segment;
    let last: Option<i64> = segment::Entity::find()
        .filter(segment::COLUMN.camera.eq(camera))
        .order_by_desc(segment::Column::StartedAt)
        .limit(1)
        .select_only()
        .column(segment::Column::EndedAt)
        .into_tuple()
        .one(app.db())
        .await?;
    Ok(last.unwrap_or(0))
}
