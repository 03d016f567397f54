//! `gatehouse evidence verify`, `key`.

use std::{
    fmt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use gatehouse_app::evidence::{self, Chain, Refused, Signer, Trust, Verdict};
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
    /// Films with a seal, zips of them, or a clip's custody.json
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
        let found: Vec<_> = self.files.iter().map(|file| (file, judge(file, trust))).collect();
        let name = |file: &PathBuf| file.display().to_string();
        print(&if self.json {
            let files = found.iter().map(|(file, found)| document(&name(file), found)).collect::<Result<Vec<_>>>()?;
            serde_json::to_string_pretty(&json!({ "files": files }))?
        } else {
            found.iter().map(|(file, found)| format!("{}: {}", name(file), words(found))).collect::<Vec<_>>().join("\n")
        });
        // One that is not whole says more than one that cannot be read.
        let codes: Vec<_> =
            found.iter().filter_map(|(_, found)| found.as_ref().err().map(Refused::exit_code)).collect();
        Ok(codes.iter().min().map_or(ExitCode::SUCCESS, |code| ExitCode::from(*code)))
    }
}

/// What is whole.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Found {
    Film(Verdict),
    Chain(Chain),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Film(verdict) => fmt::Display::fmt(verdict, f),
            Self::Chain(chain) => fmt::Display::fmt(chain, f),
        }
    }
}

fn judge(file: &Path, trust: Trust<'_>) -> Result<Found, Refused> {
    Ok(match evidence::custody(file, trust)? {
        Some(chain) => Found::Chain(chain),
        None => Found::Film(evidence::verify(file, trust)?),
    })
}

fn words(found: &Result<Found, Refused>) -> String {
    match found {
        Ok(found) => found.to_string(),
        // It names what it found in the file.
        Err(refused) => evidence::plain(&refused.to_string()),
    }
}

fn document(file: &str, found: &Result<Found, Refused>) -> Result<Value> {
    let mut document = match found {
        Ok(found) => serde_json::to_value(found)?,
        Err(_) => json!({}),
    };
    document["file"] = json!(file);
    document["whole"] = json!(found.is_ok());
    document["text"] = json!(words(found));
    Ok(document)
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
