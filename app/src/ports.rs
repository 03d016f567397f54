//! What the domain needs from outside, as traits: tests own every one of them.

use std::{fmt, ops::Range, pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use sea_orm::DatabaseTransaction;
use tokio::io::{AsyncRead, AsyncReadExt};
use url::Url;
use uuid::Uuid;

use crate::{ids::DeliveryId, job::Job};

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

/// Where bytes are kept. Keys are those of the outside contract (docs/ref), such as `bols/2026/PRT-2026-0001.pdf`.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// `local` or `s3`, as it stands in placement rows.
    fn backend(&self) -> &'static str;

    /// The bucket's name; empty for local files.
    fn bucket(&self) -> &str;

    /// Origin of the URLs that [`presign`](Self::presign) makes, where it is not Gatehouse itself; pages name it in their CSP.
    fn origin(&self) -> Option<String>;

    /// Stores `bytes` durably. Putting the same bytes twice is fine.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when other bytes stand at the key already.
    async fn put(&self, key: &str, bytes: Vec<u8>, content_type: &str, sha256: &str) -> Result<Stored, StoreError>;

    /// What stands at `key`; `None` where nothing does.
    async fn head(&self, key: &str) -> Result<Option<Stored>, StoreError>;

    /// How many bytes stand at `key`, without a look at them.
    async fn size(&self, key: &str) -> Result<Option<u64>, StoreError> {
        Ok(self.head(key).await?.map(|stored| stored.size))
    }

    /// The bytes of `range`, or all of them, as they arrive.
    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<Bytestream, StoreError>;

    /// All bytes at once, for what is small.
    async fn get(&self, key: &str) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::new();
        let mut stream = self.read(key, None).await?;
        stream.read_to_end(&mut bytes).await.map_err(|e| StoreError::Unavailable(e.to_string()))?;
        Ok(bytes)
    }

    /// A URL that gives the object to whoever holds it for `expires_in`, saved as `filename`.
    async fn presign(&self, key: &str, filename: &str, expires_in: Duration) -> Result<Url, StoreError>;

    /// Nothing stands at `key` any more; nothing having stood there is fine.
    async fn delete(&self, key: &str) -> Result<(), StoreError>;

    /// Removes what interrupted puts left half-written; returns how much.
    async fn sweep(&self) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// Bytes as they arrive.
pub type Bytestream = Pin<Box<dyn AsyncRead + Send>>;

/// What a store says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub size: u64,
    /// Lower-case hex; `None` where the store does not know it.
    pub sha256: Option<String>,
    pub etag: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("no object can have such a key")]
    BadKey,
    #[error("nothing is stored at {0}")]
    NotFound(String),
    #[error("other bytes are stored at {0} already")]
    Conflict(String),
    /// The store refused or broke; trying again later may help.
    #[error("the store did not answer as it should: {0}")]
    Unavailable(String),
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
    pub store: Arc<dyn ObjectStore>,
    pub mailer: Arc<dyn Mailer>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}
