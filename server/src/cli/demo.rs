//! `gatehouse demo`.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use super::{Usage, print};
use crate::{config::Config, demo, start};

#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Demo {
    pub(super) async fn run(self, config: Config) -> Result<ExitCode> {
        if !demo::is_empty(&start::app(&config).await?).await? {
            let line =
                "this yard has records already; the demo fills an empty one only: give another folder with --data";
            return Err(Usage(line.into()).into());
        }
        let filled = Box::pin(demo::fill(&config)).await?;
        print(&if self.json {
            json!({
                "customers": filled.customers, "issued": filled.issued, "drafts": filled.drafts, "mails": filled.mails,
                "films": filled.films,
            })
            .to_string()
        } else {
            format!(
                "Filled: {} customers, {} bills issued, {} drafts, {} times sent, {} minutes of film.\n\
                 Now start `gatehouse serve`: it prints a link, good once, that makes the first admin.\n\
                 Nobody of the demo has a password, and its mail went nowhere.",
                filled.customers, filled.issued, filled.drafts, filled.mails, filled.films
            )
        });
        Ok(ExitCode::SUCCESS)
    }
}
