//! The tables of a progressive file (ISO/IEC 14496-12 §8.6, §8.7): how long each frame lasts, how large it is, where it lies.

use std::num::NonZeroU32;

use shiguredo_mp4::{
    Either, FixedPointNumber,
    boxes::{
        Co64Box, CttsBox, CttsEntry, EdtsBox, ElstBox, ElstEntry, StblBox, StcoBox, StscBox, StscEntry, StssBox,
        StszBox, SttsBox, SttsEntry, TrakBox,
    },
};

use super::{
    Wrong,
    samples::{Frame, Reel},
};

/// What is shown of a track, in its ticks since its first frame is decoded: nothing for so long (in the movie's ticks), then from here on, for
/// so long (again the movie's).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub nothing: i64,
    pub from: i64,
    pub lasts: i64,
}

/// One track's tables while they grow. Times that go on as they did take no room.
#[derive(Debug, Default)]
pub(super) struct Table {
    durations: Vec<SttsEntry>,
    offsets: Vec<CttsEntry>,
    sizes: Vec<u32>,
    keys: Vec<NonZeroU32>,
    /// Each chunk's place among the bytes of film, and how many frames it has.
    chunks: Vec<(u64, u32)>,
    last: Option<Frame>,
    /// What all frames are shown later by, so that none is shown before it is decoded.
    later: i64,
    length: u64,
}

impl Table {
    pub fn new(later: i64) -> Self {
        Self { later, ..Self::default() }
    }

    /// Adds a frame whose bytes are at `at` among those of film; `joined`: right behind the last one of this track, in one chunk with it.
    pub fn add(&mut self, frame: Frame, at: u64, joined: bool) -> Result<(), Wrong> {
        let much = || Wrong::TooMuch("times".into());
        if let Some(last) = self.last.replace(frame) {
            self.lasts(u32::try_from(frame.decode - last.decode).map_err(|_| much())?);
        }
        let offset = frame.shown - frame.decode + self.later;
        match self.offsets.last_mut() {
            Some(entry) if entry.sample_offset == offset => entry.sample_count += 1,
            _ => self.offsets.push(CttsEntry { sample_count: 1, sample_offset: offset }),
        }
        self.sizes.push(frame.size);
        let number = u32::try_from(self.sizes.len()).ok().and_then(NonZeroU32::new).ok_or_else(much)?;
        if frame.key {
            self.keys.push(number);
        }
        match self.chunks.last_mut() {
            Some((_, frames)) if joined => *frames += 1,
            _ => self.chunks.push((at, 1)),
        }
        Ok(())
    }

    fn lasts(&mut self, duration: u32) {
        self.length += u64::from(duration);
        match self.durations.last_mut() {
            Some(entry) if entry.sample_delta == duration => entry.sample_count += 1,
            _ => self.durations.push(SttsEntry { sample_count: 1, sample_delta: duration }),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// The track, but for the place of film in the file: its chunks count from nought, see [`place`].
    pub fn track(mut self, reel: &Reel, edit: Edit, large: bool) -> TrakBox {
        if let Some(last) = self.last {
            self.lasts(last.lasts);
        }
        let one = NonZeroU32::MIN;
        let mut per_chunk: Vec<StscEntry> = Vec::new();
        for (first_chunk, &(_, frames)) in (1..).filter_map(NonZeroU32::new).zip(&self.chunks) {
            if per_chunk.last().is_none_or(|last| last.sample_per_chunk != frames) {
                per_chunk.push(StscEntry { first_chunk, sample_per_chunk: frames, sample_description_index: one });
            }
        }
        let places = self.chunks.iter().map(|(at, _)| *at);
        let places = if large {
            Either::B(Co64Box { chunk_offsets: places.collect() })
        } else {
            Either::A(StcoBox { chunk_offsets: places.map(|at| at as u32).collect() })
        };
        let all_keys = self.keys.len() == self.sizes.len();
        let all_in_order = self.offsets.iter().all(|entry| entry.sample_offset == 0);

        let mut track = reel.head.clone();
        track.unknown_boxes.clear();
        track.edts_box = Some(edit_list(edit));
        track.tkhd_box.duration = (edit.nothing + edit.lasts).unsigned_abs();
        track.mdia_box.mdhd_box.duration = self.length;
        let stsd_box = track.mdia_box.minf_box.stbl_box.stsd_box;
        track.mdia_box.minf_box.stbl_box = StblBox {
            stsd_box,
            stts_box: SttsBox { entries: self.durations },
            ctts_box: (!all_in_order).then_some(CttsBox { version: 0, entries: self.offsets }),
            cslg_box: None,
            stsc_box: StscBox { entries: per_chunk },
            stsz_box: StszBox::Variable { entry_sizes: self.sizes },
            stco_or_co64_box: places,
            stss_box: (!all_keys).then_some(StssBox { sample_numbers: self.keys }),
            sdtp_box: None,
            unknown_boxes: Vec::new(),
        };
        track
    }
}

/// Tells a track that film begins at `at` in the file.
pub(super) fn place(track: &mut TrakBox, at: u64) {
    match &mut track.mdia_box.minf_box.stbl_box.stco_or_co64_box {
        Either::A(places) => places.chunk_offsets.iter_mut().for_each(|place| *place += at as u32),
        Either::B(places) => places.chunk_offsets.iter_mut().for_each(|place| *place += at),
    }
}

fn edit_list(edit: Edit) -> EdtsBox {
    let entry = |lasts: i64, media_time| ElstEntry {
        edit_duration: lasts.unsigned_abs(),
        media_time,
        media_rate: FixedPointNumber::new(1, 0),
    };
    // −1 is no media at all (§8.6.6).
    let nothing = (edit.nothing > 0).then(|| entry(edit.nothing, -1));
    let entries = nothing.into_iter().chain([entry(edit.lasts, edit.from)]).collect();
    EdtsBox { elst_box: Some(ElstBox { entries }), unknown_boxes: Vec::new() }
}
