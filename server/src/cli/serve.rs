//! `gatehouse serve` and `gatehouse work`.

use std::{net::SocketAddr, process::ExitCode};

use anyhow::{Context, Result};
use gatehouse_app::{App, job::Job, urls, users};
use gatehouse_jobs::capture::hold::Settings;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Usage, print};
use crate::{
    config::Config,
    http::{
        self,
        listen::{self, Patience},
    },
    start,
};

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// Which workers run in this process: `all`, `none`, or queues separated by commas
    #[arg(long, default_value = "all", value_parser = some_or_no_queues, value_name = "QUEUES")]
    workers: Queues,
}

impl Default for Serve {
    fn default() -> Self {
        Self { workers: Queues(Job::QUEUES.to_vec()) }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Work {
    /// The queues to work on, separated by commas
    #[arg(long, default_value = "all", value_parser = some_queues, value_name = "QUEUES")]
    queues: Queues,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Queues(Vec<&'static str>);

fn some_queues(named: &str) -> Result<Queues, String> {
    if named == "all" {
        return Ok(Queues(Job::QUEUES.to_vec()));
    }
    let find = |name: &str| {
        let known = Job::QUEUES.iter().find(|queue| **queue == name.trim()).copied();
        known.ok_or_else(|| format!("there is no queue “{name}”; there are {}", Job::QUEUES.join(", ")))
    };
    named.split(',').map(find).collect::<Result<_, _>>().map(Queues)
}

fn some_or_no_queues(named: &str) -> Result<Queues, String> {
    if named == "none" { Ok(Queues(Vec::new())) } else { some_queues(named) }
}

impl Serve {
    pub(super) async fn run(self, mut config: Config) -> Result<ExitCode> {
        let listener = bind(config.listen).await?;
        // Port 0 is whichever the system gave.
        config.listen = listener.local_addr().context("no address")?;
        let app = start::app(&config).await?;
        let stop = stop_on_signal();
        let workers = tokio::spawn(work(app.clone(), self.workers, start::recording(&config), stop.clone()));
        tokio::spawn(crate::metrics::upkeep());
        for warning in config.warnings() {
            super::complain(&warning);
        }
        print(&format!("Gatehouse is at {}", app.base_url));
        if users::needs_first_admin(&app).await? {
            let path = urls::setup(&users::setup_token(&app));
            print(&format!("Make the first admin, once, at {}", app.base_url.join(&path)?));
        }
        let router = http::router_until(&app, &config, stop.clone());
        listen::serve(listener, router, Patience::default(), stop).await;
        workers.await??;
        Ok(ExitCode::SUCCESS)
    }
}

impl Work {
    /// `probes`: where health and metrics are asked for.
    pub(super) async fn run(self, config: Config, probes: Option<SocketAddr>) -> Result<ExitCode> {
        let listener = match probes {
            Some(at) => Some(bind(at).await?),
            None => None,
        };
        let app = start::app(&config).await?;
        let stop = stop_on_signal();
        print(&format!("Working on {}", self.queues.0.join(", ")));
        let probes = listener.map(|listener| {
            tokio::spawn(crate::metrics::upkeep());
            let router = http::probes(&app, &config, stop.clone());
            tokio::spawn(listen::serve(listener, router, Patience::default(), stop.clone()))
        });
        work(app, self.queues, start::recording(&config), stop).await?;
        if let Some(probes) = probes {
            probes.await?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

pub(super) async fn bind(at: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(at).await.map_err(|error| Usage(format!("setting listen: cannot listen on {at}: {error}")).into())
}

/// Works until `stop`. A worker that ends for good takes the process along: somebody should see it.
async fn work(app: App, queues: Queues, recording: Settings, stop: CancellationToken) -> Result<()> {
    if queues.0.is_empty() {
        return Ok(());
    }
    let outcome = gatehouse_jobs::runtime::run(app, &queues.0, recording, stop.clone()).await;
    stop.cancel();
    outcome
}

/// Cancelled by Ctrl-C or a termination request; what is under way is finished.
pub(super) fn stop_on_signal() -> CancellationToken {
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
