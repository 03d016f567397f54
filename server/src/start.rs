//! From the configuration to a running house: database, ports, domain.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use gatehouse_app::{
    App,
    objects::Plane,
    ports::{Clock, Ids, Mailer, ObjectStore, Ports, Webhooks},
    recorders::Manner,
    secrets::Secrets,
    yard::{self, Yard},
};
use gatehouse_jobs::{
    capture::{hold, look::SiteCameras, spool},
    clock::{SystemClock, SystemIds},
    database, durable,
    mail::{
        outbox::Outbox,
        smtp::{Patience, SmtpMailer},
    },
    queue::SqlQueue,
    storage::{
        bandwidth::Bandwidth,
        local::LocalStore,
        open::{MB, Tuning},
        s3::S3Store,
    },
    webhook::HttpWebhooks,
};
use url::Url;

use crate::{cli::Usage, config::Config};

/// Opens everything that `config` names.
///
/// # Errors
/// When the data folder, the database or the secret cannot be used.
pub async fn app(config: &Config) -> Result<App> {
    let webhooks = HttpWebhooks::new(config.webhooks().map_err(Usage)?);
    app_with(config, Arc::new(SystemClock), mailer(config, &base_url(config)?)?, Arc::new(webhooks)).await
}

/// The same at another time, with mail and webhooks that go elsewhere: the demo.
pub(crate) async fn app_with(
    config: &Config,
    clock: Arc<dyn Clock>,
    mailer: Arc<dyn Mailer>,
    webhooks: Arc<dyn Webhooks>,
) -> Result<App> {
    let unusable = |error: std::io::Error| Usage(format!("setting data: {}: {error}", config.data.display()));
    std::fs::create_dir_all(&config.data).map_err(unusable)?;
    durable::sweep(&scratch(&config.data)).map_err(unusable)?;
    let secrets = secrets(config)?;
    let url =
        if config.database_url.is_empty() { database::embedded_url(&config.data) } else { config.database_url.clone() };
    let database = database::ready(&url).await?;
    let base_url = base_url(config)?;
    let ports = Ports {
        clock: clock.clone(),
        ids: Arc::new(SystemIds),
        queue: Arc::new(SqlQueue),
        plane: plane(config, &base_url, &secrets, clock).await?,
        mailer,
        cameras: Arc::new(SiteCameras::default()),
        webhooks,
    };
    // What an interrupted process left half-written is nobody's; that it cannot be removed stops nothing.
    for store in ports.plane.stores() {
        if let Err(error) = store.sweep().await {
            tracing::warn!(backend = store.backend(), %error, "leftovers in the storage were not removed");
        }
    }
    if let Err(error) = ports.mailer.sweep().await {
        tracing::warn!(%error, "leftovers in the outbox were not removed");
    }
    let app = App::new(database, ports, secrets, base_url, config.mail_from.clone());
    yard::begin(&app, &first_yard(config)).await?;
    Ok(app)
}

/// How this process records, where it does.
#[must_use]
pub fn recording(config: &Config) -> hold::Settings {
    hold::Settings {
        data: config.data.clone(),
        cameras: usize::try_from(config.capture_cameras).unwrap_or(usize::MAX),
        segment: Duration::from_secs(config.capture_segment_seconds),
        bound: spool::Bound { spool_mb: config.spool_mb, keep_free_mb: config.spool_keep_free_mb },
        snapshot_minutes: config.snapshot_minutes,
    }
}

/// How it is recorded here, for recorders on other sites.
pub(crate) fn manner(config: &Config) -> Manner {
    let number = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    let (segment_seconds, snapshot_minutes) = (config.capture_segment_seconds, config.snapshot_minutes);
    Manner { segment_seconds: number(segment_seconds), snapshot_minutes: number(snapshot_minutes) }
}

/// The yard's settings as they are at the first start.
fn first_yard(config: &Config) -> Yard {
    let usual = Yard::default();
    Yard {
        name: config.yard_name.clone(),
        zone: config.yard_zone.parse().unwrap_or(usual.zone),
        api_url_hours: u32::try_from(config.yard_url_hours).unwrap_or(usual.api_url_hours),
        ..usual
    }
}

fn base_url(config: &Config) -> Result<Url> {
    config.base_url().map_err(|line| Usage(line).into())
}

/// What a data folder has of its own, whatever is done with it: the secret, and the name of its disk.
///
/// # Errors
/// When the folder cannot be used.
pub(crate) fn alone(config: &Config) -> Result<(Secrets, String)> {
    let unusable = |error: std::io::Error| Usage(format!("setting data: {}: {error}", config.data.display()));
    std::fs::create_dir_all(&config.data).map_err(unusable)?;
    durable::sweep(&scratch(&config.data)).map_err(unusable)?;
    Ok((secrets(config)?, node(config)?))
}

/// Every store there is: files in the data folder, which stand in for the others, and the buckets that are configured.
async fn plane(config: &Config, base_url: &Url, secrets: &Secrets, clock: Arc<dyn Clock>) -> Result<Plane> {
    let policy = config.policy().map_err(Usage)?;
    let local = LocalStore::new(config.data.join("objects"), base_url.clone(), secrets.clone(), clock);
    let mut stores: Vec<Arc<dyn ObjectStore>> = vec![Arc::new(local.on(&node(config)?))];
    let tuning = Tuning {
        threshold: config.upload_threshold_mb * MB,
        part: config.upload_part_mb * MB,
        parallel: usize::try_from(config.upload_parallel)?,
        bandwidth: Arc::new(Bandwidth::new(config.upload_bandwidth_kbps)),
    };
    if !config.s3_bucket.is_empty() {
        let bucket = S3Store::connect(&config.s3_bucket, &config.s3_region, tuning.clone()).await;
        stores.push(Arc::new(bucket.map_err(|error| Usage(format!("{error:#}")))?));
    }
    if !config.gcs_bucket.is_empty() {
        let (id, secret) = (&config.gcs_access_id, &config.gcs_secret);
        let bucket = S3Store::gcs(&config.gcs_bucket, &config.gcs_endpoint, id, secret, tuning).await;
        stores.push(Arc::new(bucket.map_err(|error| Usage(format!("{error:#}")))?));
    }
    Ok(Plane::new(stores, policy))
}

/// What this disk is called. The name stays with the data folder: a container that is made anew has another host name and the same files.
fn node(config: &Config) -> Result<String> {
    if !config.node.is_empty() {
        return Ok(config.node.clone());
    }
    let path = config.data.join("node");
    let unusable = |error: std::io::Error| Usage(format!("setting data: {}: {error}", path.display()));
    if !path.try_exists().map_err(unusable)? {
        let named = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        let host: String = host_name().chars().filter(named).take(40).collect();
        // Machines of one image have one name.
        let mut tail = [0; 2];
        SystemIds.random(&mut tail);
        let name = format!("{}-{}", if host.is_empty() { "node" } else { &host }, hex::encode(tail));
        durable::create(&path, &scratch(&config.data), name.as_bytes()).map_err(unusable)?;
    }
    Ok(std::fs::read_to_string(&path).map_err(unusable)?.trim().to_owned())
}

/// The mail server, or a folder.
fn mailer(config: &Config, base_url: &Url) -> Result<Arc<dyn Mailer>> {
    if config.smtp_url.is_empty() {
        return Ok(Arc::new(Outbox::new(config.data.join("outbox"))));
    }
    let hello = base_url.host_str().unwrap_or("localhost");
    let mailer = SmtpMailer::new(&config.smtp_url, hello, Patience::default());
    Ok(Arc::new(mailer.map_err(|error| Usage(format!("{error:#}")))?))
}

fn secrets(config: &Config) -> Result<Secrets> {
    if config.secret.is_empty() {
        let short =
            || Usage(format!("{} has fewer than 32 bytes: restore it", config.data.join("secret.key").display()));
        return Secrets::new(&secret_file(&config.data)?).with_context(short);
    }
    Secrets::new(config.secret.as_bytes()).with_context(|| Usage("setting secret: fewer than 32 bytes".into()))
}

/// The secret where there is one: nothing is made, and the data folder need not be there.
pub(crate) fn secrets_if_any(config: &Config) -> Result<Option<Secrets>> {
    let is_there = !config.secret.is_empty() || config.data.join("secret.key").exists();
    is_there.then(|| secrets(config)).transpose()
}

/// Where files of the data folder itself are half-written.
fn scratch(data: &Path) -> PathBuf {
    data.join(".tmp")
}

/// The secret in the data folder, made at the first start and readable by its owner alone. Of processes that start together one makes
/// it, and all read the same.
fn secret_file(data: &Path) -> Result<Vec<u8>> {
    let path = data.join("secret.key");
    let unusable = |error: std::io::Error| Usage(format!("setting data: {}: {error}", path.display()));
    if !path.try_exists().map_err(unusable)? {
        let mut bytes = [0; 32];
        SystemIds.random(&mut bytes);
        durable::create(&path, &scratch(data), hex::encode(bytes).as_bytes()).map_err(unusable)?;
    }
    Ok(std::fs::read(&path).map_err(unusable)?)
}

/// As the system has it; empty where it does not say.
fn host_name() -> String {
    ["/proc/sys/kernel/hostname", "/etc/hostname"]
        .into_iter()
        .find_map(|path| std::fs::read_to_string(path).ok())
        .or_else(|| ["HOSTNAME", "COMPUTERNAME"].into_iter().find_map(|name| std::env::var(name).ok()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_that_start_together_have_one_secret() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().to_owned();
        let together: Vec<_> = (0..16)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || secret_file(&path).unwrap())
            })
            .collect();
        let secrets: Vec<_> = together.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert!(secrets.iter().all(|secret| *secret == secrets[0] && secret.len() == 64));
        assert_eq!(secret_file(&path).unwrap(), secrets[0]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(path.join("secret.key")).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn half_a_secret_is_refused() {
        let data = tempfile::tempdir().unwrap();
        std::fs::File::create(data.path().join("secret.key")).unwrap();
        let config = Config { data: data.path().to_owned(), ..Config::default() };
        let refused = secrets(&config).unwrap_err();
        assert!(refused.is::<Usage>() && refused.to_string().contains("secret.key"), "{refused}");
    }
}
