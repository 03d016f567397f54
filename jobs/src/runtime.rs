//! Workers: one per queue and process, supervised, over the queue's tables.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use apalis::prelude::{
    AbortError, Attempt, BackendExt, BoxDynError, Data, Monitor, TaskId, WorkerBuilder, WorkerBuilderExt,
};
use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use gatehouse_app::{App, job::Job, jobs::Stopped, recordings};
use metrics::{counter, histogram};
use sea_orm::DatabaseBackend;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::{
    bell::{self, Bell},
    capture::hold::{Settings, Station},
    capture_camera, catch_up, check_attachment, check_storage, cut_clip, erase_object, fetch_film, move_objects,
    post_webhook, queue, reconcile, render_bol, replicate, restore_object, send_email, verify_audit,
};

/// A worker that has not been heard of for [`MISSED`] of these is dead, and its jobs go to others.
const HEARTBEAT: Duration = Duration::from_secs(5);
const MISSED: usize = 3;
/// Jobs of one queue that run at the same time in one process.
const CONCURRENCY: usize = 4;
/// The queue whose jobs last as long as a camera is held.
const CAPTURE: &str = "capture";

/// What jobs are done with.
struct Hands {
    app: App,
    /// Of a process that records.
    station: Option<Arc<Station>>,
}

/// Runs the jobs of `queues` until `stop`; then lets what is under way finish for a while.
///
/// # Errors
/// When a worker ends for good.
pub async fn run(
    app: App,
    queues: &[&'static str],
    recording: Settings,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let reconciler = tokio::spawn(reconcile::run(app.clone(), stop.clone()));
    let boot = app.ports.ids.uuid().simple().to_string();
    let cameras = recording.cameras;
    let station = match queues.contains(&CAPTURE) {
        true => Some(Arc::new(Station::new(app.clone(), recording, boot.clone(), stop.clone())?)),
        false => None,
    };
    let recorder = station.clone().map(|station| tokio::spawn(station.run()));
    let hands = Arc::new(Hands { app: app.clone(), station });
    let mut monitor = Monitor::new()
        .should_restart(|worker, error| {
            tracing::error!(worker = worker.name(), %error, "worker stopped; starting it again");
            true
        })
        .shutdown_timeout(Duration::from_secs(20));
    let lanes = lanes(&app, queues);
    let bell = Bell::new(app.clone(), &lanes);
    for name in lanes {
        // A name may not come back within a heartbeat, hence the boot id and the restart.
        let worker = format!("{name}-{}", &boot[boot.len() - 8..]);
        let (context, rung) = (Arc::clone(&hands), bell.of(name));
        // A full process would keep jobs from an idle one, if it took more than it works on.
        let (together, batch) = if name == CAPTURE { (cameras, 1) } else { (CONCURRENCY, CONCURRENCY) };
        match app.db().get_database_backend() {
            DatabaseBackend::Postgres => {
                let pool = app.db().get_postgres_connection_pool().clone();
                monitor = monitor.register(move |restart| {
                    let config = apalis_postgres::Config::default()
                        .queue(name)
                        .heartbeat_interval(HEARTBEAT)
                        .missed_heartbeats(MISSED)
                        .batch_size(batch);
                    WorkerBuilder::new(format!("{worker}-{restart}"))
                        .backend(
                            PostgresStorage::<Job>::new(&pool)
                                .with_config(config)
                                .poll_with_strategy(bell::when(&rung)),
                        )
                        .concurrency(together)
                        .data(Arc::clone(&context))
                        .build(handle)
                });
            }
            _ => {
                let pool = app.db().get_sqlite_connection_pool().clone();
                monitor = monitor.register(move |restart| {
                    let config = apalis_sqlite::Config::default()
                        .queue(name)
                        .heartbeat_interval(HEARTBEAT)
                        .missed_heartbeats(MISSED)
                        .batch_size(batch);
                    WorkerBuilder::new(format!("{worker}-{restart}"))
                        .backend(
                            SqliteStorage::<Job>::new(&pool).with_config(config).poll_with_strategy(bell::when(&rung)),
                        )
                        .concurrency(together)
                        .data(Arc::clone(&context))
                        .build(handle)
                });
            }
        }
    }
    let bell = tokio::spawn(bell.run(stop.clone()));
    monitor
        .run_with_signal(async move {
            stop.cancelled().await;
            Ok(())
        })
        .await?;
    if let Some(recorder) = recorder {
        recorder.await?;
    }
    reconciler.await?;
    bell.await?;
    Ok(())
}

async fn handle(job: Job, hands: Data<Arc<Hands>>, id: TaskId, attempt: Attempt) -> Result<(), BoxDynError> {
    let (app, hands) = (hands.app.clone(), Arc::clone(&hands));
    let (id, attempt) = (id.to_string(), attempt.current());
    // A task of its own: the worker's task also sends the heartbeats, and a panic must not take it along.
    let span = tracing::info_span!("job", queue = job.queue(), job_id = %id, key = job.key());
    let (queue_name, wait, began) = (job.queue(), wait_after(&job, attempt), Instant::now());
    let outcome = tokio::spawn({
        async move { perform(&hands.app, hands.station.as_ref(), job, attempt).await }.instrument(span.clone())
    })
    .await
    .unwrap_or_else(|panic| Err(anyhow::anyhow!("the job panicked: {panic}")));
    histogram!("gatehouse_job_duration_seconds", "queue" => queue_name).record(began.elapsed());
    let word = if outcome.is_ok() { "done" } else { "failed" };
    counter!("gatehouse_jobs_total", "queue" => queue_name, "outcome" => word).increment(1);
    if let Err(error) = outcome {
        if error.is::<Stopped>() {
            return Err(AbortError::new(error).into());
        }
        span.in_scope(|| tracing::warn!(error = format!("{error:#}"), retry_in_secs = wait.as_secs(), "job failed"));
        run_again(&app, &id, wait).await?;
        return Err(error.into());
    }
    Ok(())
}

/// 2 s, 4 s, 8 s … 10 minutes.
#[must_use]
pub fn backoff(attempt: usize) -> Duration {
    let exponent = u32::try_from(attempt.clamp(1, 10)).unwrap_or(10);
    Duration::from_secs(2_u64.pow(exponent)).min(Duration::from_mins(10))
}

/// A storage that was away is tried every minute: who waits for it should not wait much longer than it was away.
fn wait_after(job: &Job, attempt: usize) -> Duration {
    let longest = match job {
        Job::CatchUp { .. } => Duration::from_mins(1),
        _ => Duration::from_mins(10),
    };
    backoff(attempt).min(longest)
}

async fn run_again(app: &App, id: &str, wait: Duration) -> anyhow::Result<()> {
    let run_at = app.now().saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
    Ok(queue::run_again_at(app.db(), id, run_at).await?)
}

/// The queues to work on: those that are named, and the one of this node's files where its jobs are among them.
fn lanes(app: &App, queues: &[&'static str]) -> Vec<&'static str> {
    let mut lanes = queues.to_vec();
    let node = app.ports.plane.node();
    if !node.is_empty() && Job::OF_NODES.iter().any(|queue| queues.contains(queue)) {
        // apalis wants names that live as long as the process, and a process has one node.
        lanes.push(Box::leak(Job::lane_of(node).into_boxed_str()));
    }
    lanes
}

/// Does one job, once. `attempt` counts from 1.
async fn perform(app: &App, station: Option<&Arc<Station>>, job: Job, attempt: usize) -> anyhow::Result<()> {
    match job {
        Job::VerifyAudit { .. } => verify_audit::run(app, &job).await,
        Job::CheckStorage { ref backend, ref bucket, .. } => check_storage::run(app, backend, bucket, &job).await,
        Job::Replicate { placement, generation, .. } => replicate::run(app, placement, generation).await,
        Job::CatchUp { backend, bucket, node, .. } => catch_up::run(app, &backend, &bucket, &node).await,
        Job::EraseObject { object, .. } => erase_object::run(app, object).await,
        Job::RemoveOrphans { backend, bucket, asked, .. } => erase_object::orphans(app, &backend, &bucket, asked).await,
        Job::MoveObjects { moving, .. } => move_objects::run(app, moving).await,
        Job::CheckAttachment { attachment, generation, .. } => check_attachment::run(app, attachment, generation).await,
        Job::RestoreObject { restore, look } => restore_object::run(app, restore, look).await,
        Job::FetchFilm { restore, look } => fetch_film::run(app, restore, look).await,
        Job::RenderBol { revision, generation } => render_bol::run(app, revision, generation, attempt).await,
        Job::RemakeDocument { object, .. } => render_bol::again(app, object).await,
        Job::SendEmail { delivery, attempt } => send_email::run(app, delivery, attempt).await,
        Job::CutClip { clip, generation } => cut_clip::run(app, clip, generation, attempt).await,
        Job::PostWebhook { alert, target, moment, attempt } => {
            post_webhook::run(app, alert, target, moment, attempt).await
        }
        Job::Capture { camera, epoch } => capture_camera::run(station, camera, epoch).await,
        Job::Retain { camera, .. } => Ok(recordings::retain(app, camera).await?),
    }
}

/// Runs everything that is due, here and now, and returns how many jobs ran; for tests and the demo, which have no workers.
///
/// # Errors
/// When the database does not answer. A job that fails stays in the queue as it would with workers.
pub async fn run_due(app: &App) -> anyhow::Result<usize> {
    let mut ran = 0;
    while let Some(waiting) = queue::next_due(app.db(), app.now()).await? {
        let job: Job = serde_json::from_slice(&waiting.job)?;
        let attempt = usize::try_from(waiting.attempts).unwrap_or(0) + 1;
        let wait = wait_after(&job, attempt);
        let status = match perform(app, None, job, attempt).await {
            Ok(()) => "Done",
            Err(error) if error.is::<Stopped>() => {
                queue::say(app.db(), &waiting.id, &error.to_string()).await?;
                "Killed"
            }
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "job failed");
                run_again(app, &waiting.id, wait).await?;
                "Failed"
            }
        };
        queue::finish(app.db(), &waiting.id, status).await?;
        ran += 1;
    }
    Ok(ran)
}
