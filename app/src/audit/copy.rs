//! The copy of the log's head in the storage: whoever cuts the end off the log, and the head with it, cannot reach this one.
//!
//! `audit/head.json` follows the log every minute and is never moved back; `audit/heads/2026-11-20.json` is written once a day
//! and never again, so that a bucket may lock it. Every copy that is found counts: removing the newest, or putting an older one in its
//! place, leaves the others to contradict a log that says less.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Days, NaiveDate};
use futures::future::try_join_all;
use sea_orm::{EntityTrait, QueryFilter, QuerySelect};
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

/// How many days back a daily copy is looked for.
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

/// Every copy that the storage has: the newest first, then the daily ones.
///
/// # Errors
/// When the storage does not answer.
pub async fn all(app: &App) -> Result<Vec<Copied>, StoreError> {
    let (newest, daily) = found(app).await?;
    Ok(newest.into_iter().chain(daily).collect())
}

/// The copy that knows most; a forged one, where there is any, comes before all.
///
/// # Errors
/// When the storage does not answer.
pub async fn newest(app: &App) -> Result<Option<Copied>, StoreError> {
    let known = |copied: &Copied| match copied {
        Copied::Signed(head) => head.seq,
        Copied::Forged(_) => i64::MAX,
    };
    Ok(all(app).await?.into_iter().max_by_key(known))
}

async fn found(app: &App) -> Result<(Option<Copied>, Vec<Copied>), StoreError> {
    let today = day(app.now());
    let keys: Vec<String> =
        (0..DAYS_BACK).filter_map(|back| today.checked_sub_days(Days::new(back))).map(daily_key).collect();
    let daily = try_join_all(keys.iter().map(|key| read(app, key)));
    let (newest, daily) = tokio::try_join!(read(app, KEY), daily)?;
    Ok((newest, daily.into_iter().flatten().collect()))
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

/// Brings the copy up to the log's head, unless any copy there is knows what the log does not say.
///
/// # Errors
/// When the database or the storage does not answer.
pub async fn write(app: &App) -> Result<Wrote> {
    let store = storage(app)?;
    let Some(head) = head::Entity::find_by_id(1).one(app.db()).await? else { return Ok(Wrote::Contradicted) };
    let (newest, daily) = found(app).await?;
    if !agree(app, head.seq, newest.iter().chain(&daily)).await? {
        return Ok(Wrote::Contradicted);
    }
    match newest {
        Some(Copied::Signed(copied)) if copied.seq == head.seq => return Ok(Wrote::Unchanged),
        Some(_) => store.delete(KEY).await?,
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

/// Whether the log still says what each of `copies` knows.
async fn agree(app: &App, head: i64, copies: impl Iterator<Item = &Copied>) -> Result<bool> {
    let mut known = Vec::new();
    for copied in copies {
        match copied {
            Copied::Signed(copied) if copied.seq > head => return Ok(false),
            Copied::Signed(copied) if copied.seq > 0 => known.push(copied),
            Copied::Signed(_) => {}
            Copied::Forged(_) => return Ok(false),
        }
    }
    if known.is_empty() {
        return Ok(true);
    }
    let hashes: HashMap<i64, String> = entry::Entity::find()
        .filter(entry::COLUMN.seq.is_in(known.iter().map(|copied| copied.seq)))
        .select_only()
        .columns([entry::Column::Seq, entry::Column::Hash])
        .into_tuple()
        .all(app.db())
        .await?
        .into_iter()
        .collect();
    Ok(known.iter().all(|copied| hashes.get(&copied.seq) == Some(&copied.hash)))
}

async fn put(store: &dyn ObjectStore, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
    let sha256 = hex::encode(Sha256::digest(&bytes));
    store.put(key, bytes, "application/json", &sha256).await.map(drop)
}

async fn read(app: &App, key: &str) -> Result<Option<Copied>, StoreError> {
    let bytes = match storage(app)?.get(key).await {
        Ok(bytes) => bytes,
        Err(StoreError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(match serde_json::from_slice::<SignedHead>(&bytes) {
        Ok(head) if head.is_genuine(&app.secrets) => Copied::Signed(head),
        _ => Copied::Forged(key.to_owned()),
    }))
}

fn storage(app: &App) -> Result<&Arc<dyn ObjectStore>, StoreError> {
    app.ports.plane.main().ok_or(StoreError::Unsupported("store"))
}

fn day(at: i64) -> NaiveDate {
    DateTime::from_timestamp_millis(at).unwrap_or_default().date_naive()
}

fn daily_key(day: NaiveDate) -> String {
    format!("audit/heads/{day}.json")
}
