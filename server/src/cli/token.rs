//! `gatehouse token create`.

use std::process::ExitCode;

use anyhow::Result;
use gatehouse_app::{
    AppError,
    audit::Actor,
    users::{self, NewToken},
};

use super::{print, user::report};
use crate::{config::Config, start};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Token {
    /// Make a token and print it, alone: it is not shown again.  Example: gatehouse token create --user rosa@example.com --scopes paper:read
    Create(Create),
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// Its owner's email address; the token can do no more than they may
    #[arg(long)]
    user: String,
    /// Separated by spaces: paper:read paper:write customers:read customers:write audit:read jobs:read jobs:write storage:write cameras:read footage:export cameras:write
    #[arg(long)]
    scopes: String,
    /// How many days it lives, up to 365
    #[arg(long, default_value = "90")]
    days: String,
    /// What it is for
    #[arg(long, default_value = "command line")]
    name: String,
}

impl Token {
    pub(super) async fn run(self, config: Config) -> Result<ExitCode> {
        let Self::Create(create) = self;
        let app = start::app(&config).await?;
        report(
            async {
                let owner = match users::get_by_email(&app, &create.user).await {
                    Err(AppError::NotFound(_)) => {
                        return Err(AppError::field("user", format!("nobody has the email address {}", create.user)));
                    }
                    found => found?,
                };
                let scopes = create.scopes.split_whitespace().map(str::to_owned).collect();
                let new = NewToken { name: create.name, scopes, days: create.days };
                let (_, token) = users::create_token(&app, &Actor::system(), owner.id, new).await?;
                print(&token);
                Ok(())
            }
            .await,
        )
    }
}
