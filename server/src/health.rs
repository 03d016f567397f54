//! Looking after the house: one check per thing that can be wrong, for the health page and `/readyz`.

use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use gatehouse_app::{
    App,
    audit::{copy, model::head, verify},
    jobs::{self, QueueLine, WorkerRow},
    mail::model::delivery,
    objects::LOCAL,
    ui::status::Tone,
    urls,
    yard::pages::health::Check,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use sha2::{Digest, Sha256};
use tokio::{net::TcpStream, time::timeout};

use crate::config::Config;

/// Whatever is asked answers within this time, or counts as not answering.
const PATIENCE: Duration = Duration::from_secs(3);

const MINUTE: i64 = 60_000;

/// The database answers, and how fast.
pub async fn database(app: &App) -> Check {
    let began = Instant::now();
    match timeout(PATIENCE, app.db().execute_unprepared("SELECT 1")).await {
        Ok(Ok(_)) => {
            Check::new("Database", Tone::Ok, format!("{} answers in {} ms", kind(app), began.elapsed().as_millis()))
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "the database does not answer");
            Check::new("Database", Tone::Bad, format!("{} refuses", kind(app)))
                .remedy("See the log of this process", None)
        }
        Err(_) => Check::new("Database", Tone::Bad, format!("{} does not answer within 3 s", kind(app)))
            .remedy("Look at the database server", None),
    }
}

fn kind(app: &App) -> &'static str {
    if app.db().get_database_backend() == sea_orm::DatabaseBackend::Postgres { "Postgres" } else { "SQLite" }
}

/// The data folder takes writes, and has room.
pub async fn disk(config: &Config) -> Check {
    let data = config.data.clone();
    let written = tokio::task::spawn_blocking(move || {
        let probe = data.join(".writable");
        let outcome = File::create(&probe).and_then(|mut file| file.write_all(b"yes"));
        // A probe that stays is harmless, and the next one replaces it.
        let _ = std::fs::remove_file(&probe);
        outcome.map(|()| free(&data))
    })
    .await;
    match written {
        Ok(Ok(Some(free))) if free < 200 << 20 => Check::new("Disk", Tone::Bad, format!("only {} free", size(free)))
            .remedy("Make room in the data folder", None),
        Ok(Ok(Some(free))) if free < 2 << 30 => {
            Check::new("Disk", Tone::Warn, format!("{} free", size(free))).remedy("Make room in the data folder", None)
        }
        Ok(Ok(Some(free))) => Check::new("Disk", Tone::Ok, format!("writable, {} free", size(free))),
        Ok(Ok(None)) => Check::new("Disk", Tone::Ok, "writable"),
        Ok(Err(error)) => Check::new("Disk", Tone::Bad, format!("the data folder cannot be written: {}", error.kind()))
            .remedy("Check its owner and the disk", None),
        Err(_) => Check::new("Disk", Tone::Bad, "could not be looked at"),
    }
}

/// Bytes free for this process where `path` is; `None` where the system does not say.
fn free(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    return rustix::fs::statvfs(path).ok().map(|found| found.f_bavail.saturating_mul(found.f_frsize));
    #[cfg(not(unix))]
    return None;
}

fn size(bytes: u64) -> String {
    match bytes {
        ..0x4000_0000 => format!("{} MB", bytes >> 20),
        _ => format!("{}.{} GB", bytes >> 30, (bytes & 0x3fff_ffff) * 10 / 0x4000_0000),
    }
}

const PROBE_KEY: &str = "test/connection_test.txt";
const PROBE: &[u8] = b"Gatehouse reaches this storage.\n";

/// The storage takes an object and shows it again.
pub async fn storage(app: &App) -> Check {
    let Some(store) = app.ports.plane.main() else { return Check::new("Storage", Tone::Bad, "none is configured") };
    let place = if store.backend() == LOCAL { "local files".to_owned() } else { format!("bucket {}", store.bucket()) };
    let began = Instant::now();
    let probe = async {
        let sha256 = hex::encode(Sha256::digest(PROBE));
        store.put(PROBE_KEY, PROBE.to_vec(), "text/plain; charset=utf-8", &sha256).await?;
        store.head(PROBE_KEY).await
    };
    let late = "Bills are issued all the same; their PDFs follow when the storage is back";
    match timeout(PATIENCE, probe).await {
        Ok(Ok(Some(found))) if found.size == PROBE.len() as u64 => Check::new(
            "Storage",
            Tone::Ok,
            format!("{place}: written and read back in {} ms", began.elapsed().as_millis()),
        ),
        Ok(Ok(_)) => {
            Check::new("Storage", Tone::Bad, format!("{place} took an object and does not show it")).remedy(late, None)
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "the storage does not take an object");
            Check::new("Storage", Tone::Bad, format!("{place} does not take an object")).remedy(late, None)
        }
        Err(_) => Check::new("Storage", Tone::Bad, format!("{place} does not answer within 3 s")).remedy(late, None),
    }
}

/// The mail server is reachable, or mail goes to a folder.
pub async fn mail(app: &App, config: &Config) -> Check {
    if !app.ports.mailer.is_live() {
        return Check::new(
            "Mail",
            Tone::Warn,
            format!("no SMTP server: mail goes to {}", app.ports.mailer.destination()),
        )
        .remedy("Set GATEHOUSE_SMTP_URL to send mail", Some(urls::OUTBOX));
    }
    let Some((host, port)) = url::Url::parse(&config.smtp_url).ok().and_then(|url| {
        let default = if url.scheme() == "smtps" { 465 } else { 587 };
        Some((url.host_str()?.to_owned(), url.port().unwrap_or(default)))
    }) else {
        return Check::new("Mail", Tone::Neutral, format!("mail goes to {}", app.ports.mailer.destination()));
    };
    match timeout(PATIENCE, TcpStream::connect((host.as_str(), port))).await {
        Ok(Ok(_)) => Check::new("Mail", Tone::Ok, format!("{host}:{port} takes connections")),
        _ => Check::new("Mail", Tone::Bad, format!("{host}:{port} does not take connections"))
            .remedy("Mail waits in the queue meanwhile", Some(urls::OUTBOX)),
    }
}

/// Workers live, and nothing waits too long or has failed.
pub fn queue(now: i64, queues: &[QueueLine], workers: &[WorkerRow]) -> Vec<Check> {
    let alive = workers.iter().filter(|worker| worker.alive).count();
    let idle: Vec<_> = queues.iter().filter(|line| line.workers == 0).map(|line| line.name.as_str()).collect();
    let workers = match (alive, idle.is_empty()) {
        (0, _) => Check::new("Workers", Tone::Bad, "none alive").remedy("Start `gatehouse work`", None),
        (_, false) => Check::new("Workers", Tone::Warn, format!("none for {}", idle.join(", ")))
            .remedy("Start `gatehouse work`", None),
        _ => Check::new("Workers", Tone::Ok, format!("{alive} alive")),
    };
    let oldest = queues.iter().filter_map(|line| line.oldest).map(|at| (now - at) / MINUTE).max().unwrap_or(0);
    let waiting: i64 = queues.iter().map(|line| line.queued).sum();
    let since = if oldest < 1 { "just now".to_owned() } else { format!("for {oldest} min") };
    let queued = format!("{waiting} queued, the oldest due {since}");
    let depth = match oldest {
        ..5 => Check::new("Queue", Tone::Ok, if waiting == 0 { "empty".into() } else { queued }),
        5..60 => Check::new("Queue", Tone::Warn, queued).remedy("See what holds it up", Some(urls::JOBS)),
        _ => Check::new("Queue", Tone::Bad, queued).remedy("See what holds it up", Some(urls::JOBS)),
    };
    let failed: i64 = queues.iter().map(|line| line.failed).sum();
    let retrying: i64 = queues.iter().map(|line| line.retrying).sum();
    let failures = match (failed, retrying) {
        (0, 0) => Check::new("Failed jobs", Tone::Ok, "none"),
        (0, n) => Check::new("Failed jobs", Tone::Warn, format!("{n} will be tried again"))
            .remedy("See their errors", Some(urls::JOBS)),
        (n, _) => {
            let jobs = urls::with_query(urls::JOBS, &[("state", "failed")]);
            Check::new("Failed jobs", Tone::Bad, format!("{n} within a day")).remedy("Retry them", Some(&jobs))
        }
    };
    vec![workers, depth, failures]
}

/// How long ago, in the largest unit that is not nought.
fn ago(milliseconds: i64) -> String {
    match milliseconds / MINUTE {
        ..1 => "just now".into(),
        minutes @ 1..60 => format!("{minutes} min ago"),
        minutes @ 60..2880 => format!("{} h ago", minutes / 60),
        minutes => format!("{} days ago", minutes / 1440),
    }
}

async fn unknown_mail(app: &App) -> gatehouse_app::Result<Check> {
    let unknown = delivery::Entity::find()
        .filter(delivery::Column::State.eq("unknown"))
        .filter(delivery::Column::SettledAt.is_null())
        .count(app.db())
        .await?;
    Ok(match unknown {
        0 => Check::new("Mail of unknown fate", Tone::Ok, "none"),
        n => Check::new("Mail of unknown fate", Tone::Warn, format!("{n}"))
            .remedy("Ask, then resend", Some(&urls::outbox_in("unknown"))),
    })
}

async fn audit(app: &App) -> gatehouse_app::Result<Vec<Check>> {
    let head = head::Entity::find_by_id(1).one(app.db()).await?.map_or(0, |head| head.seq);
    let copied = match timeout(PATIENCE, copy::newest(app)).await {
        Ok(Ok(Some(copy::Copied::Signed(copied)))) => {
            let age = (app.now() - copied.at) / MINUTE;
            let found = format!("knows entry {} of {head}, written {}", copied.seq, ago(app.now() - copied.at));
            if head > copied.seq && age > 10 {
                Check::new("Audit head copy", Tone::Warn, found)
                    .remedy("Workers write it once a minute: see above", None)
            } else {
                Check::new("Audit head copy", Tone::Ok, found)
            }
        }
        Ok(Ok(Some(copy::Copied::Forged(key)))) => {
            Check::new("Audit head copy", Tone::Bad, format!("{key} was not signed by this installation"))
        }
        Ok(Ok(None)) => Check::new("Audit head copy", Tone::Warn, "not written yet"),
        _ => Check::new("Audit head copy", Tone::Warn, "the storage does not answer"),
    };
    let verified = match verify::last(app).await? {
        None => Check::new("Audit chain", Tone::Neutral, "not verified yet").remedy("Verify it", Some(urls::AUDIT)),
        Some(report) if report.is_whole() => Check::new(
            "Audit chain",
            Tone::Ok,
            format!("whole: {} entries verified {}", report.entries, ago(app.now() - report.at)),
        ),
        Some(report) => Check::new("Audit chain", Tone::Bad, format!("{} faults", report.faults.len()))
            .remedy("See where", Some(urls::AUDIT)),
    };
    Ok(vec![copied, verified])
}

/// Everything, for the health page.
///
/// # Errors
/// When the database does not answer.
pub async fn all(app: &App, config: &Config) -> gatehouse_app::Result<(Vec<Check>, Vec<WorkerRow>)> {
    let (database, disk, storage, mail) = tokio::join!(database(app), disk(config), storage(app), mail(app, config));
    let workers = jobs::workers(app.db()).await?;
    let queues = jobs::queues(app, &workers).await?;
    let mut checks = vec![database, disk, storage, mail];
    checks.extend(queue(app.now(), &queues, &workers));
    checks.push(unknown_mail(app).await?);
    checks.extend(audit(app).await?);
    Ok((checks, workers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_past_are_told_in_the_largest_unit_there_is() {
        let minute = |n: i64| ago(n * MINUTE);
        assert_eq!(ago(-5), "just now");
        assert_eq!(ago(MINUTE - 1), "just now");
        assert_eq!(
            [minute(1), minute(59), minute(60), minute(2879)],
            ["1 min ago", "59 min ago", "1 h ago", "47 h ago"]
        );
        assert_eq!(minute(2880), "2 days ago");
    }
}
