//! Whether an object's bytes can be had now. A URL to an archived copy can be signed, and the bucket refuses it; so old objects are asked
//! after before a URL is given away.

use std::time::Duration;

use futures::future::join_all;
use tokio::time::timeout;

use super::{ask::open, expected, words::roughly};
use crate::{
    App, AppError, Result,
    ids::ObjectId,
    objects::{self, LOCAL, Spot, model::object},
    ports::{Archive, RestoreTier},
};

/// Rules of buckets move objects by whole days: what came since yesterday is where it was put, and no bucket is asked about it.
const FRESH: i64 = 86_400_000;
/// Who waits for a page waits no longer than this for a bucket.
const PATIENCE: Duration = Duration::from_secs(2);

/// What lies in an archive, and can be read some hours after it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    pub object: ObjectId,
    /// `GLACIER`, `DEEP_ARCHIVE` …
    pub storage_class: String,
    /// It was asked for.
    pub asked: bool,
    /// How long it takes from now, or would: milliseconds.
    pub takes: i64,
}

impl Away {
    /// `about 5 hours`
    #[must_use]
    pub fn in_words(&self) -> String {
        roughly(self.takes)
    }
}

impl std::fmt::Display for Away {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let takes = self.in_words();
        match self.asked {
            true => write!(f, "It is being fetched back from an archive and can be read in {takes}."),
            false => write!(f, "It lies in an archive ({}). Ask for it back; that takes {takes}.", self.storage_class),
        }
    }
}

enum Copy {
    /// As far as is known: who does not answer is found out by whoever reads.
    Readable,
    Cold {
        storage_class: String,
        restoring: bool,
    },
    /// On another machine's disk, or in a bucket that is configured no more.
    Elsewhere,
}

/// Those of an object's `copies` that can be read now. `since` (Unix milliseconds) is when it was kept.
///
/// # Errors
/// [`AppError::Archived`] when there is none but in an archive.
pub(crate) async fn at_hand<P: Spot + Clone + Sync>(
    app: &App,
    object: ObjectId,
    since: i64,
    copies: &[P],
) -> Result<Vec<P>> {
    if is_fresh(app, since) {
        return Ok(copies.to_vec());
    }
    let looked = join_all(copies.iter().map(|copy| look_at(app, copy))).await;
    let (mut readable, mut cold) = (Vec::new(), None);
    for (copy, found) in copies.iter().zip(looked) {
        match found {
            Copy::Readable => readable.push(copy.clone()),
            Copy::Cold { storage_class, restoring } => cold = Some((storage_class, restoring)),
            Copy::Elsewhere => {}
        }
    }
    match cold {
        Some((storage_class, restoring)) if readable.is_empty() => {
            let under_way = open(app.db(), object).await?;
            let asked = restoring || under_way.is_some();
            let usual = expected(&storage_class, RestoreTier::Standard).unwrap_or_default();
            let takes = under_way.map_or(usual, |row| row.expected_at - app.now());
            Err(AppError::Archived(Away { object, storage_class, asked, takes }))
        }
        _ if readable.is_empty() => Ok(copies.to_vec()),
        _ => Ok(readable),
    }
}

/// How `object` lies in an archive, where no copy of it can be read.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn away(app: &App, object: &object::Model) -> Result<Option<Away>> {
    if is_fresh(app, object.created_at) {
        return Ok(None);
    }
    let copies = objects::copies(app, object.id).await?;
    match at_hand(app, object.id, object.created_at, &copies).await {
        Ok(_) => Ok(None),
        Err(AppError::Archived(away)) => Ok(Some(away)),
        Err(error) => Err(error),
    }
}

fn is_fresh(app: &App, since: i64) -> bool {
    app.now() - since < FRESH
}

async fn look_at(app: &App, copy: &impl Spot) -> Copy {
    let (backend, bucket) = copy.place();
    let plane = &app.ports.plane;
    let Some(store) = plane.at(backend, bucket) else { return Copy::Elsewhere };
    if backend == LOCAL || plane.rests(store.as_ref(), app.now()) {
        return Copy::Readable;
    }
    let Ok(Ok(Some(info))) = timeout(PATIENCE, store.info(copy.key())).await else { return Copy::Readable };
    match info.archive {
        Archive::Ready | Archive::Restored(_) => Copy::Readable,
        Archive::Archived | Archive::Restoring => Copy::Cold {
            storage_class: info.storage_class.unwrap_or_default(),
            restoring: info.archive == Archive::Restoring,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_it_takes_is_said_roughly() {
        let takes =
            |takes| Away { object: uuid::Uuid::nil().into(), storage_class: "GLACIER".into(), asked: false, takes };
        let cases = [
            (-1, "a few minutes"),
            (300_000, "about 5 minutes"),
            (18_000_000, "about 5 hours"),
            (3_600_001, "about 2 hours"),
        ];
        for (millis, words) in cases {
            assert_eq!(takes(millis).in_words(), words);
        }
        assert!(takes(1).to_string().contains("Ask for it back"));
    }
}
