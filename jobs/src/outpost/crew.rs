//! The cameras that are recorded here, each by a task of its own: begun, stopped and begun anew as the hub says.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono_tz::Tz;
use gatehouse_app::{
    cameras::{Address, Opening},
    ids::CameraId,
    ports::Source,
    recorders::wire,
    recordings::Reason,
};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::{
    shelf::{self, Shelf},
    sink::CameraSink,
};
use crate::{
    capture::{Captured, Stop, backoff::Backoff, keep_going, recover, runtime::Cameras, session::Limits},
    pictures::Pictures,
};

/// Files that could not be taken back at once are offered again after so long.
const AGAIN: Duration = Duration::from_secs(5);
/// Seconds of a file, whatever the hub says.
const SECONDS: std::ops::RangeInclusive<u32> = 10..=300;

/// Whoever records.
pub(super) struct Crew {
    shelf: Arc<Shelf>,
    reader: Arc<Cameras>,
    pictures: Pictures,
    /// No more than so many.
    most: usize,
    at_work: BTreeMap<Uuid, AtWork>,
}

struct AtWork {
    given: Given,
    stop: Stop,
    task: JoinHandle<()>,
}

/// All that makes a camera be recorded as it is: another one, and it begins anew.
#[derive(Clone, PartialEq, Eq)]
struct Given {
    camera: wire::Camera,
    zone: String,
    allow: String,
    seconds: u32,
}

impl Crew {
    pub fn new(shelf: Arc<Shelf>, pictures: Pictures, most: usize) -> std::io::Result<Self> {
        Ok(Self { shelf, reader: Arc::new(Cameras::start()?), pictures, most, at_work: BTreeMap::new() })
    }

    /// Records what the hub says from now on. A camera of which nothing is otherwise goes on as it is.
    pub async fn work_by(&mut self, told: &wire::Cameras) {
        self.pictures.whole_every(told.snapshot_minutes.into());
        let mut wanted = BTreeMap::new();
        for (number, camera) in told.cameras.iter().filter(|camera| camera.enabled).take(self.most).enumerate() {
            let (zone, allow) = (told.zone.clone(), told.allow.clone());
            let seconds = told.segment_seconds.clamp(*SECONDS.start(), *SECONDS.end());
            wanted.insert(camera.id, (number, Given { camera: camera.clone(), zone, allow, seconds }));
        }
        let left_out = told.cameras.iter().filter(|camera| camera.enabled).count().saturating_sub(self.most);
        if left_out > 0 {
            tracing::error!(
                left_out,
                most = self.most,
                "there are more cameras than this recorder takes (capture_cameras)"
            );
        }
        let gone: Vec<Uuid> = self.at_work.keys().filter(|id| !wanted.contains_key(*id)).copied().collect();
        for id in gone {
            self.dismiss(id, Reason::SwitchedOff).await;
            self.shelf.pulses.forget(id);
        }
        for (id, (number, given)) in wanted {
            if self.at_work.get(&id).is_some_and(|at_work| at_work.given == given && !at_work.task.is_finished()) {
                continue;
            }
            self.dismiss(id, Reason::SwitchedOff).await;
            match captured(&self.shelf, number, &given) {
                Ok(captured) => {
                    let stop = Stop::default();
                    let sink = Arc::new(CameraSink {
                        camera: id,
                        slug: captured.slug.clone(),
                        shelf: Arc::clone(&self.shelf),
                        pictures: self.pictures.clone(),
                    });
                    let work = record(sink, Arc::clone(&self.reader), captured, stop.clone());
                    self.at_work.insert(id, AtWork { given, stop, task: tokio::spawn(work) });
                }
                Err(why) => {
                    tracing::error!(camera = given.camera.slug, why, "what the hub says of a camera makes no sense");
                }
            }
        }
    }

    /// Stops all of them; what they have is kept.
    pub async fn stop(&mut self, why: Reason) {
        for at_work in self.at_work.values() {
            at_work.stop.ask(why);
        }
        while let Some((id, at_work)) = self.at_work.pop_first() {
            let _ = at_work.task.await;
            self.shelf.pulses.forget(id);
        }
    }

    pub fn is_idle(&self) -> bool {
        self.at_work.is_empty()
    }

    async fn dismiss(&mut self, id: Uuid, why: Reason) {
        if let Some(at_work) = self.at_work.remove(&id) {
            at_work.stop.ask(why);
            let _ = at_work.task.await;
        }
    }
}

/// What the hub says, as far as it can be meant.
fn captured(shelf: &Shelf, number: usize, given: &Given) -> Result<Captured, String> {
    let camera = &given.camera;
    let is_slug = |slug: &str| {
        (1..=64).contains(&slug.len())
            && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
    };
    if !is_slug(&camera.slug) {
        return Err("its slug is none".into());
    }
    let opening = Opening { path: camera.path.clone(), user: camera.user.clone(), password: camera.password.clone() };
    let source = Source {
        address: Address { host: camera.host.clone(), port: camera.port, opening },
        transport: camera.transport.parse()?,
        audio: camera.audio,
        // Each address is held against it when it is connected to.
        allow: given.allow.parse()?,
    };
    Ok(Captured {
        id: CameraId(camera.id),
        number: i32::try_from(number).unwrap_or_default(),
        slug: camera.slug.clone(),
        source,
        schedule: camera.schedule.parse().map_err(|_| "its schedule cannot be read")?,
        zone: given.zone.parse::<Tz>().map_err(|_| "its zone is not known here")?,
        segment: Duration::from_secs(given.seconds.into()),
        // Never one that was there before: what is in those is taken back first.
        folder: shelf::spool(&shelf.data, camera.id).join(shelf.clock.now().to_string()),
        limits: Limits::default(),
        backoff: Backoff::default(),
    })
}

/// Takes back what a process before this one left, then records.
async fn record(sink: Arc<CameraSink>, reader: Arc<Cameras>, camera: Captured, stop: Stop) {
    let spool = shelf::spool(&sink.shelf.data, camera.id.0);
    loop {
        match take_back(&spool, &sink).await {
            Ok(()) => break,
            Err(error) => {
                tracing::error!(camera = camera.slug, %error, "what was left in the spool was not taken back");
            }
        }
        tokio::select! {
            () = stop.asked() => return,
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
    let clock = Arc::clone(&sink.shelf.clock);
    keep_going(&camera, sink, &reader, clock, stop).await;
}

async fn take_back(spool: &std::path::Path, sink: &CameraSink) -> anyhow::Result<()> {
    let shelf = &sink.shelf;
    let found = recover(spool, sink, Arc::clone(&shelf.clock)).await?;
    anyhow::ensure!(found.left == 0, "{} files are left", found.left);
    if found.kept + found.aside > 0 {
        tracing::info!(camera = sink.slug, ?found, "took back what was left in the spool");
    }
    // What nobody ended when the process was killed.
    shelf.store.end_left(sink.camera, Reason::WorkerLost).await?;
    shelf.news.notify_one();
    Ok(())
}
