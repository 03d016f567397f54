//! Secrets that stand in the file.

use std::path::Path;

use super::{PREFIX, mask_url};

/// A line for each secret in the file: files are copied, kept in backups and put into repositories.
pub(super) fn secrets(file: &Path, table: &toml::Table) -> Vec<String> {
    let password = |text: &str| mask_url(text) != text;
    ["secret", "metrics_token", "recorder_token", "gcs_secret", "smtp_url", "database_url"]
        .into_iter()
        .filter(|name| {
            let value = table.get(*name).and_then(toml::Value::as_str).unwrap_or_default();
            !value.is_empty() && (!name.ends_with("_url") || password(value))
        })
        .map(|name| {
            let variable = if name == "database_url" {
                "DATABASE_URL".to_owned()
            } else {
                format!("{PREFIX}{}", name.to_uppercase())
            };
            format!(
                "{} holds a secret (setting {name}): give it as {variable} in the environment instead",
                file.display()
            )
        })
        .collect()
}
