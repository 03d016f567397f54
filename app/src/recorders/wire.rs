//! What a recorder on another site and its hub say to each other: JSON over HTTPS, under `/recorder/v1/`, the recorder always asking.
//!
//! Every message may be sent twice, and late: what it says is keyed by camera and instant, or by the id of a run. Times are Unix
//! milliseconds, sizes bytes. Fields that are not known are passed over, so that hub and recorder need not be of one version.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Of the protocol. A hub answers 426 to one that it does not speak.
pub const PROTOCOL: u32 = 1;
/// Segments of one message.
pub const MOST: usize = 200;

/// `POST /recorder/v1/hello`: who I am. First of all, and again after each 401, 409 or change of version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    pub protocol: u32,
    pub version: String,
    /// Of its data folder: a second machine with the same token is refused (409) while the first is heard of.
    pub node: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    pub recorder: Uuid,
    pub name: String,
    pub site: String,
    pub now: i64,
    pub beat_seconds: u32,
    /// Another one after every change of what it is to do.
    pub config: i64,
}

/// `POST /recorder/v1/beat`: how I am, every ten seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    /// As in its [`Hello`]; another one is refused (409), and says hello again.
    pub node: String,
    pub version: String,
    /// Its clock when it was sent.
    pub now: i64,
    /// Its clock less the hub's, by the beat before: `(sent + received) / 2 − hub's now`; `None` in the first one.
    pub clock_offset_ms: Option<i64>,
    /// The config it works by.
    pub config: i64,
    pub disk_free: i64,
    pub disk_total: i64,
    /// Of its disk, for everything else.
    #[serde(default)]
    pub keep_free: i64,
    pub spool_bytes: i64,
    pub spool_limit: i64,
    /// What is not acknowledged yet.
    pub queue_segments: i64,
    pub queue_bytes: i64,
    pub oldest_waiting_at: Option<i64>,
    /// Files that were refused and lie apart, for a person to look at.
    #[serde(default)]
    pub aside: i64,
    pub cameras: Vec<CameraBeat>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CameraBeat {
    pub camera: Uuid,
    /// A word of `cameras::State`.
    pub state: String,
    pub detail: String,
    pub since: i64,
    pub video: String,
    pub audio: String,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub fps_milli: Option<i32>,
    pub bits_per_second: Option<i64>,
    pub last_frame_at: Option<i64>,
    pub clock_offset_ms: Option<i64>,
    pub reconnects: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeatBack {
    pub now: i64,
    /// Another one than it said: ask for the cameras.
    pub config: i64,
}

/// `GET /recorder/v1/cameras`: all it has to know to record for days alone. The only answer that carries passwords; it is kept sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cameras {
    pub config: i64,
    /// The yard's zone, for schedules.
    pub zone: String,
    /// Of the site: networks that cameras may be in.
    pub allow: String,
    pub segment_seconds: u32,
    /// A whole picture of each camera so often; 0: none.
    #[serde(default)]
    pub snapshot_minutes: u32,
    pub cameras: Vec<Camera>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Camera {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub version: i32,
    pub enabled: bool,
    pub host: String,
    pub port: u16,
    /// Path and query.
    pub path: String,
    pub user: String,
    pub password: String,
    pub transport: String,
    pub audio: bool,
    pub schedule: String,
}

/// `POST /recorder/v1/segments`: what I have recorded, oldest first, and what became of runs. It stands on the timeline from now on, as
/// waiting; the answer says where its bytes go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    pub runs: Vec<Run>,
    pub segments: Vec<Segment>,
    /// Attempts that no run came of.
    #[serde(default)]
    pub gaps: Vec<Gap>,
    /// Files that were announced, and will never come.
    #[serde(default)]
    pub lost: Vec<Lost>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub id: Uuid,
    pub camera: Uuid,
    pub started_at: i64,
    pub ended_at: Option<i64>,
    /// A word of `recordings::Reason`, with `ended_at`.
    pub end_reason: Option<String>,
    pub end_detail: String,
    pub video: String,
    pub audio: String,
    pub width: i32,
    pub height: i32,
    /// `camera`, `recorder`: whose clock its times are from.
    pub clock: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    pub camera: Uuid,
    pub run: Uuid,
    pub started_at: i64,
    pub ended_at: i64,
    pub nth: i32,
    pub size: i64,
    pub sha256: String,
    pub init_size: i32,
    /// `recordings::Fragments`, packed, base64.
    pub fragments: String,
}

/// From `at` on nothing is recorded, until a segment is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub camera: Uuid,
    pub at: i64,
    /// A word of `recordings::Reason`.
    pub reason: String,
    pub detail: String,
}

/// A file that was announced, and cannot be read any more or has other bytes than it had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    pub camera: Uuid,
    pub started_at: i64,
    /// As it was announced.
    pub sha256: String,
    pub why: String,
}

/// `POST /recorder/v1/picture`: what a camera saw. The answer is a [`Fate`]: kept, refused or later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    pub camera: Uuid,
    /// Of a sheet: where its ten minutes begin. Of a snapshot: its instant.
    pub at: i64,
    pub kind: PictureKind,
    /// Of a sheet: when each tile is of, milliseconds after `at`, from top to bottom.
    #[serde(default)]
    pub tiles: Vec<i64>,
    /// Of one tile, or of the snapshot, pixels.
    pub width: u32,
    pub height: u32,
    /// Base64.
    pub jpeg: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureKind {
    /// Ten minutes of tiles in one JPEG.
    Sheet,
    /// A whole picture; the newest counts.
    Snapshot,
}

/// Bytes of a picture's JPEG: with what is around it, a message is no larger than two million.
pub const LARGEST_PICTURE: usize = 1_400_000;

/// The answer, and that of `POST /recorder/v1/kept`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The object's key, by which it is spoken of from here on.
    pub key: String,
    #[serde(flatten)]
    pub fate: Fate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// Put it there, with these headers and no others, before it is over; then say so by `kept`.
    Put { url: String, headers: Vec<(String, String)>, expires_at: i64 },
    /// A copy is verified: the file may go.
    Kept,
    /// Said to be put, and not there, or other bytes are: announce it again.
    Missing { why: String },
    /// It will never be taken: no such camera, or its time is taken. It is set aside, not deleted, and told on the recorder's page.
    Refused { why: String },
    /// The storage does not answer: later.
    Later { after_seconds: u32 },
}

/// `POST /recorder/v1/kept`: I have put these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub keys: Vec<String>,
}
