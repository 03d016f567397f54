//! `gatehouse audit verify`.

use std::process::ExitCode;

use anyhow::Result;
use gatehouse_app::audit::{
    Actor,
    verify::{self, Report},
};
use serde_json::json;

use super::{exit, print};
use crate::{config::Config, start};

#[derive(Debug, clap::Args)]
pub(super) struct Audit {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Find every edited, removed, reordered or cut-off entry.  Example: gatehouse audit verify --json
    Verify {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
}

impl Audit {
    pub(super) async fn run(self, config: Config) -> Result<ExitCode> {
        let Command::Verify { json } = self.command;
        let app = start::app(&config).await?;
        let report = verify::verify(&app, None).await?;
        print(&if json { document(&report)? } else { lines(&report) });
        verify::keep(&app, &Actor::system(), &report).await?;
        Ok(if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::from(exit::FAILED) })
    }
}

fn document(report: &Report) -> Result<String> {
    let mut document = serde_json::to_value(report)?;
    document["whole"] = json!(report.is_whole());
    document["faults"] = report
        .faults
        .iter()
        .map(|fault| {
            let mut one = serde_json::to_value(fault)?;
            one["text"] = json!(fault.to_string());
            Ok(one)
        })
        .collect::<Result<_>>()?;
    Ok(serde_json::to_string_pretty(&document)?)
}

fn lines(report: &Report) -> String {
    let copy = match (report.copied_seq, &report.copy_note) {
        (Some(seq), _) => format!("the copy of the head in the storage vouches up to entry {seq}"),
        (None, Some(note)) => note.clone(),
        (None, None) => "not compared with a copy of the head".into(),
    };
    let mut lines: Vec<_> = report.faults.iter().map(ToString::to_string).collect();
    if report.more_faults > 0 {
        lines.push(format!("and {} more", report.more_faults));
    }
    let word = if report.is_whole() { "whole" } else { "TAMPERED WITH" };
    lines.push(format!("{}: {} entries, head at {}; {copy}", word, report.entries, report.head_seq));
    lines.join("\n")
}
