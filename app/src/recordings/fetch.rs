//! The job behind a wish for archived film: it tells the storage file by file, then looks now and then how far that is. Killed anywhere it goes on
//! where its row says, and what was asked for before is not asked for again: the storage is looked at first.

use futures::{StreamExt, TryStreamExt, stream};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde_json::json;

use super::{
    back::BackState,
    model::{film_restore, film_restore_camera, segment},
    pieces::within,
};
use crate::{
    App, Result, WriteTxn,
    archive::{expected, tier_named},
    audit::{Action, Actor, Subject},
    cameras,
    ids::{CameraNo, FilmRestoreId},
    job::Job,
    jobs::table::Dialect,
    objects::{self, LOCAL, model::placement},
    ports::{Archive, RestoreTier, StoreError},
};

/// Files of one look.
const CHUNK: u64 = 200;
/// The storage is asked about so many at a time.
const AT_ONCE: usize = 16;
const MINUTE: i64 = 60_000;
/// What is not back so long after it was expected is not waited for: milliseconds.
const PATIENCE: i64 = 86_400_000;

/// How one file stands.
#[derive(Debug)]
enum File {
    AtHand,
    Back,
    /// In an archive and asked for; how long that takes at most, milliseconds.
    Coming(i64),
    /// It cannot be had; says why.
    Refused(String),
}

/// One look, provided it is this one's turn.
///
/// # Errors
/// When the store or the database does not answer: it is tried again.
pub async fn fetch(app: &App, id: FilmRestoreId, look: u32) -> Result<()> {
    let Some(row) = film_restore::Entity::find_by_id(id).one(app.db()).await? else { return Ok(()) };
    if !row.is_open() || i64::from(row.look) != i64::from(look) {
        return Ok(());
    }
    let files = next_files(app, &row).await?;
    let tier = tier_named(&row.tier).unwrap_or(RestoreTier::Standard);
    let mut copies = objects::copies_of(app, files.iter().map(|file| file.object_id)).await?;
    let days = u32::try_from(row.days).unwrap_or(1);
    let copies: Vec<_> = files.iter().map(|file| copies.remove(&file.object_id).unwrap_or_default()).collect();
    let found: Vec<File> = stream::iter(copies)
        .map(|copies| async move { look_at(app, &copies, tier, days).await })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    if let Some(why) = found.iter().find_map(|file| if let File::Refused(why) = file { Some(why) } else { None }) {
        return end(app, &row, Some(why.clone())).await;
    }
    match row.state() {
        BackState::Asking => asked(app, &row, &files, &found, tier).await,
        _ => waited(app, &row, &files, &found, tier).await,
    }
}

/// What this look told the storage goes on record; behind the last file the waiting begins.
async fn asked(
    app: &App,
    row: &film_restore::Model,
    files: &[segment::Model],
    found: &[File],
    tier: RestoreTier,
) -> Result<()> {
    let archived = row.archived + found.iter().filter(|file| !matches!(file, File::AtHand)).count() as i64;
    let Some(last) = files.last() else {
        if archived == 0 {
            return end(app, row, None).await;
        }
        let change = film_restore::ActiveModel {
            state: Set(BackState::Restoring.as_str().into()),
            at_camera: Set(0),
            at_time: Set(0),
            ..Default::default()
        };
        return again(app, row, change, app.now() + pause(tier)).await;
    };
    let coming = found.iter().filter_map(|file| if let File::Coming(takes) = file { Some(*takes) } else { None });
    let change = film_restore::ActiveModel {
        at_camera: Set(last.camera.0),
        at_time: Set(last.started_at),
        files: Set(row.files + files.len() as i64),
        archived: Set(archived),
        expected_at: Set(coming.map(|takes| app.now() + takes).fold(row.expected_at, Ord::max)),
        ..Default::default()
    };
    again(app, row, change, app.now()).await
}

/// Goes on up to the first file that is not back.
async fn waited(
    app: &App,
    row: &film_restore::Model,
    files: &[segment::Model],
    found: &[File],
    tier: RestoreTier,
) -> Result<()> {
    if files.is_empty() {
        return end(app, row, None).await;
    }
    let ready = found.iter().take_while(|file| !matches!(file, File::Coming(_))).count();
    let back = found[..ready].iter().filter(|file| matches!(file, File::Back)).count() as i64;
    let is_short = ready < files.len();
    if is_short && app.now() > row.expected_at + PATIENCE {
        let why = "The storage has not brought it back in time. Ask for it again".to_owned();
        return end(app, row, Some(why)).await;
    }
    let mut change = film_restore::ActiveModel { back: Set(row.back + back), ..Default::default() };
    if let Some(last) = files[..ready].last() {
        change.at_camera = Set(last.camera.0);
        change.at_time = Set(last.started_at);
    }
    again(app, row, change, if is_short { app.now() + pause(tier) } else { app.now() }).await
}

/// From one look to the next.
fn pause(tier: RestoreTier) -> i64 {
    match tier {
        RestoreTier::Expedited => MINUTE,
        RestoreTier::Standard => 10 * MINUTE,
        RestoreTier::Bulk => 30 * MINUTE,
    }
}

/// The next files in the order of cameras and of time.
async fn next_files(app: &App, row: &film_restore::Model) -> Result<Vec<segment::Model>> {
    let name = Expr::tuple([Expr::col(segment::Column::Camera), Expr::col(segment::Column::StartedAt)]);
    let behind = name.gt(Expr::tuple([Expr::val(row.at_camera), Expr::val(row.at_time)]));
    let own = cameras_of(app, row.id).await?;
    Ok(segment::Entity::find()
        .filter(segment::Column::Camera.is_in(own))
        .filter(within(row.from_at, row.until_at))
        .filter(behind)
        .order_by_asc(segment::Column::Camera)
        .order_by_asc(segment::Column::StartedAt)
        .limit(CHUNK)
        .all(app.db())
        .await?)
}

async fn cameras_of(app: &App, id: FilmRestoreId) -> Result<Vec<CameraNo>> {
    let own = film_restore_camera::Entity::find().filter(film_restore_camera::Column::RestoreId.eq(id));
    Ok(own.select_only().column(film_restore_camera::Column::Camera).into_tuple().all(app.db()).await?)
}

/// How a file stands; where all that is left of it lies in an archive, it is asked for.
async fn look_at(app: &App, copies: &[placement::Model], tier: RestoreTier, days: u32) -> Result<File> {
    let mut archived = None;
    for copy in copies {
        let Some(store) = app.ports.plane.holder(copy) else { continue };
        if copy.backend == LOCAL {
            return Ok(File::AtHand);
        }
        let Some(info) = store.info(&copy.key).await? else { continue };
        let class = info.storage_class.unwrap_or_default();
        match info.archive {
            Archive::Ready => return Ok(File::AtHand),
            Archive::Restored(_) => return Ok(File::Back),
            Archive::Restoring => archived = Some((store, copy, class, true)),
            Archive::Archived if archived.is_none() => archived = Some((store, copy, class, false)),
            Archive::Archived => {}
        }
    }
    // What no store has any more is no reason to wait.
    let Some((store, copy, class, is_asked)) = archived else { return Ok(File::AtHand) };
    let Some(takes) = expected(&class, tier) else {
        return Ok(File::Refused(format!("{class} brings nothing back that soon; ask for it in another way")));
    };
    if is_asked {
        return Ok(File::Coming(takes));
    }
    match store.restore(&copy.key, tier, days).await {
        Ok(()) => Ok(File::Coming(takes)),
        Err(StoreError::Unsupported(what)) => Ok(File::Refused(format!("This storage has no {what}"))),
        Err(error) => Err(error.into()),
    }
}

/// The next look.
async fn again(app: &App, row: &film_restore::Model, mut change: film_restore::ActiveModel, at: i64) -> Result<()> {
    let next = row.look + 1;
    change.look = Set(next);
    let tx = app.begin().await?;
    if turn(&tx, row, change).await? {
        let job = Job::FetchFilm { restore: row.id, look: u32::try_from(next).unwrap_or_default() };
        tx.enqueue_at(job, at).await?;
    }
    tx.commit().await
}

/// All of it is readable, or it will not be, and why.
async fn end(app: &App, row: &film_restore::Model, why: Option<String>) -> Result<()> {
    let state = if why.is_none() { BackState::Ready } else { BackState::Failed };
    let change = film_restore::ActiveModel {
        state: Set(state.as_str().into()),
        error: Set(why.clone()),
        ready_at: Set(why.is_none().then(|| app.now())),
        ..Default::default()
    };
    let (names, own) = (cameras::numbers(app).await?, cameras_of(app, row.id).await?);
    let mut tx = app.begin().await?;
    if turn(&tx, row, change).await? {
        let action = if why.is_none() { Action::RecordingsBack } else { Action::RecordingsNotBack };
        for (id, ..) in own.into_iter().filter_map(|number| names.of(number)) {
            let details = json!({
                "from": row.from_at, "until": row.until_at, "files": row.archived, "asked_by": row.asked_by_name, "why": why,
            });
            tx.audit(&Actor::system(), action, Subject::Camera(id), details);
        }
    }
    tx.commit().await
}

/// Whether this look had the turn.
async fn turn(tx: &WriteTxn<'_>, row: &film_restore::Model, change: film_restore::ActiveModel) -> Result<bool> {
    let changed = film_restore::Entity::update_many()
        .set(change)
        .filter(film_restore::Column::Id.eq(row.id))
        .filter(film_restore::Column::Look.eq(row.look))
        .filter(film_restore::Column::State.eq(row.state.as_str()));
    Ok(changed.exec(tx).await?.rows_affected == 1)
}

#[derive(FromQueryResult)]
struct Lost {
    id: FilmRestoreId,
    look: i32,
}

/// Queues the next look of those that have none. `live` is the SQL of jobs that will still be done. Returns how many.
///
/// # Errors
/// When the database does not answer.
pub async fn catch_up_fetching(app: &App, live: &str) -> Result<u64> {
    let tx = app.begin().await?;
    let sql = format!(
        "SELECT id, look FROM film_restores AS restore WHERE state IN ('asking', 'restoring') AND NOT EXISTS ({live}) LIMIT 200"
    );
    let lost = Lost::find_by_statement(Dialect::of(&tx).statement(sql, Vec::new())).all(&tx).await?;
    for Lost { id, look } in &lost {
        let change = film_restore::ActiveModel { look: Set(look + 1), ..Default::default() };
        let next = film_restore::Entity::update_many()
            .set(change)
            .filter(film_restore::Column::Id.eq(*id))
            .filter(film_restore::Column::Look.eq(*look))
            .exec(&tx)
            .await?;
        if next.rows_affected == 1 {
            let look = u32::try_from(look + 1).unwrap_or_default();
            tx.enqueue(Job::FetchFilm { restore: *id, look }).await?;
        }
    }
    tx.commit().await?;
    Ok(lost.len() as u64)
}
