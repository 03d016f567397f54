//! `gatehouse evidence verify`, `key`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use gatehouse_app::evidence::{self, Refused, Signer, Trust, Verdict};
use serde_json::{Value, json};

use super::{Usage, print};
use crate::{config::Config, start};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Evidence {
    /// Say of each file whether it is what was signed, by whom, and what is missing of it. Needs no data folder and no network; where this machine has a yard's secret, the key is held against its own.  Example: gatehouse evidence verify clip.zip --key 3f9a51c2e07d44b1
    Verify(Verify),
    /// Print the id of the key that this installation signs with, and the key: write the id down somewhere else.  Example: gatehouse evidence key --json
    Key(Key),
}

#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    /// Films with a seal, or zips of them
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The key's id that the yard wrote down: 16 hexadecimal digits or more
    #[arg(long, value_name = "ID")]
    key: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Key {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Evidence {
    pub(super) async fn run(self, config: Config) -> Result<ExitCode> {
        match self {
            Self::Verify(verify) => tokio::task::spawn_blocking(move || verify.run(&config)).await?,
            Self::Key(key) => key.run(&config),
        }
    }
}

impl Verify {
    fn run(self, config: &Config) -> Result<ExitCode> {
        let own = match &self.key {
            Some(_) => None,
            // A secret that cannot be read is as none: then nobody vouches for the key, and that is said.
            None => start::secrets_if_any(config).ok().flatten().map(|secrets| Signer::of(&secrets).key_id()),
        };
        let trust = match (&self.key, &own) {
            (Some(key), _) => Trust::Given(key.trim()),
            (None, Some(own)) => Trust::Own(own),
            (None, None) => Trust::Nobody,
        };
        let found: Vec<_> = self.files.iter().map(|file| (file, evidence::verify(file, trust))).collect();
        let name = |file: &PathBuf| file.display().to_string();
        print(&if self.json {
            let files = found.iter().map(|(file, found)| document(&name(file), found)).collect::<Result<Vec<_>>>()?;
            serde_json::to_string_pretty(&json!({ "files": files }))?
        } else {
            let line = |found: &Result<Verdict, Refused>| match found {
                Ok(verdict) => verdict.to_string(),
                Err(refused) => refused.to_string(),
            };
            found.iter().map(|(file, found)| format!("{}: {}", name(file), line(found))).collect::<Vec<_>>().join("\n")
        });
        // One that is not whole says more than one that cannot be read.
        let codes: Vec<_> =
            found.iter().filter_map(|(_, found)| found.as_ref().err().map(Refused::exit_code)).collect();
        Ok(codes.iter().min().map_or(ExitCode::SUCCESS, |code| ExitCode::from(*code)))
    }
}

fn document(file: &str, found: &Result<Verdict, Refused>) -> Result<Value> {
    Ok(match found {
        Ok(verdict) => {
            let mut document = serde_json::to_value(verdict)?;
            document["file"] = json!(file);
            document["whole"] = json!(true);
            document["text"] = json!(verdict.to_string());
            document
        }
        Err(refused) => json!({ "file": file, "whole": false, "text": refused.to_string() }),
    })
}

impl Key {
    fn run(&self, config: &Config) -> Result<ExitCode> {
        let secrets = start::secrets_if_any(config)?.with_context(|| {
            Usage(format!(
                "there is no secret here to make the key of: neither in {} nor as GATEHOUSE_SECRET",
                config.data.join("secret.key").display()
            ))
        })?;
        let signer = Signer::of(&secrets);
        print(&match self.json {
            true => json!({ "id": signer.key_id(), "public_key": hex::encode(signer.public_key()) }).to_string(),
            false => format!("{}\n{}", signer.key_id(), hex::encode(signer.public_key())),
        });
        Ok(ExitCode::SUCCESS)
    }
}
