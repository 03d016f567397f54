//! Which frames are needed for which are shown, and the file that is made of them.

use std::{
    io::{self, Read, Seek, SeekFrom, Write},
    time::Duration,
};

use shiguredo_mp4::{
    Encode, Mp4FileTime,
    boxes::{Brand, FtypBox, MoovBox},
};

use super::{
    Film, Wrong, micros, rescale,
    samples::{Frame, Reel},
    table::{Edit, Table, place},
    ticks_from,
};

/// A stretch of a recording that is copied as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which of those that were joined.
    pub recording: usize,
    /// Bytes.
    pub from: u64,
    pub length: u64,
}

/// A file to be written: `head`, and behind it the pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// `ftyp`, `moov`, and the header of `mdat`.
    pub head: Vec<u8>,
    pub pieces: Vec<Piece>,
    /// Bytes of the whole file.
    pub size: u64,
    /// When the first frame that is shown was taken, and up to when the last one is shown: Unix microseconds.
    pub from: i64,
    pub until: i64,
    /// Frames that are shown.
    pub frames: u64,
    /// In front of `from` there is so much film that is decoded and not shown: microseconds.
    pub lead_in: i64,
}

/// What of the picture is shown, in ticks, and what is needed for it, as places in the order of decoding.
#[derive(Clone, Copy, Debug)]
struct Choice {
    from: i64,
    until: i64,
    frames: u64,
    first: usize,
    last: usize,
}

impl Film {
    /// The frames that were taken at `from` or later and before `until` (Unix microseconds), those in front that are needed to decode them,
    /// and the sound of that time.
    ///
    /// # Errors
    /// When there is nothing to show, or more than a file can say.
    pub fn cut(&self, from: i64, until: i64) -> Result<Cut, Wrong> {
        let rate = self.video.rate;
        let instant = |at: i64| ticks_from(at.saturating_sub(self.began), rate);
        let choice = match choose(&self.video, instant(from), instant(until)) {
            // Frames that come before the first key frame can never be decoded.
            Err(Wrong::NoKey) => {
                let key = self.video.frames().find(|frame| frame.key).ok_or(Wrong::NoKey)?;
                choose(&self.video, key.shown.max(instant(from)), instant(until))?
            }
            choice => choice?,
        };
        let pictures = || self.video.frames().take(choice.last + 1).skip(choice.first);
        let (mut decode, mut later, mut begins) = (None, 0, i64::MAX);
        for frame in pictures() {
            decode.get_or_insert(frame.decode);
            later = later.max(frame.decode - frame.shown);
            begins = begins.min(frame.shown);
        }
        let decode = decode.ok_or(Wrong::Nothing)?;
        let edit = Edit { nothing: 0, from: choice.from - decode + later, lasts: choice.until - choice.from };

        let mut layout = Layout { video: Table::new(later), ..Layout::default() };
        let sound = self.audio.as_ref().and_then(|reel| Sound::choose(reel, rate, &choice));
        let mut sounds = sound.iter().flat_map(|sound| sound.reel.frames().take(sound.last + 1).skip(sound.first));
        let mut next = sounds.next();
        for frame in pictures() {
            while let Some(sound) = next.filter(|sound| (sound.file, sound.at) < (frame.file, frame.at)) {
                layout.add(sound, true)?;
                next = sounds.next();
            }
            layout.add(frame, false)?;
        }
        for sound in next.into_iter().chain(sounds) {
            layout.add(sound, true)?;
        }

        // A tick is longer than a microsecond.
        let until = until.min(self.began + micros(choice.until, rate));
        let from = self.began + micros(choice.from, rate);
        let (pieces, film) = (layout.pieces, layout.length);
        // Half of what 32 bits can say is left for the tables themselves.
        let large = film > u64::from(u32::MAX / 2);
        let mut tracks = vec![layout.video.track(&self.video, edit, large)];
        if let Some(sound) = sound.filter(|_| !layout.audio.is_empty()) {
            tracks.push(layout.audio.track(sound.reel, sound.edit, large));
        }
        let mut movie = MoovBox { trak_boxes: tracks, mvex_box: None, unknown_boxes: Vec::new(), ..self.movie.clone() };
        movie.mvhd_box.timescale = self.video.head.mdia_box.mdhd_box.timescale;
        movie.mvhd_box.duration =
            movie.trak_boxes.iter().map(|track| track.tkhd_box.duration).max().unwrap_or_default();
        let taken = Duration::from_micros(u64::try_from(from).unwrap_or_default());
        movie.mvhd_box.creation_time = Mp4FileTime::from_unix_time(taken);
        movie.mvhd_box.modification_time = movie.mvhd_box.creation_time;

        let head = head(movie, film)?;
        Ok(Cut {
            size: head.len() as u64 + film,
            head,
            pieces,
            from,
            until,
            frames: choice.frames,
            lead_in: micros(choice.from - begins, rate),
        })
    }
}

/// What is shown between two ticks, and what that needs.
fn choose(reel: &Reel, from: i64, until: i64) -> Result<Choice, Wrong> {
    let shown = || reel.frames().enumerate().filter(|(_, frame)| (from..until).contains(&frame.shown));
    let mut choice: Option<Choice> = None;
    for (n, frame) in shown() {
        let ends = frame.shown.saturating_add(i64::from(frame.lasts.max(1))).min(until);
        let choice = choice.get_or_insert(Choice { from: frame.shown, until: ends, frames: 0, first: n, last: n });
        choice.from = choice.from.min(frame.shown);
        choice.until = choice.until.max(ends);
        choice.frames += 1;
        choice.last = n;
    }
    let mut choice = choice.ok_or(Wrong::Nothing)?;
    // A frame that is shown before a key frame and decoded after it needs the one before that.
    let keys = reel.frames().enumerate().take(choice.first + 1).filter(|(_, f)| f.key && f.shown <= choice.from);
    choice.first = keys.last().ok_or(Wrong::NoKey)?.0;
    Ok(choice)
}

/// The sound that belongs to what is shown.
struct Sound<'a> {
    reel: &'a Reel,
    edit: Edit,
    first: usize,
    last: usize,
}

impl<'a> Sound<'a> {
    fn choose(reel: &'a Reel, movie: u32, choice: &Choice) -> Option<Self> {
        let (from, until) = (rescale(choice.from, movie, reel.rate), rescale(choice.until, movie, reel.rate));
        let heard = |frame: &Frame| frame.shown + i64::from(frame.lasts) > from && frame.shown < until;
        let mut heard = reel.frames().enumerate().filter(|(_, frame)| heard(frame));
        let (first, begins) = heard.next()?;
        let (last, ends) = heard.last().unwrap_or((first, begins));
        // Each frame of AAC is heard with half of the one before it.
        let first = first.saturating_sub(1);
        let decode = reel.frames().nth(first)?.decode;
        let (starts, stops) = (from.max(begins.shown), until.min(ends.shown + i64::from(ends.lasts)));
        let in_movie = |ticks: i64| rescale(ticks, reel.rate, movie);
        let edit =
            Edit { nothing: in_movie(starts - from), from: starts - decode, lasts: in_movie(stops - starts).max(1) };
        Some(Self { reel, edit, first, last })
    }
}

/// Where bytes of film come to lie.
#[derive(Debug, Default)]
struct Layout {
    video: Table,
    audio: Table,
    pieces: Vec<Piece>,
    length: u64,
    /// The last one was sound.
    sound: bool,
}

impl Layout {
    fn add(&mut self, frame: Frame, sound: bool) -> Result<(), Wrong> {
        let follows = self
            .pieces
            .last_mut()
            .filter(|piece| piece.recording == frame.file && piece.from.saturating_add(piece.length) == frame.at);
        let joined = follows.is_some() && self.sound == sound;
        match follows {
            Some(piece) => piece.length += u64::from(frame.size),
            None => {
                self.pieces.push(Piece { recording: frame.file, from: frame.at, length: frame.size.into() });
            }
        }
        let table = if sound { &mut self.audio } else { &mut self.video };
        table.add(frame, self.length, joined)?;
        self.length += u64::from(frame.size);
        self.sound = sound;
        Ok(())
    }
}

/// Everything in front of `film` bytes of film.
fn head(mut movie: MoovBox, film: u64) -> Result<Vec<u8>, Wrong> {
    let much = |e: shiguredo_mp4::Error| Wrong::TooMuch(e.to_string());
    let ftyp = FtypBox {
        major_brand: Brand::ISOM,
        minor_version: 512,
        compatible_brands: vec![Brand::ISOM, Brand::ISO2, Brand::MP41],
    };
    let mut head = ftyp.encode_to_vec().map_err(much)?;
    let mdat = match u32::try_from(film + 8) {
        Ok(size) => [&size.to_be_bytes()[..], b"mdat"].concat(),
        Err(_) => [&1_u32.to_be_bytes()[..], b"mdat", &(film + 16).to_be_bytes()].concat(),
    };
    // How long the tables are does not depend on what stands in them.
    let before = head.len() + movie.encode_to_vec().map_err(much)?.len() + mdat.len();
    for track in &mut movie.trak_boxes {
        place(track, before as u64);
    }
    head.extend(movie.encode_to_vec().map_err(much)?);
    head.extend(mdat);
    Ok(head)
}

impl Cut {
    /// Writes the file; `open` gives the recordings, each once and in their order.
    ///
    /// # Errors
    /// When a recording cannot be read, or is shorter than it was, or the file cannot be written.
    pub fn write<R: Read + Seek>(
        &self,
        mut open: impl FnMut(usize) -> io::Result<R>,
        into: &mut impl Write,
    ) -> io::Result<()> {
        into.write_all(&self.head)?;
        let mut recording: Option<(usize, R)> = None;
        for piece in &self.pieces {
            let source = match recording.take_if(|(n, _)| *n == piece.recording) {
                Some((_, source)) => source,
                None => open(piece.recording)?,
            };
            let (_, source) = recording.insert((piece.recording, source));
            source.seek(SeekFrom::Start(piece.from))?;
            if io::copy(&mut source.take(piece.length), into)? < piece.length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }
}
