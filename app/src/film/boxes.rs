//! What a recording says of its film: read from its bytes as they come by, in pieces of any size, so that one reading can hash it, keep it
//! and learn its tables.

use shiguredo_mp4::{
    Decode,
    boxes::{MoofBox, MoovBox},
};

use super::{
    Wrong, micros,
    samples::{Kind, Track},
};

/// Tables are small: what says that it is larger is none of ours.
const MOST: u64 = 16 << 20;
/// From 1900, where NTP begins to count, to 1970: seconds.
const NTP_TO_UNIX: i64 = 2_208_988_800;

/// A recording's tables.
#[derive(Clone, Debug)]
pub struct Recording {
    /// When time in the file is nought: Unix microseconds.
    pub(super) began: i64,
    pub(super) movie: MoovBox,
    pub(super) video: Track,
    pub(super) audio: Option<Track>,
}

/// Reads a recording as it comes by.
#[derive(Debug)]
pub struct Scan {
    near: i64,
    /// Bytes that came by.
    at: u64,
    /// What is kept of the box that is open, up to `want` bytes; then so many are passed over.
    buffer: Vec<u8>,
    want: usize,
    skip: u64,
    found: Option<Recording>,
    anchored: bool,
    /// Where the bytes are that the last `moof` speaks of, until their `mdat` comes.
    promised: Option<(u64, u64)>,
}

impl Scan {
    /// Of a recording that began about then, in Unix microseconds. Where it says by itself when it was (`prft`), that is only to tell one era
    /// of 136 years from another; else it is when its first frame was taken.
    #[must_use]
    pub fn new(began: i64) -> Self {
        Self { near: began, at: 0, buffer: Vec::new(), want: 8, skip: 0, found: None, anchored: false, promised: None }
    }

    /// The next bytes of the file.
    ///
    /// # Errors
    /// When they are not those of a recording.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), Wrong> {
        while !bytes.is_empty() {
            let room = if self.skip > 0 { self.skip } else { (self.want - self.buffer.len()) as u64 };
            let (taken, rest) = bytes.split_at(bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX)));
            (bytes, self.at) = (rest, self.at + taken.len() as u64);
            if self.skip > 0 {
                self.skip -= taken.len() as u64;
                continue;
            }
            self.buffer.extend_from_slice(taken);
            if self.buffer.len() == self.want {
                self.step()?;
            }
        }
        Ok(())
    }

    /// What was read, now that all of it came by.
    ///
    /// # Errors
    /// When something is missing.
    pub fn end(self) -> Result<Recording, Wrong> {
        if self.skip > 0 || !self.buffer.is_empty() || self.promised.is_some() {
            return Err(Wrong::Torn);
        }
        let mut found = self.found.ok_or_else(|| Wrong::NotFilm("it has no moov box".into()))?;
        if !self.anchored {
            found.began = self.near.saturating_sub(micros(found.video.first(), found.video.rate));
        }
        Ok(found)
    }

    /// With the header of a box, or with the whole of one that is wanted.
    fn step(&mut self) -> Result<(), Wrong> {
        let Some((kind, size)) = header(&self.buffer)? else {
            self.want = 16;
            return Ok(());
        };
        let held = self.buffer.len() as u64;
        if matches!(&kind, b"moov" | b"moof" | b"prft") {
            if size > MOST {
                return Err(Wrong::NotFilm("a table of more than 16 MB".into()));
            }
            if held < size {
                self.want = size as usize;
                return Ok(());
            }
            let bytes = std::mem::take(&mut self.buffer);
            self.table(kind, &bytes, self.at - size)?;
            self.buffer = bytes;
        } else {
            self.skip = size - held;
            if let (b"mdat", Some((first, end))) = (&kind, self.promised)
                && (first < self.at || end > self.at + self.skip)
            {
                return Err(Wrong::Beyond);
            }
            if &kind == b"mdat" {
                self.promised = None;
            }
        }
        self.buffer.clear();
        self.want = 8;
        Ok(())
    }

    fn table(&mut self, kind: [u8; 4], bytes: &[u8], at: u64) -> Result<(), Wrong> {
        match (&kind, &mut self.found) {
            (b"moov", None) => {
                let (movie, _) = MoovBox::decode(bytes).map_err(|e| Wrong::NotFilm(e.to_string()))?;
                let video = Track::find(&movie, Kind::Video).ok_or_else(|| Wrong::NotFilm("it has no film".into()))?;
                let audio = Track::find(&movie, Kind::Audio);
                self.found = Some(Recording { began: self.near, movie, video, audio });
            }
            (b"prft", Some(found)) if !self.anchored => {
                if let Some((wall, media)) = prft(bytes, self.near) {
                    found.began = wall.saturating_sub(micros(media, found.video.rate));
                    self.anchored = true;
                }
            }
            (b"moof", Some(found)) => {
                if self.promised.is_some() {
                    return Err(Wrong::Beyond);
                }
                let (moof, _) = MoofBox::decode(bytes).map_err(|e| Wrong::NotFilm(e.to_string()))?;
                for traf in &moof.traf_boxes {
                    let track = std::iter::once(&mut found.video).chain(&mut found.audio);
                    for track in track.filter(|track| track.id == traf.tfhd_box.track_id) {
                        if let Some((first, end)) = track.add(traf, at)? {
                            let (before, after) = self.promised.unwrap_or((first, end));
                            self.promised = Some((before.min(first), after.max(end)));
                        }
                    }
                }
            }
            (b"prft", Some(_)) => {}
            _ => return Err(Wrong::NotFilm("its boxes are in no order".into())),
        }
        Ok(())
    }
}

/// Kind and size of the box that begins so; `None`: eight more bytes say its size.
fn header(bytes: &[u8]) -> Result<Option<([u8; 4], u64)>, Wrong> {
    let (Some(&short), Some(&kind)) = (bytes.first_chunk::<4>(), bytes.get(4..).and_then(<[u8]>::first_chunk)) else {
        return Err(Wrong::Torn);
    };
    let size = match (u32::from_be_bytes(short), bytes.get(8..).and_then(<[u8]>::first_chunk::<8>)) {
        (1, None) => return Ok(None),
        (1, Some(long)) => u64::from_be_bytes(*long),
        (short, _) => short.into(),
    };
    // "Up to the end of the file" is nothing that a recording has.
    if size < bytes.len() as u64 { Err(Wrong::NotFilm("a box without a size".into())) } else { Ok(Some((kind, size))) }
}

/// A `prft` box (§8.16.5): Unix microseconds, those nearest to `near`, and the media time that was then.
fn prft(bytes: &[u8], near: i64) -> Option<(i64, i64)> {
    let (ntp, media) = match bytes.get(8)? {
        0 => (bytes.get(16..24)?, u32::from_be_bytes(bytes.get(24..28)?.try_into().ok()?).into()),
        _ => (bytes.get(16..24)?, u64::from_be_bytes(bytes.get(24..32)?.try_into().ok()?)),
    };
    let ntp = u64::from_be_bytes(ntp.try_into().ok()?);
    let near = near.div_euclid(1_000_000);
    // NTP's seconds begin anew every 136 years, in 2036 the next time.
    let apart = ((ntp >> 32) as u32).wrapping_sub((near + NTP_TO_UNIX) as u32) as i32;
    let fraction = ((ntp & 0xffff_ffff) * 1_000_000) >> 32;
    Some(((near + i64::from(apart)) * 1_000_000 + fraction as i64, i64::try_from(media).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prft_of(seconds: u32, media: u64) -> Vec<u8> {
        let time = u64::from(seconds) << 32 | 1 << 31;
        [&[0, 0, 0, 32][..], b"prft", &[1, 0, 0, 0, 0, 0, 0, 1], &time.to_be_bytes(), &media.to_be_bytes()].concat()
    }

    #[test]
    fn times_are_read_in_this_era_and_in_the_next() {
        // 2036-02-07 06:28:16 UTC.
        let turn = 2_085_978_496_i64 * 1_000_000;
        assert_eq!(prft(&prft_of(u32::MAX, 7), turn), Some((turn - 500_000, 7)));
        assert_eq!(prft(&prft_of(0, 7), turn), Some((turn + 500_000, 7)));
        assert_eq!(prft(&prft_of(0, 7)[..31], turn), None);
    }

    #[test]
    fn what_is_no_recording_is_refused() {
        for junk in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 64], b"\0\0\0\x08moof", b"\xff\xff\xff\xffmoov...."] {
            let mut scan = Scan::new(0);
            assert!(scan.push(junk).and_then(|()| scan.end().map(drop)).is_err(), "{junk:?}");
        }
        assert_eq!(Scan::new(0).end().map(drop), Err(Wrong::NotFilm("it has no moov box".into())));
    }
}
