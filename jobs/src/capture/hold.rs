//! A process that records: it takes cameras by jobs, holds them by beats, and watches that nobody's are left alone.

mod recover;

use std::{
    collections::{HashMap, hash_map::Entry},
    future::Future,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use gatehouse_app::{
    App, AppError,
    cameras::{
        self, Held, Pulse, Who,
        model::{camera, lease},
    },
    ids::CameraId,
    recordings::Reason,
    yard::Yard,
};
use tokio::{
    sync::Semaphore,
    time::{Instant, Interval, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use crate::pictures::Pictures;

use super::{
    backoff::Backoff,
    hub::Hub,
    keeper::{Captured, Over, keep_going},
    leftovers::{self, Holder},
    pulses::Pulses,
    runtime::Cameras,
    session::Limits,
    sink::{Declined, Sink},
    spool::{Bound, Spool},
    stop::Stop,
};

/// How often a process says that it lives, and looks for others that do not.
const BEAT: Duration = Duration::from_secs(3);
const WATCH: Duration = Duration::from_secs(2);
/// How often it says how its cameras are, in so many seconds, and how its disk is.
const NOTE: u64 = 5;
const DISK: Duration = Duration::from_secs(10);
/// A change of state is told so soon.
const CHANGED: Duration = Duration::from_secs(1);
/// After a stop, cameras are given so long to end their files.
const STOPPING: Duration = Duration::from_secs(15);
/// A camera that cannot be read from the database is given back after so long.
const UNREADABLE: Duration = Duration::from_secs(5);
/// Cameras whose leftovers are recovered at the same time.
const RECOVERIES: usize = 2;

/// How a process records.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The data folder.
    pub data: PathBuf,
    /// So many cameras at most.
    pub cameras: usize,
    /// The length of a file.
    pub segment: Duration,
    pub bound: Bound,
    /// A whole picture of each camera so often; 0: none.
    pub snapshot_minutes: u64,
}

struct Holding {
    /// Of the camera's settings; `None` until they are known.
    version: Option<i32>,
    stop: Stop,
}

/// A process that records.
pub struct Station {
    app: App,
    settings: Settings,
    /// What its leases are held by.
    boot: String,
    node: String,
    reader: Cameras,
    spool: Arc<Spool>,
    pictures: Pictures,
    pulses: Arc<Pulses>,
    holds: Mutex<HashMap<CameraId, Holding>>,
    who: OnceLock<Who>,
    recoveries: Semaphore,
    stop: CancellationToken,
}

impl Station {
    /// # Errors
    /// When the system has no thread for it.
    pub fn new(app: App, settings: Settings, boot: String, stop: CancellationToken) -> std::io::Result<Self> {
        let spool = Arc::new(Spool::new(settings.data.clone(), settings.bound));
        let pictures = Pictures::new(app.clone(), &spool.folder(), settings.snapshot_minutes);
        let node = match app.ports.plane.node() {
            "" => "here".to_owned(),
            node => node.to_owned(),
        };
        Ok(Self {
            app,
            settings,
            boot,
            node,
            reader: Cameras::start()?,
            spool,
            pictures,
            pulses: Arc::default(),
            holds: Mutex::default(),
            who: OnceLock::new(),
            recoveries: Semaphore::new(RECOVERIES),
            stop,
        })
    }

    fn holds(&self) -> MutexGuard<'_, HashMap<CameraId, Holding>> {
        self.holds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who records, as recordings say: known once the node has said how it is.
    async fn who(&self) -> gatehouse_app::Result<Who> {
        if let Some(who) = self.who.get() {
            return Ok(who.clone());
        }
        self.say_how().await
    }

    async fn say_how(&self) -> gatehouse_app::Result<Who> {
        let disk = self.spool.look(&self.app, self.who.get().and_then(|who| who.id)).await?;
        let version = env!("CARGO_PKG_VERSION");
        let who = gatehouse_app::recorders::here(&self.app, &self.node, version, disk).await?;
        Ok(self.who.get_or_init(|| who).clone())
    }

    fn folder(&self, camera: CameraId) -> PathBuf {
        self.spool.folder().join(camera.to_string())
    }

    /// Until `stop`: beats, watches, notes, and recovers what others left, first of all what a process before it did.
    pub async fn run(self: Arc<Self>) {
        // Whoever is on this disk sees at once when this process is no more.
        let _alive = Holder::new(&self.spool.folder(), &self.boot)
            .await
            .inspect_err(|error| tracing::warn!(%error, "the spool cannot be written"));
        let recovery = tokio::spawn(Arc::clone(&self).recovers());
        tokio::spawn(self.pictures.clone().run(self.stop.clone()));
        // Side by side: what waits for one connection must not keep a beat waiting.
        tokio::join!(self.beats(), self.watches(), self.notes(), self.looks_at_its_disk());
        recovery.abort();
        for holding in self.holds().values() {
            holding.stop.ask(Reason::Stopped);
        }
        // What is held is given back by those who hold it; meanwhile it must not be taken for dead.
        let (end, mut beat) = (Instant::now() + STOPPING, every(BEAT));
        while !self.holds().is_empty() && Instant::now() < end {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(50)) => {}
                _ = beat.tick() => drop(tokio::time::timeout(BEAT, self.beat()).await),
            }
        }
    }

    async fn beats(&self) {
        let mut clock = every(BEAT);
        while self.goes_on(&mut clock).await {
            self.try_to(self.beat()).await;
        }
    }

    async fn watches(&self) {
        let (mut clock, began) = (every(WATCH), Instant::now());
        let mut watcher = cameras::Watcher::default();
        let is_gone = |lease: &lease::Model| {
            lease.node == self.node && leftovers::is_alive(&self.spool.folder(), &lease.holder) == Some(false)
        };
        while self.goes_on(&mut clock).await {
            self.try_to(watcher.look(&self.app, began.elapsed(), &self.boot, is_gone)).await;
        }
    }

    async fn notes(&self) {
        let mut clock = every(CHANGED);
        for second in 0_u64.. {
            if !self.goes_on(&mut clock).await {
                return;
            }
            self.try_to(self.note(second.is_multiple_of(NOTE))).await;
        }
    }

    async fn looks_at_its_disk(&self) {
        let mut clock = every(DISK);
        while self.goes_on(&mut clock).await {
            self.try_to(self.say_how()).await;
            self.try_to(self.spool.make_room(&self.app)).await;
        }
    }

    async fn goes_on(&self, clock: &mut Interval) -> bool {
        tokio::select! {
            () = self.stop.cancelled() => false,
            _ = clock.tick() => true,
        }
    }

    /// A stop waits for nothing that may hang.
    async fn try_to<T>(&self, work: impl Future<Output = gatehouse_app::Result<T>>) {
        let done = tokio::select! {
            () = self.stop.cancelled() => return,
            done = work => done,
        };
        if let Err(error) = done {
            tracing::warn!(%error, "cameras go on without the database");
        }
    }

    async fn beat(&self) -> gatehouse_app::Result<()> {
        // Those that were ours before: one that is claimed meanwhile may not be in the answer yet.
        let ours: Vec<(CameraId, i32, Stop)> = self
            .holds()
            .iter()
            .filter_map(|(camera, holding)| Some((*camera, holding.version?, holding.stop.clone())))
            .collect();
        let held = cameras::beat(&self.app, &self.boot).await?;
        for (camera, version, stop) in ours {
            match held.iter().find(|(held, _)| held.camera == camera) {
                // Its files and its end are refused from here on, too.
                None => stop.ask(Reason::WorkerLost),
                Some((_, now)) if *now != version => stop.ask(Reason::SwitchedOff),
                Some(_) => {}
            }
        }
        for (lease, _) in held {
            let is_in_hand = self.holds().contains_key(&lease.camera);
            if !is_in_hand {
                // It could not be given back, or was had by an answer that never came: beating on, it would keep the camera from everybody.
                cameras::give_back(&self.app, &lease).await?;
            }
        }
        Ok(())
    }

    async fn note(&self, all: bool) -> gatehouse_app::Result<()> {
        let beats = self.pulses.take(all);
        match self.who.get() {
            Some(who) if !beats.is_empty() => cameras::note(&self.app, &self.boot, who, beats).await,
            _ => Ok(()),
        }
    }

    /// Records `camera` for as long as the lease of `epoch` is ours.
    ///
    /// # Errors
    /// When the database does not answer: then the job is to be tried again.
    pub async fn hold(self: &Arc<Self>, camera: CameraId, epoch: i64) -> anyhow::Result<()> {
        anyhow::ensure!(!self.stop.is_cancelled(), "this process is stopping; another takes the camera");
        let who = self.who().await?;
        let stop = Stop::default();
        // One that we hold is not free: this job is a doubled one, or late.
        let Some(guard) = Guard::new(self, camera, stop.clone()) else { return Ok(()) };
        let Some((held, row)) = cameras::claim(&self.app, camera, epoch, &self.boot, &self.node).await? else {
            return Ok(());
        };
        if let Some(holding) = self.holds().get_mut(&camera) {
            holding.version = Some(row.version);
        }
        if self.stop.is_cancelled() {
            stop.ask(Reason::Stopped);
        }
        let hub = Arc::new(self.hub(row, held.clone(), who));
        tokio::spawn(Arc::clone(self).recover_one(Arc::clone(&hub)));
        let over = self.record(&hub, epoch, &stop).await;
        // What is not kept yet is offered again, and the folder goes.
        Arc::clone(self).recover_one(Arc::clone(&hub)).await;
        if let Some(last) = self.pulses.forget(camera)
            && over == Over::Stopped
        {
            let _ = cameras::note(&self.app, &self.boot, &hub.who, vec![(camera, last)]).await;
        }
        drop(guard);
        match over {
            Over::Stopped => Ok(cameras::give_back(&self.app, &held).await?),
            Over::Fenced => {
                tracing::warn!(camera = hub.camera.slug, epoch, "another process has this camera");
                Ok(())
            }
        }
    }

    fn hub(&self, camera: camera::Model, held: Held, who: Who) -> Hub {
        Hub {
            app: self.app.clone(),
            camera,
            held,
            who,
            objects: self.settings.data.join("objects"),
            spool: Arc::clone(&self.spool),
            pulses: Arc::clone(&self.pulses),
            pictures: Some(self.pictures.clone()),
        }
    }

    async fn record(&self, hub: &Arc<Hub>, epoch: i64, stop: &Stop) -> Over {
        let (camera, sink) = (&hub.camera, Arc::clone(hub) as Arc<dyn Sink>);
        let captured = match self.captured(camera, epoch).await {
            Ok(captured) => captured,
            Err(AppError::Conflict(detail)) => {
                // Only a person can mend it, and then it has another version.
                sink.pulse(Pulse { detail: detail.clone(), ..Pulse::of(Reason::Refused.state()) });
                let told = sink.failed(self.app.now(), Reason::Refused, &detail).await;
                stop.asked().await;
                return if matches!(told, Err(Declined::Fenced)) { Over::Fenced } else { Over::Stopped };
            }
            Err(error) => {
                // Given back, it is taken anew, and asked for again.
                tracing::warn!(camera = camera.slug, %error, "what there is to know of a camera cannot be read");
                let _ = tokio::time::timeout(UNREADABLE, stop.asked()).await;
                return Over::Stopped;
            }
        };
        tracing::info!(camera = camera.slug, epoch, "recording");
        keep_going(&captured, sink, &self.reader, Arc::clone(&self.app.ports.clock), stop.clone()).await
    }

    async fn captured(&self, camera: &camera::Model, epoch: i64) -> gatehouse_app::Result<Captured> {
        Ok(Captured {
            id: camera.id,
            number: camera.number.0,
            slug: camera.slug.clone(),
            source: cameras::source(&self.app, camera).await?,
            // It was read when it was saved.
            schedule: camera.schedule.parse().unwrap_or_default(),
            zone: Yard::load(self.app.db()).await?.zone,
            segment: self.settings.segment,
            folder: self.folder(camera.id).join(epoch.to_string()),
            limits: Limits::default(),
            backoff: Backoff::default(),
        })
    }
}

fn every(time: Duration) -> tokio::time::Interval {
    let mut clock = interval(time);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    clock
}

/// A camera in hand; it is let go however its job ends.
struct Guard {
    station: Arc<Station>,
    camera: CameraId,
}

impl Guard {
    /// `None`: it is in hand already.
    fn new(station: &Arc<Station>, camera: CameraId, stop: Stop) -> Option<Self> {
        match station.holds().entry(camera) {
            Entry::Occupied(_) => return None,
            Entry::Vacant(free) => free.insert(Holding { version: None, stop }),
        };
        Some(Self { station: Arc::clone(station), camera })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.station.holds().remove(&self.camera);
    }
}
