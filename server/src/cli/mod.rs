//! The command line: a file per command.

mod audit;
mod demo;
#[cfg(test)]
mod reference;
mod serve;
mod token;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, Flags, LogFormat};

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
    /// Run workers only, beside servers on the same Postgres.  Example: gatehouse work --queues render_bol
    Work(serve::Work),
    /// Look after the audit log.  Example: gatehouse audit verify
    Audit(audit::Audit),
    /// Add somebody.  Example: gatehouse user create --email rosa@example.com --name "Rosa Diaz" --role admin --password-stdin < password
    #[command(subcommand)]
    User(user::User),
    /// Make a token for a program.  Example: gatehouse token create --user rosa@example.com --scopes "paper:read paper:write"
    #[command(subcommand)]
    Token(token::Token),
    /// Fill an empty yard with a year of made-up records.  Example: gatehouse demo --data demo-yard
    Demo,
    /// Print the configuration in force, secrets masked.  Example: gatehouse config
    Config,
}

/// Parses, loads the configuration and runs the command.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let config = match Config::load(&cli.flags) {
        Ok(config) => config,
        Err(line) => {
            complain(&line);
            return ExitCode::from(exit::USAGE);
        }
    };
    log_to_stderr(config.log_format);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("no runtime: {error}"));
            return ExitCode::from(exit::FAILED);
        }
    };
    let outcome = runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve(serve::Serve::default())) {
            Command::Serve(command) => command.run(config).await,
            Command::Work(command) => command.run(config).await,
            Command::Audit(command) => command.run(config).await,
            Command::User(command) => command.run(config).await,
            Command::Token(command) => command.run(config).await,
            // Boxed: it goes through every verb there is, and its future is as large as that.
            Command::Demo => Box::pin(demo::run(config)).await,
            Command::Config => {
                print(&toml::to_string_pretty(&config.masked())?);
                Ok(ExitCode::SUCCESS)
            }
        }
    });
    outcome.unwrap_or_else(|error| {
        complain(&format!("{error:#}"));
        ExitCode::from(exit::FAILED)
    })
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

fn log_to_stderr(format: LogFormat) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| "info,sqlx=warn,sea_orm=warn,sea_orm_migration=warn,apalis=warn".into());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    match format {
        LogFormat::Text => log.with_ansi(std::env::var_os("NO_COLOR").is_none()).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}
