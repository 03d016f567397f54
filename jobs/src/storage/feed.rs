//! The bytes of a request's body, as they are asked for: a request that has to be sent again reads them again.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use crc_fast::{CrcAlgorithm, Digest as Crc};
use futures::stream;
use http_body::Frame;
use http_body_util::StreamBody;
use sha2::{Digest, Sha256};

use super::bandwidth::Bandwidth;

/// Large enough that a hop to a blocking thread is nothing beside it, small enough that memory stays flat.
pub(crate) const PIECE: usize = 512 * 1024;

/// Why a file is not sent.
pub(super) const CHANGED: &str = "the file is no longer what it was said to be";

/// What a body is made of.
#[derive(Clone, Debug)]
pub(crate) enum Feed {
    Empty,
    Bytes(Bytes),
    File { path: PathBuf, range: Range<u64>, check: Check },
}

/// What the bytes of a file must turn out to be. What is checked here has its last piece held back until it is right: a request that is cut
/// short stores nothing.
#[derive(Clone, Debug)]
pub(crate) enum Check {
    /// Lower-case hex.
    Sha256(String),
    Crc64(u64),
    /// Whatever the server holds against them.
    Theirs,
}

/// What is known of a body under way.
#[derive(Debug)]
pub(crate) struct Pulse {
    began: Instant,
    /// Milliseconds after `began` at which a piece was last asked for.
    last: AtomicU64,
    fault: Mutex<Option<String>>,
}

impl Pulse {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), last: AtomicU64::new(0), fault: Mutex::new(None) })
    }

    fn beat(&self) {
        self.last.store(self.began.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// How long nothing has been asked for.
    pub fn silence(&self) -> Duration {
        self.began.elapsed().saturating_sub(Duration::from_millis(self.last.load(Ordering::Relaxed)))
    }

    /// Why the body broke off, if it did: then the server is not to blame.
    pub fn fault(&self) -> Option<String> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Feed {
    /// All of a file.
    pub fn file(path: &Path, size: u64, check: Check) -> Self {
        // Of nothing there is no last piece to hold back.
        if size == 0 { Self::Empty } else { Self::File { path: path.to_owned(), range: 0..size, check } }
    }

    pub fn len(&self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { range, .. } => range.end - range.start,
        }
    }

    pub fn body(&self, bandwidth: &Arc<Bandwidth>, pulse: &Arc<Pulse>) -> SdkBody {
        match self {
            Self::Empty => SdkBody::empty(),
            Self::Bytes(bytes) if bytes.len() <= PIECE && !bandwidth.is_limited() => SdkBody::from(bytes.clone()),
            Self::Bytes(bytes) => in_pieces(bytes.clone(), Arc::clone(bandwidth), Arc::clone(pulse)),
            Self::File { path, range, check } => {
                Reading::new(path, range, check, bandwidth.grain(PIECE)).body(Arc::clone(bandwidth), Arc::clone(pulse))
            }
        }
    }
}

fn in_pieces(bytes: Bytes, bandwidth: Arc<Bandwidth>, pulse: Arc<Pulse>) -> SdkBody {
    let grain = bandwidth.grain(PIECE);
    let pieces = stream::unfold(bytes, move |mut left| {
        let (bandwidth, pulse) = (Arc::clone(&bandwidth), Arc::clone(&pulse));
        async move {
            if left.is_empty() {
                return None;
            }
            let piece = left.split_to(grain.min(left.len()));
            bandwidth.take(piece.len()).await;
            pulse.beat();
            Some((Ok::<_, io::Error>(Frame::data(piece)), left))
        }
    });
    SdkBody::from_body_1_x(StreamBody::new(pieces))
}

/// A stretch of a file, being read.
struct Reading {
    path: PathBuf,
    file: Option<File>,
    at: u64,
    left: u64,
    grain: usize,
    running: Running,
}

enum Running {
    Sha256(Sha256, String),
    Crc64(Crc, u64),
    Theirs,
}

impl Reading {
    fn new(path: &Path, range: &Range<u64>, check: &Check, grain: usize) -> Self {
        let running = match check {
            Check::Sha256(expected) => Running::Sha256(Sha256::new(), expected.clone()),
            Check::Crc64(expected) => Running::Crc64(Crc::new(CrcAlgorithm::Crc64Nvme), *expected),
            Check::Theirs => Running::Theirs,
        };
        let (at, left) = (range.start, range.end - range.start);
        Self { path: path.to_owned(), file: None, at, left, grain, running }
    }

    fn body(self, bandwidth: Arc<Bandwidth>, pulse: Arc<Pulse>) -> SdkBody {
        let pieces = stream::try_unfold(self, move |mut reading| {
            let (bandwidth, pulse) = (Arc::clone(&bandwidth), Arc::clone(&pulse));
            async move {
                if reading.left == 0 {
                    return Ok(None);
                }
                bandwidth.take(reading.grain).await;
                pulse.beat();
                let read = tokio::task::spawn_blocking(move || reading.piece().map(|piece| (piece, reading))).await;
                match read.unwrap_or_else(|panic| Err(io::Error::other(panic))) {
                    Ok((piece, reading)) => Ok(Some((Frame::data(piece), reading))),
                    Err(error) => {
                        *pulse.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
                        Err(error)
                    }
                }
            }
        });
        SdkBody::from_body_1_x(StreamBody::new(pieces))
    }

    /// Blocks.
    fn piece(&mut self) -> io::Result<Bytes> {
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let mut file = File::open(&self.path)?;
                file.seek(SeekFrom::Start(self.at))?;
                none.insert(file)
            }
        };
        let mut piece = vec![0; self.grain.min(usize::try_from(self.left).unwrap_or(usize::MAX))];
        file.read_exact(&mut piece).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::other("the file has become shorter while it was sent"),
            _ => error,
        })?;
        self.left -= piece.len() as u64;
        let same = match &mut self.running {
            Running::Sha256(sha, expected) => {
                sha.update(&piece);
                self.left > 0 || hex::encode(sha.finalize_reset()) == *expected
            }
            Running::Crc64(crc, expected) => {
                crc.update(&piece);
                self.left > 0 || crc.finalize() == *expected
            }
            Running::Theirs => true,
        };
        if same { Ok(piece.into()) } else { Err(io::Error::other(CHANGED)) }
    }
}
