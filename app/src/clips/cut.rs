//! Cutting a clip: what its job does. It may be killed at any line and run twice; nothing counts before the last transaction.

use std::collections::BTreeSet;

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter};
use serde_json::json;

use super::{
    State,
    away::away,
    film::{Workshop, films},
    find::cameras_of,
    missing::missing,
    model::clip,
    plan::{Source, not_here_yet, sources},
    sign::{Taken, finish},
};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    cameras::model::camera,
    ids::ClipId,
    job::Job,
    jobs::table::Dialect,
};

/// Film that is not here yet is looked for so often, and waited for so long: milliseconds.
const LOOK: i64 = 60_000;
const PATIENCE: i64 = 7 * 86_400_000;
/// After so many attempts the page says that it failed; somebody can have it tried again.
const ATTEMPTS: usize = 5;
/// Bytes that are left on the disk for everything else.
const LEAVE: u64 = 1 << 30;

/// Why a run ends without a clip.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It may work the next time.
    Passing(AppError),
    /// It will not; people are told why.
    ForGood(String),
    /// Somebody erased it, or another run has its turn: there is nothing to say.
    Overtaken,
}

impl From<AppError> for Trouble {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Archived(away) => {
                Self::ForGood(format!("{away} Ask for it back on the recordings’ page, then try this again."))
            }
            error @ (AppError::Gone(_) | AppError::Conflict(_) | AppError::NotFound(_)) => {
                Self::ForGood(error.to_string())
            }
            error => Self::Passing(error),
        }
    }
}

/// Cuts `id`, provided `generation` is the one whose turn it is. `room` says how many bytes are free where it is cut, where the system does.
///
/// # Errors
/// When it has to be tried again.
pub async fn cut(
    app: &App,
    id: ClipId,
    generation: u32,
    attempt: usize,
    room: impl Fn() -> Option<u64> + Send,
) -> Result<()> {
    let Some(clip) = clip::Entity::find_by_id(id).one(app.db()).await? else { return Ok(()) };
    let open = matches!(clip.state(), State::Waiting | State::Cutting);
    if !open || i64::from(clip.generation) != i64::from(generation) {
        return Ok(());
    }
    match make(app, &clip, room).await {
        Ok(()) | Err(Trouble::Overtaken) => Ok(()),
        Err(Trouble::ForGood(why)) => fail(app, &clip, &why).await,
        Err(Trouble::Passing(error)) if attempt >= ATTEMPTS => {
            tracing::warn!(clip = %id, %error, "a clip was given up");
            fail(app, &clip, &in_words(&error)).await
        }
        Err(Trouble::Passing(error)) => {
            note(app, &clip, &in_words(&error)).await?;
            Err(error)
        }
    }
}

/// What went wrong, without what is nobody's business.
fn in_words(error: &AppError) -> String {
    match error {
        AppError::Internal(_) => "Something broke here; the log has it.".into(),
        error => error.to_string(),
    }
}

async fn make(app: &App, clip: &clip::Model, room: impl Fn() -> Option<u64> + Send) -> Result<(), Trouble> {
    let (from, until) = (clip.from_at, clip.until_at);
    let mut wanted: Vec<(camera::Model, Vec<Source>)> = Vec::new();
    // Nine at most.
    for camera in cameras_of(app, clip.id).await? {
        let sources = sources(app, &camera, from, until).await?;
        let why = not_here_yet(app, &camera, &sources, from, until).await?;
        if let Some(why) = why.filter(|_| app.now() - clip.updated_at < PATIENCE) {
            return Ok(wait(app, clip, &why).await?);
        }
        wanted.push((camera, sources));
    }
    if let Some(why) = away(app, clip, &wanted).await? {
        return Ok(wait(app, clip, &why).await?);
    }
    let bytes: i64 = wanted.iter().flat_map(|(_, sources)| sources).map(|source| source.segment.size).sum();
    let shop = Workshop::new(app)?;
    // The recordings where they come from a bucket, the films, a copy of each, and the zip.
    let needed = bytes.unsigned_abs() * 3 + LEAVE;
    if let Some(free) = room().filter(|free| *free < needed) {
        let gb = |bytes: u64| format!("{:.1} GB", bytes as f64 / 1e9);
        let why = format!("There is no room to cut it: {} are free, and it takes {}.", gb(free), gb(needed));
        return Err(Trouble::Passing(AppError::Unavailable(why)));
    }
    let mut progress = Progress::begin(app, clip, bytes * 2).await?;
    let (mut taken, mut names) = (Vec::new(), BTreeSet::new());
    for (camera, sources) in wanted {
        let films = films(app, &shop, &camera, &sources, (from, until), &mut names, &mut progress).await?;
        let shown: Vec<(i64, i64)> = films.iter().map(|film| (film.cut.from / 1000, film.cut.until / 1000)).collect();
        let missing = missing(app, &camera, from, until, &shown).await?;
        taken.push(Taken { camera, films, missing });
    }
    if taken.iter().all(|taken| taken.films.is_empty()) {
        let of = if taken.len() == 1 { "this camera" } else { "these cameras" };
        let why = taken.iter().flat_map(|taken| &taken.missing).map(|hole| hole.words.clone()).next();
        let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
        return Err(Trouble::ForGood(format!("Nothing of {of} is recorded of this time{why}.")));
    }
    finish(app, &shop, clip, taken, &mut progress).await
}

/// How far it has come, on the clip's row.
pub(super) struct Progress<'a> {
    app: &'a App,
    clip: ClipId,
    generation: i32,
    done: i64,
    pub(super) total: i64,
    told_at: i64,
}

impl<'a> Progress<'a> {
    async fn begin(app: &'a App, clip: &clip::Model, total: i64) -> Result<Self, Trouble> {
        let now = app.now();
        let progress = Self { app, clip: clip.id, generation: clip.generation, done: 0, total, told_at: now };
        progress.tell().await?;
        Ok(progress)
    }

    /// So many bytes more.
    ///
    /// # Errors
    /// [`Trouble::Overtaken`] when it is not this run's turn any more.
    pub(super) async fn add(&mut self, bytes: i64) -> Result<(), Trouble> {
        self.done = (self.done + bytes).min(self.total);
        self.alive().await
    }

    /// The same without more.
    pub(super) async fn alive(&mut self) -> Result<(), Trouble> {
        let now = self.app.now();
        if now - self.told_at >= 1000 {
            self.told_at = now;
            self.tell().await?;
        }
        Ok(())
    }

    async fn tell(&self) -> Result<(), Trouble> {
        let change = clip::ActiveModel {
            state: Set(State::Cutting.as_str().into()),
            error: Set(None),
            done_bytes: Set(self.done),
            total_bytes: Set(self.total),
            ..Default::default()
        };
        let tx = self.app.begin().await?;
        let mine = change_of(&tx, self.clip, self.generation, change).await?;
        tx.commit().await?;
        if mine { Ok(()) } else { Err(Trouble::Overtaken) }
    }
}

/// Changes the row of a clip that is still open and has this generation; whether there was one.
async fn change_of(
    db: &impl ConnectionTrait,
    id: ClipId,
    generation: i32,
    change: clip::ActiveModel,
) -> Result<bool, AppError> {
    let open = [State::Waiting, State::Cutting].map(State::as_str);
    let changed = clip::Entity::update_many()
        .set(change)
        .filter(clip::Column::Id.eq(id))
        .filter(clip::Column::Generation.eq(generation))
        .filter(clip::Column::State.is_in(open));
    Ok(changed.exec(db).await?.rows_affected == 1)
}

/// Film of it is on its way: the next look is in a minute.
async fn wait(app: &App, clip: &clip::Model, why: &str) -> Result<()> {
    let next = clip.generation + 1;
    let change = clip::ActiveModel {
        state: Set(State::Waiting.as_str().into()),
        error: Set(Some(why.to_owned())),
        generation: Set(next),
        ..Default::default()
    };
    let tx = app.begin().await?;
    if change_of(&tx, clip.id, clip.generation, change).await? {
        let generation = u32::try_from(next).unwrap_or_default();
        tx.enqueue_at(Job::CutClip { clip: clip.id, generation }, app.now() + LOOK).await?;
    }
    tx.commit().await
}

/// Says on the clip what went wrong; it is tried again.
async fn note(app: &App, clip: &clip::Model, why: &str) -> Result<()> {
    let change = clip::ActiveModel { error: Set(Some(why.to_owned())), ..Default::default() };
    let tx = app.begin().await?;
    change_of(&tx, clip.id, clip.generation, change).await?;
    tx.commit().await
}

async fn fail(app: &App, clip: &clip::Model, why: &str) -> Result<()> {
    let change = clip::ActiveModel {
        state: Set(State::Failed.as_str().into()),
        error: Set(Some(why.to_owned())),
        updated_at: Set(app.now()),
        ..Default::default()
    };
    let mut tx = app.begin().await?;
    if change_of(&tx, clip.id, clip.generation, change).await? {
        let details = json!({ "title": clip.title, "why": why });
        tx.audit(&Actor::system(), Action::ClipFailed, Subject::Clip(clip.id), details);
    }
    tx.commit().await
}

#[derive(FromQueryResult)]
struct Lost {
    id: ClipId,
    generation: i32,
}

/// Queues the jobs of clips that are open and have none. `live` is the SQL of jobs that will still be done, by the key of a `clip`'s. Returns
/// how many.
///
/// # Errors
/// When the database does not answer.
pub async fn catch_up(app: &App, live: &str) -> Result<u64> {
    let tx = app.begin().await?;
    let dialect = Dialect::of(&tx);
    // The list as it stands in the partial index, or SQLite does not see that the index serves.
    let sql = format!(
        "SELECT id, generation FROM clips AS clip WHERE state IN ('waiting', 'cutting') AND NOT EXISTS ({live}) \
         ORDER BY updated_at LIMIT 200"
    );
    let lost = Lost::find_by_statement(dialect.statement(sql, Vec::new())).all(&tx).await?;
    for Lost { id, generation } in &lost {
        let change = clip::ActiveModel { generation: Set(generation + 1), ..Default::default() };
        if change_of(&tx, *id, *generation, change).await? {
            let generation = u32::try_from(generation + 1).unwrap_or_default();
            tx.enqueue(Job::CutClip { clip: *id, generation }).await?;
        }
    }
    tx.commit().await?;
    Ok(lost.len() as u64)
}
