//! The seal at the end of a clip's file: a box of our own with the manifest and its signature, so that a file proves itself wherever it goes.
//!
//! ISO 14496-12 has `uuid` boxes for such; players pass over them. The manifest speaks of the bytes in front of it, the film.

use std::io::{self, Read, Seek, SeekFrom};

use serde::{Deserialize, Serialize};

/// What makes the box ours.
const OURS: [u8; 16] = *b"gatehouse.seal.1";
const HEAD: u64 = 8 + 16;
/// No manifest is larger; what says so is not read.
const MOST: u64 = 16 << 20;

/// What the box holds. All three are base64, so that the manifest stays the very bytes that were signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    pub manifest: String,
    /// Ed25519 over the manifest's bytes.
    pub signature: String,
    /// The public key.
    pub key: String,
}

impl Seal {
    /// The box, to be written behind the film.
    ///
    /// # Errors
    /// When the manifest is larger than anybody would read.
    pub fn to_box(&self) -> io::Result<Vec<u8>> {
        let body = serde_json::to_vec(self)?;
        let size = HEAD + body.len() as u64;
        let size =
            u32::try_from(size).ok().filter(|size| u64::from(*size) <= MOST).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok([&size.to_be_bytes()[..], b"uuid", &OURS, &body].concat())
    }

    /// The seal of a file, and how many bytes of film are in front of it. `None`: it has none, or something stands behind it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn find(file: &mut (impl Read + Seek)) -> io::Result<Option<(Self, u64)>> {
        let end = file.seek(SeekFrom::End(0))?;
        let mut at = 0;
        while let Some((kind, size)) = header(file, at, end)? {
            if &kind == b"uuid" && at + size == end && (HEAD..=MOST).contains(&size) {
                let mut body = vec![0; usize::try_from(size).unwrap_or_default()];
                file.seek(SeekFrom::Start(at))?;
                file.read_exact(&mut body)?;
                let seal = (body[8..24] == OURS).then(|| serde_json::from_slice(&body[24..]).ok()).flatten();
                return Ok(seal.map(|seal| (seal, at)));
            }
            at += size;
        }
        Ok(None)
    }
}

/// Type and size of the box at `at`; `None` where none can be, or it would go beyond the file.
fn header(file: &mut (impl Read + Seek), at: u64, end: u64) -> io::Result<Option<([u8; 4], u64)>> {
    if at + 8 > end {
        return Ok(None);
    }
    let (mut size, mut kind) = ([0; 4], [0; 4]);
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut size)?;
    file.read_exact(&mut kind)?;
    let size = match u32::from_be_bytes(size) {
        0 => end - at,
        1 if at + 16 <= end => {
            let mut large = [0; 8];
            file.read_exact(&mut large)?;
            u64::from_be_bytes(large)
        }
        size => u64::from(size),
    };
    Ok((size >= 8 && size <= end - at).then_some((kind, size)))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn sealed() -> (Vec<u8>, Seal) {
        let seal = Seal { manifest: "bQ==".into(), signature: "cw==".into(), key: "aw==".into() };
        let film =
            [&12_u32.to_be_bytes()[..], b"ftypisom", &[0, 0, 0, 1], b"mdat", &20_u64.to_be_bytes(), b"film"].concat();
        ([film, seal.to_box().unwrap()].concat(), seal)
    }

    #[test]
    fn a_seal_is_found_behind_the_film() {
        let (bytes, seal) = sealed();
        assert_eq!(Seal::find(&mut Cursor::new(&bytes)).unwrap(), Some((seal, 32)));
    }

    #[test]
    fn a_changed_frame_of_the_box_hides_it() {
        let (bytes, seal) = sealed();
        for at in 32..bytes.len() {
            for bit in [1, 0x20, 0x80] {
                let mut other = bytes.clone();
                other[at] ^= bit;
                let found = Seal::find(&mut Cursor::new(&other)).unwrap();
                assert!(found.is_none_or(|(found, _)| found != seal), "byte {at}");
            }
        }
        for cut in 1..bytes.len() - 32 {
            assert_eq!(Seal::find(&mut Cursor::new(&bytes[..bytes.len() - cut])).unwrap(), None);
        }
        assert_eq!(Seal::find(&mut Cursor::new([&bytes[..], b"more"].concat())).unwrap(), None);
    }
}
