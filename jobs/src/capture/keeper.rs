//! Keeps one camera recording: connects, tells the sink what comes of it, waits and connects again, until it is told to stop.
//!
//! Two things go on side by side. Capture must not wait for a database, so what it tells is put in line; [`super::line`] takes it out again, in that
//! order, and offers it to the sink until the sink takes it. What is in line when the process dies is found again by
//! [`super::leftovers`]: a file says itself when and of what it is.

use std::{path::PathBuf, sync::Arc, time::Duration};

use chrono_tz::Tz;
use gatehouse_app::{
    cameras::{Schedule, State, Transport},
    ids::{CameraId, RunId},
    ports::{Clock, Ids, Source},
    recordings::Reason,
};
use metrics::counter;
use tokio::{
    sync::mpsc::{self, UnboundedSender},
    time::{Instant, sleep},
};

use super::{
    backoff::Backoff,
    clock::TimeFrom,
    cut::Lengths,
    end::End,
    event::Event,
    leftovers::Hold,
    line::{AGAIN, Told, tell},
    rates::Rates,
    run::{Settings, capture},
    runtime::Cameras,
    segment::{self, Sync},
    session::Limits,
    sink::{Declined, Finished, NewRun, Pulse, Sink},
    source::without_secrets,
    stop::Stop,
};
use crate::clock::SystemIds;

/// A last file that ended further ahead, in microseconds, was recorded while our clock was wrong: what follows must not be dated behind it for
/// days. Where its time comes, two files claim it, and the later one is set aside.
const BELIEVED: i64 = 3_600_000_000;
/// Where there is no room, it is asked for again so often.
const ROOM: Duration = Duration::from_secs(5);
/// The first file of a session is shorter by the camera's number, and this long at least.
const SHORTEST: u64 = 5;
/// Cameras whose numbers follow each other end their first files so many seconds apart.
const APART: u64 = 7;

/// A camera to record.
#[derive(Clone, Debug)]
pub struct Captured {
    pub id: CameraId,
    pub number: i32,
    pub slug: String,
    pub source: Source,
    pub schedule: Schedule,
    pub zone: Tz,
    /// The length of a file.
    pub segment: Duration,
    /// Where its files are written: a folder of this holder alone, `data/spool/<camera>/<epoch>`.
    pub folder: PathBuf,
    pub limits: Limits,
    pub backoff: Backoff,
}

/// Why it is not recorded any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// We were told to.
    Stopped,
    /// Somebody else has it.
    Fenced,
}

/// Records `camera` until `stop`, or until the sink says that it is another's. Cameras over TCP are read by `reader`.
pub async fn keep_going(
    camera: &Captured,
    sink: Arc<dyn Sink>,
    reader: &Cameras,
    clock: Arc<dyn Clock>,
    stop: Stop,
) -> Over {
    let (line, told) = mpsc::unbounded_channel();
    let keeper = Keeper {
        camera,
        sink: Arc::clone(&sink),
        reader,
        clock,
        stop: stop.clone(),
        line,
        floor: 0,
        run: None,
        said: None,
        rates: Rates::default(),
        pulse: Pulse::of(State::Connecting),
    };
    // The folder is this holder's until everything was told that can be.
    let (hold, over) = tokio::join!(keeper.work(), tell(sink, told, stop));
    drop(hold);
    over
}

struct Keeper<'a> {
    camera: &'a Captured,
    sink: Arc<dyn Sink>,
    reader: &'a Cameras,
    clock: Arc<dyn Clock>,
    stop: Stop,
    line: UnboundedSender<Told>,
    /// Unix microseconds: where the last file ended.
    floor: i64,
    run: Option<RunId>,
    /// What was said last of why nothing is recorded: once is enough.
    said: Option<(Reason, String)>,
    rates: Rates,
    pulse: Pulse,
}

impl Keeper<'_> {
    async fn work(mut self) -> Option<Hold> {
        let mut hold = None;
        let mut backoff = self.camera.backoff;
        let mut floor_known = false;
        while !self.stop.is_asked() {
            if !self.camera.schedule.is_on(self.clock.now(), self.camera.zone) {
                self.nothing(Reason::ScheduledOff, String::new());
                self.wait_for_schedule().await;
                continue;
            }
            if hold.is_none() {
                match Hold::of(&self.camera.folder).await {
                    Ok(held) => hold = Some(held),
                    Err(e) => {
                        self.nothing(Reason::NoRoom, e.to_string());
                        self.wait(ROOM).await;
                        continue;
                    }
                }
            }
            match self.sink.room().await {
                Err(Declined::Fenced) => break,
                Err(why @ Declined::NoRoom) => {
                    self.nothing(Reason::NoRoom, why.to_string());
                    self.wait(ROOM).await;
                    continue;
                }
                // Whether there is room is known by this disk alone.
                Ok(()) | Err(Declined::Away(_)) => {}
            }
            if !floor_known {
                match self.sink.floor().await {
                    Ok(floor) => (self.floor, floor_known) = (self.floor.max(floor * 1000), true),
                    Err(Declined::Fenced) => break,
                    Err(_) => {
                        self.wait(AGAIN).await;
                        continue;
                    }
                }
            }
            let began = Instant::now();
            let end = self.session().await;
            if self.stop.is_asked() {
                break;
            }
            let pause = match end.reason() {
                Reason::NoRoom => ROOM,
                Reason::Stopped => Duration::ZERO,
                _ => backoff.after(&end, began.elapsed(), chance()),
            };
            self.wait(pause).await;
            self.pulse.reconnects += 1;
            counter!("gatehouse_camera_reconnects_total", "camera" => self.camera.slug.clone()).increment(1);
        }
        self.nothing(self.stop.why(), String::new());
        hold
    }

    /// From one connection to its end.
    async fn session(&mut self) -> End {
        let ahead = self.floor - self.clock.now() * 1000;
        if ahead > BELIEVED {
            tracing::warn!(
                camera = self.camera.slug,
                seconds = ahead / 1_000_000,
                "this machine’s clock was ahead: film is on record in the future"
            );
            self.floor = 0;
        }
        let (events, mut told) = mpsc::unbounded_channel();
        let stop = self.stop.token();
        let job = {
            let (source, settings, clock) = (self.camera.source.clone(), self.settings(), Arc::clone(&self.clock));
            let (floor, stop) = (self.floor, stop.clone());
            async move { capture(&source, &settings, &*clock, floor, &events, &stop).await }
        };
        let over_udp = self.camera.source.transport == Transport::Udp;
        let task = if over_udp { Some(tokio::spawn(job)) } else { self.reader.spawn(job) };
        let Some(task) = task else { return End::Stopped };
        self.pulse.state = State::Connecting;
        self.beat();

        // Why it was stopped, where it was not by whoever holds us.
        let mut why = None;
        let mut ended = None;
        let off = self.camera.schedule.next_change(self.clock.now(), self.camera.zone);
        loop {
            let event = tokio::select! {
                event = told.recv() => event,
                () = self.until(off), if why.is_none() => {
                    why = Some(Reason::ScheduledOff);
                    stop.cancel();
                    continue;
                }
            };
            match event {
                None => break,
                Some(Event::SegmentBegan { .. }) => {
                    if matches!(self.sink.room().await, Err(Declined::NoRoom)) {
                        why = Some(Reason::NoRoom);
                        stop.cancel();
                    }
                }
                Some(Event::RunEnded { at, end }) => {
                    self.run_ended(at, &end, why);
                    ended = Some(end);
                }
                Some(event) => self.take(event),
            }
        }
        let end = task.await.unwrap_or_else(|panic| {
            tracing::error!(camera = self.camera.slug, %panic, "capture failed on what this camera sent");
            End::Garbage("capture failed on it".into())
        });
        if self.run.is_some() {
            // It failed before it could say so: what it told of is there, and the rest is recovered.
            self.run_ended(self.floor, &end, why);
            ended = Some(end.clone());
        }
        match (&end, why) {
            // What the run's end said already.
            (end, _) if ended.as_ref() == Some(end) => {}
            (End::Stopped, None) => {}
            (End::Stopped, Some(why)) => self.nothing(why, String::new()),
            (end, _) => self.nothing(end.reason(), self.words(end)),
        }
        if why == Some(Reason::NoRoom) { End::Disk(String::new()) } else { end }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Connected | Event::SegmentBegan { .. } | Event::RunEnded { .. } => {}
            Event::RunBegan { at, time, tracks } => {
                let id = RunId(SystemIds.uuid());
                self.run = Some(id);
                self.said = None;
                self.pulse.tracks = Some(tracks.clone());
                let by_camera = time == TimeFrom::Camera;
                self.put(Told::Begin(NewRun { id, started_at: at.div_euclid(1000), tracks, by_camera }));
            }
            Event::Wrote(progress) => {
                let camera = self.camera.slug.clone();
                counter!("gatehouse_camera_bytes_total", "camera" => camera.clone()).increment(progress.bytes as u64);
                counter!("gatehouse_camera_frames_total", "camera" => camera.clone()).increment(progress.frames.into());
                counter!("gatehouse_camera_frames_dropped_total", "camera" => camera).increment(progress.lost.into());
                self.rates.add(&progress);
                self.pulse.state = State::Connected;
                self.pulse.detail.clear();
                self.pulse.last_frame_at = Some((progress.at + progress.lasts).div_euclid(1000));
                self.pulse.clock_offset_ms = progress.camera_off.map(|off| off.div_euclid(1000));
                self.pulse.fps_milli = self.rates.fps_milli();
                self.pulse.bits_per_second = self.rates.bits_per_second();
                self.beat();
            }
            Event::Segment(file) => {
                let span = file.span();
                self.floor = self.floor.max(span.end);
                let Some(run) = self.run else { return };
                let camera = self.camera.slug.clone();
                counter!("gatehouse_camera_segments_total", "camera" => camera, "outcome" => "written").increment(1);
                self.put(Told::Keep(Finished {
                    run,
                    started_at: span.start.div_euclid(1000),
                    ended_at: span.end.div_euclid(1000).max(span.start.div_euclid(1000) + 1),
                    size: file.size,
                    init_size: u32::try_from(file.head).unwrap_or(u32::MAX),
                    fragments: segment::index(&file.fragments),
                    sha256: file.sha256,
                    path: file.path,
                }));
            }
        }
    }

    fn run_ended(&mut self, at: i64, end: &End, why: Option<Reason>) {
        let Some(run) = self.run.take() else { return };
        let (reason, detail) = match (end, why) {
            (End::Stopped, why) => (why.unwrap_or_else(|| self.stop.why()), String::new()),
            (end, _) => (end.reason(), self.words(end)),
        };
        tracing::info!(camera = self.camera.slug, reason = reason.as_str(), detail, "a run ended");
        self.say_state(reason, &detail);
        self.said = Some((reason, detail.clone()));
        self.put(Told::End { run, at: at.div_euclid(1000), reason, detail });
    }

    /// Nothing is recorded from now on, and why.
    fn nothing(&mut self, reason: Reason, detail: String) {
        self.say_state(reason, &detail);
        let said = (reason, detail);
        if self.said.as_ref() == Some(&said) {
            return;
        }
        tracing::info!(camera = self.camera.slug, reason = reason.as_str(), detail = said.1, "nothing is recorded");
        self.put(Told::Failed { at: self.clock.now(), reason, detail: said.1.clone() });
        self.said = Some(said);
    }

    fn say_state(&mut self, reason: Reason, detail: &str) {
        self.rates = Rates::default();
        self.pulse = Pulse {
            state: reason.state(),
            detail: detail.to_owned(),
            fps_milli: None,
            bits_per_second: None,
            ..self.pulse.clone()
        };
        self.beat();
    }

    fn beat(&self) {
        self.sink.pulse(self.pulse.clone());
    }

    fn put(&self, told: Told) {
        // Who took it out of line is gone when the camera is another's.
        let _ = self.line.send(told);
    }

    fn words(&self, end: &End) -> String {
        without_secrets(&end.to_string(), &self.camera.source)
    }

    fn settings(&self) -> Settings {
        let whole = self.camera.segment;
        let number = u64::from(self.camera.number.unsigned_abs());
        let first = Duration::from_secs((number * APART % whole.as_secs().max(1)).max(SHORTEST)).min(whole);
        let folder = self.camera.folder.clone();
        Settings {
            limits: self.camera.limits,
            lengths: Lengths { segment: whole, first, ..Lengths::default() },
            sync: Sync::Fragment,
            place: Arc::new(move |at, n| folder.join(format!("{at}.{n}.mp4"))),
        }
    }

    async fn wait(&self, time: Duration) {
        tokio::select! {
            () = self.stop.asked() => {}
            () = sleep(time) => {}
        }
    }

    async fn wait_for_schedule(&self) {
        let on = self.camera.schedule.next_change(self.clock.now(), self.camera.zone);
        tokio::select! {
            () = self.stop.asked() => {}
            () = self.until(on) => {}
        }
    }

    /// Up to an instant of the wall clock, which may be set meanwhile; for ever where there is none.
    async fn until(&self, at: Option<i64>) {
        let Some(at) = at else { return std::future::pending().await };
        loop {
            let left = at - self.clock.now();
            if left <= 0 {
                return;
            }
            sleep(Duration::from_millis(left.unsigned_abs().min(10_000))).await;
        }
    }
}

/// 0…1000.
fn chance() -> u16 {
    let mut bytes = [0; 2];
    SystemIds.random(&mut bytes);
    u16::from_be_bytes(bytes) % 1001
}
