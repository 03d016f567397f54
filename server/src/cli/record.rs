//! `gatehouse record`: a recorder on another site. It needs neither database nor bucket.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Result;
use gatehouse_jobs::{
    clock::SystemClock,
    outpost::{self, Hub, Settings, Token},
    storage::open::MB,
};

use super::{
    Usage, print,
    serve::{bind, stop_on_signal},
};
use crate::{
    config::Config,
    http::{
        self,
        listen::{self, Patience},
    },
    start,
};

#[derive(Debug, clap::Args)]
pub(super) struct Record {
    /// Where the hub is, such as https://yard.example; or setting `hub`
    #[arg(long, value_name = "URL")]
    hub: Option<String>,
    /// A file with the token that the hub’s recorders page showed; or GATEHOUSE_RECORDER_TOKEN. On the command line everybody on this machine could read it
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl Record {
    /// `probes`: where health and figures are asked for.
    pub(super) async fn run(self, config: Config, probes: Option<SocketAddr>) -> Result<ExitCode> {
        let listener = match probes {
            Some(at) => Some(bind(at).await?),
            None => None,
        };
        let settings = self.settings(&config)?;
        let words = format!("Recording for {}", settings.hub);
        let recorder = outpost::Recorder::open(settings, Arc::new(SystemClock)).await?;
        print(&words);
        let stop = stop_on_signal();
        let probes = listener.map(|listener| {
            tokio::spawn(crate::metrics::upkeep());
            let router = http::recorder_probes(recorder.gauges(), &config.metrics_token);
            tokio::spawn(listen::serve(listener, router, Patience::default(), stop.clone()))
        });
        recorder.run(stop).await?;
        if let Some(probes) = probes {
            probes.await?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn settings(self, config: &Config) -> Result<Settings> {
        let hub = self.hub.as_ref().unwrap_or(&config.hub);
        if hub.is_empty() {
            return Err(Usage("say where the hub is: --hub https://yard.example".into()).into());
        }
        let token = match &self.token_file {
            Some(file) => std::fs::read_to_string(file)
                .map_err(|error| Usage(format!("--token-file {}: {error}", file.display())))?,
            None if config.recorder_token.is_empty() => {
                return Err(
                    Usage("give the recorder’s token: --token-file FILE, or GATEHOUSE_RECORDER_TOKEN".into()).into()
                );
            }
            None => config.recorder_token.clone(),
        };
        let (secrets, node) = start::alone(config)?;
        Ok(Settings {
            hub: Hub::new(hub).map_err(|why| Usage(format!("setting hub: {why}")))?,
            token: Token::new(&token).map_err(|why| Usage(format!("setting recorder_token: {why}")))?,
            data: config.data.clone(),
            node,
            version: env!("CARGO_PKG_VERSION"),
            secrets,
            spool_bytes: config.spool_mb * MB,
            keep_free: config.spool_keep_free_mb * MB,
            bandwidth_kbps: config.upload_bandwidth_kbps,
            cameras: usize::try_from(config.capture_cameras)?,
        })
    }
}
