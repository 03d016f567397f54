//! A process that records: it takes cameras by jobs, holds them by beats, and watches that nobody's are left alone.

use std::{
    collections::HashMap,
    future::Future,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use gatehouse_app::{
    App,
    cameras::{
        self, Pulse, Who,
        model::{camera, lease},
    },
    ids::CameraId,
    recordings::Reason,
    yard::Yard,
};
use sea_orm::EntityTrait;
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
    leftovers::{self, Holder, recover},
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

/// What cameras are doing, as it was said last, until it is noted.
#[derive(Debug, Default)]
pub struct Pulses(Mutex<HashMap<CameraId, (Pulse, bool)>>);

impl Pulses {
    fn lock(&self) -> MutexGuard<'_, HashMap<CameraId, (Pulse, bool)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn put(&self, camera: CameraId, pulse: Pulse) {
        let mut all = self.lock();
        let is_news = all.get(&camera).is_none_or(|(last, is_news)| {
            *is_news || (last.state, &last.detail, &last.tracks) != (pulse.state, &pulse.detail, &pulse.tracks)
        });
        all.insert(camera, (pulse, is_news));
    }

    /// Those that are news, or all.
    fn take(&self, all: bool) -> Vec<(CameraId, Pulse)> {
        let mut pulses = self.lock();
        let taken = pulses.iter_mut().filter(|(_, (_, is_news))| all || *is_news);
        taken
            .map(|(camera, (pulse, is_news))| {
                *is_news = false;
                (*camera, pulse.clone())
            })
            .collect()
    }

    fn forget(&self, camera: CameraId) -> Option<Pulse> {
        self.lock().remove(&camera).map(|(pulse, _)| pulse)
    }
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

    /// Until `stop`: beats, watches, notes, and first of all recovers what a process before it left.
    pub async fn run(self: Arc<Self>) {
        // Whoever is on this disk sees at once when this process is no more.
        let _alive = Holder::new(&self.spool.folder(), &self.boot)
            .await
            .inspect_err(|error| tracing::warn!(%error, "the spool cannot be written"));
        let recovery = tokio::spawn(Arc::clone(&self).recover_all());
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
        let held: HashMap<CameraId, i32> = cameras::beat(&self.app, &self.boot).await?.into_iter().collect();
        for (camera, holding) in self.holds().iter() {
            let Some(version) = holding.version else { continue };
            match held.get(camera) {
                // Its files and its end are refused from here on, too.
                None => holding.stop.ask(Reason::WorkerLost),
                Some(now) if *now != version => holding.stop.ask(Reason::SwitchedOff),
                Some(_) => {}
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
        if self.holds().contains_key(&camera) {
            // One that we hold is not free: this job is a doubled one, or late.
            return Ok(());
        }
        let guard = Guard::new(self, camera, stop.clone());
        let Some((held, row)) = cameras::claim(&self.app, camera, epoch, &self.boot, &self.node).await? else {
            return Ok(());
        };
        if let Some(holding) = self.holds().get_mut(&camera) {
            holding.version = Some(row.version);
        }
        if self.stop.is_cancelled() {
            stop.ask(Reason::Stopped);
        }
        let hub = Arc::new(Hub {
            app: self.app.clone(),
            camera: row,
            held: held.clone(),
            who,
            objects: self.settings.data.join("objects"),
            spool: Arc::clone(&self.spool),
            pulses: Arc::clone(&self.pulses),
            pictures: Some(self.pictures.clone()),
        });
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

    async fn record(&self, hub: &Arc<Hub>, epoch: i64, stop: &Stop) -> Over {
        let (camera, sink) = (&hub.camera, Arc::clone(hub) as Arc<dyn Sink>);
        let captured = match self.captured(camera, epoch).await {
            Ok(captured) => captured,
            Err(error) => {
                // Only a person can mend it, and then it has another version.
                let detail = error.to_string();
                sink.pulse(Pulse { detail: detail.clone(), ..Pulse::of(Reason::Refused.state()) });
                let told = sink.failed(self.app.now(), Reason::Refused, &detail).await;
                stop.asked().await;
                return if matches!(told, Err(Declined::Fenced)) { Over::Fenced } else { Over::Stopped };
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

    /// Offers what is left of one camera in this node's spool.
    async fn recover_one(self: Arc<Self>, hub: Arc<Hub>) {
        let Ok(_turn) = self.recoveries.acquire().await else { return };
        match recover(&self.folder(hub.camera.id), &*hub, Arc::clone(&self.app.ports.clock)).await {
            Ok(done) if done.kept + done.aside + done.left > 0 => {
                tracing::info!(camera = hub.camera.slug, ?done, "recovered what was left");
            }
            Ok(_) => {}
            Err(error) => tracing::error!(camera = hub.camera.slug, %error, "what was left cannot be recovered"),
        }
    }

    /// The same of every camera that has something here, whoever records it now.
    async fn recover_all(self: Arc<Self>) {
        let listed = async {
            let who = self.who().await?;
            let mut hubs = Vec::new();
            let folder = self.spool.folder();
            let names = tokio::task::spawn_blocking(move || names(&folder)).await.map_err(anyhow::Error::from)?;
            for id in names {
                let Some(camera) = camera::Entity::find_by_id(id).one(self.app.db()).await? else { continue };
                let held = cameras::Held { camera: id, number: camera.number, epoch: 0, holder: String::new() };
                hubs.push(Hub {
                    app: self.app.clone(),
                    camera,
                    held,
                    who: who.clone(),
                    objects: self.settings.data.join("objects"),
                    spool: Arc::clone(&self.spool),
                    pulses: Arc::clone(&self.pulses),
                    pictures: Some(self.pictures.clone()),
                });
            }
            Ok::<_, gatehouse_app::AppError>(hubs)
        };
        match listed.await {
            Ok(hubs) => {
                for hub in hubs {
                    Arc::clone(&self).recover_one(Arc::new(hub)).await;
                }
                self.forget_the_dead().await;
            }
            Err(error) => tracing::warn!(%error, "what is left in the spool waits for the next start"),
        }
    }
}

impl Station {
    /// Marks of processes that are no more, and hold nothing any more.
    async fn forget_the_dead(&self) {
        let leases = lease::Entity::find().all(self.app.db()).await;
        let Ok(leases) = leases else { return };
        let holders: Vec<String> = leases.into_iter().map(|lease| lease.holder).collect();
        let spool = self.spool.folder();
        let swept = tokio::task::spawn_blocking(move || leftovers::sweep_holders(&spool, &holders)).await;
        if let Ok(Err(error)) = swept {
            tracing::warn!(%error, "marks of dead processes stay in the spool");
        }
    }
}

fn every(time: Duration) -> tokio::time::Interval {
    let mut clock = interval(time);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    clock
}

fn names(folder: &std::path::Path) -> Vec<CameraId> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

/// A camera in hand; it is let go however its job ends.
struct Guard {
    station: Arc<Station>,
    camera: CameraId,
}

impl Guard {
    fn new(station: &Arc<Station>, camera: CameraId, stop: Stop) -> Self {
        station.holds().insert(camera, Holding { version: None, stop });
        Self { station: Arc::clone(station), camera }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.station.holds().remove(&self.camera);
    }
}
