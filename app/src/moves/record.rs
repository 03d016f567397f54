//! A move, on record: who began it, how far it is, what failed.

use std::str::FromStr;

use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QueryOrder, QuerySelect};
use serde_json::json;

use super::{
    model::{failure, moving},
    outcome::{Options, PARALLEL, Statistics},
    run::run,
    source::Source,
};
use crate::{
    App, FormErrors, Result,
    audit::{Action, Actor, Subject},
    form::FormData,
    gatehouse::WriteTxn,
    ids::MoveId,
    job::Job,
    objects::{Class, LOCAL},
};

pub type Move = moving::Model;

/// How a move stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveState {
    Running,
    Done,
    /// Done, and some objects were refused or failed.
    Partial,
    /// It could not go on.
    Failed,
}

impl MoveState {
    pub const ALL: [Self; 4] = [Self::Running, Self::Done, Self::Partial, Self::Failed];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for MoveState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or_else(|| format!("“{text}” is no state"))
    }
}

/// Puts on record that a move begins, to be run by whoever calls this.
///
/// # Errors
/// When the database does not answer.
pub async fn start(
    app: &App,
    actor: &Actor,
    source: &str,
    target: &str,
    options: &Options,
    prefix: &str,
) -> Result<Move> {
    let mut tx = app.begin().await?;
    let row = insert(app, &mut tx, actor, source, target, options, prefix).await?;
    tx.commit().await?;
    Ok(row)
}

/// The form on the page: between the storages that are configured, as a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MoveForm {
    pub from: String,
    pub to: String,
    /// Empty: all of them.
    pub class: String,
    /// Whether copies at the source go.
    pub remove_source: bool,
}

impl MoveForm {
    #[must_use]
    pub fn new(data: &FormData) -> Self {
        let text = |name| data.get(name).trim().to_owned();
        Self { from: text("from"), to: text("to"), class: text("class"), remove_source: data.has("remove_source") }
    }
}

/// Has a worker do it.
///
/// # Errors
/// [`AppError::Invalid`] with what has to be mended.
pub async fn ask(app: &App, actor: &Actor, form: &MoveForm) -> Result<Move> {
    let mut errors = FormErrors::new();
    let plane = &app.ports.plane;
    if plane.store(&form.from).is_none() {
        errors.add("from", "Choose where the objects are");
    }
    if plane.store(&form.to).is_none() {
        errors.add("to", "Choose where they go");
    } else if form.from == form.to {
        errors.add("to", "Choose another storage than the one they are in");
    }
    let class = match form.class.as_str() {
        "" => None,
        text => text.parse::<Class>().map_err(|wrong| errors.add("class", wrong)).ok(),
    };
    errors.into_result()?;
    let mut tx = app.begin().await?;
    let options = Options { class, parallel: PARALLEL, remove_source: form.remove_source };
    let row = insert(app, &mut tx, actor, &form.from, &form.to, &options, "").await?;
    // Files are read and written by the machine that has them.
    let node = if form.from == LOCAL || form.to == LOCAL { plane.node().to_owned() } else { String::new() };
    tx.enqueue(Job::MoveObjects { moving: row.id, node }).await?;
    tx.commit().await?;
    Ok(row)
}

/// Does what was asked for on the page; a worker that comes after a kill begins anew and skips what is there.
///
/// # Errors
/// When a storage or the database does not answer.
pub async fn work(app: &App, id: MoveId) -> Result<()> {
    let Some(row) = moving::Entity::find_by_id(id).one(app.db()).await? else { return Ok(()) };
    if row.ended_at.is_some() {
        return Ok(());
    }
    let plane = &app.ports.plane;
    let (Some(from), Some(target)) = (plane.store(&row.source), plane.store(&row.target)) else {
        let gone = "One of the two storages is not configured any more.";
        return end(app, &Actor::system(), id, &Statistics::default(), Some(gone)).await;
    };
    let class = row.class.as_deref().and_then(|class| class.parse().ok());
    let options = Options { class, parallel: PARALLEL, remove_source: row.remove_source };
    run(app, &row, &Source::Store(from.clone()), target, &options, &mut |_, _| {}).await.map(drop)
}

async fn insert(
    app: &App,
    tx: &mut WriteTxn<'_>,
    actor: &Actor,
    source: &str,
    target: &str,
    options: &Options,
    prefix: &str,
) -> Result<Move> {
    let row = Move {
        id: app.id(),
        source: source.into(),
        target: target.into(),
        class: options.class.map(|class| class.as_str().into()),
        prefix: prefix.into(),
        remove_source: options.remove_source,
        state: MoveState::Running.as_str().into(),
        error: None,
        started_by: actor.name.clone(),
        total_objects: 0,
        total_bytes: 0,
        copied: 0,
        copied_bytes: 0,
        skipped: 0,
        failed: 0,
        removed: 0,
        began_at: app.now(),
        heard_at: app.now(),
        ended_at: None,
    };
    row.clone().into_active_model().insert(&*tx).await?;
    let details =
        json!({ "move": row.id, "from": source, "to": target, "class": row.class, "remove_source": row.remove_source });
    tx.audit(actor, Action::MoveStarted, Subject::Yard, details);
    Ok(row)
}

/// The latest moves, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(app: &App, limit: u64) -> Result<Vec<Move>> {
    Ok(moving::Entity::find()
        .order_by_desc(moving::Column::BeganAt)
        .order_by_desc(moving::Column::Id)
        .limit(limit)
        .all(app.db())
        .await?)
}

/// How far it is, with whatever else `tx` writes.
pub(super) async fn note(
    tx: &WriteTxn<'_>,
    id: MoveId,
    now: i64,
    so_far: &Statistics,
    failed: Vec<(String, String)>,
) -> Result<()> {
    let change = moving::ActiveModel {
        id: Set(id),
        total_objects: Set(so_far.total.0),
        total_bytes: Set(so_far.total.1),
        copied: Set(so_far.copied.cast_signed()),
        copied_bytes: Set(so_far.copied_bytes.cast_signed()),
        skipped: Set(so_far.skipped.cast_signed()),
        failed: Set(so_far.failed.cast_signed()),
        removed: Set(so_far.removed.cast_signed()),
        heard_at: Set(now),
        ..Default::default()
    };
    change.update(tx).await?;
    if !failed.is_empty() {
        let rows =
            failed.into_iter().map(|(key, reason)| failure::Model { move_id: id, key, reason }.into_active_model());
        failure::Entity::insert_many(rows)
            .on_conflict_do_nothing_on([failure::Column::MoveId, failure::Column::Key])
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// It is over.
pub(super) async fn end(
    app: &App,
    actor: &Actor,
    id: MoveId,
    statistics: &Statistics,
    error: Option<&str>,
) -> Result<()> {
    let state = match (error, statistics.failed) {
        (Some(_), _) => MoveState::Failed,
        (None, 0) => MoveState::Done,
        (None, _) => MoveState::Partial,
    };
    let mut tx = app.begin().await?;
    note(&tx, id, app.now(), statistics, Vec::new()).await?;
    let change = moving::ActiveModel {
        id: Set(id),
        state: Set(state.as_str().into()),
        error: Set(error.map(str::to_owned)),
        ended_at: Set(Some(app.now())),
        ..Default::default()
    };
    change.update(&tx).await?;
    let details = json!({ "move": id, "state": state.as_str(), "copied": statistics.copied, "bytes": statistics.copied_bytes,
        "skipped": statistics.skipped, "failed": statistics.failed, "removed": statistics.removed });
    tx.audit(actor, Action::MoveEnded, Subject::Yard, details);
    tx.commit().await
}
