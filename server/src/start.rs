//! From the configuration to a running house: database, ports, domain.

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Read, Write},
    path::Path,
    sync::Arc,
};

use anyhow::{Context, Result};
use gatehouse_app::{
    App,
    ports::{Clock, Ids, Mailer, ObjectStore, Ports},
    secrets::Secrets,
};
use gatehouse_jobs::{
    clock::{SystemClock, SystemIds},
    database,
    mail::{
        outbox::Outbox,
        smtp::{Patience, SmtpMailer},
    },
    queue::SqlQueue,
    storage::{local::LocalStore, s3::S3Store},
};
use url::Url;

use crate::config::Config;

/// Opens everything that `config` names.
///
/// # Errors
/// When the data folder, the database or the secret cannot be used.
pub async fn app(config: &Config) -> Result<App> {
    app_with(config, Arc::new(SystemClock), mailer(config, &base_url(config)?)?).await
}

/// The same at another time and with mail that goes elsewhere: the demo.
pub(crate) async fn app_with(config: &Config, clock: Arc<dyn Clock>, mailer: Arc<dyn Mailer>) -> Result<App> {
    std::fs::create_dir_all(&config.data)
        .with_context(|| format!("setting data: cannot make {}", config.data.display()))?;
    let secrets = secrets(config)?;
    let url =
        if config.database_url.is_empty() { database::embedded_url(&config.data) } else { config.database_url.clone() };
    let database = database::ready(&url).await?;
    let base_url = base_url(config)?;
    let ports = Ports {
        clock: clock.clone(),
        ids: Arc::new(SystemIds),
        queue: Arc::new(SqlQueue),
        store: store(config, &base_url, &secrets, clock).await?,
        mailer,
    };
    Ok(App::new(database, ports, secrets, base_url, config.mail_from.clone()))
}

fn base_url(config: &Config) -> Result<Url> {
    config.base_url().map_err(anyhow::Error::msg)
}

/// The bucket, or files in the data folder.
async fn store(
    config: &Config,
    base_url: &Url,
    secrets: &Secrets,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn ObjectStore>> {
    if config.s3_bucket.is_empty() {
        return Ok(Arc::new(LocalStore::new(config.data.join("objects"), base_url.clone(), secrets.clone(), clock)));
    }
    Ok(Arc::new(S3Store::connect(&config.s3_bucket).await?))
}

/// The mail server, or a folder.
fn mailer(config: &Config, base_url: &Url) -> Result<Arc<dyn Mailer>> {
    if config.smtp_url.is_empty() {
        return Ok(Arc::new(Outbox::new(config.data.join("outbox"))));
    }
    let hello = base_url.host_str().unwrap_or("localhost");
    Ok(Arc::new(SmtpMailer::new(&config.smtp_url, hello, Patience::default())?))
}

fn secrets(config: &Config) -> Result<Secrets> {
    let bytes = if config.secret.is_empty() { secret_file(&config.data)? } else { config.secret.clone().into_bytes() };
    Secrets::new(&bytes).context("setting secret: fewer than 32 bytes")
}

/// The secret in the data folder, made at the first start and readable by its owner alone.
fn secret_file(data: &Path) -> Result<Vec<u8>> {
    let path = data.join("secret.key");
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&path) {
        Ok(mut file) => {
            let mut bytes = [0; 32];
            SystemIds.random(&mut bytes);
            let text = hex::encode(bytes);
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).context("writing secret.key")?;
            Ok(text.into_bytes())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let mut bytes = Vec::new();
            OpenOptions::new().read(true).open(&path)?.read_to_end(&mut bytes).context("reading secret.key")?;
            Ok(bytes)
        }
        Err(error) => Err(error).with_context(|| format!("cannot write {}", path.display())),
    }
}
