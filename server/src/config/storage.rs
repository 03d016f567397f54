//! Which stores there are, and which class of objects goes to which.

use std::{collections::BTreeMap, time::Duration};

use gatehouse_app::objects::{Class, LOCAL, Pieces, Policy};
use url::Url;

use super::Config;

/// The names of backends in settings and in the database.
pub const S3: &str = "s3";
pub const GCS: &str = "gcs";

/// More recordings than these take a check longer than it may: it goes round them day by day.
const CHECK_AT_ONCE: u64 = 100_000;

impl Config {
    /// # Errors
    /// One line that names the setting and what is wrong with it.
    pub(super) fn check_storage(&self) -> Result<(), String> {
        let policy = self.policy()?;
        if uses(&policy, GCS) || !self.gcs_bucket.is_empty() {
            for (setting, value) in [("gcs_access_id", &self.gcs_access_id), ("gcs_secret", &self.gcs_secret)] {
                if value.is_empty() {
                    return Err(format!("setting {setting}: the HMAC key of the bucket at Google is missing"));
                }
            }
            let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
            Url::parse(&self.gcs_endpoint)
                .ok()
                .filter(is_web)
                .ok_or_else(|| format!("setting gcs_endpoint: “{}” is not an http or https URL", self.gcs_endpoint))?;
        }
        if !(5..=5120).contains(&self.upload_part_mb) {
            return Err("setting upload_part_mb: give 5 to 5120; buckets take no other parts".into());
        }
        if !(1..=64).contains(&self.upload_parallel) {
            return Err("setting upload_parallel: give 1 to 64".into());
        }
        if self.upload_threshold_mb > 5120 {
            return Err(
                "setting upload_threshold_mb: give 5120 at most; buckets take no larger object in one put".into()
            );
        }
        if !(20..=7200).contains(&self.film_url_seconds) {
            return Err("setting film_url_seconds: give 20 to 7200".into());
        }
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.node.len() > 64 || !self.node.chars().all(named) {
            return Err("setting node: give at most 64 letters, digits, dots and dashes".into());
        }
        Ok(())
    }

    /// Which class goes where.
    ///
    /// # Errors
    /// One line that names the setting and what is wrong with it.
    pub fn policy(&self) -> Result<Policy, String> {
        let default = match self.storage.as_str() {
            "" if !self.s3_bucket.is_empty() => vec![S3.to_owned()],
            "" if !self.gcs_bucket.is_empty() => vec![GCS.to_owned()],
            "" => vec![LOCAL.to_owned()],
            given => self.backends("storage", given)?,
        };
        let mut classes = BTreeMap::new();
        for (class, setting, given) in self.by_class() {
            if !given.is_empty() {
                classes.insert(class, self.backends(setting, given)?);
            }
        }
        Ok(Policy {
            default,
            classes,
            fallback: self.storage_fallback,
            cleanup_local: self.storage_cleanup_local,
            rehash_bytes: self.storage_rehash_mb << 20,
            check_hours: self.storage_check_hours,
            check_at_once: CHECK_AT_ONCE,
            pieces: Pieces { over: self.upload_threshold_mb << 20, size: self.upload_part_mb << 20 },
            film_life: Some(Duration::from_secs(self.film_url_seconds)),
        })
    }

    fn by_class(&self) -> [(Class, &'static str, &str); 7] {
        [
            (Class::Document, "storage_documents", &self.storage_documents),
            (Class::Recording, "storage_recordings", &self.storage_recordings),
            (Class::Report, "storage_reports", &self.storage_reports),
            (Class::Media, "storage_media", &self.storage_media),
            (Class::Event, "storage_events", &self.storage_events),
            (Class::Evidence, "storage_evidence", &self.storage_evidence),
            (Class::Upload, "storage_uploads", &self.storage_uploads),
        ]
    }

    fn backends(&self, setting: &str, given: &str) -> Result<Vec<String>, String> {
        let mut backends: Vec<String> = Vec::new();
        for name in given.split('+').map(str::trim) {
            let bucket = match name {
                LOCAL => None,
                S3 => Some(("s3_bucket", &self.s3_bucket)),
                GCS => Some(("gcs_bucket", &self.gcs_bucket)),
                _ => {
                    return Err(format!(
                        "setting {setting}: “{name}” is none of local, s3 and gcs; two at once are s3+gcs"
                    ));
                }
            };
            if let Some((missing, "")) = bucket.map(|(missing, bucket)| (missing, bucket.as_str())) {
                return Err(format!("setting {setting}: {name} is wanted and setting {missing} is empty"));
            }
            if backends.iter().any(|known| known == name) {
                return Err(format!("setting {setting}: {name} is named twice"));
            }
            backends.push(name.to_owned());
        }
        Ok(backends)
    }
}

fn uses(policy: &Policy, backend: &str) -> bool {
    policy.default.iter().chain(policy.classes.values().flatten()).any(|name| name == backend)
}
