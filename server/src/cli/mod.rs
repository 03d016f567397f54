//! The command line: a file per command.

mod audit;
mod bucket;
mod camera;
mod demo;
mod doctor;
mod evidence;
mod migrate_objects;
mod object;
mod record;
mod recorder;
#[cfg(test)]
mod reference;
mod serve;
mod token;
mod user;

use std::{process::ExitCode, time::Duration};

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::{
    config::{Config, Flags},
    trace,
};

/// Exit codes of the outside contract.
pub mod exit {
    /// It failed.
    pub const FAILED: u8 = 1;
    /// Wrong use or wrong configuration.
    pub const USAGE: u8 = 2;
    /// It finished, and some items failed.
    pub const PARTIAL: u8 = 3;
}

/// The record office of a freight yard: paper, cameras and incidents.
#[derive(Debug, Parser)]
#[command(name = "gatehouse", version, about, disable_help_subcommand = false)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the web server and the workers (the default).  Example: gatehouse serve --listen 0.0.0.0:3000
    Serve(serve::Serve),
    /// Run workers only, beside servers on the same Postgres.  Example: gatehouse work --queues render_bol --listen 127.0.0.1:3001
    Work(serve::Work),
    /// Look after the audit log.  Example: gatehouse audit verify
    Audit(audit::Audit),
    /// Look after people.  Example: gatehouse user create --email rosa@example.com --name "Rosa Diaz" --role admin --password-stdin < password
    #[command(subcommand)]
    User(user::User),
    /// Look after programs' tokens.  Example: gatehouse token create --user rosa@example.com --scopes "paper:read paper:write"
    #[command(subcommand)]
    Token(token::Token),
    /// Look after cameras.  Example: gatehouse camera add --name "Dock 2" --url rtsp://192.168.10.7/stream1
    #[command(subcommand)]
    Camera(camera::Camera),
    /// Record the cameras of another site, and send what they recorded to its hub.  Example: gatehouse record --hub https://yard.example --token-file token.txt --data recorder --listen 127.0.0.1:3001
    Record(record::Record),
    /// Look after recorders on other sites.  Example: gatehouse recorder create --name "South yard"
    #[command(subcommand)]
    Recorder(recorder::Recorder),
    /// Move objects from one storage, or an old system's folder, to another.  Example: gatehouse migrate-objects --from local --to s3 --dry-run
    MigrateObjects(migrate_objects::MigrateObjects),
    /// Look for objects, have them back from an archive or after a deletion.  Example: gatehouse object recover --key bols/ --dry-run
    #[command(subcommand)]
    Object(object::Object),
    /// Fill an empty yard with a year of made-up records.  Example: gatehouse demo --data demo-yard
    Demo(demo::Demo),
    /// Try what Gatehouse does with its storage, database, mail and disk, and say what is wrong.  Example: gatehouse doctor --json
    Doctor(doctor::Doctor),
    /// Print the bucket's policies, or put them on it.  Example: gatehouse bucket policy
    #[command(subcommand)]
    Bucket(bucket::Bucket),
    /// Say whether films are what a Gatehouse signed, and by which key; needs the files alone.  Example: gatehouse evidence verify clip.zip --key 3f9a51c2e07d44b1
    #[command(subcommand)]
    Evidence(evidence::Evidence),
    /// Print the configuration in force, secrets masked.  Example: gatehouse config
    Config(ShowConfig),
}

#[derive(Debug, clap::Args)]
struct ShowConfig {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl ShowConfig {
    fn run(&self, config: &Config) -> Result<ExitCode> {
        let masked = config.masked();
        print(&if self.json { serde_json::to_string_pretty(&masked)? } else { toml::to_string_pretty(&masked)? });
        Ok(ExitCode::SUCCESS)
    }
}

/// Wrong use or a wrong setting, rather than something that failed: one line, and exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Parses, loads the configuration and runs the command.
#[must_use]
pub fn main() -> ExitCode {
    let Cli { mut flags, command } = Cli::parse();
    let command = command.unwrap_or(Command::Serve(serve::Serve::default()));
    // Workers and recorders have no pages: where they listen says nothing of where people go.
    let probes = if let Command::Work(_) | Command::Record(_) = command { flags.listen.take() } else { None };
    let begun = Config::load(&flags).and_then(|config| Ok((trace::begin(config.log_format)?, config)));
    let (traces, config) = match begun {
        Ok(begun) => begun,
        Err(line) => {
            complain(&line);
            return ExitCode::from(exit::USAGE);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("no runtime: {error}"));
            return ExitCode::from(exit::FAILED);
        }
    };
    let outcome = runtime.block_on(async {
        match command {
            Command::Serve(command) => command.run(config).await,
            Command::Work(command) => command.run(config, probes).await,
            Command::Audit(command) => command.run(config).await,
            Command::User(command) => command.run(config).await,
            Command::Token(command) => command.run(config).await,
            Command::Camera(command) => command.run(config).await,
            Command::Record(command) => Box::pin(command.run(config, probes)).await,
            Command::Recorder(command) => command.run(config).await,
            Command::MigrateObjects(command) => Box::pin(command.run(config)).await,
            Command::Object(command) => command.run(config).await,
            // Boxed: it goes through every verb there is, and its future is as large as that.
            Command::Demo(command) => Box::pin(command.run(config)).await,
            Command::Doctor(command) => Box::pin(command.run(config)).await,
            Command::Bucket(command) => Box::pin(command.run(config)).await,
            Command::Evidence(command) => command.run(config).await,
            Command::Config(command) => command.run(&config),
        }
    });
    let code = outcome.unwrap_or_else(|error| {
        complain(&format!("{error:#}"));
        ExitCode::from(if error.is::<Usage>() { exit::USAGE } else { exit::FAILED })
    });
    // What does not end by itself, such as a connection that outlasted its time, is not waited for.
    runtime.shutdown_timeout(Duration::from_secs(1));
    traces.end();
    code
}

/// What a command has to say.
#[expect(clippy::print_stdout, reason = "the command's output")]
pub(crate) fn print(text: &str) {
    println!("{}", text.trim_end());
}

#[expect(clippy::print_stderr, reason = "the last line of a command that failed")]
fn complain(line: &str) {
    eprintln!("gatehouse: {line}");
}
