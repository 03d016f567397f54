//! What is in force: flags, then environment, then `gatehouse.toml`, then defaults.

use std::{net::SocketAddr, path::PathBuf};

use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize};
use url::Url;

/// Every setting of the installation; `docs/ref/configuration.md` describes each. The yard's own settings are on a page.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// The bucket that objects go to; empty: files in `data`.
    pub s3_bucket: String,
    /// `text` or `json`.
    pub log_format: LogFormat,
    /// What Prometheus sends as bearer token to `/metrics`; empty: only this machine may read it.
    pub metrics_token: String,
    /// Address ranges of reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
    /// The yard's zone at the first start; later it is on the settings page.
    pub yard_zone: String,
    /// The yard's name at the first start.
    pub yard_name: String,
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
            s3_bucket: String::new(),
            log_format: LogFormat::Text,
            metrics_token: String::new(),
            trusted_proxies: Vec::new(),
            yard_zone: "UTC".into(),
            yard_name: "Freight yard".into(),
        }
    }
}

/// What was said on the command line; it outranks everything.
#[derive(Clone, Debug, Default, Serialize, clap::Args)]
pub struct Flags {
    /// Where the web server listens
    #[arg(long, global = true, value_name = "ADDR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// The folder of database, files and secret
    #[arg(long, global = true, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
}

impl Config {
    /// Reads all sources.
    ///
    /// # Errors
    /// One line that names the setting and what is wrong with it.
    pub fn load(flags: &Flags) -> Result<Self, String> {
        let config: Self = Figment::from(Serialized::defaults(Self::default()))
            .merge(Toml::file("gatehouse.toml"))
            .merge(Env::raw().only(&["DATABASE_URL"]))
            .merge(Env::prefixed("GATEHOUSE_").filter(|key| key != "test_database_url"))
            .merge(Serialized::defaults(flags))
            .extract()
            .map_err(|error| {
                let setting = error.path.join(".");
                format!("setting {}: {}", if setting.is_empty() { "(unnamed)" } else { &setting }, error.kind)
            })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        self.base_url()?;
        if !self.secret.is_empty() && self.secret.len() < gatehouse_app::secrets::Secrets::MIN_BYTES {
            return Err("setting secret: give at least 32 characters, or none to have one made".into());
        }
        self.yard_zone.parse::<chrono_tz::Tz>().map_err(|_| {
            format!("setting yard_zone: “{}” is not a time zone; use a name such as America/Chicago", self.yard_zone)
        })?;
        if !self.smtp_url.is_empty() {
            Url::parse(&self.smtp_url)
                .ok()
                .filter(|url| matches!(url.scheme(), "smtp" | "smtps"))
                .ok_or("setting smtp_url: must be smtp://host:port or smtps://host:port")?;
        }
        if !self.database_url.is_empty()
            && !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| self.database_url.starts_with(scheme))
        {
            return Err("setting DATABASE_URL: must begin with sqlite: or postgres:".into());
        }
        Ok(())
    }

    /// Where people reach Gatehouse.
    ///
    /// # Errors
    /// When it is not an http or https URL.
    pub fn base_url(&self) -> Result<Url, String> {
        let text = if self.base_url.is_empty() { format!("http://{}", self.listen) } else { self.base_url.clone() };
        Url::parse(&text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| format!("setting base_url: “{text}” is not an http or https URL"))
    }

    /// The same with secrets masked, for `gatehouse config` and the health page.
    #[must_use]
    pub fn masked(&self) -> Self {
        let mask = |text: &str| if text.is_empty() { String::new() } else { "***".into() };
        let mask_url = |text: &str| match Url::parse(text) {
            Ok(mut url) if url.password().is_some() => {
                // Only URLs that cannot have a password refuse one, and this one has.
                let _ = url.set_password(Some("***"));
                url.to_string()
            }
            _ => text.to_owned(),
        };
        Self {
            secret: mask(&self.secret),
            metrics_token: mask(&self.metrics_token),
            smtp_url: mask_url(&self.smtp_url),
            database_url: mask_url(&self.database_url),
            ..self.clone()
        }
    }
}
