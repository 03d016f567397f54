//! When each frame is, and where its bytes are: of one recording, and of several that follow each other.

use std::ops::Range;

use shiguredo_mp4::boxes::{HdlrBox, MoovBox, TrafBox, TrakBox};

use super::{Recording, Wrong, ticks};

/// What is further apart did not follow. Capture itself sets aside what overlaps by more.
const HOLE: i64 = 250;
/// Times of two files are each right to the microsecond; what is nearer than this was one stream, and goes on without a jolt. Milliseconds.
const JOLT: i64 = 1;
/// Ticks that no clock reaches, so that sums of them stay numbers.
const FAR: i64 = 1 << 56;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Video,
    Audio,
}

/// A frame as tables have it, in ticks of its track.
#[derive(Clone, Copy, Debug)]
struct Sample {
    size: u32,
    lasts: u32,
    /// When it is shown, less when it is decoded.
    offset: i32,
    key: bool,
}

/// Frames whose bytes lie end to end.
#[derive(Clone, Debug)]
struct Run {
    at: u64,
    decode: i64,
    samples: Range<usize>,
}

/// One track of a recording.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub id: u32,
    pub rate: u32,
    pub head: TrakBox,
    /// What is so of each frame where its fragment says nothing else: duration, size, flags.
    defaults: (u32, u32, u32),
    runs: Vec<Run>,
    samples: Vec<Sample>,
    /// Where its time goes on.
    next: i64,
    /// When the first of its frames is shown.
    first: Option<i64>,
}

impl Track {
    /// When the first of its frames is shown, in its ticks.
    pub fn first(&self) -> i64 {
        self.first.unwrap_or_default()
    }

    /// The first track of a kind.
    pub fn find(movie: &MoovBox, kind: Kind) -> Option<Self> {
        let handler = match kind {
            Kind::Video => HdlrBox::HANDLER_TYPE_VIDE,
            Kind::Audio => HdlrBox::HANDLER_TYPE_SOUN,
        };
        let head = movie.trak_boxes.iter().find(|track| track.mdia_box.hdlr_box.handler_type == handler)?.clone();
        let id = head.tkhd_box.track_id;
        let defaults = movie.mvex_box.iter().flat_map(|mvex| &mvex.trex_boxes).find(|trex| trex.track_id == id);
        let defaults = defaults.map_or((0, 0, 0), |trex| {
            (trex.default_sample_duration, trex.default_sample_size, trex.default_sample_flags.get())
        });
        let rate = head.mdia_box.mdhd_box.timescale.get();
        Some(Self { id, rate, head, defaults, runs: Vec::new(), samples: Vec::new(), next: 0, first: None })
    }

    /// Adds what a fragment whose `moof` is at `moof` says of this track. Returns where the bytes are that it speaks of.
    pub fn add(&mut self, traf: &TrafBox, moof: u64) -> Result<Option<(u64, u64)>, Wrong> {
        let tfhd = &traf.tfhd_box;
        let duration = tfhd.default_sample_duration.unwrap_or(self.defaults.0);
        let size = tfhd.default_sample_size.unwrap_or(self.defaults.1);
        let flags = tfhd.default_sample_flags.map_or(self.defaults.2, |flags| flags.get());
        if let Some(tfdt) = &traf.tfdt_box {
            self.next = i64::try_from(tfdt.base_media_decode_time).unwrap_or(FAR);
        }
        let base = tfhd.base_data_offset.unwrap_or(moof);
        let (mut at, mut bounds) = (base, None);
        for trun in &traf.trun_boxes {
            if let Some(offset) = trun.data_offset {
                at = base.checked_add_signed(offset.into()).ok_or(Wrong::Beyond)?;
            }
            let (first, decode, begins) = (self.samples.len(), self.next, at);
            for (n, sample) in trun.samples.iter().enumerate() {
                let first_flags = trun.first_sample_flags.filter(|_| n == 0);
                let flags = first_flags.or(sample.flags).map_or(flags, |flags| flags.get());
                let sample = Sample {
                    size: sample.size.unwrap_or(size),
                    lasts: sample.duration.unwrap_or(duration),
                    offset: i32::try_from(sample.composition_time_offset.unwrap_or(0))
                        .map_err(|_| Wrong::TooMuch("a frame shown hours after it is decoded".into()))?,
                    // `sample_is_non_sync_sample` (§8.8.3.1)
                    key: flags & 0x1_0000 == 0,
                };
                let shown = self.next.saturating_add(sample.offset.into());
                self.first = Some(self.first.map_or(shown, |first| first.min(shown)));
                at = at.checked_add(sample.size.into()).ok_or(Wrong::Beyond)?;
                self.next += i64::from(sample.lasts);
                self.samples.push(sample);
            }
            if self.next >= FAR {
                return Err(Wrong::TooMuch("times beyond all clocks".into()));
            }
            if first < self.samples.len() {
                let (from, until) = bounds.unwrap_or((begins, at));
                bounds = Some((from.min(begins), until.max(at)));
                self.runs.push(Run { at: begins, decode, samples: first..self.samples.len() });
            }
        }
        Ok(bounds)
    }
}

/// A frame of a film: in which recording, where in it, and when, in ticks of its track since the film began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub file: usize,
    pub at: u64,
    pub size: u32,
    pub decode: i64,
    pub shown: i64,
    pub lasts: u32,
    pub key: bool,
}

/// One track through all recordings.
#[derive(Clone, Debug)]
pub(super) struct Reel {
    pub rate: u32,
    pub head: TrakBox,
    /// Of each recording what its times are late by.
    parts: Vec<(Vec<Run>, Vec<Sample>, i64)>,
    /// Where decoding goes on.
    next: Option<i64>,
}

impl Reel {
    fn new(track: &Track) -> Self {
        Self { rate: track.rate, head: track.head.clone(), parts: Vec::new(), next: None }
    }

    /// Whether one decoder, told once, decodes both.
    fn is_like(&self, track: &Track) -> bool {
        let (ours, theirs) = (&self.head.mdia_box.minf_box.stbl_box, &track.head.mdia_box.minf_box.stbl_box);
        self.rate == track.rate && ours.stsd_box == theirs.stsd_box
    }

    /// Adds the track of the next recording, whose time begins `late` ticks after the film's. Returns by how many ticks it does not follow.
    fn add(&mut self, track: Track, late: i64) -> i64 {
        let begins = track.runs.first().map(|run| run.decode.saturating_add(late));
        let hole = begins.zip(self.next).map_or(0, |(begins, next)| begins.saturating_sub(next));
        let near = hole.abs() <= JOLT * i64::from(self.rate) / 1000;
        let late = if near { late - hole } else { late };
        if !track.runs.is_empty() {
            self.next = Some(track.next.saturating_add(late));
        }
        self.parts.push((track.runs, track.samples, late));
        if near { 0 } else { hole }
    }

    /// Every frame in the order of decoding, at times that rise.
    pub fn frames(&self) -> impl Iterator<Item = Frame> + '_ {
        let frames = self.parts.iter().enumerate().flat_map(|(file, (runs, samples, late))| {
            runs.iter().flat_map(move |run| {
                samples[run.samples.clone()].iter().scan((run.at, run.decode + late), move |(at, decode), sample| {
                    let frame = Frame {
                        file,
                        at: *at,
                        size: sample.size,
                        decode: *decode,
                        shown: *decode + i64::from(sample.offset),
                        lasts: sample.lasts,
                        key: sample.key,
                    };
                    *at += u64::from(sample.size);
                    *decode += i64::from(sample.lasts);
                    Some(frame)
                })
            })
        });
        frames.scan(i64::MIN, |next, mut frame| {
            frame.decode = frame.decode.max(*next);
            *next = frame.decode + 1;
            Some(frame)
        })
    }
}

/// Recordings that follow each other: one camera, one format, no hole.
#[derive(Clone, Debug)]
pub struct Film {
    /// When its time is nought: Unix microseconds.
    pub(super) began: i64,
    pub(super) movie: MoovBox,
    pub(super) video: Reel,
    pub(super) audio: Option<Reel>,
}

impl Film {
    /// Joins recordings, in their order.
    ///
    /// # Errors
    /// When there is none, or one does not follow the one before it: then with its place in the list.
    pub fn join(recordings: Vec<Recording>) -> Result<Self, (usize, Wrong)> {
        let first = recordings.first().ok_or((0, Wrong::Nothing))?;
        let mut film = Self {
            began: first.began,
            movie: first.movie.clone(),
            video: Reel::new(&first.video),
            audio: first.audio.as_ref().map(Reel::new),
        };
        for (n, recording) in recordings.into_iter().enumerate() {
            film.add(recording).map_err(|wrong| (n, wrong))?;
        }
        Ok(film)
    }

    fn add(&mut self, recording: Recording) -> Result<(), Wrong> {
        let late = recording.began.saturating_sub(self.began).clamp(-FAR / 1000, FAR / 1000);
        match (&mut self.audio, recording.audio) {
            (None, None) => {}
            // Sound may come and go as it likes.
            (Some(reel), Some(track)) if reel.is_like(&track) => {
                reel.add(track, ticks(late, reel.rate));
            }
            _ => return Err(Wrong::OtherFormat),
        }
        if !self.video.is_like(&recording.video) {
            return Err(Wrong::OtherFormat);
        }
        let rate = i64::from(self.video.rate);
        let hole = self.video.add(recording.video, ticks(late, self.video.rate)).saturating_mul(1000) / rate;
        if hole.abs() > HOLE { Err(Wrong::Hole(hole)) } else { Ok(()) }
    }
}
