//! `gatehouse recorder create`, `list`, `revoke`.

use std::process::ExitCode;

use anyhow::Result;
use gatehouse_app::{
    AppError,
    audit::Actor,
    cameras,
    ids::RecorderId,
    recorders::{self, RecorderForm},
};
use serde_json::{Value, json};

use super::{print, user::report};
use crate::{config::Config, start};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Recorder {
    /// Make a recorder for another site and print its token, alone: it is not shown again.  Example: gatehouse recorder create --name "South yard" --site South > token.txt
    Create(Create),
    /// List recorders and when they were heard of.  Example: gatehouse recorder list --json
    List(List),
    /// End what a recorder may do.  Example: gatehouse recorder revoke 01990000-0000-7000-8000-000000000001
    Revoke(Revoke),
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// What it is called; stands on every recording of its cameras
    #[arg(long)]
    name: String,
    /// The site it is on; may be left out while there is but one
    #[arg(long)]
    site: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Revoke {
    /// Its id, as `list` has it
    id: String,
}

impl Recorder {
    pub(super) async fn run(self, config: Config) -> Result<ExitCode> {
        let app = start::app(&config).await?;
        match self {
            Self::Create(create) => report(
                async {
                    let site = cameras::site_named(&app, create.site.as_deref()).await?;
                    let form = RecorderForm { name: create.name, site: site.id.to_string() };
                    let (_, token) = recorders::create(&app, &Actor::system(), &form).await?;
                    print(&token);
                    Ok(())
                }
                .await,
            ),
            Self::List(list) => {
                let lines = recorders::lines(&app).await?;
                match list.json {
                    true => print(&json!({ "recorders": lines.iter().map(as_json).collect::<Vec<_>>() }).to_string()),
                    false => {
                        for line in &lines {
                            print(&format!("{}  {}", line.recorder.id, line.recorder.name));
                        }
                    }
                }
                Ok(ExitCode::SUCCESS)
            }
            Self::Revoke(revoke) => report(match revoke.id.parse::<RecorderId>() {
                Ok(id) => recorders::revoke(&app, &Actor::system(), id).await,
                Err(_) => Err(AppError::field("id", "give the id that `gatehouse recorder list` prints")),
            }),
        }
    }
}

fn as_json(line: &recorders::Line) -> Value {
    let row = &line.recorder;
    json!({
        "id": row.id, "name": row.name, "kind": row.kind, "site": line.site, "cameras": line.cameras, "version": row.version,
        "last_seen_at": row.last_seen_at, "queue_segments": row.queue_segments, "revoked_at": row.revoked_at,
    })
}
