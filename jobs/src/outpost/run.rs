//! A recorder at work: it begins by what it knew, and asks its hub for news.

use std::{fs::File, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use gatehouse_app::{
    ports::Clock,
    recorders::wire::{Beat, Cameras, Hello, PROTOCOL},
    recordings::Reason,
    sealed,
};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    album::Album,
    client::{Client, Failed},
    crew::Crew,
    gauges::Gauges,
    send::{Pause, Sender},
    settings::Settings,
    shelf::{Heard, Shelf},
    store::Store,
};
use crate::{clock::SystemIds, durable::make_dirs, pictures::Pictures, storage::bandwidth::Bandwidth};

/// The fact that is the hub's last word on cameras, sealed.
const CAMERAS: &str = "cameras";
/// A hub that refuses this machine is asked again so often: somebody may mend that.
const REFUSED: Duration = Duration::from_mins(1);
/// Seconds between beats, whatever the hub says.
const BEATS: std::ops::RangeInclusive<u32> = 2..=30;
/// An answer that took longer says nothing of the clock: milliseconds.
const TOO_LONG: i64 = 5_000;
/// What is under way when it is told to stop has so long to be ended and told.
const LAST: Duration = Duration::from_secs(15);

/// A recorder in its folder.
pub struct Recorder {
    settings: Settings,
    shelf: Arc<Shelf>,
    _alone: File,
}

impl Recorder {
    /// Opens the folder that `settings` name, which is made where there is none.
    ///
    /// # Errors
    /// When the folder or its database cannot be used, or another process has it.
    pub async fn open(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self> {
        make_dirs(&settings.data).with_context(|| settings.data.display().to_string())?;
        let alone = alone(&settings.data)?;
        let store = Store::open(&settings.data).await?;
        let shelf = Shelf::new(&settings, store, clock).await?;
        Ok(Self { settings, shelf, _alone: alone })
    }

    /// What says how it is, while it works.
    #[must_use]
    pub fn gauges(&self) -> Gauges {
        Gauges { shelf: Arc::clone(&self.shelf), node: self.settings.node.clone() }
    }

    /// Records until `stop`. The hub need not be there.
    ///
    /// # Errors
    /// When the system has no thread for it.
    pub async fn run(self, stop: CancellationToken) -> Result<()> {
        let Self { settings, shelf, _alone } = self;
        let bandwidth = Arc::new(Bandwidth::new(settings.bandwidth_kbps));
        let client = Arc::new(Client::new(settings.hub.clone(), settings.token.clone(), bandwidth));
        let (let_in, is_in) = watch::channel(false);
        let (reckoned, ahead) = watch::channel(0);
        let sender = || Sender {
            shelf: Arc::clone(&shelf),
            client: Arc::clone(&client),
            is_in: is_in.clone(),
            ahead: ahead.clone(),
        };
        let album = Album::new(&settings.data, Arc::clone(&shelf.clock));
        let pictures = Pictures::new(Arc::clone(&album), &settings.data.join("spool"), 0);
        let crew = Crew::new(Arc::clone(&shelf), pictures.clone(), settings.cameras)?;
        let mut outpost = Outpost {
            settings,
            shelf: Arc::clone(&shelf),
            client: Arc::clone(&client),
            crew,
            config: None,
            let_in,
            reckoned,
        };

        let side = [
            tokio::spawn(sender().tell()),
            tokio::spawn(sender().send()),
            tokio::spawn(sender().show(album)),
            tokio::spawn(pictures.run(stop.clone())),
            tokio::spawn(Arc::clone(&shelf).watch()),
        ];
        outpost.begin().await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = outpost.talk() => {}
        }
        tracing::info!("stopping: what is being recorded is ended first");
        let last = async {
            outpost.crew.stop(Reason::Stopped).await;
            // Told now it is no gap of minutes on the hub's timeline until this machine is back.
            while !shelf.store.news().await?.is_empty() && *outpost.let_in.borrow() {
                sleep(Duration::from_millis(100)).await;
            }
            Ok::<_, anyhow::Error>(())
        };
        let _ = timeout(LAST, last).await;
        for task in &side {
            task.abort();
        }
        Ok(())
    }
}

/// One process has the folder.
fn alone(data: &Path) -> Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(data.join("recorder.lock"))?;
    file.try_lock().context("another recorder works in this folder")?;
    Ok(file)
}

struct Outpost {
    settings: Settings,
    shelf: Arc<Shelf>,
    client: Arc<Client>,
    crew: Crew,
    /// The number of what it works by.
    config: Option<i64>,
    let_in: watch::Sender<bool>,
    /// By how many milliseconds this clock is ahead of the hub's.
    reckoned: watch::Sender<i64>,
}

impl Outpost {
    /// Records by what the hub said last.
    async fn begin(&mut self) {
        match self.remembered().await {
            Ok(Some(cameras)) => {
                self.config = Some(cameras.config);
                self.crew.work_by(&cameras).await;
            }
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, "what the hub said last cannot be read: nothing is recorded until it says it again");
            }
        }
    }

    async fn remembered(&self) -> Result<Option<Cameras>> {
        let Some(kept) = self.shelf.store.fact(CAMERAS).await? else { return Ok(None) };
        let opened = sealed::open_with(&self.settings.secrets, "outpost", &self.settings.node, &kept)?;
        // Without serde's words: they would quote what they stumbled over.
        serde_json::from_slice(&opened).map(Some).ok().context("it is no list of cameras")
    }

    async fn remember(&self, cameras: &Cameras) -> Result<()> {
        let plain = serde_json::to_vec(cameras)?;
        let kept = sealed::seal_with(&self.settings.secrets, &SystemIds, "outpost", &self.settings.node, &plain)?;
        self.shelf.store.note(CAMERAS, &kept).await
    }

    /// Says hello until it is let in, then how it is, for ever.
    async fn talk(&mut self) {
        let mut pause = Pause::default();
        loop {
            let hello =
                Hello { protocol: PROTOCOL, version: self.settings.version.into(), node: self.settings.node.clone() };
            let wait = match self.client.hello(&hello).await {
                Ok(welcome) => {
                    tracing::info!(hub = %self.settings.hub, name = welcome.name, site = welcome.site, "the hub has let us in");
                    pause.over();
                    let at = Some(self.shelf.clock.now());
                    *self.shelf.heard() = Heard { name: welcome.name, at, refused: None };
                    // Clocks are told apart by the beats; until then what the hub grants is used at once.
                    self.let_in.send_replace(true);
                    let every = welcome.beat_seconds.clamp(*BEATS.start(), *BEATS.end());
                    let failed = self.beats(welcome.config, Duration::from_secs(every.into())).await;
                    self.refused(&failed).await
                }
                Err(failed) => {
                    let wait = self.refused(&failed).await;
                    if wait.is_zero() { pause.next() } else { wait }
                }
            };
            sleep(wait).await;
        }
    }

    /// What follows from a refusal, and how long to wait then. Zero: nothing does, it is tried again.
    async fn refused(&mut self, failed: &Failed) -> Duration {
        match failed {
            Failed::Away(_) => {
                tracing::debug!(%failed, "the hub is away");
                return Duration::ZERO;
            }
            Failed::Revoked => {
                tracing::error!(%failed, "nothing is recorded any more, and what opens cameras is forgotten; what was recorded stays here");
                self.crew.stop(Reason::SwitchedOff).await;
                self.config = None;
                if let Err(error) = self.shelf.store.forget(CAMERAS).await {
                    tracing::error!(%error, "what opens cameras was not forgotten");
                }
            }
            Failed::OtherMachine(_) => {
                // Each camera would be recorded twice.
                tracing::error!(%failed, "nothing is recorded");
                self.crew.stop(Reason::Stopped).await;
                self.config = None;
            }
            Failed::OtherVersion(_) | Failed::Wrong(_) => {
                tracing::error!(%failed, "it is recorded on, and nothing is sent");
            }
        }
        self.let_in.send_replace(false);
        self.shelf.heard().refused = Some(failed.to_string());
        REFUSED
    }

    /// Says how it is, until the hub refuses it. An hour without an answer is no refusal.
    async fn beats(&mut self, mut wanted: i64, every: Duration) -> Failed {
        let mut offset = None;
        let mut is_away = false;
        loop {
            let begun = Instant::now();
            if self.config != Some(wanted) || (self.crew.is_idle() && self.config.is_none()) {
                match self.fetch().await {
                    Ok(()) => {}
                    Err(failed @ Failed::Away(_)) => tracing::debug!(%failed, "the hub does not say what to record"),
                    Err(failed) => return failed,
                }
            }
            let sent = self.shelf.clock.now();
            match self.client.beat(&self.beat(sent, offset)).await {
                Ok(back) => {
                    let received = self.shelf.clock.now();
                    self.shelf.heard().at = Some(received);
                    if is_away {
                        tracing::info!("the hub is back");
                    }
                    is_away = false;
                    wanted = back.config;
                    if (0..TOO_LONG).contains(&(received - sent)) {
                        let ahead = sent.midpoint(received) - back.now;
                        offset = Some(ahead);
                        self.reckoned.send_replace(ahead);
                    }
                }
                Err(failed @ Failed::Away(_)) => {
                    if !is_away {
                        tracing::warn!(%failed, "it is recorded on, and sent when the hub is back");
                    }
                    is_away = true;
                }
                Err(failed) => return failed,
            }
            sleep_until(begun + every).await;
        }
    }

    /// Asks what to record, remembers it, and does it.
    async fn fetch(&mut self) -> Result<(), Failed> {
        let cameras = self.client.cameras().await?;
        // Before it is done: after a power cut it is known what is in the spool.
        if let Err(error) = self.remember(&cameras).await {
            tracing::error!(%error, "what the hub said was not remembered");
        }
        tracing::info!(cameras = cameras.cameras.len(), config = cameras.config, "the hub said what to record");
        self.config = Some(cameras.config);
        self.crew.work_by(&cameras).await;
        Ok(())
    }

    fn beat(&self, now: i64, clock_offset_ms: Option<i64>) -> Beat {
        let level = self.shelf.level();
        let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        Beat {
            node: self.settings.node.clone(),
            version: self.settings.version.into(),
            now,
            clock_offset_ms,
            config: self.config.unwrap_or_default(),
            disk_free: bytes(level.free),
            disk_total: bytes(level.total),
            keep_free: bytes(self.settings.keep_free),
            spool_bytes: level.waiting.bytes + level.waiting.aside_bytes,
            spool_limit: bytes(level.limit),
            queue_segments: level.waiting.files,
            queue_bytes: level.waiting.bytes,
            oldest_waiting_at: level.waiting.oldest,
            aside: level.waiting.aside,
            cameras: self.shelf.pulses.beats(),
        }
    }
}
