//! The whole examination: this machine, the database, the mail server, and every backend that is configured.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use gatehouse_app::{
    doctor::{Finding, Group, Report, Verdict},
    objects::signed::FileGrant,
    ports::{Clock, ObjectStore, Signed, Signing, StoreError},
    secrets::Secrets,
    ui::status::Tone,
};
use gatehouse_jobs::{
    clock::SystemClock,
    database,
    doctor::{self, BYTES, KEY, Place},
    mail::smtp::{Patience, SmtpMailer},
    storage::local::LocalStore,
};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use crate::{config::Config, health};

/// Whatever of this house is asked answers within this time, or counts as not answering.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is configured, secrets masked; what is left at nothing is left out.
#[must_use]
pub fn settings(config: &Config) -> Vec<(String, String)> {
    let Ok(serde_json::Value::Object(all)) = serde_json::to_value(config.masked()) else { return Vec::new() };
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        serde_json::Value::Array(all) => all.iter().filter_map(|one| one.as_str()).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    let mut all: Vec<_> =
        all.into_iter().map(|(name, value)| (name, text(value))).filter(|(_, value)| !value.is_empty()).collect();
    all.extend(from_aws().into_iter().map(|(name, value)| (name.to_owned(), value)));
    all
}

/// What the AWS conventions say; of keys only whether there is one.
fn from_aws() -> Vec<(&'static str, String)> {
    let set =
        |name: &'static str| std::env::var(name).ok().filter(|value| !value.is_empty()).map(|value| (name, value));
    let plain =
        ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ROLE_ARN"];
    let secret = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    let masked = secret.into_iter().filter_map(|name| set(name).map(|_| (name, "***".to_owned())));
    plain.into_iter().filter_map(set).chain(masked).collect()
}

/// Makes every probe. Nothing is changed but test objects, which are deleted again.
pub async fn examine(config: &Config) -> Report {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mut groups = vec![house(config).await, local(config, clock.clone()).await];
    for place in places(config, &clock).await {
        groups.push(doctor::examine(&place).await);
    }
    Report { at: clock.now(), settings: settings(config), groups }
}

/// Every bucket that is configured.
async fn places(config: &Config, clock: &Arc<dyn Clock>) -> Vec<Place> {
    let (mut places, origin) = (Vec::new(), origin(config));
    if !config.s3_bucket.is_empty() {
        places.push(Place::new(
            "s3",
            &config.s3_bucket,
            &origin,
            doctor::loaded(&config.s3_region).await,
            clock.clone(),
        ));
    }
    if !config.gcs_bucket.is_empty() {
        let at = doctor::elsewhere(&config.gcs_endpoint, &config.gcs_access_id, &config.gcs_secret).await;
        places.push(Place::new("gcs", &config.gcs_bucket, origin, at, clock.clone()));
    }
    places
}

/// The origin of the pages that people open.
#[must_use]
pub fn origin(config: &Config) -> String {
    config.base_url().map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

/// This machine, and what stands beside it.
async fn house(config: &Config) -> Group {
    let findings = vec![
        Finding::new("disk", "Disk", disk(config).await),
        Finding::new("secrets", "Secrets", secrets(config)),
        Finding::new("database", "Database", database(config).await),
        Finding::new("smtp", "Mail server", smtp(config).await),
    ];
    Group { about: "This machine and what stands beside it".into(), findings }
}

async fn disk(config: &Config) -> Verdict {
    if !config.data.exists() {
        return Verdict::sound(format!("{} is made at the first start", config.data.display()));
    }
    let check = health::disk(config).await;
    let at = config.data.display();
    match check.tone {
        Tone::Bad if check.found.starts_with("only") || check.found.contains("storage space") => {
            Verdict::failed(check.found)
                .mend(format!("df -h {at}; du -sh {at}/*    # then make room, or move it: setting data"))
        }
        Tone::Bad => Verdict::failed(check.found).mend(format!(
            "ls -ld {at}; mount | grep ' ro[,)]'\nsudo chown -R \"$(id -un)\" {at}    # as whom Gatehouse runs"
        )),
        Tone::Warn => Verdict::advice(check.found).mend(format!("du -sh {at}/*")),
        _ => Verdict::sound(check.found),
    }
}

/// Nobody else can read what opens everything.
fn secrets(config: &Config) -> Verdict {
    #[cfg(unix)]
    for path in [config.data.join("secret.key"), Path::new(crate::config::FILE).to_owned()] {
        use std::os::unix::fs::PermissionsExt;
        let holds = path.ends_with("secret.key") || config.notes.iter().any(|note| note.contains("secret"));
        let mode = std::fs::metadata(&path).map(|about| about.permissions().mode() & 0o077).unwrap_or_default();
        if holds && mode != 0 {
            return Verdict::failed(format!("{} can be read by others on this machine", path.display()))
                .mend(format!("chmod 600 {}", path.display()));
        }
    }
    match config.notes.iter().find(|note| note.contains("holds a secret")) {
        Some(note) => {
            Verdict::advice(note.clone()).mend("Move it to the environment, or to your service manager's credentials")
        }
        None => Verdict::sound("none in the open"),
    }
}

/// It opens, and takes writers.
async fn database(config: &Config) -> Verdict {
    let url = match config.database_url.is_empty() {
        true => database::embedded_url(&config.data),
        false => config.database_url.clone(),
    };
    if let Some(path) = url.strip_prefix("sqlite:")
        && !Path::new(path.split('?').next().unwrap_or_default().trim_start_matches("//")).exists()
    {
        return Verdict::sound("SQLite; it is made at the first start");
    }
    let began = Instant::now();
    let asked = timeout(PATIENCE, database::knock(&url));
    let mend =
        "Is it running, and are name, password and host of DATABASE_URL right? psql \"$DATABASE_URL\" -c 'SELECT 1'";
    match asked.await {
        Ok(Ok(kind)) => Verdict::sound(format!("{kind} answers in {} ms", began.elapsed().as_millis())),
        Ok(Err(error)) => Verdict::failed(format!("{error:#}")).mend(mend),
        Err(_) => Verdict::failed(format!("it does not answer within {} s", PATIENCE.as_secs())).mend(mend),
    }
}

/// It takes connections, and lets this installation in; no mail is sent.
async fn smtp(config: &Config) -> Verdict {
    if config.smtp_url.is_empty() {
        return Verdict::advice(format!("none is set: mail is written to {}", config.data.join("outbox").display()))
            .mend("export GATEHOUSE_SMTP_URL=smtp://user:password@mail.example:587");
    }
    let patience = Patience { connect: PATIENCE, command: PATIENCE, text: PATIENCE };
    let hello = config.base_url().ok().and_then(|url| url.host_str().map(ToOwned::to_owned));
    let mailer = match SmtpMailer::new(&config.smtp_url, hello.as_deref().unwrap_or("localhost"), patience) {
        Ok(mailer) => mailer,
        Err(error) => {
            return Verdict::failed(format!("{error:#}"))
                .mend("export GATEHOUSE_SMTP_URL=smtp://user:password@mail.example:587");
        }
    };
    match mailer.knock().await {
        Ok(how) => Verdict::sound(how),
        Err(why) => Verdict::failed(format!("mail waits: {why}"))
            .mend("Are host, port, name and password of GATEHOUSE_SMTP_URL right, and does the firewall let it out?"),
    }
}

/// Files, which every installation has: they stand in for a bucket that is away.
async fn local(config: &Config, clock: Arc<dyn Clock>) -> Group {
    let root = config.data.join("objects");
    let about = format!("Local files in {}", root.display());
    // Whether an address opens is judged with the same secret; which one makes no difference.
    let (Ok(base), Some(secrets)) = (config.base_url(), Secrets::new(&[7; 32])) else {
        return Group { about, findings: Vec::new() };
    };
    if !config.data.exists() {
        let verdict = Verdict::sound("made at the first start");
        return Group { about, findings: vec![Finding::new("local_files", "Put, read, verify, delete", verdict)] };
    }
    let store = LocalStore::new(root, base, secrets.clone(), clock.clone());
    let round = match round(&store).await {
        Ok(()) => Verdict::sound(format!("{KEY}, and nothing of it left")),
        Err(error) => Verdict::failed(error.to_string())
            .mend(format!("ls -ld {0}/objects; df -h {0}; sudo chown -R \"$(id -un)\" {0}", config.data.display())),
    };
    let link = match address(&store, &secrets, clock.now()).await {
        true => Verdict::sound("until its time is over"),
        false => Verdict::failed("it does not open, or does not end").mend("Check the machine's clock: timedatectl"),
    };
    let findings = vec![
        Finding::new("local_files", "Put, read, verify, delete", round),
        Finding::new("local_link", "A signed address opens", link),
    ];
    Group { about, findings }
}

async fn round(store: &LocalStore) -> Result<(), StoreError> {
    let wrong = |what: &str| StoreError::Unavailable(what.into());
    let sha256 = hex::encode(Sha256::digest(BYTES));
    store.delete(KEY).await?;
    store.put(KEY, BYTES.to_vec(), "text/plain", &sha256).await?;
    match store.head(KEY).await? {
        Some(found) if found.sha256.as_ref() == Some(&sha256) => {}
        _ => return Err(wrong("what was written is not what stands there")),
    }
    if store.get(KEY).await? != BYTES {
        return Err(wrong("other bytes come back than were written"));
    }
    store.delete(KEY).await?;
    match store.head(KEY).await? {
        None => Ok(()),
        Some(_) => Err(wrong("it cannot be deleted")),
    }
}

/// Whether a signed address holds as long as it says, and no longer.
async fn address(store: &LocalStore, secrets: &Secrets, now: i64) -> bool {
    let Ok(Signed { url, .. }) = store.sign(KEY, &Signing::once("test.txt", Duration::from_mins(1))).await else {
        return false;
    };
    let value = |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    let (Some(expires), Some(signature)) = (value("expires").and_then(|text| text.parse().ok()), value("sig")) else {
        return false;
    };
    let grant = FileGrant { key: KEY.into(), filename: "test.txt".into(), expires };
    grant.check(&signature, secrets, now).is_ok() && grant.check(&signature, secrets, now + 62_000).is_err()
}

/// The examination as the page has it: at most one at a time, and the last report.
#[derive(Clone, Debug, Default)]
pub struct Practice(Arc<Mutex<Patient>>);

#[derive(Debug, Default)]
struct Patient {
    looking: bool,
    last: Option<Report>,
}

impl Practice {
    fn lock(&self) -> MutexGuard<'_, Patient> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last report, and whether the next one is being made.
    #[must_use]
    pub fn last(&self) -> (Option<Report>, bool) {
        let patient = self.lock();
        (patient.last.clone(), patient.looking)
    }

    /// Begins to look, unless it does already. It goes on when whoever asked is gone.
    pub fn look(&self, config: Arc<Config>) {
        if std::mem::replace(&mut self.lock().looking, true) {
            return;
        }
        let practice = self.clone();
        tokio::spawn(async move {
            // Put down whatever happens, a panic too.
            let done = Done(practice);
            let report = examine(&config).await;
            done.0.lock().last = Some(report);
        });
    }
}

struct Done(Practice);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.lock().looking = false;
    }
}
