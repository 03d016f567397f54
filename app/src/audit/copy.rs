//! The copy of the log's head in the storage: whoever cuts the end off the log, and the head with it, cannot reach this one.
//!
//! `audit/head.json` follows the log every minute and is never moved back; `audit/heads/2026-11-20.json` is written once a day
//! and never again, so that a bucket may lock it.

use chrono::{DateTime, Days, NaiveDate};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::model::{entry, head};
use crate::{
    App, Result,
    ports::{ObjectStore, StoreError},
    secrets::Secrets,
};

/// Where the newest copy stands.
pub const KEY: &str = "audit/head.json";

/// How many days back a daily copy is looked for where the newest is gone.
const DAYS_BACK: u64 = 14;

/// The head of the log at a moment, signed with a key derived from the installation's secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    pub seq: i64,
    pub hash: String,
    /// Unix milliseconds.
    pub at: i64,
    /// HMAC-SHA-256, lower-case hex.
    pub signature: String,
}

impl SignedHead {
    fn new(secrets: &Secrets, seq: i64, hash: String, at: i64) -> Self {
        let signature = sign(secrets, seq, &hash, at);
        Self { seq, hash, at, signature }
    }

    fn is_genuine(&self, secrets: &Secrets) -> bool {
        self.signature == sign(secrets, self.seq, &self.hash, self.at)
    }
}

fn sign(secrets: &Secrets, seq: i64, hash: &str, at: i64) -> String {
    hex::encode(secrets.derive("audit head", &format!("{seq}.{hash}.{at}")))
}

/// A copy as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    Signed(SignedHead),
    /// It does not read as a copy, or its signature is not ours; its key.
    Forged(String),
}

/// The newest copy that the storage has.
///
/// # Errors
/// When the storage does not answer.
pub async fn newest(app: &App) -> Result<Option<Copied>, StoreError> {
    if let Some(copied) = read(app, KEY).await? {
        return Ok(Some(copied));
    }
    // Somebody may have removed it: the daily ones still vouch for what they saw.
    let today = day(app.now());
    for key in (0..DAYS_BACK).filter_map(|back| today.checked_sub_days(Days::new(back))).map(daily_key) {
        if let Some(copied) = read(app, &key).await? {
            return Ok(Some(copied));
        }
    }
    Ok(None)
}

/// What became of writing a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrote {
    /// It stands in the storage now.
    Copied(i64),
    /// The copy was up to date.
    Unchanged,
    /// The copy knows what the log no longer says: it is kept as evidence, and *verify* tells what is wrong.
    Contradicted,
}

/// Brings the copy up to the log's head.
///
/// # Errors
/// When the database or the storage does not answer.
pub async fn write(app: &App) -> Result<Wrote> {
    let store = &app.ports.store;
    let Some(head) = head::Entity::find_by_id(1).one(app.db()).await? else { return Ok(Wrote::Contradicted) };
    match read(app, KEY).await? {
        Some(Copied::Signed(copied)) => {
            let agrees = match copied.seq {
                0 => true,
                seq => {
                    entry::Entity::find_by_id(seq).one(app.db()).await?.is_some_and(|entry| entry.hash == copied.hash)
                }
            };
            if !agrees || copied.seq > head.seq {
                return Ok(Wrote::Contradicted);
            }
            if copied.seq == head.seq {
                return Ok(Wrote::Unchanged);
            }
            store.delete(KEY).await?;
        }
        Some(Copied::Forged(_)) => return Ok(Wrote::Contradicted),
        None => {}
    }
    let signed = SignedHead::new(&app.secrets, head.seq, head.hash, app.now());
    let bytes = serde_json::to_vec_pretty(&signed)?;
    put(store.as_ref(), KEY, bytes.clone()).await?;
    match put(store.as_ref(), &daily_key(day(signed.at)), bytes).await {
        // Today's is there already.
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(Wrote::Copied(signed.seq)),
        Err(error) => Err(error.into()),
    }
}

async fn put(store: &dyn ObjectStore, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
    let sha256 = hex::encode(Sha256::digest(&bytes));
    store.put(key, bytes, "application/json", &sha256).await.map(drop)
}

async fn read(app: &App, key: &str) -> Result<Option<Copied>, StoreError> {
    let bytes = match app.ports.store.get(key).await {
        Ok(bytes) => bytes,
        Err(StoreError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(match serde_json::from_slice::<SignedHead>(&bytes) {
        Ok(head) if head.is_genuine(&app.secrets) => Copied::Signed(head),
        _ => Copied::Forged(key.to_owned()),
    }))
}

fn day(at: i64) -> NaiveDate {
    DateTime::from_timestamp_millis(at).unwrap_or_default().date_naive()
}

fn daily_key(day: NaiveDate) -> String {
    format!("audit/heads/{day}.json")
}
