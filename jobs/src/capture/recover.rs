//! What a kill or a power cut left of a file: its whole fragments, found again without a database. Blocks.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use gatehouse_app::ports::Tracks;
use sha2::{Digest, Sha256};
use shiguredo_mp4::{
    Decode,
    boxes::{MoofBox, MoovBox},
};

use super::{
    boxes::{self, VIDEO},
    clock::micros,
    segment::{Finished, Fragment, give_name, part_of},
};

/// Tables are small; what says that it is larger is none of ours.
const LARGEST_TABLE: u64 = 16 << 20;

/// What is whole in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Length of the head; 0 when not even that is whole.
    pub head: u64,
    pub fragments: Vec<Fragment>,
    /// Up to where the file is whole.
    pub whole: u64,
    pub tracks: Option<Tracks>,
    /// When the run began that it is of, Unix microseconds, but for what its frames were reordered by.
    pub run_began: i64,
}

/// Makes a file of `….part`: cut after its last whole fragment, hashed, under the name that it was to have. `None` when it holds no whole
/// fragment; then it is removed. May be repeated after a kill at any line. `near` is about when it was written (Unix microseconds; within 68
/// years will do).
///
/// # Errors
/// When the disk refuses.
pub fn whole(path: &Path, near: i64) -> io::Result<Option<Finished>> {
    let part = part_of(path);
    let found = scan(File::open(&part)?, near)?;
    if found.fragments.is_empty() {
        fs::remove_file(part)?;
        return Ok(None);
    }
    let file = OpenOptions::new().write(true).open(&part)?;
    file.set_len(found.whole)?;
    file.sync_all()?;
    let sha256 = sha256(&part)?;
    give_name(&part, path)?;
    Ok(Some(Finished {
        path: path.to_owned(),
        size: found.whole,
        sha256,
        head: found.head,
        fragments: found.fragments,
    }))
}

/// SHA-256 of a whole file, hexadecimal.
///
/// # Errors
/// When it cannot be read.
pub fn sha256(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut from = File::open(path)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(hex::encode(hash.finalize())),
            n => hash.update(&buffer[..n]),
        }
    }
}

/// Reads through a file and lists its whole fragments: a table and all the bytes that it speaks of, each picture's units adding up to its size.
///
/// # Errors
/// When the file cannot be read. What is torn is no error: it ends the list.
pub fn scan(mut from: impl Read + Seek, near: i64) -> io::Result<Found> {
    let length = from.seek(SeekFrom::End(0))?;
    let mut found = Found::default();
    let (mut at, mut began, mut rate, mut reference) = (0, 0, None, None);
    let mut table: Option<(MoofBox, u64)> = None;
    while let Some((kind, size)) = next(&mut from, at)?.filter(|(_, size)| *size <= length - at) {
        match &kind {
            b"ftyp" => {}
            b"moov" => {
                let Some(bytes) = read(&mut from, at, size)? else { break };
                let Ok((moov, _)) = MoovBox::decode(&bytes) else { break };
                rate = timescale(&moov);
                found.tracks = boxes::tracks_of(&moov).ok();
                found.head = at + size;
                found.whole = found.head;
            }
            b"prft" => {
                began = at;
                reference = read(&mut from, at, size)?.and_then(|bytes| boxes::read_prft(&bytes, near));
            }
            b"moof" => {
                let Some(bytes) = read(&mut from, at, size)? else { break };
                let Ok((moof, _)) = MoofBox::decode(&bytes) else { break };
                table = Some((moof, at));
            }
            b"mdat" => {
                let (Some((moof, moof_at)), Some(rate), Some((wall, media))) = (table.take(), rate, reference.take())
                else {
                    break;
                };
                let end = at + size;
                let Some((lasts, key)) = judge(&mut from, &moof, moof_at, at + 8..end)? else { break };
                let Ok(length) = u32::try_from(end - began) else { break };
                if found.fragments.is_empty() {
                    found.run_began = wall - micros(i64::try_from(media).unwrap_or_default(), rate);
                }
                found.fragments.push(Fragment { offset: began, length, at: wall, lasts: micros(lasts, rate), key });
                found.whole = end;
            }
            _ => break,
        }
        at += size;
    }
    Ok(found)
}

/// How long the picture of a fragment lasts, in ticks, and whether it begins with a key frame. `None` when its bytes are not what the table says.
fn judge(
    from: &mut (impl Read + Seek),
    moof: &MoofBox,
    moof_at: u64,
    data: std::ops::Range<u64>,
) -> io::Result<Option<(i64, bool)>> {
    let mut picture = (0, false);
    for traf in &moof.traf_boxes {
        for trun in &traf.trun_boxes {
            let mut at = moof_at.saturating_add_signed(trun.data_offset.unwrap_or(0).into());
            for (n, sample) in trun.samples.iter().enumerate() {
                let end = at + u64::from(sample.size.unwrap_or(0));
                if at < data.start || end > data.end {
                    return Ok(None);
                }
                if traf.tfhd_box.track_id == VIDEO {
                    if !adds_up(from, at, end)? {
                        return Ok(None);
                    }
                    picture.0 += i64::from(sample.duration.unwrap_or(0));
                    if n == 0 {
                        picture.1 = sample.flags.is_some_and(|flags| !flags.sample_is_non_sync_sample());
                    }
                }
                at = end;
            }
        }
    }
    Ok(Some(picture))
}

/// Whether the units from `at` to `end`, each after its length, fill it: what a power cut left as zeros does not.
fn adds_up(from: &mut (impl Read + Seek), mut at: u64, end: u64) -> io::Result<bool> {
    while at < end {
        if end - at < 4 {
            return Ok(false);
        }
        let mut length = [0; 4];
        from.seek(SeekFrom::Start(at))?;
        from.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length);
        if length == 0 {
            return Ok(false);
        }
        at += 4 + u64::from(length);
    }
    Ok(at == end)
}

fn next(from: &mut (impl Read + Seek), at: u64) -> io::Result<Option<([u8; 4], u64)>> {
    from.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::with_capacity(16);
    from.take(16).read_to_end(&mut bytes)?;
    Ok(boxes::kind(&bytes))
}

fn read(from: &mut (impl Read + Seek), at: u64, size: u64) -> io::Result<Option<Vec<u8>>> {
    if size > LARGEST_TABLE {
        return Ok(None);
    }
    from.seek(SeekFrom::Start(at))?;
    let mut bytes = vec![0; size as usize];
    from.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

/// The ticks in a second of the picture's track.
fn timescale(moov: &MoovBox) -> Option<u32> {
    let track = moov.trak_boxes.iter().find(|track| track.tkhd_box.track_id == VIDEO)?;
    Some(track.mdia_box.mdhd_box.timescale.get())
}
