//! Prometheus: what is counted as it happens, and what is looked up when somebody asks.

mod cameras;
mod gauge;
mod outpost;

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use gatehouse_app::{
    App,
    audit::model::head,
    jobs,
    jobs::table::Dialect,
    objects::{Class, PlacementState},
    storage::{self, cost},
};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sea_orm::{EntityTrait, FromQueryResult};

pub use outpost::figures;

use crate::config::Config;

/// Seconds: pages take milliseconds, jobs and exports minutes.
const BUCKETS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// The process's recorder, installed by whoever asks first.
///
/// # Errors
/// When another recorder was installed before.
pub fn recorder() -> anyhow::Result<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    let handle = HANDLE.get_or_init(|| {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS)
            .and_then(PrometheusBuilder::install_recorder)
            .map_err(|error| error.to_string())?;
        describe_counter!("gatehouse_http_requests_total", "Requests by method, route and status");
        describe_histogram!(
            "gatehouse_http_request_duration_seconds",
            "Time to the first byte of the answer, by route"
        );
        describe_counter!("gatehouse_jobs_total", "Jobs run, by queue and outcome");
        describe_histogram!("gatehouse_job_duration_seconds", "Time a job took, by queue");
        describe_gauge!("gatehouse_queue_jobs", "Jobs in the queue now, by queue and state");
        describe_gauge!("gatehouse_queue_oldest_due_seconds", "How long the oldest waiting job has been due, by queue");
        describe_gauge!("gatehouse_workers", "Workers whose heart beats, by queue");
        describe_gauge!("gatehouse_deliveries", "Emails by state");
        describe_gauge!("gatehouse_audit_seq", "Number of the newest audit entry");
        describe_counter!("gatehouse_storage_requests_total", "Requests to buckets, by backend, operation and outcome");
        describe_histogram!(
            "gatehouse_storage_request_duration_seconds",
            "Time to a bucket's answer, by backend and operation"
        );
        describe_gauge!("gatehouse_storage_bytes", "Verified copies in bytes, by class and backend");
        describe_gauge!("gatehouse_storage_objects", "Verified copies, by class and backend");
        describe_gauge!("gatehouse_storage_copies", "Copies that are not verified, by backend and state");
        describe_gauge!(
            "gatehouse_storage_oldest_waiting_seconds",
            "How long the oldest copy that is wanted has been waited for, by backend"
        );
        describe_gauge!("gatehouse_storage_plan_bytes", "What the yard plans for; 0: nothing");
        describe_gauge!(
            "gatehouse_storage_cost_dollars",
            "What storage costs a month by list price, as it is now and in a year"
        );
        describe_gauge!("gatehouse_storage_budget_dollars", "What it may cost a month; 0: no limit");
        describe_gauge!("gatehouse_database_up", "1 where the gauges are of now; 0 where the database does not answer");
        Ok(handle)
    });
    handle.as_ref().map_err(|error| anyhow::anyhow!("metrics: {error}"))
}

/// Folds what was timed into its buckets now and then: otherwise it would pile up until somebody scrapes.
pub async fn upkeep() {
    let mut every = tokio::time::interval(Duration::from_secs(5));
    loop {
        every.tick().await;
        if let Ok(handle) = recorder() {
            handle.run_upkeep();
        }
    }
}

/// Counts and times every request under its route, so that ids in paths make no series of their own.
pub async fn measure(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().as_str().to_owned();
    let began = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    counter!("gatehouse_http_requests_total", "method" => method, "route" => route.clone(), "status" => status)
        .increment(1);
    histogram!("gatehouse_http_request_duration_seconds", "route" => route).record(began.elapsed());
    response
}

#[derive(FromQueryResult)]
struct Deliveries {
    state: String,
    mails: i64,
}

/// Looks up the gauges and writes everything in Prometheus' text format. With the database away the counters still tell, and
/// `gatehouse_database_up` is 0.
///
/// # Errors
/// When nothing is counted in this process.
pub async fn render(app: &App, config: &Config) -> gatehouse_app::Result<String> {
    let handle = recorder()?;
    gauge!("gatehouse_storage_plan_bytes").set(float(i64::try_from(config.storage_plan_gb).unwrap_or(i64::MAX)) * 1e9);
    gauge!("gatehouse_storage_budget_dollars").set(float(i64::try_from(config.storage_budget).unwrap_or(i64::MAX)));
    let looked = async {
        look(app).await?;
        storage(app).await?;
        cameras::render(app).await
    };
    let looked = looked.await;
    if let Err(error) = &looked {
        tracing::warn!(%error, "figures could not be looked up");
    }
    gauge!("gatehouse_database_up").set(if looked.is_ok() { 1.0 } else { 0.0 });
    Ok(handle.render() + &looked.unwrap_or_default())
}

async fn look(app: &App) -> gatehouse_app::Result<()> {
    let workers = jobs::workers(app.db()).await?;
    for line in jobs::queues(app, &workers).await? {
        for (state, jobs) in
            [("queued", line.queued), ("running", line.running), ("retrying", line.retrying), ("failed", line.failed)]
        {
            gauge!("gatehouse_queue_jobs", "queue" => line.name.clone(), "state" => state).set(float(jobs));
        }
        let due = line.oldest.map_or(0, |at| (app.now() - at).max(0) / 1000);
        gauge!("gatehouse_queue_oldest_due_seconds", "queue" => line.name.clone()).set(float(due));
        gauge!("gatehouse_workers", "queue" => line.name).set(float(i64::try_from(line.workers).unwrap_or(i64::MAX)));
    }
    let sql = "SELECT state, COUNT(*) AS mails FROM deliveries GROUP BY state".to_owned();
    let found = Deliveries::find_by_statement(Dialect::of(app.db()).statement(sql, Vec::new())).all(app.db()).await?;
    for state in ["queued", "sending", "sent", "deferred", "refused", "unknown", "cancelled"] {
        let mails = found.iter().find(|row| row.state == state).map_or(0, |row| row.mails);
        gauge!("gatehouse_deliveries", "state" => state).set(float(mails));
    }
    let head = head::Entity::find_by_id(1).one(app.db()).await?.map_or(0, |head| head.seq);
    gauge!("gatehouse_audit_seq").set(float(head));
    Ok(())
}

/// Where the bytes are, what waits and what it costs.
async fn storage(app: &App) -> gatehouse_app::Result<()> {
    let usage = storage::newest(app.db()).await?;
    for class in Class::ALL {
        for store in app.ports.plane.stores() {
            let ours = || usage.holdings.iter().filter(|h| h.class == class && h.backend == store.backend());
            let labels = [("class", class.as_str()), ("backend", store.backend())];
            gauge!("gatehouse_storage_bytes", &labels).set(float(ours().map(|h| h.bytes).sum()));
            gauge!("gatehouse_storage_objects", &labels).set(float(ours().map(|h| h.objects).sum()));
        }
    }
    let waiting = storage::waiting(app).await?;
    for store in app.ports.plane.stores() {
        let backend = store.backend();
        let ours = || waiting.iter().filter(move |group| group.backend == backend);
        for state in PlacementState::ALL.into_iter().filter(|state| *state != PlacementState::Verified) {
            let copies = ours().filter(|group| group.state == state.as_str()).map(|group| group.copies).sum();
            gauge!("gatehouse_storage_copies", "backend" => backend, "state" => state.as_str()).set(float(copies));
        }
        let wanted = ours().filter(|group| matches!(group.state.as_str(), "waiting" | "uploading"));
        let oldest = wanted.map(|group| group.oldest).min().map_or(0, |since| (app.now() - since).max(0) / 1000);
        gauge!("gatehouse_storage_oldest_waiting_seconds", "backend" => backend).set(float(oldest));
    }
    let (now, later) = (cost::month(&usage.holdings), cost::month(&cost::in_a_year(&usage.holdings)));
    gauge!("gatehouse_storage_cost_dollars", "when" => "now").set(float(now.micros) / 1e6);
    gauge!("gatehouse_storage_cost_dollars", "when" => "in_a_year").set(float(later.micros) / 1e6);
    Ok(())
}

/// Exact up to 2⁵³, which no count here reaches.
#[expect(clippy::cast_precision_loss, reason = "Prometheus has floats only")]
fn float(count: i64) -> f64 {
    count as f64
}
