//! `gatehouse camera add`, `list`, `test`.

use std::{io::Read, process::ExitCode};

use anyhow::{Context, Result};
use gatehouse_app::{
    AppError,
    audit::Actor,
    cameras::{self, CameraForm, Line, Pictures},
    evidence,
    ids::CameraId,
};
use serde_json::{Value, json};

use super::{exit, print, user::report};
use crate::{config::Config, start};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Camera {
    /// Add a camera, which is recorded from then on.  Example: gatehouse camera add --name "Dock 2" --url rtsp://192.168.10.7/stream1 --user admin --password-stdin < password
    Add(Add),
    /// List cameras and how they are.  Example: gatehouse camera list --json
    List(List),
    /// Connect to a camera once and say what came of it.  Example: gatehouse camera test 01990000-0000-7000-8000-000000000001
    Test(Test),
}

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// What it is called
    #[arg(long)]
    name: String,
    /// Where its film is, as its manual has it
    #[arg(long)]
    url: String,
    /// The site it is on; may be left out while there is but one
    #[arg(long)]
    site: Option<String>,
    /// Who it lets in; left out where it asks for nobody
    #[arg(long)]
    user: Option<String>,
    /// Read the password from the standard input, one line
    #[arg(long)]
    password_stdin: bool,
    /// Everybody who may see cameras sees it; otherwise admins alone until somebody is let
    #[arg(long)]
    open_to_all: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Test {
    /// Its id, as `list` has it
    id: String,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Camera {
    pub(super) async fn run(self, config: Config) -> Result<ExitCode> {
        match self {
            Self::Add(add) => add.run(config).await,
            Self::List(list) => list.run(config).await,
            Self::Test(test) => test.run(config).await,
        }
    }
}

impl Add {
    async fn run(self, config: Config) -> Result<ExitCode> {
        let mut password = String::new();
        if self.password_stdin {
            std::io::stdin().read_to_string(&mut password).context("the standard input is not UTF-8 text")?;
            password.truncate(password.trim_end_matches(['\n', '\r']).len());
        }
        let app = start::app(&config).await?;
        report(
            async {
                let site = cameras::site_named(&app, self.site.as_deref()).await?;
                let mut form = CameraForm {
                    name: self.name,
                    site: site.id.to_string(),
                    url: self.url,
                    user: self.user.unwrap_or_default(),
                    password,
                    open_to_all: self.open_to_all,
                    ..CameraForm::default()
                };
                form.take_apart();
                let id = cameras::add(&app, &Actor::system(), &form).await?;
                let camera = cameras::visible(&app, &Actor::system(), id).await?;
                print(&match self.json {
                    true => {
                        json!({ "id": id, "slug": camera.slug, "name": camera.name, "site": site.name }).to_string()
                    }
                    false => format!("{} is added as {} and recorded from now on: {id}", camera.name, camera.slug),
                });
                Ok(())
            }
            .await,
        )
    }
}

impl List {
    async fn run(self, config: Config) -> Result<ExitCode> {
        let app = start::app(&config).await?;
        let (lines, _) = cameras::lines(&app, &Actor::system(), false, Pictures::Without).await?;
        if self.json {
            let cameras: Vec<Value> = lines.iter().map(as_json).collect();
            print(&json!({ "cameras": cameras }).to_string());
        } else {
            for line in &lines {
                print(&format!("{}  {:<20} {}", line.camera.id, line.state().word(), line.camera.name));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn as_json(line: &Line) -> Value {
    let Line { camera, status, .. } = line;
    json!({
        "id": camera.id, "slug": camera.slug, "name": camera.name, "host": camera.host, "port": camera.port,
        "enabled": camera.enabled, "state": line.state().as_str(),
        "detail": status.as_ref().map(|status| status.detail.as_str()).unwrap_or_default(),
        "recorder": status.as_ref().map(|status| status.recorder_name.as_str()).unwrap_or_default(),
    })
}

impl Test {
    async fn run(self, config: Config) -> Result<ExitCode> {
        let Ok(id) = self.id.parse::<CameraId>() else {
            return report(Err(AppError::field("id", "give the id that `gatehouse camera list` prints")));
        };
        let app = start::app(&config).await?;
        let tried = cameras::test(&app, &Actor::system(), id).await?;
        let works = tried.is_ok();
        let (words, document) = match tried {
            Ok(look) => {
                let (tracks, took) = (look.tracks, look.took.as_millis());
                (
                    format!(
                        "It works: {} × {}, {}, first picture after {took} ms",
                        tracks.width, tracks.height, tracks.video
                    ),
                    json!({
                        "works": true, "video": tracks.video, "audio": tracks.audio, "width": tracks.width,
                        "height": tracks.height, "took_ms": u64::try_from(took).unwrap_or(u64::MAX),
                    }),
                )
            }
            Err(ended) => (
                format!("{}: {}", ended.reason.label(), evidence::plain(&ended.detail)),
                json!({ "works": false, "reason": ended.reason.as_str(), "detail": ended.detail }),
            ),
        };
        print(&if self.json { document.to_string() } else { words });
        Ok(if works { ExitCode::SUCCESS } else { ExitCode::from(exit::FAILED) })
    }
}
