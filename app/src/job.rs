//! What can be queued. Arguments are ids, and every job may run twice.

use serde::{Deserialize, Serialize};

use crate::{
    alerts::Moment,
    ids::{
        AlertId, AlertTargetId, AttachmentId, CameraId, ClipId, DeliveryId, FilmRestoreId, MoveId, ObjectId,
        PlacementId, RestoreId, RevisionId,
    },
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    /// Render a frozen revision to PDF and store it. A new `generation` renders it again (a void paints a watermark).
    RenderBol { revision: RevisionId, generation: u32 },
    /// Draw a document anew of which no copy is left. `since` (Unix milliseconds) tells one loss from the next.
    RemakeDocument { object: ObjectId, since: i64 },
    /// Hand a delivery's mail to the mail server. A new `attempt` is a person's retry.
    SendEmail { delivery: DeliveryId, attempt: u32 },
    /// Walk the audit log and keep what was found. `asked` (Unix milliseconds) tells one run from the next.
    VerifyAudit { asked: i64 },
    /// Fill a placement that waits from a copy that was verified. `node`: whose files it needs; empty: any node can.
    Replicate { placement: PlacementId, generation: u32, node: String },
    /// Fill everything that waits for one place, oldest first, as soon as it answers again.
    CatchUp { backend: String, bucket: String, node: String, asked: i64 },
    /// Remove the copies of an object that are to go, in every version.
    EraseObject { object: ObjectId, node: String, asked: i64 },
    /// Remove from a store what no record knows, as somebody asked.
    RemoveOrphans { backend: String, bucket: String, node: String, asked: i64 },
    /// Compare one store with what is on record, both ways.
    CheckStorage { backend: String, bucket: String, node: String, asked: i64 },
    /// Copy objects from one storage to another.
    MoveObjects { moving: MoveId, node: String },
    /// Look at what arrived of an attachment. A new `generation` looks again. `node`: whose files it arrived in; empty: a bucket.
    CheckAttachment { attachment: AttachmentId, generation: u32, node: String },
    /// Have an archived object restored, and look whether it is. Each `look` queues the next.
    RestoreObject { restore: RestoreId, look: u32 },
    /// Ask for archived film file by file, and look whether it is back. Each `look` queues the next.
    FetchFilm { restore: FilmRestoreId, look: u32 },
    /// Record a camera for as long as the lease of `epoch` lasts: the job begins it, the row is the lease.
    Capture { camera: CameraId, epoch: i64 },
    /// Cut a clip's files out of what was recorded, and sign them. A new `generation` cuts again.
    CutClip { clip: ClipId, generation: u32 },
    /// Tell a webhook that an alert opened or closed.
    PostWebhook { alert: AlertId, target: AlertTargetId, moment: Moment, attempt: u32 },
    /// Give a camera's recordings the end that its retention says now.
    Retain { camera: CameraId, asked: i64 },
}

impl Job {
    /// Every queue there is, in the order the jobs page lists them.
    pub const QUEUES: [&'static str; 13] = [
        "render_bol",
        "send_email",
        "check_attachment",
        "replicate",
        "catch_up",
        "restore_object",
        "erase_object",
        "check_storage",
        "move_objects",
        "verify_audit",
        "capture",
        "cut_clip",
        "post_webhook",
    ];

    /// Queues whose jobs may need the files of one node.
    pub const OF_NODES: [&'static str; 6] =
        ["check_attachment", "replicate", "catch_up", "erase_object", "check_storage", "move_objects"];

    /// What it does; the queue it goes to, unless it needs the files of one node.
    #[must_use]
    pub fn queue(&self) -> &'static str {
        match self {
            Self::RenderBol { .. } | Self::RemakeDocument { .. } => "render_bol",
            Self::SendEmail { .. } => "send_email",
            Self::VerifyAudit { .. } => "verify_audit",
            Self::Replicate { .. } => "replicate",
            Self::CatchUp { .. } => "catch_up",
            Self::EraseObject { .. } | Self::RemoveOrphans { .. } | Self::Retain { .. } => "erase_object",
            Self::CheckStorage { .. } => "check_storage",
            Self::MoveObjects { .. } => "move_objects",
            Self::CheckAttachment { .. } => "check_attachment",
            Self::RestoreObject { .. } | Self::FetchFilm { .. } => "restore_object",
            Self::Capture { .. } => "capture",
            Self::CutClip { .. } => "cut_clip",
            Self::PostWebhook { .. } => "post_webhook",
        }
    }

    /// The node whose files it needs; empty: none's.
    #[must_use]
    pub fn node(&self) -> &str {
        match self {
            Self::RenderBol { .. }
            | Self::RemakeDocument { .. }
            | Self::SendEmail { .. }
            | Self::VerifyAudit { .. }
            | Self::RestoreObject { .. }
            | Self::FetchFilm { .. }
            | Self::Capture { .. }
            | Self::CutClip { .. }
            | Self::PostWebhook { .. }
            | Self::Retain { .. } => "",
            Self::CheckAttachment { node, .. }
            | Self::Replicate { node, .. }
            | Self::CatchUp { node, .. }
            | Self::EraseObject { node, .. }
            | Self::RemoveOrphans { node, .. }
            | Self::CheckStorage { node, .. }
            | Self::MoveObjects { node, .. } => node,
        }
    }

    /// The queue it goes to: of a node's files there is one for all kinds of jobs, and that node alone works on it.
    #[must_use]
    pub fn lane(&self) -> String {
        match self.node() {
            "" => self.queue().to_owned(),
            node => Self::lane_of(node),
        }
    }

    /// The queue of jobs that need the files of `node`.
    #[must_use]
    pub fn lane_of(node: &str) -> String {
        format!("files@{node}")
    }

    /// What makes it the same job: putting it in twice is putting it in once. Keys stay taken after the job is done.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::RenderBol { revision, generation } => format!("{revision}.{generation}"),
            Self::RemakeDocument { object, since } => format!("again {object} {since}"),
            Self::SendEmail { delivery, attempt } => format!("{delivery}.{attempt}"),
            Self::VerifyAudit { asked } => asked.to_string(),
            Self::Replicate { placement, generation, .. } => format!("{placement}.{generation}"),
            Self::CatchUp { backend, bucket, asked, .. } => format!("catch up {backend} {bucket} {asked}"),
            Self::EraseObject { object, asked, .. } => format!("erase {object} {asked}"),
            Self::RemoveOrphans { backend, bucket, asked, .. } => format!("orphans {backend} {bucket} {asked}"),
            Self::CheckStorage { backend, bucket, asked, .. } => format!("check {backend} {bucket} {asked}"),
            Self::MoveObjects { moving, .. } => moving.to_string(),
            Self::CheckAttachment { attachment, generation, .. } => format!("{attachment}.{generation}"),
            Self::RestoreObject { restore, look } => format!("{restore}.{look}"),
            Self::FetchFilm { restore, look } => format!("film {restore}.{look}"),
            Self::Capture { camera, epoch } => format!("{camera}.{epoch}"),
            Self::CutClip { clip, generation } => format!("{clip}.{generation}"),
            Self::PostWebhook { alert, target, moment, attempt } => format!("{alert} {target} {moment}.{attempt}"),
            Self::Retain { camera, asked } => format!("retain {camera} {asked}"),
        }
    }
}
