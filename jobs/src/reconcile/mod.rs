//! Once a minute: what a trigger missed is caught up, what is over is cleared away.
//!
//! Behind every job that is put in with its row stands one of these. They look at the records, not at memory: whatever was killed,
//! rolled back or deleted by hand, the next minute brings the queue and the records together again.

mod alerts;
mod attachments;
mod clear;
mod clips;
mod deliveries;
mod renders;
mod storage;
mod tick;
mod usage;

use std::time::Duration;

use gatehouse_app::{App, audit::copy, idempotency, objects, recorders, recordings, users};
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_mins(1);

/// What one round did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// PDFs queued again.
    pub renders: u64,
    /// Emails queued again.
    pub deliveries: u64,
    /// Attachments and restores whose jobs were lost.
    pub papers: u64,
    /// Calls of webhooks queued again.
    pub posts: u64,
    /// Clips whose jobs were lost.
    pub clips: u64,
    /// Emails whose sender died while the text went out.
    pub unknown: u64,
    /// Catch-ups put in the queue for copies that wait.
    pub copies: u64,
    /// Documents without a sound copy that are drawn anew.
    pub remade: u64,
    /// Objects whose copies are to go and still were there, and removals of what no record knows.
    pub erasing: u64,
    /// Objects that were kept long enough.
    pub retired: u64,
    /// Recordings, their days and gaps that were otherwise than what they stand for.
    pub recordings: u64,
    /// Cameras whose recorder is not heard of.
    pub away: u64,
    /// Stores whose check is due.
    pub checks: u64,
    /// Sessions, links and keys of requests that are over, tokens that expired long ago, attempts that nobody remembers.
    pub expired: u64,
    /// Finished jobs and dead workers forgotten.
    pub forgotten: u64,
    /// Half-written files removed, objects and mails; uploads given up.
    pub swept: u64,
    /// What became of the copy of the audit log's head.
    pub head: Option<copy::Wrote>,
}

/// Runs rounds until `stop`. Every process may: of one minute's rounds one process does the work.
pub async fn run(app: App, stop: CancellationToken) {
    let watch = tokio::spawn(alerts::watch(app.clone(), stop.clone()));
    rounds(app, stop).await;
    if let Err(error) = watch.await {
        tracing::error!(%error, "nobody looks at cameras and recorders any more");
    }
}

async fn rounds(app: App, stop: CancellationToken) {
    let mut clock = tokio::time::interval(EVERY);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = clock.tick() => {}
        }
        match tick::claim(&app, "reconcile", tick::MINUTE).await {
            Ok(true) => {
                let round = round(&app).await;
                if round.renders
                    + round.remade
                    + round.deliveries
                    + round.papers
                    + round.posts
                    + round.clips
                    + round.unknown
                    > 0
                {
                    tracing::warn!(?round, "caught up with what a trigger missed");
                } else {
                    tracing::debug!(?round, "reconciled");
                }
            }
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "could not reconcile"),
        }
    }
}

/// One round, now. What fails is logged and left to the next; the others go on.
pub async fn round(app: &App) -> Round {
    Round {
        renders: told("renders", renders::catch_up(app).await),
        deliveries: told("deliveries", deliveries::catch_up(app).await),
        papers: told("attachments and restores", attachments::catch_up(app).await),
        posts: told("calls of webhooks", gatehouse_app::alerts::lost_posts(app).await),
        clips: told("clips", clips::catch_up(app).await),
        unknown: told("stuck deliveries", deliveries::settle_stuck(app).await),
        copies: told("copies that wait", storage::catch_up(app).await),
        remade: told("documents without a copy", objects::remake_lost(app).await),
        erasing: told("copies that are to go", objects::finish_erasing(app).await)
            + told("what no record knows", objects::finish_removing(app).await),
        retired: told("objects that were kept long enough", objects::retire(app).await),
        recordings: told("recordings", recordings::reconcile(app).await),
        away: told("recorders that are away", recorders::away(app).await),
        checks: told("checks of the storage", storage::check(app).await),
        expired: told("what is over at the door", users::sweep(app).await)
            + told("keys of requests", idempotency::sweep(app).await),
        forgotten: told("finished jobs", clear::finished_jobs(app).await),
        swept: told("half-written objects", sweep(app).await)
            + told("attachments that never came", attachments::sweep(app).await)
            + told("uploads that nobody finishes", storage::give_up_uploads(app).await)
            + told("half-written mails", app.ports.mailer.sweep().await),
        head: {
            let wrote = copy::write(app).await;
            if matches!(wrote, Ok(copy::Wrote::Contradicted)) {
                tracing::error!(
                    "the audit log contradicts the copy of its head in the storage: run `gatehouse audit verify`"
                );
            }
            told("what is stored", usage::count(app).await);
            told("nightly verification", tick::verify_daily(app).await);
            match wrote {
                Ok(wrote) => Some(wrote),
                Err(error) => {
                    tracing::warn!(%error, "the copy of the audit log's head was not written");
                    None
                }
            }
        },
    }
}

async fn sweep(app: &App) -> gatehouse_app::Result<u64> {
    let mut swept = 0;
    for store in app.ports.plane.stores() {
        swept += store.sweep().await?;
    }
    Ok(swept)
}

fn told(what: &str, done: gatehouse_app::Result<u64>) -> u64 {
    done.unwrap_or_else(|error| {
        tracing::error!(%error, "could not reconcile {what}");
        0
    })
}
