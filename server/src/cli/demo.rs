//! `gatehouse demo`.

use std::process::ExitCode;

use anyhow::Result;

use super::{complain, exit, print};
use crate::{config::Config, demo, start};

pub(super) async fn run(config: Config) -> Result<ExitCode> {
    if !demo::is_empty(&start::app(&config).await?).await? {
        complain("this yard has records already; the demo fills an empty one only: give another folder with --data");
        return Ok(ExitCode::from(exit::USAGE));
    }
    let filled = Box::pin(demo::fill(&config)).await?;
    print(&format!(
        "Filled: {} customers, {} bills issued, {} drafts, {} times sent.\n\
         Now start `gatehouse serve`: it prints a link, good once, that makes the first admin.\n\
         Nobody of the demo has a password, and its mail went nowhere.",
        filled.customers, filled.issued, filled.drafts, filled.mails
    ));
    Ok(ExitCode::SUCCESS)
}
