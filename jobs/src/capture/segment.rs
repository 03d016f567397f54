//! A file of a run while it is written: fragment after fragment, hashed as it goes, durable at its end. Everything here blocks.
//!
//! What is open is called `….part`. Nothing in it is ever written twice, so what a kill leaves is whole up to the last fragment and
//! [`super::recover`] makes a file of it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use gatehouse_app::recordings::{self, Fragments, TICKS};
use sha2::{Digest, Sha256};

use super::clock::ticks;
use crate::durable::{make_dirs, sync_dir};

/// A part of a file that can be played from, or on from the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Where it begins in the file, in bytes, and how long it is.
    pub offset: u64,
    pub length: u32,
    /// When its first frame was taken, Unix microseconds, and how long it lasts.
    pub at: i64,
    pub lasts: i64,
    /// Whether it begins with a key frame: playing can begin there.
    pub key: bool,
}

/// A file that is there, whole and durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    pub path: PathBuf,
    pub size: u64,
    /// Hexadecimal.
    pub sha256: String,
    /// So many bytes at its beginning say what a player has to know (`ftyp`, `moov`).
    pub head: u64,
    pub fragments: Vec<Fragment>,
}

/// The index of a file as it goes on record. Each fragment ends where the next begins, to the tick, however often it is rounded.
#[must_use]
pub fn index(fragments: &[Fragment]) -> Fragments {
    let begin = fragments.first().map_or(0, |first| first.at);
    let at = |micros: i64| ticks(micros - begin, TICKS);
    let one = |fragment: &Fragment| recordings::Fragment {
        bytes: fragment.length,
        ticks: u32::try_from(at(fragment.at + fragment.lasts) - at(fragment.at)).unwrap_or_default(),
        key: fragment.key,
    };
    Fragments(fragments.iter().map(one).collect())
}

impl Finished {
    /// From when to when there is footage in it, Unix microseconds.
    #[must_use]
    pub fn span(&self) -> std::ops::Range<i64> {
        let begin = self.fragments.first().map_or(0, |first| first.at);
        begin..self.fragments.last().map_or(begin, |last| last.at + last.lasts)
    }
}

/// How much a power cut may cost. A kill costs the open fragment at most, either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sync {
    /// What is open: each fragment is on the disk before the next is begun.
    #[default]
    Fragment,
    /// What the system has not written by itself, half a minute as a rule.
    Segment,
}

/// The open file.
#[derive(Debug)]
pub struct Segment {
    path: PathBuf,
    file: File,
    hash: Sha256,
    head: u64,
    written: u64,
    fragments: Vec<Fragment>,
    sync: Sync,
    refused: Option<Refused>,
}

/// What a disk did not take. Either way nothing goes behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    /// A write: there may be half of it, which can be cut off.
    Write,
    /// To make sure of it: nobody knows what of the file is there.
    Sync,
}

/// What a file that is still written is called.
#[must_use]
pub fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

impl Segment {
    /// Begins the file that will be called `path`, with its head.
    ///
    /// # Errors
    /// When the disk refuses, or a file of that name is there.
    pub fn create(path: PathBuf, head: &[u8], sync: Sync) -> io::Result<Self> {
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        make_dirs(folder)?;
        if path.try_exists()? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = OpenOptions::new().write(true).create_new(true).open(part_of(&path))?;
        let mut segment = Self {
            path,
            file,
            hash: Sha256::new(),
            head: head.len() as u64,
            written: 0,
            fragments: Vec::new(),
            sync,
            refused: None,
        };
        segment.put(&[head])?;
        if sync == Sync::Fragment {
            // The name too: or a power cut takes the whole file.
            segment.parent().map_or(Ok(()), sync_dir)?;
        }
        Ok(segment)
    }

    /// Adds a fragment of these bytes, one after the other; where it is in the file is filled in here.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn append(&mut self, bytes: &[&[u8]], fragment: Fragment) -> io::Result<()> {
        let offset = self.written;
        let length = bytes.iter().map(|part| part.len()).sum::<usize>();
        let length = u32::try_from(length).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.put(bytes)?;
        self.fragments.push(Fragment { offset, length, ..fragment });
        if self.sync == Sync::Fragment {
            self.file.sync_data().inspect_err(|_| self.refused = Some(Refused::Sync))?;
        }
        Ok(())
    }

    /// Ends the file: on the disk, then under its name, then the name on the disk. `None` when there is no fragment in it, and so no file.
    ///
    /// # Errors
    /// When the disk refuses, or did so when it was to make sure of a fragment; then what is there is there as `….part`.
    pub fn finish(self) -> io::Result<Option<Finished>> {
        let part = part_of(&self.path);
        if self.refused == Some(Refused::Sync) {
            return Err(io::Error::other("the disk is not sure of what it took"));
        }
        if self.fragments.is_empty() {
            fs::remove_file(part)?;
            return Ok(None);
        }
        // What a disk took half of.
        self.file.set_len(self.written)?;
        self.file.sync_all()?;
        give_name(&part, &self.path)?;
        let sha256 = hex::encode(self.hash.finalize());
        Ok(Some(Finished { path: self.path, size: self.written, sha256, head: self.head, fragments: self.fragments }))
    }

    /// The name that it will have.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn parent(&self) -> Option<&Path> {
        self.path.parent()
    }

    fn put(&mut self, bytes: &[&[u8]]) -> io::Result<()> {
        if self.refused.is_some() {
            return Err(io::Error::other("the disk refused before"));
        }
        for part in bytes {
            self.file.write_all(part).inspect_err(|_| self.refused = Some(Refused::Write))?;
        }
        for part in bytes {
            self.hash.update(part);
            self.written += part.len() as u64;
        }
        Ok(())
    }
}

/// Gives a finished file its name, durably, unless something has it.
pub(super) fn give_name(part: &Path, path: &Path) -> io::Result<()> {
    // One process alone holds a camera, so nobody comes between.
    if path.try_exists()? {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(part, path)?;
    path.parent().map_or(Ok(()), sync_dir)
}
