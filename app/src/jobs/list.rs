//! What stands in the queue, in words.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

use super::{
    model,
    table::{self, Dialect, JobRow, JobState, WorkerRow},
};
use crate::{
    App, AppError, Result, archive, attachments,
    bols::model::{bol, revision},
    cameras::model::camera,
    clips::model::clip,
    ids::{BolId, CameraId, ClipId, DeliveryId, ObjectId, PlacementId, RevisionId},
    job::Job,
    mail::model::delivery,
    objects::model::{object, placement},
    urls,
};

/// Which jobs are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub state: Option<JobState>,
    pub queue: Option<String>,
    /// Jobs older than this one.
    pub before: Option<String>,
}

/// One job in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobLine {
    pub row: JobRow,
    /// What it does: “Render PRT-2026-0001”.
    pub what: String,
    /// The page of what it is about.
    pub url: Option<String>,
    pub done: Option<i64>,
    pub of: Option<i64>,
}

/// One queue: what is in it now, and what came of it within a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueLine {
    pub name: String,
    pub queued: i64,
    pub running: i64,
    pub retrying: i64,
    pub failed: i64,
    /// Done within a day.
    pub done: i64,
    /// When the oldest one that waits was due, Unix milliseconds.
    pub oldest: Option<i64>,
    /// Workers whose heart beats.
    pub workers: usize,
}

/// The jobs page's data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jobs {
    pub queues: Vec<QueueLine>,
    pub lines: Vec<JobLine>,
    pub older: Option<String>,
    pub workers: Vec<WorkerRow>,
}

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// Jobs on one page.
const PAGE: usize = 50;

/// What is in the queue.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, asked: &Asked) -> Result<Jobs> {
    let (lines, more) = page(app, asked, PAGE).await?;
    let older = lines.last().filter(|_| more).map(|line| line.row.id.clone());
    let workers = table::workers(app.db()).await?;
    Ok(Jobs { queues: queues(app, &workers).await?, lines, older, workers })
}

/// The jobs that are asked for, newest first, at most `limit`, and whether older ones follow.
///
/// # Errors
/// When the database does not answer.
pub async fn page(app: &App, asked: &Asked, limit: usize) -> Result<(Vec<JobLine>, bool)> {
    let db = app.db();
    let states: Vec<_> = asked.state.into_iter().collect();
    let mut rows =
        table::newest(db, &states, asked.queue.as_deref(), asked.before.as_deref(), limit as u64 + 1).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    Ok((described(db, rows).await?, more))
}

/// One job by its id.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn find(app: &App, id: &str) -> Result<JobLine> {
    let row = table::find(app.db(), id).await?.ok_or(AppError::NotFound("The job"))?;
    described(app.db(), vec![row]).await?.pop().ok_or(AppError::NotFound("The job"))
}

/// How many jobs are at work now, for the frame of every page: one look at an index. Without those that hold a camera each for weeks, which
/// are no news.
///
/// # Errors
/// When the database does not answer.
pub async fn running(app: &App) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Found {
        jobs: i64,
    }
    let dialect = Dialect::of(app.db());
    let sql =
        format!("SELECT COUNT(*) AS jobs FROM {} WHERE status = 'Running' AND job_type <> 'capture'", dialect.jobs);
    let found = Found::find_by_statement(dialect.statement(sql, Vec::new())).one(app.db()).await?;
    Ok(found.and_then(|found| u64::try_from(found.jobs).ok()).unwrap_or(0))
}

/// Whether `queue` has anything that runs or will run.
///
/// # Errors
/// When the database does not answer.
pub async fn is_busy(app: &App, queue: &str) -> Result<bool> {
    let live = [JobState::Queued, JobState::Running, JobState::Retrying];
    Ok(!table::newest(app.db(), &live, Some(queue), None, 1).await?.is_empty())
}

/// Every queue there is, also the idle ones.
pub async fn queues(app: &App, workers: &[WorkerRow]) -> Result<Vec<QueueLine>> {
    let mut lines: Vec<_> =
        Job::QUEUES.iter().map(|name| QueueLine { name: (*name).into(), ..QueueLine::default() }).collect();
    let mut line_of = |name: &str| match lines.iter().position(|line| line.name == name) {
        Some(at) => at,
        None => {
            lines.push(QueueLine { name: name.to_owned(), ..QueueLine::default() });
            lines.len() - 1
        }
    };
    let counts = table::counts(app.db()).await?;
    let ended = table::ended_since(app.db(), app.now() - DAY).await?;
    let counted: Vec<_> = counts.iter().map(|count| (line_of(&count.queue), count)).collect();
    let over: Vec<_> = ended.iter().map(|ended| (line_of(&ended.queue), ended)).collect();
    for (at, count) in counted {
        let line = &mut lines[at];
        match (count.status.as_str(), count.over) {
            ("Running", _) => line.running += count.jobs,
            ("Failed", true) => line.failed += count.jobs,
            ("Failed", false) => line.retrying += count.jobs,
            _ => {
                line.queued += count.jobs;
                line.oldest = Some(line.oldest.map_or(count.oldest_run_at, |oldest| oldest.min(count.oldest_run_at)));
            }
        }
    }
    for (at, ended) in over {
        let line = &mut lines[at];
        if ended.status == "Done" { line.done += ended.jobs } else { line.failed += ended.jobs }
    }
    for line in &mut lines {
        line.workers = workers.iter().filter(|worker| worker.alive && worker.queue == line.name).count();
    }
    Ok(lines)
}

/// Says what the jobs do: a query per kind of thing they are about.
async fn described(db: &impl ConnectionTrait, rows: Vec<JobRow>) -> Result<Vec<JobLine>> {
    let jobs: Vec<Option<Job>> = rows.iter().map(|row| serde_json::from_slice(&row.job).ok()).collect();
    let (mut revisions, mut deliveries) = (Vec::new(), Vec::new());
    let (mut copies, mut objects) = (Vec::new(), Vec::new());
    let (mut attachments, mut restores) = (Vec::new(), Vec::new());
    let (mut cameras, mut clips) = (Vec::new(), Vec::new());
    for job in jobs.iter().flatten() {
        match job {
            Job::RenderBol { revision, .. } => revisions.push(*revision),
            Job::SendEmail { delivery, .. } => deliveries.push(*delivery),
            Job::Replicate { placement, .. } => copies.push(*placement),
            Job::EraseObject { object, .. } | Job::RemakeDocument { object, .. } => objects.push(*object),
            Job::VerifyAudit { .. }
            | Job::CatchUp { .. }
            | Job::CheckStorage { .. }
            | Job::RemoveOrphans { .. }
            | Job::MoveObjects { .. }
            | Job::PostWebhook { .. }
            | Job::FetchFilm { .. } => {}
            Job::CheckAttachment { attachment, .. } => attachments.push(*attachment),
            Job::RestoreObject { restore, .. } => restores.push(*restore),
            Job::Capture { camera, .. } | Job::Retain { camera, .. } => {
                cameras.push(*camera);
            }
            Job::CutClip { clip, .. } => clips.push(*clip),
        }
    }
    let bills = bills(db, revisions).await?;
    let mails = mails(db, deliveries).await?;
    let copies = copies_of(db, copies).await?;
    let keys = keys_of(db, objects).await?;
    let papers = attachments::names(db, attachments).await?;
    let restores = archive::keys(db, restores).await?;
    let cameras = cameras_of(db, cameras).await?;
    let clips = clips_of(db, clips).await?;
    let job_keys = rows.iter().filter_map(|row| row.key.clone());
    let progress: HashMap<_, _> = model::Entity::find()
        .filter(model::Column::Key.is_in(job_keys))
        .all(db)
        .await?
        .into_iter()
        .map(|row| ((row.queue, row.key), (row.done, row.total)))
        .collect();
    let line = |(row, job): (JobRow, Option<Job>)| {
        let (what, url) = match job {
            Some(Job::RenderBol { revision, .. }) => match bills.get(&revision) {
                Some((bol, number)) => (format!("Render {number}"), Some(urls::bol(*bol))),
                None => ("Render a bill of lading".to_owned(), None),
            },
            Some(Job::SendEmail { delivery, .. }) => match mails.get(&delivery) {
                // Who is invited, or forgot a password, is for those alone who look after the house's people.
                Some((None, _)) => ("Email to somebody of the house".to_owned(), None),
                Some((Some(bol), recipient)) => (format!("Email to {recipient}"), Some(urls::bol(*bol))),
                None => ("Send an email".to_owned(), None),
            },
            Some(Job::MoveObjects { .. }) => ("Copy objects".to_owned(), Some(urls::MOVES.to_owned())),
            Some(Job::CheckAttachment { attachment, .. }) => match papers.get(&attachment) {
                Some((bol, name)) => (format!("Check {name}"), Some(urls::attachments(*bol))),
                None => ("Check an attachment".to_owned(), None),
            },
            Some(Job::RestoreObject { restore, .. }) => match restores.get(&restore) {
                Some((object, key)) => (format!("Restore {key}"), Some(urls::stored(*object))),
                None => ("Restore an archived object".to_owned(), None),
            },
            Some(Job::VerifyAudit { .. }) => ("Verify the audit log".to_owned(), Some(urls::AUDIT.to_owned())),
            Some(Job::Replicate { placement, .. }) => match copies.get(&placement) {
                Some((key, backend)) => (format!("Copy {key} to {backend}"), None),
                None => ("Copy an object".to_owned(), None),
            },
            Some(Job::EraseObject { object, .. }) => match keys.get(&object) {
                Some(key) => (format!("Remove copies of {key}"), None),
                None => ("Remove copies of an object".to_owned(), None),
            },
            Some(Job::RemakeDocument { object, .. }) => match keys.get(&object) {
                Some(key) => (format!("Draw {key} anew"), Some(urls::stored(object))),
                None => ("Draw a document anew".to_owned(), None),
            },
            Some(Job::RemoveOrphans { backend, bucket, .. }) => {
                (format!("Remove what no record knows from {backend} {bucket}"), Some(urls::ORPHANS.to_owned()))
            }
            Some(Job::CatchUp { backend, bucket, .. }) => (format!("Catch up with {backend} {bucket}"), None),
            Some(Job::CheckStorage { backend, bucket, .. }) => (format!("Check {backend} {bucket}"), None),
            // Whoever may see jobs need not be allowed to see the camera; its page decides that.
            Some(Job::Capture { camera, .. }) => {
                about("Record", "a camera", cameras.get(&camera), urls::camera(camera))
            }
            Some(Job::Retain { camera, .. }) => about(
                "Change how long is kept what was recorded by",
                "a camera",
                cameras.get(&camera),
                urls::camera(camera),
            ),
            Some(Job::CutClip { clip, .. }) => about("Cut", "a clip", clips.get(&clip), urls::clip(clip)),
            Some(Job::FetchFilm { .. }) => {
                ("Fetch film back from an archive".to_owned(), Some(urls::RECORDINGS.to_owned()))
            }
            Some(Job::PostWebhook { .. }) => ("Tell a webhook of an alert".to_owned(), Some(urls::ALERTS.to_owned())),
            None => ("A job that this version does not know".to_owned(), None),
        };
        let far = row.key.clone().and_then(|key| progress.get(&(row.queue.clone(), key))).copied();
        JobLine { row, what, url, done: far.map(|(done, _)| done), of: far.and_then(|(_, of)| of) }
    };
    Ok(rows.into_iter().zip(jobs).map(line).collect())
}

/// What is done to something, with its page while it is there.
fn about(verb: &str, kind: &str, name: Option<&String>, url: String) -> (String, Option<String>) {
    match name {
        Some(name) => (format!("{verb} {name}"), Some(url)),
        None => (format!("{verb} {kind}"), None),
    }
}

async fn cameras_of(db: &impl ConnectionTrait, cameras: Vec<CameraId>) -> Result<HashMap<CameraId, String>> {
    if cameras.is_empty() {
        return Ok(HashMap::new());
    }
    let found = camera::Entity::find().filter(camera::Column::Id.is_in(cameras)).select_only();
    let named = found.columns([camera::Column::Id, camera::Column::Name]).into_tuple::<(CameraId, String)>();
    Ok(named.all(db).await?.into_iter().collect())
}

async fn clips_of(db: &impl ConnectionTrait, clips: Vec<ClipId>) -> Result<HashMap<ClipId, String>> {
    if clips.is_empty() {
        return Ok(HashMap::new());
    }
    let found = clip::Entity::find().filter(clip::Column::Id.is_in(clips)).select_only();
    let named = found.columns([clip::Column::Id, clip::Column::Title]).into_tuple::<(ClipId, String)>();
    Ok(named.all(db).await?.into_iter().collect())
}

async fn bills(db: &impl ConnectionTrait, revisions: Vec<RevisionId>) -> Result<HashMap<RevisionId, (BolId, String)>> {
    if revisions.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(RevisionId, BolId)> = revision::Entity::find()
        .filter(revision::Column::Id.is_in(revisions))
        .select_only()
        .columns([revision::Column::Id, revision::Column::BolId])
        .into_tuple()
        .all(db)
        .await?;
    let numbers: HashMap<BolId, Option<String>> = bol::Entity::find()
        .filter(bol::Column::Id.is_in(found.iter().map(|(_, bol)| *bol)))
        .select_only()
        .columns([bol::Column::Id, bol::Column::Number])
        .into_tuple::<(BolId, Option<String>)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let named = |(revision, bol)| {
        let number = numbers.get(&bol).cloned().flatten().unwrap_or_else(|| "a bill of lading".into());
        (revision, (bol, number))
    };
    Ok(found.into_iter().map(named).collect())
}

async fn copies_of(
    db: &impl ConnectionTrait,
    copies: Vec<PlacementId>,
) -> Result<HashMap<PlacementId, (String, String)>> {
    if copies.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(PlacementId, String, String)> = placement::Entity::find()
        .filter(placement::Column::Id.is_in(copies))
        .select_only()
        .columns([placement::Column::Id, placement::Column::Key, placement::Column::Backend])
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().map(|(id, key, backend)| (id, (key, backend))).collect())
}

async fn keys_of(db: &impl ConnectionTrait, objects: Vec<ObjectId>) -> Result<HashMap<ObjectId, String>> {
    if objects.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(ObjectId, String)> = object::Entity::find()
        .filter(object::Column::Id.is_in(objects))
        .select_only()
        .columns([object::Column::Id, object::Column::Key])
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

async fn mails(
    db: &impl ConnectionTrait,
    deliveries: Vec<DeliveryId>,
) -> Result<HashMap<DeliveryId, (Option<BolId>, String)>> {
    if deliveries.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(DeliveryId, Option<BolId>, String)> = delivery::Entity::find()
        .filter(delivery::Column::Id.is_in(deliveries))
        .select_only()
        .columns([delivery::Column::Id, delivery::Column::BolId, delivery::Column::Recipient])
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().map(|(id, bol, recipient)| (id, (bol, recipient))).collect())
}
