//! `gatehouse serve` and `gatehouse work`.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use gatehouse_app::{job::Job, urls, users};
use tokio_util::sync::CancellationToken;

use super::print;
use crate::{config::Config, http, start};

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// Which workers run in this process: `all`, `none`, or queues separated by commas
    #[arg(long, default_value = "all")]
    workers: String,
}

impl Default for Serve {
    fn default() -> Self {
        Self { workers: "all".into() }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Work {
    /// The queues to work on, separated by commas; all when left out
    #[arg(long, default_value = "all")]
    queues: String,
}

impl Serve {
    pub(super) async fn run(self, config: Config) -> Result<ExitCode> {
        let queues = if self.workers == "none" { Vec::new() } else { queues(&self.workers)? };
        let app = start::app(&config).await?;
        let listener = tokio::net::TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("setting listen: cannot listen on {}", config.listen))?;
        let stop = stop_on_signal();
        let workers = (!queues.is_empty()).then(|| {
            let (app, stop) = (app.clone(), stop.clone());
            tokio::spawn(async move { gatehouse_jobs::runtime::run(app, &queues, stop).await })
        });
        tokio::spawn(crate::metrics::upkeep());
        print(&format!("Gatehouse is at {}", app.base_url));
        if users::needs_first_admin(&app).await? {
            let path = urls::setup(&users::setup_token(&app));
            print(&format!("Make the first admin, once, at {}", app.base_url.join(&path)?));
        }
        let router = http::router(&app, &config);
        axum::serve(listener, router.into_make_service_with_connect_info::<std::net::SocketAddr>())
            .with_graceful_shutdown(stop.clone().cancelled_owned())
            .await?;
        stop.cancel();
        if let Some(workers) = workers {
            workers.await??;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Work {
    pub(super) async fn run(self, config: Config) -> Result<ExitCode> {
        let queues = queues(&self.queues)?;
        let app = start::app(&config).await?;
        print(&format!("Working on {}", queues.join(", ")));
        gatehouse_jobs::runtime::run(app, &queues, stop_on_signal()).await?;
        Ok(ExitCode::SUCCESS)
    }
}

fn queues(named: &str) -> Result<Vec<&'static str>> {
    if named == "all" {
        return Ok(Job::QUEUES.to_vec());
    }
    named
        .split(',')
        .map(|name| match Job::QUEUES.iter().find(|queue| **queue == name.trim()) {
            Some(queue) => Ok(*queue),
            None => bail!("there is no queue “{name}”; there are {}", Job::QUEUES.join(", ")),
        })
        .collect()
}

/// Cancelled by Ctrl-C or a termination request; what is under way is finished.
fn stop_on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        let interrupt = tokio::signal::ctrl_c();
        #[cfg(unix)]
        let terminate = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(_) => std::future::pending().await,
            }
        };
        #[cfg(not(unix))]
        let terminate = std::future::pending::<()>();
        tokio::select! { _ = interrupt => {}, () = terminate => {} }
        tracing::info!("stopping: what is under way is finished first");
        token.cancel();
    });
    stop
}
