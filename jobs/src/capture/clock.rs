//! What time it was when a frame was taken.
//!
//! RTP counts ticks of the camera's own oscillator. Sender reports say which tick is what time by the camera's clock; that is how sound and
//! picture are brought together. Whether the camera's clock is right is another matter: where it agrees with ours to a second it is
//! believed, for it knows nothing of delays on the way; otherwise the time is that of arrival here, less the delay that comes and goes.
//! A camera without reports is timed by arrival, too.
//!
//! The time that frames get never jumps and never runs backwards: it is steered towards what it should be by at most 500 ppm, which
//! nobody sees. So the files of a run follow each other without overlap and without a hole.

use std::collections::VecDeque;

use super::ntp;

/// A file's time may run faster or slower than the oscillator by so many millionths.
const MOST_PPM: i64 = 500;
/// An error is worked off over so many seconds, where that is slow enough.
const HORIZON: i64 = 20;
/// A camera's clock that differs from ours by less is believed…
const BELIEVED: i64 = 1_000_000;
/// …and, once it is, up to here.
const STILL_BELIEVED: i64 = 2_000_000;
/// Nothing arrives before it was taken: what does by more has jumped.
const AHEAD: i64 = 2_000_000;
/// What is sent late catches up; what is later than this will not.
const LATE: i64 = 10_000_000;
/// Frames are reordered by less.
const BACK: i64 = 1_000_000;
/// Sound arrives with its picture, but for this: what says otherwise is not believed.
const APART: i64 = 2_000_000;
/// The shortest way here is looked for among so many fragments.
const REMEMBERED: usize = 10;

/// Whose clock the times of a file are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFrom {
    /// The camera's, by its sender reports.
    Camera,
    /// The recorder's: the camera sends no reports, or its clock is wrong.
    Recorder,
}

/// Which of a session's streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    Video,
    Audio,
}

/// Ticks of `rate` in a second as microseconds.
#[must_use]
pub fn micros(ticks: i64, rate: u32) -> i64 {
    (i128::from(ticks) * 1_000_000).div_euclid(i128::from(rate.max(1))) as i64
}

/// Microseconds as ticks of `rate` in a second, to the nearest.
#[must_use]
pub fn ticks(micros: i64, rate: u32) -> i64 {
    (i128::from(micros) * i128::from(rate) + 500_000).div_euclid(1_000_000) as i64
}

/// From ticks to Unix microseconds: a point and how much faster time runs than the ticks.
#[derive(Clone, Copy, Debug)]
struct Line {
    rtp: i64,
    wall: i64,
    ppm: i64,
}

#[derive(Clone, Copy, Debug)]
struct Stream {
    rate: u32,
    /// What a report added to the time counted from the beginning of the session: then it is the camera's time.
    shift: Option<i64>,
    line: Option<Line>,
}

impl Stream {
    fn wall(&self, rtp: i64) -> Option<i64> {
        let line = self.line?;
        let passed = micros(rtp - line.rtp, self.rate);
        Some(line.wall + passed + passed * line.ppm / 1_000_000)
    }
}

/// The times of one session. Ticks are counted from the beginning of the session, times are Unix microseconds.
#[derive(Clone, Debug)]
pub struct Times {
    video: Stream,
    audio: Stream,
    /// The least of (arrival − camera's time), by fragment: the shortest way here.
    ways: VecDeque<i64>,
    way: Option<i64>,
    last: Option<i64>,
    /// The least of (arrival − ticks) of sound, in this fragment and the one before.
    sound: [Option<i64>; 2],
    from: TimeFrom,
    camera_off: Option<i64>,
}

impl Times {
    #[must_use]
    pub fn new(video_rate: u32, audio_rate: u32) -> Self {
        let stream = |rate| Stream { rate, shift: None, line: None };
        Self {
            video: stream(video_rate),
            audio: stream(audio_rate),
            ways: VecDeque::with_capacity(REMEMBERED + 1),
            way: None,
            last: None,
            sound: [None; 2],
            from: TimeFrom::Recorder,
            camera_off: None,
        }
    }

    /// Whose time the next fragment has.
    #[must_use]
    pub fn from(&self) -> TimeFrom {
        self.from
    }

    /// How far the camera's clock is ahead of ours, less the shortest way here, in microseconds.
    #[must_use]
    pub fn camera_off(&self) -> Option<i64> {
        self.camera_off
    }

    /// A sender report came: the tick `rtp` is `ntp` by the camera's clock.
    pub fn report(&mut self, track: Track, rtp: i64, ntp: u64, arrived: i64) {
        let Some(camera) = ntp::unix_micros(ntp, arrived) else { return };
        let shift = camera - micros(rtp, self.stream(track).rate);
        if track == Track::Audio {
            self.audio.shift = Some(shift);
            return;
        }
        // The ways that were measured are kept, in the new time.
        let moved = shift - self.video.shift.unwrap_or(0);
        self.ways.iter_mut().chain(&mut self.way).for_each(|way| *way -= moved);
        self.video.shift = Some(shift);
    }

    /// A video frame came. `settled` says whether the session has run for long enough to know what is usual: many send what they have kept
    /// in one go at first.
    ///
    /// # Errors
    /// By how many microseconds its time jumped.
    pub fn arrived(&mut self, rtp: i64, at: i64, settled: bool) -> Result<(), i64> {
        let taken = micros(rtp, self.video.rate);
        if let Some(last) = self.last.replace(taken)
            && taken - last < -BACK
        {
            return Err(taken - last);
        }
        let way = at - self.camera(Track::Video, rtp);
        let shortest = self.shortest();
        if let Some(shortest) = shortest.filter(|_| settled) {
            let early = shortest - way;
            if !(-LATE..=AHEAD).contains(&early) {
                return Err(early);
            }
        }
        self.way = Some(self.way.map_or(way, |least| least.min(way)));
        Ok(())
    }

    /// A frame of sound came.
    pub fn heard(&mut self, rtp: i64, at: i64) {
        let way = at - micros(rtp, self.audio.rate);
        self.sound[0] = Some(self.sound[0].map_or(way, |least| least.min(way)));
    }

    /// Begins the session's time with the video frame at `rtp`, not before `floor`: where the last file of this camera ended.
    pub fn begin(&mut self, rtp: i64, floor: i64) {
        self.judge();
        let wall = self.target(Track::Video, rtp).max(floor);
        self.video.line = Some(Line { rtp, wall, ppm: 0 });
    }

    #[must_use]
    pub fn begun(&self) -> bool {
        self.video.line.is_some()
    }

    /// When the frame at `rtp` was taken. Rises with `rtp`. Only after [`Times::begin`].
    pub fn wall(&mut self, track: Track, rtp: i64) -> i64 {
        if track == Track::Audio && self.audio.line.is_none() {
            // With what the picture's time is still off by: together they are right.
            let (target, picture) = (self.target(Track::Audio, rtp), self.video.line);
            let off = picture.map_or(0, |line| line.wall - self.target(Track::Video, line.rtp));
            self.audio.line = Some(Line { rtp, wall: target + off, ppm: 0 });
        }
        self.stream(track).wall(rtp).unwrap_or_else(|| self.target(track, rtp))
    }

    /// Looks where time ought to be and steers towards it from the ticks `video` and `audio` on: called between fragments.
    pub fn steer(&mut self, video: i64, audio: Option<i64>) {
        self.ways.extend(self.way.take());
        if self.ways.len() > REMEMBERED {
            self.ways.pop_front();
        }
        self.sound = [None, self.sound[0]];
        self.judge();
        for (track, rtp) in [(Track::Video, Some(video)), (Track::Audio, audio)] {
            let stream = *self.stream(track);
            if let (Some(rtp), Some(line)) = (rtp, stream.line)
                && rtp >= line.rtp
                && let Some(wall) = stream.wall(rtp)
            {
                let ppm = ((self.target(track, rtp) - wall) / HORIZON).clamp(-MOST_PPM, MOST_PPM);
                let steered = Some(Line { rtp, wall, ppm });
                match track {
                    Track::Video => self.video.line = steered,
                    Track::Audio => self.audio.line = steered,
                }
            }
        }
    }

    /// Whether the camera's time is believed: by when frames arrive, for a report may be wrong in what it says of ticks, too.
    fn judge(&mut self) {
        self.camera_off = self.video.shift.and(self.shortest()).map(|way| -way);
        let bound = if self.from == TimeFrom::Camera { STILL_BELIEVED } else { BELIEVED };
        let believed = self.camera_off.is_some_and(|off| off.abs() <= bound);
        self.from = if believed { TimeFrom::Camera } else { TimeFrom::Recorder };
    }

    fn stream(&self, track: Track) -> &Stream {
        match track {
            Track::Video => &self.video,
            Track::Audio => &self.audio,
        }
    }

    /// The camera's time of a tick; without reports that counted from the beginning of the session, which is one for all streams.
    fn camera(&self, track: Track, rtp: i64) -> i64 {
        let shift = match track {
            Track::Video => self.video.shift.unwrap_or(0),
            Track::Audio => self.sound_shift(),
        };
        micros(rtp, self.stream(track).rate) + shift
    }

    /// What brings sound together with the picture: its reports, else that both count from the beginning of the session; where neither
    /// can be true by when it arrives, its arrival.
    fn sound_shift(&self) -> i64 {
        let picture = self.video.shift.unwrap_or(0);
        let own = self.audio.shift.filter(|_| self.video.shift.is_some());
        let least = self.sound.iter().flatten().min();
        let (Some(least), Some(shortest)) = (least, self.shortest()) else { return own.unwrap_or(picture) };
        let by_arrival = least - shortest;
        let near = |shift: &i64| (shift - by_arrival).abs() <= APART;
        own.into_iter().chain([picture]).find(near).unwrap_or(by_arrival)
    }

    fn shortest(&self) -> Option<i64> {
        self.ways.iter().chain(&self.way).min().copied()
    }

    /// Where the time of a tick ought to be.
    fn target(&self, track: Track, rtp: i64) -> i64 {
        let camera = self.camera(track, rtp);
        match self.from {
            TimeFrom::Camera => camera,
            TimeFrom::Recorder => camera + self.shortest().unwrap_or(0),
        }
    }
}

/// Our own clock against the steady one of the machine: a step of the first is told from time that passed.
#[derive(Clone, Copy, Debug)]
pub struct OwnClock {
    apart: i64,
}

/// Corrections below this are followed; above it a new run begins.
const OWN_STEP: i64 = 1_000_000;

impl OwnClock {
    /// `steady` counts from anywhere; both in microseconds.
    #[must_use]
    pub fn new(steady: i64, wall: i64) -> Self {
        Self { apart: wall - steady }
    }

    /// What our clock says when the steady one says `steady`.
    #[must_use]
    pub fn at(&self, steady: i64) -> i64 {
        steady + self.apart
    }

    /// Looks at both again.
    ///
    /// # Errors
    /// By how many microseconds ours was set.
    pub fn look(&mut self, steady: i64, wall: i64) -> Result<(), i64> {
        let step = wall - steady - self.apart;
        self.apart += step;
        if step.abs() > OWN_STEP { Err(step) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
