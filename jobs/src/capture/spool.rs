//! Room: what is recorded here and sent nowhere yet has a bound, and the disk something left for everything else. What is lost when it is reached is
//! the time from then on, which is a gap with its reason; what was kept stays.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use gatehouse_app::{
    App, AppError, Result,
    ids::RecorderId,
    jobs::table::Dialect,
    objects::{
        self, LOCAL,
        model::{object, placement},
    },
    ports::ObjectStore,
    recorders::Disk,
};
use sea_orm::{FromQueryResult, Value};

const MB: u64 = 1_000_000;
/// Local copies that are let go in one round.
const A_ROUND: u64 = 50;
/// Those that are tried for it: each asks the other store.
const TRIES: u64 = 100;
/// Those that one question to the database gives.
const PAGE: u64 = 50;

/// The bound, in megabytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// Of what is recorded here and sent nowhere yet; 0: what the disk has.
    pub spool_mb: u64,
    /// Of the disk, for everything else.
    pub keep_free_mb: u64,
}

impl Bound {
    fn keep_free(self) -> u64 {
        self.keep_free_mb.saturating_mul(MB)
    }
}

/// The room of one disk, as it was looked at last.
#[derive(Debug)]
pub struct Spool {
    data: PathBuf,
    bound: Bound,
    /// What is recorded here and sent nowhere yet.
    used: AtomicU64,
    /// What of it is on record, as the database said last.
    waiting: AtomicU64,
    /// Where the last round of [`make_room`](Self::make_room) broke off.
    left_off: Mutex<Place>,
}

/// Of a recording: when it was put on record, and its id. The default lies in front of all.
type Place = (i64, String);

impl Spool {
    #[must_use]
    pub fn new(data: PathBuf, bound: Bound) -> Self {
        Self { data, bound, used: AtomicU64::new(0), waiting: AtomicU64::new(0), left_off: Mutex::default() }
    }

    /// Where files of cameras are written.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.data.join("spool")
    }

    /// Whether another file may be begun.
    #[must_use]
    pub fn has_room(&self) -> bool {
        let (free, _) = self.disk();
        let used = self.used.load(Ordering::Relaxed);
        free > self.bound.keep_free() && (self.bound.spool_mb == 0 || used < self.bound.spool_mb.saturating_mul(MB))
    }

    /// Whether local copies that are only kept should go by now: before the bound is reached, or it would be reached for nothing, and before
    /// anybody is told that the disk fills up (`disk_filling` closes where this ends).
    #[must_use]
    pub fn is_tight(&self) -> bool {
        let (free, total) = self.disk();
        let keep = self.bound.keep_free();
        let spare = keep.min(total / 10);
        free < keep.saturating_add(spare).saturating_add(spare / 2)
    }

    /// Free and all of it, in bytes; as much as there can be where the system does not say.
    fn disk(&self) -> (u64, u64) {
        #[cfg(unix)]
        if let Ok(found) = rustix::fs::statvfs(&self.data) {
            let of = |blocks: u64| blocks.saturating_mul(found.f_frsize);
            return (of(found.f_bavail), of(found.f_blocks));
        }
        (u64::MAX, u64::MAX)
    }

    /// Looks anew at what there is; `recorder`: this node.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn look(&self, app: &App, recorder: Option<RecorderId>) -> Result<Disk> {
        let folder = self.folder();
        let written = tokio::task::spawn_blocking(move || size_of(&folder, 3)).await.map_err(anyhow::Error::from)?;
        let written = written.unwrap_or(0);
        // While the database is away the spool fills faster than ever, and its bound holds.
        self.used.store(self.waiting.load(Ordering::Relaxed).saturating_add(written), Ordering::Relaxed);
        let waiting = waiting(app, recorder).await?;
        self.waiting.store(waiting.bytes.unsigned_abs(), Ordering::Relaxed);
        let spool = waiting.bytes.unsigned_abs().saturating_add(written);
        self.used.store(spool, Ordering::Relaxed);
        let (free, total) = self.disk();
        // Without a bound of its own it is what the disk has.
        let limit = match self.bound.spool_mb {
            0 => spool.saturating_add(free.saturating_sub(self.bound.keep_free())),
            mb => mb.saturating_mul(MB),
        };
        Ok(Disk {
            free,
            total,
            keep_free: self.bound.keep_free(),
            spool,
            spool_limit: limit,
            queue: waiting.files.unsigned_abs(),
            oldest_waiting_at: waiting.oldest,
        })
    }

    /// Lets local copies of recordings go that another store is proved to have, oldest first, as long as it is tight. A round has its bound; the
    /// next one goes on behind it, so that copies that have to stay keep nobody from those behind them. Returns how many went.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn make_room(&self, app: &App) -> Result<u64> {
        let plane = &app.ports.plane;
        if !self.is_tight() || plane.wants(objects::Class::Recording, LOCAL) {
            return Ok(0);
        }
        let Some(local) = plane.store(LOCAL) else { return Ok(0) };
        let mut others: Vec<_> = plane.stores().filter(|store| store.backend() != LOCAL).cloned().collect();
        let mut place = std::mem::take(&mut *self.left_off());
        let (mut gone, mut tried) = (0, 0);
        let left_off = 'round: loop {
            let page = only_kept(app, local.bucket(), &others, &place).await?;
            if page.is_empty() {
                break if others.is_empty() { place } else { Place::default() };
            }
            for (object, copies) in page {
                if !self.is_tight() {
                    break 'round Place::default();
                }
                if gone == A_ROUND || tried == TRIES || others.is_empty() {
                    break 'round place;
                }
                place = (object.created_at, object.id.to_string());
                tried += 1;
                gone += u64::from(let_go(app, &object, &copies, local.as_ref(), &mut others).await);
            }
        };
        *self.left_off() = left_off;
        if gone > 0 {
            tracing::info!(gone, "local copies made room for new recordings");
        }
        Ok(gone)
    }

    fn left_off(&self) -> MutexGuard<'_, Place> {
        self.left_off.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the local copy of `object` go, once one of `others` has proved to have it; whether it went. Who does not answer is none of `others` any more.
async fn let_go(
    app: &App,
    object: &object::Model,
    copies: &[placement::Model],
    local: &dyn ObjectStore,
    others: &mut Vec<Arc<dyn ObjectStore>>,
) -> bool {
    let has_it = |store: &Arc<dyn ObjectStore>| {
        copies.iter().any(|copy| copy.backend == store.backend() && copy.bucket == store.bucket())
    };
    for store in others.iter().filter(|store| has_it(store)).cloned().collect::<Vec<_>>() {
        match objects::vacate(app, object, local, store.as_ref()).await {
            Ok(went) => return went,
            Err(error) => {
                tracing::warn!(key = object.key, backend = store.backend(), %error, "a local copy was not let go");
                if !matches!(error, AppError::Conflict(_)) {
                    others.retain(|other| !Arc::ptr_eq(other, &store));
                }
            }
        }
    }
    false
}

#[derive(FromQueryResult)]
struct Waiting {
    files: i64,
    bytes: i64,
    oldest: Option<i64>,
}

/// What this node recorded that no wanted store has yet.
async fn waiting(app: &App, recorder: Option<RecorderId>) -> Result<Waiting> {
    let nothing = Waiting { files: 0, bytes: 0, oldest: None };
    let Some(recorder) = recorder else { return Ok(nothing) };
    let sql = "SELECT COUNT(*) AS files, CAST(COALESCE(SUM(s.size), 0) AS BIGINT) AS bytes, MIN(s.started_at) AS oldest \
         FROM segments s JOIN runs r ON r.id = s.run_id \
         WHERE s.state IN ('uploading', 'failed') AND s.state = 'uploading' AND r.recorder_id = $1";
    let statement = Dialect::of(app.db()).statement(sql.into(), vec![recorder.to_string().into()]);
    Ok(Waiting::find_by_statement(statement).one(app.db()).await?.unwrap_or(nothing))
}

/// The oldest recordings behind `place` whose copy on `node` counts beside one that counts in one of `others`, each with the copies that count.
async fn only_kept(
    app: &App,
    node: &str,
    others: &[Arc<dyn ObjectStore>],
    (at, id): &Place,
) -> Result<Vec<(object::Model, Vec<placement::Model>)>> {
    let mut values: Vec<Value> = vec![node.into(), (*at).into(), id.as_str().into()];
    let mut there = Vec::new();
    for store in others {
        values.extend([store.backend().into(), store.bucket().into()]);
        there.push(format!("(there.backend = ${} AND there.bucket = ${})", values.len() - 1, values.len()));
    }
    if there.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT o.* FROM placements here JOIN objects o ON o.id = here.object_id \
         WHERE here.backend = 'local' AND here.bucket = $1 AND here.state = 'verified' AND o.class = 'recording' \
         AND (o.created_at > $2 OR (o.created_at = $2 AND o.id > $3)) \
         AND EXISTS (SELECT 1 FROM placements there WHERE there.object_id = o.id AND there.state = 'verified' AND ({})) \
         ORDER BY o.created_at, o.id LIMIT {PAGE}",
        there.join(" OR ")
    );
    let rows = object::Model::find_by_statement(Dialect::of(app.db()).statement(sql, values)).all(app.db()).await?;
    let mut copies = objects::copies_of(app, rows.iter().map(|object| object.id)).await?;
    let with_copies = |object: object::Model| {
        let own = copies.remove(&object.id).unwrap_or_default();
        (object, own)
    };
    Ok(rows.into_iter().map(with_copies).collect())
}

/// Bytes of the files in a folder and in those in it, `depth` deep.
fn size_of(folder: &Path, depth: u32) -> io::Result<u64> {
    let mut all = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = match entry.metadata() {
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            about => about?,
        };
        all += match about.is_dir() {
            true if depth > 0 => size_of(&entry.path(), depth - 1).unwrap_or(0),
            true => 0,
            false => about.len(),
        };
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_what_the_bound_and_the_disk_leave() {
        let data = tempfile::tempdir().unwrap();
        let spool = |spool_mb, keep_free_mb| Spool::new(data.path().to_owned(), Bound { spool_mb, keep_free_mb });
        assert!(spool(0, 0).has_room() && !spool(0, 0).is_tight());
        assert!(!spool(0, u64::MAX / MB).has_room());
        let bounded = spool(10, 0);
        bounded.used.store(9_999_999, Ordering::Relaxed);
        assert!(bounded.has_room());
        bounded.used.store(10_000_000, Ordering::Relaxed);
        assert!(!bounded.has_room());
    }
}
