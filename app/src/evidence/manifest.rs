//! What a clip's manifest says: whose film it is, of when, made of what, by whom and why, and what is missing of it.
//!
//! The bytes that are signed are the bytes that are kept: it is written once and never made anew from these types. Times are RFC 3339 UTC
//! with milliseconds; the yard's zone stands beside them.

use serde::{Deserialize, Serialize};

/// The number in `format`: a reader refuses one that it does not know.
pub const FORMAT: &str = "gatehouse.evidence.1";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`]
    pub format: String,
    pub clip: String,
    pub title: String,
    /// Why it was made.
    pub reason: String,
    /// The number of the bill it belongs to.
    pub bol: Option<String>,
    pub yard: String,
    /// Where people reach the installation.
    pub installation: String,
    pub zone: String,
    /// What was asked for.
    pub from: String,
    pub until: String,
    pub cameras: Vec<Camera>,
    pub custody: Vec<Step>,
    /// Gatehouse's version.
    pub made_with: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Camera {
    pub id: String,
    pub name: String,
    pub site: String,
    pub files: Vec<File>,
    /// Of the time asked for, what no file shows.
    pub missing: Vec<Missing>,
}

/// One file: film without a break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub name: String,
    /// Bytes of film, in front of the seal, and their SHA-256.
    pub film_size: u64,
    pub film_sha256: String,
    pub from: String,
    pub until: String,
    pub frames: u64,
    pub video: String,
    pub audio: Option<String>,
    /// In front of `from` the file has film that is decoded and not shown: milliseconds. Frames cannot be cut without changing them.
    pub lead_in_ms: i64,
    /// Whose clock times are from: `camera`, `recorder`.
    pub clock: String,
    pub sources: Vec<Source>,
}

/// A recording that a file was made of. It was read from end to end and had the SHA-256 that was written down when it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub key: String,
    pub size: u64,
    pub sha256: String,
    pub recorder: String,
    pub recorded_from: String,
    pub recorded_until: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    pub from: String,
    pub until: String,
    /// A reason's word, and the sentence for it.
    pub reason: String,
    pub words: String,
}

/// Who had it in hand, from the recording to the signature. What came later is in the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub at: String,
    /// `asked`, `cut`, `signed`.
    pub what: String,
    pub who: String,
    /// The entry of the audit log that says the same.
    pub audit_seq: Option<i64>,
}

impl Manifest {
    /// Every file with its camera.
    pub fn files(&self) -> impl Iterator<Item = (&Camera, &File)> {
        self.cameras.iter().flat_map(|camera| camera.files.iter().map(move |file| (camera, file)))
    }
}
