//! `gatehouse doctor`.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use super::{exit, print};
use crate::{config::Config, doctor};

#[derive(Debug, clap::Args)]
pub(super) struct Doctor {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) async fn run(self, config: Config) -> Result<ExitCode> {
        let report = doctor::examine(&config).await;
        print(&if self.json {
            let mut document = serde_json::to_value(&report)?;
            document["settings"] = report.settings.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            document["sound"] = json!(report.is_sound());
            document["summary"] = json!(report.summary());
            serde_json::to_string_pretty(&document)?
        } else {
            report.text()
        });
        Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(exit::FAILED) })
    }
}
