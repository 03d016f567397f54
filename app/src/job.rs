//! What can be queued. Arguments are ids, and every job may run twice.

use serde::{Deserialize, Serialize};

use crate::ids::{DeliveryId, RevisionId};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    /// Render a frozen revision to PDF and store it. A new `generation` renders it again (a void paints a watermark).
    RenderBol { revision: RevisionId, generation: u32 },
    /// Hand a delivery's mail to the mail server. A new `attempt` is a person's retry.
    SendEmail { delivery: DeliveryId, attempt: u32 },
    /// Walk the audit log and keep what was found. `asked` (Unix milliseconds) tells one run from the next.
    VerifyAudit { asked: i64 },
}

impl Job {
    /// Every queue there is, in the order the jobs page lists them.
    pub const QUEUES: [&'static str; 3] = ["render_bol", "send_email", "verify_audit"];

    /// The queue it goes to.
    #[must_use]
    pub fn queue(&self) -> &'static str {
        match self {
            Self::RenderBol { .. } => "render_bol",
            Self::SendEmail { .. } => "send_email",
            Self::VerifyAudit { .. } => "verify_audit",
        }
    }

    /// What makes it the same job: putting it in twice is putting it in once. Keys stay taken after the job is done.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::RenderBol { revision, generation } => format!("{revision}.{generation}"),
            Self::SendEmail { delivery, attempt } => format!("{delivery}.{attempt}"),
            Self::VerifyAudit { asked } => asked.to_string(),
        }
    }
}
