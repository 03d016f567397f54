//! The seal at the end of a clip's file: a box of our own with the manifest and its signature, so that a file proves itself wherever it goes.
//!
//! ISO/IEC 14496-12 has `uuid` boxes for such; players pass over them. The manifest speaks of the bytes in front of it, the film. Its last four
//! bytes say how long it is, as those of an `mfra` box do (§8.8.11): so it is found from the end, whatever was done to the film.

use std::io::{self, Read, Seek, SeekFrom};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

/// What makes the box ours.
const OURS: [u8; 16] = *b"gatehouse.seal.1";
const HEAD: u64 = 8 + 16;
const TAIL: u64 = 4;
/// No manifest is larger; what says so is not read.
pub(super) const MOST: u64 = 16 << 20;

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
    /// Of these bytes.
    #[must_use]
    pub fn new(manifest: &[u8], signature: &[u8], key: &[u8]) -> Self {
        let base64 = |bytes| BASE64_STANDARD.encode(bytes);
        Self { manifest: base64(manifest), signature: base64(signature), key: base64(key) }
    }

    /// Manifest, signature and key; `None` where something else stands.
    pub(super) fn bytes(&self) -> Option<(Vec<u8>, Vec<u8>, Vec<u8>)> {
        let bytes = |base64| BASE64_STANDARD.decode(base64).ok();
        Some((bytes(&self.manifest)?, bytes(&self.signature)?, bytes(&self.key)?))
    }

    /// The box, to be written behind the film.
    ///
    /// # Errors
    /// When the manifest is larger than anybody would read.
    pub fn to_box(&self) -> io::Result<Vec<u8>> {
        let body = serde_json::to_vec(self)?;
        let size = HEAD + body.len() as u64 + TAIL;
        let size = u32::try_from(size).ok().filter(|size| u64::from(*size) <= MOST);
        let size = size.ok_or(io::ErrorKind::FileTooLarge)?.to_be_bytes();
        Ok([&size[..], b"uuid", &OURS, &body, &size].concat())
    }

    /// The seal of a file, and how many bytes of film are in front of it. `None`: there is none, or something stands behind it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn find(file: &mut (impl Read + Seek)) -> io::Result<Option<(Self, u64)>> {
        let end = file.seek(SeekFrom::End(0))?;
        if end < HEAD + TAIL {
            return Ok(None);
        }
        let mut size = [0; TAIL as usize];
        file.seek(SeekFrom::Start(end - TAIL))?;
        file.read_exact(&mut size)?;
        let size = u64::from(u32::from_be_bytes(size));
        if !(HEAD + TAIL..=MOST.min(end)).contains(&size) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(end - size))?;
        file.take(size).read_to_end(&mut bytes)?;
        // Nothing else says the same in other bytes.
        let seal = bytes.get(HEAD as usize..bytes.len().saturating_sub(TAIL as usize));
        let seal = seal.and_then(|body| serde_json::from_slice::<Self>(body).ok());
        Ok(seal.filter(|seal| seal.to_box().is_ok_and(|again| again == bytes)).map(|seal| (seal, end - size)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn sealed() -> (Vec<u8>, Seal) {
        let seal = Seal::new(b"m", b"s", b"k");
        let film = [&12_u32.to_be_bytes()[..], b"ftypisom", &24_u32.to_be_bytes(), b"mdatfilm film film"].concat();
        ([film, seal.to_box().unwrap()].concat(), seal)
    }

    #[test]
    fn a_seal_is_found_behind_the_film() {
        let (bytes, seal) = sealed();
        assert_eq!(Seal::find(&mut Cursor::new(&bytes)).unwrap(), Some((seal, 34)));
    }

    #[test]
    fn a_changed_byte_of_the_box_hides_it_or_changes_what_it_says() {
        let (bytes, seal) = sealed();
        for at in 34..bytes.len() {
            for change in 1..=255 {
                let mut other = bytes.clone();
                other[at] ^= change;
                let found = Seal::find(&mut Cursor::new(&other)).unwrap();
                assert!(found.is_none_or(|(found, _)| found != seal && found.bytes() != seal.bytes()), "byte {at}");
            }
        }
    }

    #[test]
    fn a_seal_that_is_cut_or_covered_is_none() {
        let (bytes, _) = sealed();
        for cut in 1..bytes.len() {
            assert_eq!(Seal::find(&mut Cursor::new(&bytes[..bytes.len() - cut])).unwrap(), None);
        }
        assert_eq!(Seal::find(&mut Cursor::new([&bytes[..], b"more"].concat())).unwrap(), None);
    }
}
