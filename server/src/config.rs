//! What is in force: flags, then environment, then `gatehouse.toml`, then defaults.

mod check;
mod exposed;
mod legacy;
mod storage;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use figment::{
    Figment, Source,
    providers::{Format, Serialized, Toml},
};
use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

/// Every setting of the installation; `docs/ref/configuration.md` describes each. The yard's own settings are on a page.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the web server listens.
    pub listen: SocketAddr,
    /// Database, files, outbox and the secret live here.
    pub data: PathBuf,
    /// `sqlite:` or `postgres:`; empty: SQLite in `data`.
    pub database_url: String,
    /// Where people reach Gatehouse; empty: `http://` and `listen`.
    pub base_url: String,
    /// At least 32 bytes; empty: `secret.key` in `data`, made at the first start.
    pub secret: String,
    /// `smtp://user:password@host:587`; empty: mail goes to `outbox/*.eml` in `data`.
    pub smtp_url: String,
    pub mail_from: String,
    /// Where objects are kept: `local`, `s3`, `gcs`, or two of them with a `+` between; empty: the bucket that is set, else `local`.
    pub storage: String,
    /// The same for one class of objects; empty: as `storage`.
    pub storage_documents: String,
    pub storage_recordings: String,
    pub storage_reports: String,
    pub storage_media: String,
    pub storage_events: String,
    pub storage_evidence: String,
    pub storage_uploads: String,
    /// Whether local files take what the buckets do not, until they do.
    #[serde(deserialize_with = "yes_or_no")]
    pub storage_fallback: bool,
    /// Whether a local file that nothing wants goes when its copies in the buckets are verified.
    #[serde(deserialize_with = "yes_or_no")]
    pub storage_cleanup_local: bool,
    /// Every so many hours each store is compared with the record, both ways; 0: never.
    #[serde(deserialize_with = "number")]
    pub storage_check_hours: u64,
    /// How much of each store such a comparison reads from end to end, in megabytes, what was not read for longest first.
    #[serde(deserialize_with = "number")]
    pub storage_rehash_mb: u64,
    /// The bucket at AWS, or at the server that `AWS_ENDPOINT_URL` names.
    pub s3_bucket: String,
    /// Where it is; empty: what AWS's own configuration says.
    pub s3_region: String,
    /// The bucket at Google Cloud Storage, and the HMAC key that opens it.
    pub gcs_bucket: String,
    pub gcs_access_id: String,
    pub gcs_secret: String,
    /// Where its XML interface is.
    pub gcs_endpoint: String,
    /// Objects from this size on go up in parts.
    #[serde(deserialize_with = "number")]
    pub upload_threshold_mb: u64,
    /// The size of a part, 5 to 5120.
    #[serde(deserialize_with = "number")]
    pub upload_part_mb: u64,
    /// Parts that go up at the same time.
    #[serde(deserialize_with = "number")]
    pub upload_parallel: u64,
    /// The most that uploads take of the line, in kilobits a second; 0: all of it.
    #[serde(deserialize_with = "number")]
    pub upload_bandwidth_kbps: u64,
    /// For how many seconds addresses of film hold, 20 to 7200: who has one needs no more to see it.
    #[serde(deserialize_with = "number")]
    pub film_url_seconds: u64,
    /// Of `gatehouse record`: where the hub is, and what lets the recorder in.
    pub hub: String,
    pub recorder_token: String,
    /// GB that the yard plans for, all copies; 0: none.
    #[serde(deserialize_with = "number")]
    pub storage_plan_gb: u64,
    /// US dollars a month that the yard plans for; 0: none.
    #[serde(deserialize_with = "number")]
    pub storage_budget: u64,
    /// How many cameras a process records at most.
    #[serde(deserialize_with = "number")]
    pub capture_cameras: u64,
    /// The length of a recording's file, in seconds.
    #[serde(deserialize_with = "number")]
    pub capture_segment_seconds: u64,
    /// The most that is recorded here and sent nowhere yet, in megabytes; 0: what the disk has.
    #[serde(deserialize_with = "number")]
    pub spool_mb: u64,
    /// What recordings leave of the disk, in megabytes.
    #[serde(deserialize_with = "number")]
    pub spool_keep_free_mb: u64,
    /// A whole picture of each camera so often, in minutes; 0: none.
    #[serde(deserialize_with = "number")]
    pub snapshot_minutes: u64,
    /// What this machine's disk is called where several share one database; empty: `data/node`, made of the host's name at the first start.
    pub node: String,
    /// `text` or `json`.
    pub log_format: LogFormat,
    /// What Prometheus sends as bearer token to `/metrics`; empty: only this machine may read it.
    pub metrics_token: String,
    /// Addresses, or ranges of them, of reverse proxies whose `X-Forwarded-For` is believed.
    #[serde(deserialize_with = "list")]
    pub trusted_proxies: Vec<String>,
    /// Addresses besides public and private ones that webhooks may lead to.
    #[serde(deserialize_with = "list")]
    pub webhook_allow: Vec<String>,
    /// The yard's zone at the first start; later it is on the settings page.
    pub yard_zone: String,
    /// The yard's name at the first start.
    pub yard_name: String,
    /// How many hours the API's download URLs live, at the first start: 1 to 168.
    #[serde(deserialize_with = "number")]
    pub yard_url_hours: u64,
    /// What whoever starts it should know of how it is configured: a line each.
    #[serde(skip)]
    pub notes: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            data: PathBuf::from("data"),
            database_url: String::new(),
            base_url: String::new(),
            secret: String::new(),
            smtp_url: String::new(),
            mail_from: "Gatehouse <gatehouse@localhost>".into(),
            storage: String::new(),
            storage_documents: String::new(),
            storage_recordings: String::new(),
            storage_reports: String::new(),
            storage_media: String::new(),
            storage_events: String::new(),
            storage_evidence: String::new(),
            storage_uploads: String::new(),
            storage_fallback: true,
            storage_cleanup_local: true,
            storage_check_hours: 6,
            storage_rehash_mb: 1024,
            s3_bucket: String::new(),
            s3_region: String::new(),
            gcs_bucket: String::new(),
            gcs_access_id: String::new(),
            gcs_secret: String::new(),
            gcs_endpoint: "https://storage.googleapis.com".into(),
            upload_threshold_mb: 100,
            upload_part_mb: 8,
            upload_parallel: 4,
            upload_bandwidth_kbps: 0,
            film_url_seconds: 7200,
            hub: String::new(),
            recorder_token: String::new(),
            storage_plan_gb: 0,
            storage_budget: 0,
            capture_cameras: 64,
            capture_segment_seconds: 60,
            spool_mb: 0,
            spool_keep_free_mb: 2048,
            snapshot_minutes: 5,
            node: String::new(),
            log_format: LogFormat::Text,
            metrics_token: String::new(),
            trusted_proxies: Vec::new(),
            webhook_allow: Vec::new(),
            yard_zone: "UTC".into(),
            yard_name: "Freight yard".into(),
            yard_url_hours: 24,
            notes: Vec::new(),
        }
    }
}

/// Secrets never show, wherever a configuration is printed.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let masked = serde_json::to_value(self.masked()).map_err(|_| fmt::Error)?;
        write!(f, "Config {masked}")
    }
}

/// A list, or one text in which commas separate its parts: the environment has no lists.
fn list<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        List(Vec<String>),
        Text(String),
    }
    Ok(match Given::deserialize(from)? {
        Given::List(list) => list,
        Given::Text(text) => {
            text.split([',', ' ', '[', ']', '"']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        }
    })
}

/// A number, or a text that is one: the environment has texts alone.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Number(u64),
        Text(String),
    }
    let wrong = |text: &str| serde::de::Error::custom(format!("“{text}” is not a whole number"));
    match Given::deserialize(from).map_err(|_| wrong("this"))? {
        Given::Number(number) => Ok(number),
        Given::Text(text) => text.trim().parse().map_err(|_| wrong(&text)),
    }
}

/// Yes or no, as a boolean or in the words people use for it.
fn yes_or_no<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Truth(bool),
        Number(i64),
        Text(String),
    }
    let text = match Given::deserialize(from).map_err(|_| serde::de::Error::custom("give true or false"))? {
        Given::Truth(truth) => return Ok(truth),
        Given::Number(number) => number.to_string(),
        Given::Text(text) => text.trim().to_lowercase(),
    };
    match text.as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(serde::de::Error::custom(format!("“{text}” is neither true nor false"))),
    }
}

/// What was said on the command line; it outranks everything.
#[derive(Clone, Debug, Default, Serialize, clap::Args)]
pub struct Flags {
    /// Where the web server listens; of `work` and `record`: where /healthz, /readyz and /metrics are, nowhere when left out
    #[arg(long, global = true, value_name = "ADDR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// The folder of database, files and secret
    #[arg(long, global = true, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
}

pub(crate) const FILE: &str = "gatehouse.toml";
const PREFIX: &str = "GATEHOUSE_";

impl Config {
    /// Reads all sources.
    ///
    /// # Errors
    /// One line that names the setting and what is wrong with it.
    pub fn load(flags: &Flags) -> Result<Self, String> {
        let mut environment = BTreeMap::new();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str() else { continue };
            let setting = match name {
                "DATABASE_URL" => "database_url".to_owned(),
                // Names of the old systems stay as they are until they are understood.
                _ if legacy::NAMES.contains(&name) => name.to_owned(),
                // Of the tests, not of the installation.
                "GATEHOUSE_TEST_DATABASE_URL" | "GATEHOUSE_UPDATE_DOCS" | "GATEHOUSE_WRITE_DOCS" => continue,
                _ => match name.strip_prefix(PREFIX) {
                    Some(setting) => setting.to_lowercase(),
                    None => continue,
                },
            };
            let value = value.into_string().map_err(|_| format!("setting {setting}: {name} is not UTF-8 text"))?;
            environment.insert(setting, value);
        }
        Self::read(Path::new(FILE), &environment, flags)
    }

    /// The same from given sources. Whatever the environment says is text: a secret of digits is no number.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn read(file: &Path, environment: &BTreeMap<String, String>, flags: &Flags) -> Result<Self, String> {
        let (old, environment): (BTreeMap<_, _>, BTreeMap<_, _>) =
            environment.clone().into_iter().partition(|(name, _)| legacy::NAMES.contains(&name.as_str()));
        let table = table(file)?;
        let said = |setting: &str| {
            environment.contains_key(setting) || table.as_ref().is_some_and(|table| table.contains_key(setting))
        };
        let old = legacy::understand(&old, said)?;
        let mut sources =
            Figment::from(Serialized::defaults(Self::default())).merge(Serialized::defaults(&old.settings));
        if table.is_some() {
            sources = sources.merge(Toml::file_exact(file));
        }
        let mut config: Self =
            sources.merge(Serialized::defaults(&environment)).merge(Serialized::defaults(flags)).extract().map_err(
                |error| {
                    let origin = match error.metadata.as_ref().and_then(|found| found.source.as_ref()) {
                        Some(Source::File(path)) => format!("{}: ", path.display()),
                        _ => String::new(),
                    };
                    match &error.kind {
                        figment::error::Kind::UnknownField(name, _) => format!("{origin}there is no setting {name}"),
                        kind => format!("{origin}setting {}: {kind}", error.path.join(".")),
                    }
                },
            )?;
        config.check()?;
        config.notes = old.notes;
        config.notes.extend(table.iter().flat_map(|table| exposed::secrets(file, table)));
        Ok(config)
    }

    /// Where people reach Gatehouse.
    ///
    /// # Errors
    /// When it is not an http or https URL of a host alone.
    pub fn base_url(&self) -> Result<Url, String> {
        if self.base_url.is_empty() {
            // Nobody reaches “any address”; somebody on this machine reaches this machine.
            let host = match self.listen.ip() {
                ip if ip.is_unspecified() => "localhost".to_owned(),
                IpAddr::V6(ip) => format!("[{ip}]"),
                IpAddr::V4(ip) => ip.to_string(),
            };
            let text = format!("http://{host}:{}", self.listen.port());
            return Url::parse(&text).map_err(|error| format!("setting listen: {error}"));
        }
        let url = Url::parse(&self.base_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| format!("setting base_url: “{}” is not an http or https URL", self.base_url))?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err("setting base_url: give scheme, host and port alone, such as https://gatehouse.example; \
                 Gatehouse does not live under a path"
                .into());
        }
        Ok(url)
    }

    /// What is allowed, and hardly meant: a line each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.notes.clone();
        if self.base_url.is_empty() && self.listen.ip().is_unspecified() {
            warnings.push(format!(
                "links in mails begin with http://localhost:{} and open on this machine alone: set base_url to where people reach Gatehouse",
                self.listen.port()
            ));
        }
        warnings
    }

    /// The same with secrets masked, for `gatehouse config` and the health page.
    #[must_use]
    pub fn masked(&self) -> Self {
        let mask = |text: &str| if text.is_empty() { String::new() } else { "***".into() };
        Self {
            secret: mask(&self.secret),
            metrics_token: mask(&self.metrics_token),
            recorder_token: mask(&self.recorder_token),
            gcs_secret: mask(&self.gcs_secret),
            smtp_url: mask_url(&self.smtp_url),
            database_url: mask_url(&self.database_url),
            base_url: mask_url(&self.base_url),
            ..self.clone()
        }
    }
}

/// What stands in the file, where there is one. It is parsed for its own sake: what figment says of a broken one has many lines.
fn table(file: &Path) -> Result<Option<toml::Table>, String> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{}: {error}", file.display())),
    };
    let error = match text.parse::<toml::Table>() {
        Ok(table) => return Ok(Some(table)),
        Err(error) => error,
    };
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let setting = text.lines().nth(line - 1).and_then(|line| line.split_once('=')).map(|(name, _)| name.trim());
    let setting = setting.map(|name| format!(", setting {name}")).unwrap_or_default();
    let what = error.message().replace('\n', " ");
    Err(format!("{}: line {line}{setting}: {what}", file.display()))
}

/// Passwords stand before the host, and in the queries of Postgres. What cannot be read might have one anywhere.
fn mask_url(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let Ok(mut url) = Url::parse(text) else { return "***".into() };
    if url.password().is_some() {
        // Only URLs that cannot have a password refuse one, and this one has.
        let _ = url.set_password(Some("***"));
    }
    let secret = |name: &str| matches!(name, "password" | "sslpassword");
    if url.query_pairs().any(|(name, _)| secret(&name)) {
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        url.query_pairs_mut()
            .clear()
            .extend_pairs(pairs.iter().map(|(name, value)| (name, if secret(name) { "***" } else { value.as_str() })));
        return url.into();
    }
    match Url::parse(text) == Ok(url.clone()) {
        true => text.to_owned(),
        false => url.into(),
    }
}
