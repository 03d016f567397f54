//! One camera, from the first question to the end: frames in, files and events out.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use futures::StreamExt;
use gatehouse_app::ports::{Clock, Source, Tracks};
use retina::codec::{AudioFrame, CodecItem, VideoFrame};
use tokio::{
    sync::mpsc::UnboundedSender,
    time::{Instant as Deadline, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    batch::Batch,
    boxes::{self, Format},
    clock::{OwnClock, Times, Track, micros},
    cut::{Cut, Lengths, Open},
    disk::{Disk, Done, Place, Work},
    end::End,
    event::{Event, Progress},
    segment::Sync,
    session::{self, Limits, Playing},
};

/// How cameras are recorded.
#[derive(Clone)]
pub struct Settings {
    pub limits: Limits,
    pub lengths: Lengths,
    pub sync: Sync,
    pub place: Place,
}

/// What is sent in one go at the beginning is over after so long.
const SETTLED: Duration = Duration::from_millis(500);

/// Records `source` until the camera, the disk or `stop` ends it. No footage gets a time before `floor` (Unix microseconds): where the last
/// file of this camera ended. A run that ends for what the next frame mends (another format, a clock that jumped) is followed
/// by the next one in the same session.
///
/// Dropped, it leaves the open file as `….part`, as a kill would.
pub async fn capture(
    source: &Source,
    settings: &Settings,
    clock: &dyn Clock,
    floor: i64,
    events: &UnboundedSender<Event>,
    stop: &CancellationToken,
) -> End {
    let playing = tokio::select! {
        biased;
        () = stop.cancelled() => return End::Stopped,
        opened = session::open(source, &settings.limits) => match opened {
            Ok(playing) => playing,
            Err(end) => return end,
        },
    };
    let _ = events.send(Event::Connected);
    let mut recorder = Recorder::new(&playing, settings, clock, floor, events);
    let end = recorder.record(playing, stop).await;
    recorder.end_run(end).await
}

/// What ends with a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    Fragment,
    File,
    Run,
}

/// What is open of a run.
struct Run {
    video: Format,
    audio: Option<Format>,
    batch: Batch,
    /// Lengths are judged in the camera's own time.
    open: Open,
    /// What each of its files begins with, and whether one is open.
    head: Option<Vec<u8>>,
    file: bool,
    frames: u32,
    lost: u32,
}

struct Recorder<'a> {
    settings: &'a Settings,
    clock: &'a dyn Clock,
    events: &'a UnboundedSender<Event>,
    times: Times,
    rates: (u32, u32),
    left_out: Option<String>,
    own: OwnClock,
    started: Instant,
    first: Option<Instant>,
    /// Up to here times are given away, and up to here there is footage on the disk.
    floor: i64,
    kept: i64,
    disk: Disk,
    run: Option<Run>,
    /// The first file of this session is still to come, or open.
    first_file: bool,
}

impl<'a> Recorder<'a> {
    fn new(
        playing: &Playing,
        settings: &'a Settings,
        clock: &'a dyn Clock,
        floor: i64,
        events: &'a UnboundedSender<Event>,
    ) -> Self {
        let rates = (playing.video_rate.get(), playing.audio_rate.get());
        Self {
            settings,
            clock,
            events,
            times: Times::new(rates.0, rates.1),
            rates,
            left_out: playing.left_out.clone(),
            own: OwnClock::new(0, clock.now() * 1000),
            started: Instant::now(),
            first: None,
            floor,
            kept: 0,
            disk: Disk::new(settings.place.clone(), settings.sync),
            run: None,
            first_file: true,
        }
    }

    /// Up to an end that this session does not survive.
    async fn record(&mut self, mut playing: Playing, stop: &CancellationToken) -> End {
        let limits = &self.settings.limits;
        let mut stopped = pin!(stop.cancelled());
        let mut silence = pin!(sleep_until(Deadline::now() + limits.first));
        loop {
            let item = tokio::select! {
                biased;
                item = playing.frames.next() => item,
                done = self.disk.settled(), if self.disk.is_away() => match self.tell(done) {
                    Ok(()) => continue,
                    Err(end) => return end,
                },
                () = &mut stopped => return End::Stopped,
                () = &mut silence => {
                    return if self.run.is_some() { End::Stalled } else { End::NoKeyFrame };
                }
            };
            let outcome = match item {
                None => return End::Closed,
                Some(Err(e)) => return End::of(&e),
                Some(Ok(CodecItem::VideoFrame(frame))) => {
                    let outcome = self.video(&playing, frame).await;
                    if self.run.is_some() {
                        silence.as_mut().reset(Deadline::now() + limits.stall);
                    }
                    outcome
                }
                Some(Ok(CodecItem::AudioFrame(frame))) => {
                    self.audio(&frame);
                    Ok(())
                }
                Some(Ok(CodecItem::Rtcp(packet))) => {
                    let track = if packet.stream_id() == playing.video { Track::Video } else { Track::Audio };
                    if let (Some(rtp), Some(Ok(Some(report)))) =
                        (packet.rtp_timestamp(), packet.pkts().next().map(|first| first.as_sender_report()))
                    {
                        let at = self.wall_of(packet.ctx().received());
                        self.times.report(track, rtp.elapsed(), report.ntp_timestamp().0, at);
                    }
                    Ok(())
                }
                Some(Ok(_)) => Ok(()),
            };
            match outcome {
                Ok(()) => {}
                Err(end @ End::ClockJumped(_)) => {
                    self.end_run(end).await;
                    self.times = Times::new(self.rates.0, self.rates.1);
                    self.first = None;
                    silence.as_mut().reset(Deadline::now() + limits.first);
                }
                Err(end) => return end,
            }
            // A camera that always has something ready must not keep a stop waiting.
            if stop.is_cancelled() {
                return End::Stopped;
            }
        }
    }

    async fn video(&mut self, playing: &Playing, frame: VideoFrame) -> Result<(), End> {
        let (rtp, key) = (frame.timestamp().elapsed(), playing.is_key(frame.is_random_access_point(), frame.data()));
        let received = frame.start_ctx().received();
        let settled = received.saturating_duration_since(*self.first.get_or_insert(received)) >= SETTLED;
        let at = self.wall_of(received);
        self.times.arrived(rtp, at, settled).map_err(|by| End::ClockJumped(by / 1000))?;

        if key && (self.run.is_none() || frame.has_new_parameters()) {
            let video =
                playing.video_format()?.ok_or_else(|| End::Garbage("a key frame without parameter sets".into()))?;
            if self.run.as_ref().is_some_and(|run| run.video != video) {
                self.flush(rtp, Ends::Run).await?;
                self.end_run(End::ParametersChanged).await;
            }
            if self.run.is_none() {
                let taken = micros(rtp, self.rates.0);
                self.run = Some(Run {
                    video,
                    audio: playing.audio_format(),
                    batch: Batch::new(rtp, self.rates.0, self.rates.1),
                    open: Open { segment: taken, fragment: taken, latest: taken, bytes: 0, first: self.first_file },
                    head: None,
                    file: false,
                    frames: 0,
                    lost: 0,
                });
            }
        }
        let Some(run) = &mut self.run else { return Ok(()) };

        let taken = micros(rtp, self.rates.0);
        run.open.bytes = run.batch.bytes();
        let cut = match self.settings.lengths.before(&run.open, taken, key, frame.data().len()) {
            _ if run.batch.is_empty() => Cut::Nothing,
            Cut::Overdue => return Err(End::NoKeyFrame),
            // Before its way here is known a run does not get its time, unless memory is short.
            _ if run.batch.begin().is_none() && !settled && run.open.bytes < self.settings.lengths.bytes => {
                Cut::Nothing
            }
            cut => cut,
        };
        if cut != Cut::Nothing {
            self.flush(rtp, if cut == Cut::Segment { Ends::File } else { Ends::Fragment }).await?;
        }
        let Some(run) = &mut self.run else { return Ok(()) };
        if cut != Cut::Nothing {
            run.open.fragment = taken;
        }
        if cut == Cut::Segment {
            run.open.segment = taken;
            run.open.first = false;
            self.first_file = false;
        }
        run.open.latest = run.open.latest.max(taken);
        run.frames += 1;
        run.lost += u32::from(frame.loss());
        run.batch.video(rtp, key, frame.into_data());
        Ok(())
    }

    fn audio(&mut self, frame: &AudioFrame) {
        let at = self.wall_of(frame.ctx().received());
        self.times.heard(frame.timestamp().elapsed(), at);
        if let Some(run) = self.run.as_mut().filter(|run| run.audio.is_some()) {
            run.batch.audio(frame.timestamp().elapsed(), frame.frame_length().get(), frame.data());
        }
    }

    /// Hands the open fragment to the disk: `following` is the tick of the frame after it, `ends` what ends there.
    async fn flush(&mut self, following: i64, ends: Ends) -> Result<(), End> {
        self.take_back().await?;
        let Some(run) = self.run.as_mut().filter(|run| !run.batch.is_empty()) else { return Ok(()) };
        let broken = |why: String| End::Garbage(why);
        if !self.times.begun() {
            self.times.begin(run.batch.first(), self.floor);
        }
        let began = run.batch.begin().is_none();
        let sealed = run.batch.seal(&mut self.times, self.floor, following, ends == Ends::Run).map_err(broken)?;
        let fragment = sealed.fragment;
        if began {
            let tracks = boxes::tracks(&run.video.entry, run.audio.as_ref().map(|audio| audio.entry.as_slice()));
            let tracks = Tracks { left_out: self.left_out.clone(), ..tracks.map_err(broken)? };
            let _ = self.events.send(Event::RunBegan { at: fragment.at, time: self.times.from(), tracks });
        }
        let begin = match (run.file, &run.head) {
            (true, _) => None,
            (false, Some(head)) => Some(head.clone()),
            (false, None) => {
                let head = boxes::head(&run.video, run.audio.as_ref(), fragment.at).map_err(broken)?;
                Some(run.head.insert(head).clone())
            }
        };
        let finish = ends != Ends::Fragment;
        run.file = !finish;
        self.floor = fragment.at + fragment.lasts;
        let _ = self.events.send(Event::Wrote(Progress {
            at: fragment.at,
            lasts: fragment.lasts,
            bytes: sealed.video.len() + sealed.audio.len(),
            frames: std::mem::take(&mut run.frames),
            lost: std::mem::take(&mut run.lost),
            time: self.times.from(),
            camera_off: self.times.camera_off(),
        }));
        self.disk.hand_over(Work { begin, fragment: sealed, finish });
        let steady = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.own.look(steady, self.clock.now() * 1000).map_err(|by| End::ClockJumped(by / 1000))
    }

    /// Waits for the disk and tells what came of it.
    async fn take_back(&mut self) -> Result<(), End> {
        if !self.disk.is_away() {
            return Ok(());
        }
        let done = self.disk.settled().await;
        self.tell(done)
    }

    fn tell(&mut self, done: Done) -> Result<(), End> {
        if let Some(path) = done.begun {
            let _ = self.events.send(Event::SegmentBegan { path });
        }
        if let Some(finished) = done.finished {
            let _ = self.events.send(Event::Segment(finished));
        }
        self.kept = done.until.unwrap_or(self.kept);
        if let Some(run) = &mut self.run {
            run.batch.reuse(done.buffers.0, done.buffers.1, self.settings.lengths.bytes);
        }
        done.failed.map_or(Ok(()), |e| Err(e.into()))
    }

    /// Ends the open run: what is there of it is written, its file gets its name. Returns why it ended, which is the disk where that refused.
    async fn end_run(&mut self, end: End) -> End {
        let mut end = end;
        let mut refusals = Vec::new();
        // A disk that refused gets nothing more.
        let following = self.run.as_ref().filter(|_| !matches!(end, End::Disk(_))).map(|run| run.batch.following());
        if let Some(following) = following {
            refusals.extend(self.flush(following, Ends::Run).await.err());
        }
        refusals.extend(self.take_back().await.err());
        let done = self.disk.finish().await;
        refusals.extend(self.tell(done).err());
        if !matches!(end, End::Disk(_)) {
            end = refusals.into_iter().find(|why| !matches!(why, End::ClockJumped(_))).unwrap_or(end);
        }
        if let Some(begin) = self.run.take().and_then(|run| run.batch.begin()) {
            let _ = self.events.send(Event::RunEnded { at: self.kept.max(begin), end: end.clone() });
        }
        end
    }

    /// What our clock said when the machine's steady one said `then`.
    fn wall_of(&self, then: Instant) -> i64 {
        let steady = i64::try_from(then.saturating_duration_since(self.started).as_micros()).unwrap_or(i64::MAX);
        self.own.at(steady)
    }
}
