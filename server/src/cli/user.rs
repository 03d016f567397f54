//! `gatehouse user create`.

use std::{io::Read, process::ExitCode};

use anyhow::{Context, Result};
use gatehouse_app::{
    AppError,
    audit::Actor,
    form::FormData,
    users::{self, Person},
};
use serde_json::json;

use super::{exit, print};
use crate::{config::Config, start};

#[derive(Debug, clap::Subcommand)]
pub(super) enum User {
    /// Add somebody who can sign in at once.  Example: gatehouse user create --email rosa@example.com --role admin --password-stdin < password
    Create(Create),
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// Where mail reaches them; they sign in with it
    #[arg(long)]
    email: String,
    /// As it stands on record; the email address when left out
    #[arg(long)]
    name: Option<String>,
    /// admin, office, analyst or viewer
    #[arg(long)]
    role: String,
    /// Read the password from the standard input: at least 15 characters, one line
    #[arg(long, required = true)]
    password_stdin: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl User {
    pub(super) async fn run(self, config: Config) -> Result<ExitCode> {
        let Self::Create(create) = self;
        let mut typed = String::new();
        std::io::stdin().read_to_string(&mut typed).context("the standard input is not UTF-8 text")?;
        let password = typed.strip_suffix('\n').map_or(typed.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        let mut form = FormData::default();
        form.set("name", create.name.unwrap_or_else(|| create.email.clone()));
        form.set("email", create.email);
        form.set("role", create.role);
        let app = start::app(&config).await?;
        let made = match Person::from_form(&form) {
            Ok(person) => users::create(&app, &Actor::system(), person, password.to_owned()).await,
            Err(errors) => Err(AppError::Invalid(errors)),
        };
        report(made.map(|user| {
            print(&match create.json {
                true => json!({
                    "id": user.id, "email": user.email, "name": user.name, "role": user.role, "sign_in_at": app.base_url,
                })
                .to_string(),
                false => format!("{} can sign in at {}", user.email, app.base_url),
            });
        }))
    }
}

/// Wrong input is told field by field and is wrong use; anything else failed.
pub(super) fn report(done: Result<(), AppError>) -> Result<ExitCode> {
    match done {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(AppError::Invalid(errors)) => {
            for (field, message) in errors.iter() {
                super::complain(&format!("{field}: {message}"));
            }
            Ok(ExitCode::from(exit::USAGE))
        }
        Err(error) => Err(error.into()),
    }
}
