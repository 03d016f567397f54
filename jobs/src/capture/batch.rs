//! The fragment that is being filled: frames as they came, with the camera's ticks. Their times are found when it is full.

use super::{
    boxes::{self, Entry},
    clock::{Times, Track, micros, ticks},
    order::{Decoding, Placed},
    segment::Fragment,
};

#[derive(Clone, Copy, Debug)]
struct Sample {
    rtp: i64,
    size: u32,
    key: bool,
}

/// The samples of one track and their bytes, end to end.
#[derive(Debug, Default)]
struct Samples {
    list: Vec<Sample>,
    bytes: Vec<u8>,
}

impl Samples {
    fn add(&mut self, rtp: i64, key: bool, data: &[u8]) {
        // RTP's frames are below 4 GB by far: the library's buffers are.
        self.list.push(Sample { rtp, size: data.len() as u32, key });
        self.bytes.extend_from_slice(data);
    }

    /// The same, and keeps the memory that the frame came in where that is most of the fragment.
    fn take(&mut self, rtp: i64, key: bool, data: Vec<u8>) {
        if self.bytes.capacity() < data.len() && self.bytes.is_empty() {
            self.list.push(Sample { rtp, size: data.len() as u32, key });
            self.bytes = data;
        } else {
            self.add(rtp, key, &data);
        }
    }
}

/// A fragment ready to be written; its buffers come back by [`Batch::reuse`].
#[derive(Debug)]
pub struct Sealed {
    pub head: Vec<u8>,
    pub video: Vec<u8>,
    pub audio: Vec<u8>,
    pub fragment: Fragment,
}

/// One run's open fragment.
#[derive(Debug)]
pub struct Batch {
    video: Samples,
    audio: Samples,
    /// Unix microseconds and the tick of the picture at which the run began. What was before is left out.
    begin: Option<i64>,
    first: i64,
    rates: (u32, u32),
    order: (Decoding, Decoding),
    /// Where time begins in the run's files, in microseconds since the run did: all of them count from there, so that players need nothing
    /// between two. Decoding comes first.
    zero: Option<i64>,
    number: u32,
    audio_length: u32,
    spare: Option<(Vec<u8>, Vec<u8>)>,
}

impl Batch {
    /// For a run that begins with the picture's tick `first`.
    #[must_use]
    pub fn new(first: i64, video_rate: u32, audio_rate: u32) -> Self {
        Self {
            video: Samples::default(),
            audio: Samples::default(),
            begin: None,
            first,
            rates: (video_rate, audio_rate),
            order: Default::default(),
            zero: None,
            number: 0,
            audio_length: 1024,
            spare: None,
        }
    }

    /// Adds a frame of the picture. One that is shown before the run's first needs frames that nobody has.
    pub fn video(&mut self, rtp: i64, key: bool, data: Vec<u8>) {
        if rtp >= self.first {
            self.video.take(rtp, key, data);
        }
    }

    /// Adds a frame of sound of `length` ticks.
    pub fn audio(&mut self, rtp: i64, length: u32, data: &[u8]) {
        self.audio_length = length;
        self.audio.add(rtp, true, data);
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.video.list.is_empty()
    }

    /// How much memory it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.video.bytes.len() + self.audio.bytes.len()
    }

    /// When the frame after the last would be shown at the pace of the others, in ticks: for a run that ended.
    #[must_use]
    pub fn following(&self) -> i64 {
        let mut shown: Vec<i64> = self.video.list.iter().map(|sample| sample.rtp).collect();
        shown.sort_unstable();
        let pace = shown.windows(2).last().map_or(i64::from(self.rates.0) / 25, |pair| pair[1] - pair[0]);
        shown.last().map_or(0, |last| last + pace.max(1))
    }

    /// The picture's tick at which the run began.
    #[must_use]
    pub fn first(&self) -> i64 {
        self.first
    }

    /// When the run began, once a fragment is sealed.
    #[must_use]
    pub fn begin(&self) -> Option<i64> {
        self.begin
    }

    /// Ends the fragment: `following` is the tick at which the next frame of the picture is shown, `last` whether the run ends with it.
    /// Time is steered anew from there on. A run that begins does so not before `floor`, where the one before ended.
    ///
    /// # Errors
    /// When no fragment can hold it.
    pub fn seal(&mut self, times: &mut Times, floor: i64, following: i64, last: bool) -> Result<Sealed, String> {
        let begin = *self.begin.get_or_insert_with(|| times.wall(Track::Video, self.first).max(floor));
        let place = |times: &mut Times, track, rate, rtp| ticks(times.wall(track, rtp) - begin, rate);

        let shown: Vec<i64> = self.video.list.iter().map(|s| place(times, Track::Video, self.rates.0, s.rtp)).collect();
        let next = place(times, Track::Video, self.rates.0, following);
        let video = self.order.0.place(&shown, next);

        // Sound before the picture has no place. The last one waits: how long it lasts is known when the next one is there.
        let early = self.audio.list.iter().take_while(|s| times.wall(Track::Audio, s.rtp) < begin).count();
        let early_bytes: usize = self.audio.list.drain(..early).map(|sample| sample.size as usize).sum();
        self.audio.bytes.drain(..early_bytes);
        let mut shown: Vec<i64> =
            self.audio.list.iter().map(|s| place(times, Track::Audio, self.rates.1, s.rtp)).collect();
        let held = if last { None } else { shown.pop() };
        let next = held.unwrap_or_else(|| shown.last().map_or(0, |last| last + i64::from(self.audio_length)));
        let audio = self.order.1.place(&shown, next);

        let zero = *self.zero.get_or_insert_with(|| -micros(self.order.0.delay(), self.rates.0));
        let wall = |tick: i64| begin + micros(tick, self.rates.0);
        let at = wall(video.shown.start);
        let fragment = Fragment {
            offset: 0,
            length: 0,
            at,
            lasts: wall(video.shown.end) - at,
            key: self.video.list.first().is_some_and(|sample| sample.key),
        };
        let entries = |placed: Vec<Placed>, samples: &[Sample], rate| -> Vec<Entry> {
            let zero = ticks(zero, rate);
            let in_file = |placed: Placed| Placed { decode: placed.decode - zero, ..placed };
            placed
                .into_iter()
                .zip(samples)
                .map(|(placed, s)| Entry { placed: in_file(placed), size: s.size, key: s.key })
                .collect()
        };
        let video_entries = entries(video.samples, &self.video.list, self.rates.0);
        let audio_entries = entries(audio.samples, &self.audio.list, self.rates.1);
        self.number += 1;
        let media = ticks(micros(video.shown.start, self.rates.0) - zero, self.rates.0);
        let head = boxes::fragment(self.number, at, media, &video_entries, &audio_entries)?;

        let (mut pictures, mut sounds) = self.spare.take().unwrap_or_default();
        let held = held.and(self.audio.list.last().copied());
        if let Some(held) = held {
            sounds.extend_from_slice(&self.audio.bytes[self.audio.bytes.len() - held.size as usize..]);
            self.audio.bytes.truncate(self.audio.bytes.len() - held.size as usize);
        }
        std::mem::swap(&mut self.video.bytes, &mut pictures);
        std::mem::swap(&mut self.audio.bytes, &mut sounds);
        let heard = self.audio.list.last().map(|s| s.rtp);
        self.video.list.clear();
        self.audio.list.clear();
        self.audio.list.extend(held);
        times.steer(following, heard);
        Ok(Sealed { head, video: pictures, audio: sounds, fragment })
    }

    /// Takes back buffers that were written, so that memory is what two fragments take; `most` is what a fragment takes as a rule.
    pub fn reuse(&mut self, mut video: Vec<u8>, mut audio: Vec<u8>, most: usize) {
        if video.capacity() > most {
            video = Vec::new();
        }
        video.clear();
        audio.clear();
        self.spare = Some((video, audio));
    }
}
