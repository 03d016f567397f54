//! What the domain needs from outside, as traits: tests own every one of them.

mod camera;
mod parts;
mod store;
mod webhook;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

pub use self::{camera::*, parts::*, store::*, webhook::*};
use crate::{ids::DeliveryId, job::Job, objects::Plane};

/// The time. Unix milliseconds, UTC.
pub trait Clock: Send + Sync {
    fn now(&self) -> i64;
}

/// New ids, and randomness for secrets.
pub trait Ids: Send + Sync {
    fn uuid(&self) -> Uuid;
    /// Fills `buffer` with bytes nobody can guess.
    fn random(&self, buffer: &mut [u8]);
}

/// The job queue, as the domain sees it: a job is put in with the transaction that makes it necessary.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Puts `job` in to run at `run_at` (Unix milliseconds). A job with the same [`Job::key`] that is already there stays as it is.
    async fn enqueue(&self, txn: &DatabaseTransaction, job: &Job, run_at: i64) -> Result<(), sea_orm::DbErr>;
}

/// A mail ready to go.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Names the mail where it is written to a folder: the same delivery twice is one file.
    pub delivery: DeliveryId,
    pub from: String,
    pub to: String,
    /// The whole message, RFC 5322.
    pub message: Vec<u8>,
}

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Taken by the server (or written to the outbox folder); its answer.
    Accepted(String),
    /// Not now (4xx, or no connection before the text was sent): try again later.
    Deferred(String),
    /// Never (5xx): a person has to look.
    Refused(String),
    /// The server does not let this installation in (5xx on connecting or signing in): no mail goes out until a person mends that.
    Barred(String),
    /// The text went out and no answer came: nobody knows, so it is not sent again by itself.
    Unknown(String),
}

/// Called right before the text of a mail goes out: from here on an interruption leaves its fate unknown.
#[async_trait]
pub trait BeforeData: Send {
    async fn before_data(&mut self) -> Result<(), crate::error::AppError>;
}

#[async_trait]
pub trait Mailer: Send + Sync {
    /// Where mail goes, for people: a host, or the outbox folder when no SMTP server is configured.
    fn destination(&self) -> String;

    /// Whether mail really leaves the house.
    fn is_live(&self) -> bool;

    /// # Errors
    /// Only what `hook` returned; what the server said is in [`Sent`].
    async fn send(&self, envelope: Envelope, hook: &mut dyn BeforeData) -> Result<Sent, crate::error::AppError>;

    /// Removes what interrupted sendings left half-written; returns how much.
    ///
    /// # Errors
    /// When it cannot be removed.
    async fn sweep(&self) -> Result<u64, crate::error::AppError> {
        Ok(0)
    }
}

/// All of them together.
#[derive(Clone)]
pub struct Ports {
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub queue: Arc<dyn Queue>,
    /// Where objects are kept: every store there is, and which of them each class wants.
    pub plane: Plane,
    pub mailer: Arc<dyn Mailer>,
    pub cameras: Arc<dyn Cameras>,
    pub webhooks: Arc<dyn Webhooks>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}
