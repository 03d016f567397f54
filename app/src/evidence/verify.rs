//! Whether a file is what was signed. Reads the file from its beginning to its end and nothing else; blocks.

use std::{
    fs,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::Path,
};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    FORMAT, File, Manifest, Seal,
    package::{Counted, Entry, MANIFEST, README, READMES, directory, local, read_local},
    seal::MOST,
    sign::{KEY_ID, fingerprint},
};

/// Which key a signature must be of: the beginning of its SHA-256, an id's 16 hexadecimal digits at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust<'a> {
    /// Any.
    Nobody,
    /// One that somebody wrote down and gave.
    Given(&'a str),
    /// This installation's.
    Own(&'a str),
}

/// Who says that the key is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Vouched {
    Nobody,
    Given,
    Own,
}

/// A file that is what was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proven {
    /// As the manifest calls it, whatever it is called now.
    pub name: String,
    pub camera: String,
}

/// What was found to be whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The id of the key that signed it.
    pub key: String,
    pub vouched: Vouched,
    /// Of the manifest's files those that were looked at: one, or all of a zip.
    pub proven: Vec<Proven>,
    pub manifest: Manifest,
}

/// Why a file proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("It cannot be read: {0}.")]
    Unreadable(#[from] io::Error),
    #[error("Unsealed: Gatehouse's seal is not at its end. It was never sealed, or was changed, cut off or added to.")]
    Unsealed,
    #[error("Changed: the film is not the one that was signed.")]
    Changed,
    #[error("Forged: what it says is not what was signed.")]
    Forged,
    #[error("Signed by {signed}, which is not the key that it was held against ({wanted}).")]
    OtherKey { signed: String, wanted: String },
    #[error("“{0}” is no key: give its id of 16 hexadecimal digits, as `gatehouse evidence key` prints it.")]
    NoKey(String),
    #[error("Signed, in a format that this version does not know ({0}): take a newer one.")]
    Newer(String),
    #[error("Changed: the zip is not as it was made ({0}).")]
    Repacked(&'static str),
    #[error("Changed: {0} is missing in the zip.")]
    Missing(String),
    #[error("Changed: {0} was not in the zip when it was made.")]
    Added(String),
    /// What is wrong with one file of a zip.
    #[error("{0}: {1}")]
    Inside(String, Box<Refused>),
}

impl Refused {
    /// The exit code of a command: 2 where there was nothing to judge, 1 where it was judged.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Unreadable(_) | Self::NoKey(_) => 2,
            _ => 1,
        }
    }
}

/// Judges a film or a zip of films.
///
/// # Errors
/// When it is not whole, not signed, signed by another key, or cannot be read.
pub fn verify(file: &Path, trust: Trust<'_>) -> Result<Verdict, Refused> {
    is_key(trust)?;
    let mut file = fs::File::open(file)?;
    let end = file.metadata()?.len();
    let (signed, proven) = if read_local(&mut file)?.is_some() {
        zip(&mut file, trust)?
    } else {
        let (signed, proven, _) = film(&mut file, 0..end, None, trust)?;
        (signed, vec![proven])
    };
    Ok(Verdict { key: signed.key, vouched: trust.into(), proven, manifest: signed.manifest })
}

/// Whether what is to be compared with can be a key's id.
pub(super) fn is_key(trust: Trust<'_>) -> Result<(), Refused> {
    match trust {
        Trust::Given(key) | Trust::Own(key) if key.len() < KEY_ID || !key.bytes().all(|c| c.is_ascii_hexdigit()) => {
            Err(Refused::NoKey(key.to_owned()))
        }
        _ => Ok(()),
    }
}

impl From<Trust<'_>> for Vouched {
    fn from(trust: Trust<'_>) -> Self {
        match trust {
            Trust::Nobody => Self::Nobody,
            Trust::Given(_) => Self::Given,
            Trust::Own(_) => Self::Own,
        }
    }
}

/// A manifest whose signature is right.
#[derive(Clone)]
struct Signed {
    manifest: Manifest,
    bytes: Vec<u8>,
    key: String,
}

/// What every format says first.
#[derive(Deserialize)]
pub(super) struct Format {
    pub format: String,
}

/// The id of `key`, whose signature over these bytes is right, and which is the one that is wanted.
pub(super) fn signed_by(bytes: &[u8], signature: &[u8], key: &[u8], trust: Trust<'_>) -> Result<String, Refused> {
    UnparsedPublicKey::new(&ED25519, key).verify(bytes, signature).map_err(|_| Refused::Forged)?;
    let whole = fingerprint(key);
    let id = whole[..KEY_ID].to_owned();
    if let Trust::Given(wanted) | Trust::Own(wanted) = trust
        && !whole.starts_with(&wanted.to_ascii_lowercase())
    {
        return Err(Refused::OtherKey { signed: id, wanted: wanted.to_owned() });
    }
    Ok(id)
}

fn signed(seal: &Seal, trust: Trust<'_>) -> Result<Signed, Refused> {
    let (bytes, signature, key) = seal.bytes().ok_or(Refused::Unsealed)?;
    let id = signed_by(&bytes, &signature, &key, trust)?;
    let Format { format } = serde_json::from_slice(&bytes).map_err(|_| Refused::Newer("none".into()))?;
    let manifest = serde_json::from_slice(&bytes).ok().filter(|_| format == FORMAT).ok_or(Refused::Newer(format))?;
    Ok(Signed { manifest, bytes, key: id })
}

/// The sealed film between two places of a file, read once; with the sum that a zip has of it. `called`: its name, where that is known.
fn film(
    file: &mut fs::File,
    place: Range<u64>,
    called: Option<&str>,
    trust: Trust<'_>,
) -> Result<(Signed, Proven, u32), Refused> {
    let found = Seal::find(&mut Section { file, at: place.start, place: place.clone() })?;
    let (seal, size) = found.ok_or(Refused::Unsealed)?;
    let signed = signed(&seal, trust)?;
    file.seek(SeekFrom::Start(place.start))?;
    let mut counted = Counted::new(file.by_ref().take(place.end - place.start));
    let mut hash = Sha256::new();
    io::copy(&mut counted.by_ref().take(size), &mut hash)?;
    io::copy(&mut counted, &mut io::sink())?;
    let sha256 = hex::encode(hash.finalize());
    let is_it = |file: &File| {
        file.film_size == size && file.film_sha256 == sha256 && called.is_none_or(|called| called == file.name)
    };
    let (camera, found) = signed.manifest.files().find(|(_, file)| is_it(file)).ok_or(Refused::Changed)?;
    let proven = Proven { name: found.name.clone(), camera: camera.name.clone() };
    Ok((signed, proven, counted.crc.sum()))
}

/// All films of a zip, and every byte that is none of theirs.
fn zip(file: &mut fs::File, trust: Trust<'_>) -> Result<(Signed, Vec<Proven>), Refused> {
    let end = file.metadata()?.len();
    let (mut first, mut proven, mut wrong) = (None::<Signed>, Vec::new(), None);
    let (mut entries, mut manifest, mut at) = (Vec::new(), Vec::new(), 0);
    file.seek(SeekFrom::Start(at))?;
    while let Some((name, size)) = read_local(file)? {
        let begins = file.stream_position()?;
        let ends = begins.checked_add(size).filter(|ends| *ends <= end).ok_or(Refused::Repacked("it is cut off"))?;
        let crc = if name == README || name == MANIFEST {
            let mut text = Vec::new();
            let mut counted = Counted::new(file.by_ref().take(size.min(MOST)));
            counted.read_to_end(&mut text)?;
            let crc = counted.crc.sum();
            if name == MANIFEST {
                manifest = text;
            } else if !READMES.iter().any(|readme| readme.as_bytes() == text) {
                return Err(Refused::Repacked("its README.txt is another"));
            }
            crc
        } else {
            match film(file, begins..ends, Some(&name), trust) {
                Ok((signed, film, crc)) => {
                    proven.push(film);
                    if first.get_or_insert_with(|| signed.clone()).bytes != signed.bytes {
                        return Err(Refused::Added(name));
                    }
                    crc
                }
                Err(refused @ (Refused::Unreadable(_) | Refused::OtherKey { .. })) => return Err(refused),
                // Whether it belongs here at all is known when the manifest is.
                Err(refused) => {
                    wrong.get_or_insert_with(|| Refused::Inside(name.clone(), Box::new(refused)));
                    0
                }
            }
        };
        let entry = Entry { name, size, crc };
        if wrong.is_none() && !stands(file, at, &local(&entry)?)? {
            return Err(Refused::Repacked("what it says of a file in it is another"));
        }
        at = ends;
        file.seek(SeekFrom::Start(at))?;
        entries.push(entry);
    }

    let Some(signed) = first else { return Err(wrong.unwrap_or_else(|| Refused::Missing("every film".into()))) };
    let files = signed.manifest.files().map(|(_, file)| file.name.as_str());
    let wanted: Vec<&str> = [README, MANIFEST].into_iter().chain(files).collect();
    if let Some(added) = entries.iter().find(|entry| !wanted.contains(&entry.name.as_str())) {
        return Err(Refused::Added(added.name.clone()));
    }
    if let Some(gone) = wanted.iter().find(|name| !entries.iter().any(|entry| entry.name == **name)) {
        return Err(Refused::Missing((*gone).to_owned()));
    }
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    if !wanted.iter().eq(entries.iter().map(|entry| &entry.name)) {
        return Err(Refused::Repacked("its files are in another order"));
    }
    if manifest != signed.bytes {
        return Err(Refused::Repacked("its manifest.json is another"));
    }
    let directory = directory(&entries)?;
    if end != at + directory.len() as u64 || !stands(file, at, &directory)? {
        return Err(Refused::Repacked("its list of files is another"));
    }
    Ok((signed, proven))
}

/// Whether these bytes stand at that place.
fn stands(file: &mut fs::File, at: u64, bytes: &[u8]) -> io::Result<bool> {
    let mut there = Vec::with_capacity(bytes.len());
    file.seek(SeekFrom::Start(at))?;
    file.take(bytes.len() as u64).read_to_end(&mut there)?;
    Ok(there == bytes)
}

/// Part of a file, as if it were one.
struct Section<'a> {
    file: &'a mut fs::File,
    place: Range<u64>,
    at: u64,
}

impl Read for Section<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.seek(SeekFrom::Start(self.at))?;
        let read = self.file.by_ref().take(self.place.end.saturating_sub(self.at)).read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Section<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => self.place.start.checked_add(at),
            SeekFrom::End(by) => self.place.end.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.filter(|at| *at >= self.place.start).ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at - self.place.start)
    }
}
