//! Several sealed files as one zip: stored as they are, with the manifest and a word to whoever opens it.
//!
//! It is written here and not by a library, so that of the same files it is the same bytes today and in ten years: then a reader can hold every
//! byte of it against what must stand there, and nothing can hide between entries (APPNOTE.TXT 6.3.10).

use std::io::{self, Read, Seek, SeekFrom, Write};

use flate2::Crc;

/// The name of the manifest in a zip.
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const README: &str = "README.txt";
/// What the word says. Zips with it are kept: let another one stand beside it, never in its place.
pub(super) const READMES: [&str; 1] = ["Evidence made by Gatehouse.\r\n\r\n\
     Each film ends with a seal: the manifest, which says what was filmed when, by which camera, what is missing, who asked for it\r\n\
     and why, and a signature over it. manifest.json is a copy of it to read. Play the films with any player.\r\n\r\n\
     To see that nothing was changed since, without a network:\r\n\r\n    gatehouse evidence verify FILE --key ID\r\n\r\n\
     FILE is this zip or one of its films. ID is the key that the yard wrote down; ask the yard for it, not this file.\r\n"];

/// What is said in place of a number that needs 64 bits; that stands behind it then.
const LARGE: u32 = u32::MAX;
/// Midnight of 1 January 1980: times are in the manifest.
const NO_TIME: [u8; 4] = [0, 0, 0x21, 0];
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;

/// One file in a zip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub name: String,
    pub size: u64,
    pub crc: u32,
}

/// Writes a zip of `manifest` and of sealed files, of which `files` says name and size in bytes; `open` is called with each name, in their order.
///
/// # Errors
/// When a file cannot be read or has another size, or the zip cannot be written.
pub fn package<R: Read>(
    manifest: &str,
    files: &[(String, u64)],
    mut open: impl FnMut(&str) -> io::Result<R>,
    into: &mut (impl Write + Seek),
) -> io::Result<()> {
    let mut entries = Vec::with_capacity(files.len() + 2);
    for (name, text) in [(README, READMES[0]), (MANIFEST, manifest)] {
        entries.push(put(name, text.len() as u64, &mut text.as_bytes(), into)?);
    }
    for (name, size) in files {
        entries.push(put(name, *size, &mut open(name)?, into)?);
    }
    into.write_all(&directory(&entries)?)
}

fn put(name: &str, size: u64, from: &mut impl Read, into: &mut (impl Write + Seek)) -> io::Result<Entry> {
    let mut entry = Entry { name: name.to_owned(), size, crc: 0 };
    let begins = into.stream_position()?;
    // Its sum is written when it is known.
    into.write_all(&local(&entry)?)?;
    let mut counted = Counted::new(from);
    io::copy(&mut counted, into)?;
    if counted.size != size {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a file has another size than was said"));
    }
    entry.crc = counted.crc.sum();
    let ends = into.stream_position()?;
    into.seek(SeekFrom::Start(begins))?;
    into.write_all(&local(&entry)?)?;
    into.seek(SeekFrom::Start(ends))?;
    Ok(entry)
}

/// A reader that counts and sums what comes by.
pub(super) struct Counted<R> {
    from: R,
    pub size: u64,
    pub crc: Crc,
}

impl<R> Counted<R> {
    pub fn new(from: R) -> Self {
        Self { from, size: 0, crc: Crc::new() }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.size += read as u64;
        self.crc.update(&buffer[..read]);
        Ok(read)
    }
}

/// A number of 32 bits, or what stands for one that needs more.
fn short(number: u64) -> [u8; 4] {
    u32::try_from(number).unwrap_or(LARGE).to_le_bytes()
}

fn is_large(number: u64) -> bool {
    number >= LARGE.into()
}

/// Numbers of 64 bits behind a header (§4.5.3); nothing where there are none.
fn extra(numbers: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    if !numbers.is_empty() {
        bytes.extend(1_u16.to_le_bytes());
        bytes.extend((numbers.len() as u16 * 8).to_le_bytes());
        for number in numbers {
            bytes.extend(number.to_le_bytes());
        }
    }
    bytes
}

/// What stands in front of a file (§4.3.7).
pub(super) fn local(entry: &Entry) -> io::Result<Vec<u8>> {
    let sizes = [entry.size; 2];
    let extra = extra(if is_large(entry.size) { &sizes } else { &[] });
    let common = common(entry, &extra)?;
    Ok([b"PK\x03\x04", &common[..], entry.name.as_bytes(), &extra].concat())
}

/// What a local and a central header both say: from the version that is needed to the length of what is extra.
fn common(entry: &Entry, extra: &[u8]) -> io::Result<Vec<u8>> {
    let name = u16::try_from(entry.name.len()).map_err(|_| io::ErrorKind::InvalidFilename)?;
    let (version, size) = (if extra.is_empty() { 20_u16 } else { 45 }, short(entry.size));
    Ok([
        &version.to_le_bytes()[..],
        &FLAGS.to_le_bytes(),
        &[0, 0],
        &NO_TIME,
        &entry.crc.to_le_bytes(),
        &size,
        &size,
        &name.to_le_bytes(),
        &(extra.len() as u16).to_le_bytes(),
    ]
    .concat())
}

/// What stands behind all files: the list of them (§4.3.12) and where it is (§4.3.14 to §4.3.16).
pub(super) fn directory(entries: &[Entry]) -> io::Result<Vec<u8>> {
    let (mut bytes, mut at) = (Vec::new(), 0_u64);
    for entry in entries {
        let mut numbers = if is_large(entry.size) { vec![entry.size; 2] } else { Vec::new() };
        numbers.extend(is_large(at).then_some(at));
        let extra = extra(&numbers);
        // Made on Unix: a plain file that everybody may read.
        bytes.extend(b"PK\x01\x02\x2d\x03");
        bytes.extend(common(entry, &extra)?);
        bytes.extend([0; 6]);
        bytes.extend((0o100_644_u32 << 16).to_le_bytes());
        bytes.extend(short(at));
        bytes.extend(entry.name.as_bytes());
        bytes.extend(extra);
        at += local(entry)?.len() as u64 + entry.size;
    }
    let (size, count) = (bytes.len() as u64, entries.len() as u64);
    let many = u16::try_from(count).unwrap_or(u16::MAX);
    if is_large(at) || is_large(size) || many == u16::MAX {
        bytes.extend(b"PK\x06\x06");
        bytes.extend(44_u64.to_le_bytes());
        bytes.extend([45, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for number in [count, count, size, at] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(b"PK\x06\x07\0\0\0\0");
        bytes.extend((at + size).to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
    }
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(many.to_le_bytes());
    bytes.extend(many.to_le_bytes());
    bytes.extend(short(size));
    bytes.extend(short(at));
    bytes.extend([0, 0]);
    Ok(bytes)
}

/// The name and the size that a local header says, from its first byte on; the header itself is held against [`local`] when its sum is known.
/// `None`: something else stands there.
pub(super) fn read_local(from: &mut impl Read) -> io::Result<Option<(String, u64)>> {
    let mut fixed = [0; 30];
    if !filled(from, &mut fixed)? || !fixed.starts_with(b"PK\x03\x04") {
        return Ok(None);
    }
    let number = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
    let size = u64::from(number(18)) | u64::from(number(20)) << 16;
    let (mut name, mut extra) = (vec![0; number(26).into()], vec![0; number(28).into()]);
    if !filled(from, &mut name)? || !filled(from, &mut extra)? {
        return Ok(None);
    }
    let long = extra.get(4..12).and_then(|size| size.try_into().ok()).map(u64::from_le_bytes);
    let size = if is_large(size) { long } else { Some(size) };
    Ok(String::from_utf8(name).ok().zip(size))
}

/// Reads as much as is asked for; false where the file ends before.
fn filled(from: &mut impl Read, into: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(into) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        read => read.map(|()| true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_header_says_is_read_again() {
        for size in [0, 5, u64::from(LARGE) - 1, LARGE.into(), 5 << 30] {
            let entry = Entry { name: "süd.mp4".into(), size, crc: 7 };
            let bytes = local(&entry).unwrap();
            assert_eq!(read_local(&mut &bytes[..]).unwrap(), Some((entry.name, size)));
            assert_eq!(bytes.len(), 30 + 8 + if size < LARGE.into() { 0 } else { 20 });
            for cut in 0..bytes.len() {
                assert_eq!(read_local(&mut &bytes[..cut]).unwrap(), None);
            }
        }
    }

    #[test]
    fn small_zips_have_nothing_of_large_ones() {
        let entry = |size| Entry { name: "a".into(), size, crc: 7 };
        let small = directory(&[entry(5), entry(6)]).unwrap();
        assert_eq!(small.len(), 2 * 47 + 22);
        assert_eq!(small[small.len() - 6..small.len() - 2], (2_u32 * 31 + 11).to_le_bytes());
        // The first needs sizes of 64 bits, the second a place of 64 bits, and so does the end.
        let large = directory(&[entry(5 << 30), entry(6)]).unwrap();
        assert_eq!(large.len(), 47 + 20 + 47 + 12 + 56 + 20 + 22);
    }
}
