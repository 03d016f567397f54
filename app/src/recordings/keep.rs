//! A file of a run goes on record: the object with its copies, the segment with its fragments, what it fills of a gap, its minutes of the
//! day. All of it in one transaction, and doing it twice is doing it once.

use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};

use super::{
    Fragments, SLACK, SegmentState, cover, follow, gaps,
    key::key,
    model::{fragment, run, segment},
    segments::touching,
    turn,
};
use crate::{
    App, AppError, Result, WriteTxn,
    audit::Subject,
    cameras::model::{camera, status},
    ids::RunId,
    objects::{self, Class, NewObject, model::object},
};

/// A file of a run. Times are Unix milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    pub camera: &'a camera::Model,
    pub run: RunId,
    pub started_at: i64,
    pub ended_at: i64,
    /// [`free_nth`](super::free_nth): a part of its [`key`].
    pub nth: i32,
    /// Bytes.
    pub size: u64,
    /// Lower-case hex.
    pub sha256: &'a str,
    /// Bytes of `ftyp` and `moov` at its beginning.
    pub init_size: u32,
    pub fragments: &'a Fragments,
}

/// What became of a file that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    New,
    /// It was on record before, or was and is erased: nothing is to be done with it.
    Known,
    /// Something else is recorded of its time.
    Taken,
}

/// Puts a file on record that stands at its [`key`] in the files of this machine, hashed and synced. It counts with `tx`.
///
/// # Errors
/// [`AppError::NotFound`] without its run; when the database does not answer.
pub async fn keep(app: &App, tx: &mut WriteTxn<'_>, segment: Segment<'_>) -> Result<Kept> {
    put(app, tx, segment, true).await
}

/// Puts a file on record that is not here yet: it is announced, and waited for.
///
/// # Errors
/// As [`keep`].
pub async fn announce(app: &App, tx: &mut WriteTxn<'_>, segment: Segment<'_>) -> Result<Kept> {
    put(app, tx, segment, false).await
}

async fn put(app: &App, tx: &mut WriteTxn<'_>, new: Segment<'_>, is_here: bool) -> Result<Kept> {
    let camera = new.camera.number;
    turn::take(tx, camera).await?;
    let key = key(&new.camera.slug, new.started_at, new.nth);
    let (started_at, ended_at) = (new.started_at, new.ended_at.max(new.started_at + 1));
    if let Some(there) = segment::Entity::find_by_id((camera, started_at)).one(&*tx).await? {
        let object = objects::find(&*tx, there.object_id).await?;
        return Ok(if object.sha256 == new.sha256 { Kept::Known } else { Kept::Taken });
    }
    let overlaps = |other: &segment::Model| other.started_at < ended_at - SLACK && other.ended_at > started_at + SLACK;
    if touching(camera, started_at, ended_at).all(&*tx).await?.iter().any(overlaps) {
        return Ok(Kept::Taken);
    }
    match object::Entity::find().filter(object::Column::Key.eq(&key)).one(&*tx).await? {
        Some(known) if known.sha256 != new.sha256 => return Ok(Kept::Taken),
        Some(known) if known.erased_at.is_some() => return Ok(Kept::Known),
        _ => {}
    }
    let run = run::Entity::find_by_id(new.run).one(&*tx).await?.filter(|run| run.camera == camera);
    let run = run.ok_or(AppError::NotFound("This run"))?;

    let object = NewObject {
        key: &key,
        class: Class::Recording,
        content_type: "video/mp4",
        subject: Some(Subject::Camera(new.camera.id)),
        retain_days: new.camera.retention_days.and_then(|days| u32::try_from(days).ok()),
        taken_at: Some(ended_at),
    };
    let object_id = match is_here {
        true => objects::keep_local(app, tx, object, new.size, new.sha256).await?,
        false => objects::expect(app, tx, object, new.size, new.sha256).await?.id,
    };
    let size = i64::try_from(new.size).unwrap_or(i64::MAX);
    let row = segment::Model {
        camera,
        started_at,
        ended_at,
        run_id: new.run,
        object_id,
        nth: new.nth,
        size,
        init_size: i32::try_from(new.init_size).unwrap_or(i32::MAX),
        state: SegmentState::Uploading.as_str().into(),
        store_id: None,
    };
    segment::Entity::insert(row.clone().into_active_model()).exec_without_returning(&*tx).await?;
    let fragments = fragment::Model { camera, started_at, fragments: new.fragments.pack() };
    fragment::Entity::insert(fragments.into_active_model()).exec_without_returning(&*tx).await?;
    follow::settle(app, tx, &row, &key).await?;

    extend(tx, &run, ended_at).await?;
    gaps::fill(tx, camera, started_at, ended_at, run.ended_at.is_none()).await?;
    cover::mark(tx, camera, started_at, ended_at, size).await?;
    status::Entity::update_many()
        .col_expr(status::Column::LastSegmentAt, Expr::value(ended_at))
        .filter(status::COLUMN.camera_id.eq(new.camera.id))
        .filter(
            Condition::any()
                .add(status::COLUMN.last_segment_at.is_null())
                .add(status::COLUMN.last_segment_at.lt(ended_at)),
        )
        .exec(&*tx)
        .await?;
    Ok(Kept::New)
}

/// A file that was found after its run's end was written down made the run longer.
async fn extend(tx: &WriteTxn<'_>, run: &run::Model, until: i64) -> Result<()> {
    if run.ended_at.is_some_and(|end| end < until) {
        run::Entity::update_many()
            .col_expr(run::Column::EndedAt, Expr::value(until))
            .filter(run::COLUMN.id.eq(run.id))
            .exec(tx)
            .await?;
    }
    Ok(())
}
