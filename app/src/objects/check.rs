//! One store compared with what is on record, both ways: what is on record and not there, what is there and not on record, what is there and
//! is something else. What can be mended from another copy is; what no record knows is told of, and left to a person.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};

use super::{
    Found, PlacementState,
    abandoned::give_up_uploads,
    find::find,
    keep::verify,
    mend::mend,
    model::{object, orphan, placement},
    parts::parts,
    pour::hash,
    replicate::{mark, place_of},
};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    job::Job,
    jobs,
    ports::{Listed, ObjectStore, StoreError},
    recordings,
    words::after_prefix,
    yard::settings,
};

/// Keys that are compared at once.
const CHUNK: usize = 1000;
/// What is younger may be on its way to the record: milliseconds.
const GRACE: i64 = 3_600_000;
/// What was verified within this time is not read again: milliseconds.
const FRESH: i64 = 20 * 3_600_000;

/// What a check found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    pub backend: String,
    pub bucket: String,
    /// When it began, Unix milliseconds.
    pub at: i64,
    pub took_ms: i64,
    /// Objects that the store listed.
    pub listed: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// On record, and not there.
    pub missing: u64,
    /// There, and other bytes.
    pub corrupt: u64,
    /// There, right, and on record again.
    pub adopted: u64,
    /// Left by something that was cut off or erased, and removed.
    pub removed: u64,
    /// There, and no record knows them.
    pub orphans: u64,
    /// Copies that are being made again.
    pub mended: u64,
    /// Objects, and bytes, that were read again from end to end.
    pub read: u64,
    pub read_bytes: u64,
    /// Multipart uploads given up.
    pub aborted: u64,
    /// The day (since 1970) of recordings from which the next check goes on; 0: all of them were looked at.
    pub day: i64,
}

/// Name of the setting that keeps the last report of a store.
fn name(store: &dyn ObjectStore) -> String {
    format!("storage check {} {}", store.backend(), store.bucket())
}

/// The last report of every store that this process knows and that was ever checked.
///
/// # Errors
/// When the database does not answer.
pub async fn last(app: &App) -> Result<Vec<Report>> {
    let mut reports = Vec::new();
    for store in app.ports.plane.stores() {
        reports.extend(settings::get(app.db(), &name(store.as_ref())).await?);
    }
    Ok(reports)
}

/// Compares the store with the record. `job` is told how far it is.
///
/// # Errors
/// [`AppError::Unavailable`] when the store does not answer: what was found until then is on record.
pub async fn check(app: &App, backend: &str, bucket: &str, job: Option<&Job>) -> Result<Report> {
    let store = app.ports.plane.at(backend, bucket);
    let store =
        store.ok_or_else(|| AppError::Unavailable(format!("No storage {backend} {bucket} is configured here.")))?;
    let at = app.now();
    let report = Report { backend: backend.into(), bucket: bucket.into(), at, ..Report::default() };
    let mut check = Check { app, store: store.as_ref(), job, report };
    let before: Option<Report> = settings::get(app.db(), &name(store.as_ref())).await?;
    let mut parts = parts(app, before.map_or(0, |report| report.day)).await?;
    parts.prefixes.sort_unstable();
    for prefix in &parts.prefixes {
        check.walk(prefix).await?;
        check.forget_orphans(prefix).await?;
    }
    check.report.day = parts.day;
    check.read_again().await?;
    check.report.aborted = give_up_uploads(app, store.as_ref()).await?;
    check.report.mended = mend(app, backend, bucket).await?;
    check.report.took_ms = app.now() - at;
    let report = check.report;
    let tx = app.begin().await?;
    settings::put(&tx, &name(store.as_ref()), &report).await?;
    tx.commit().await?;
    if report.missing + report.corrupt + report.orphans > 0 {
        tracing::error!(?report, "the storage is not as it is on record");
    } else {
        tracing::info!(?report, "the storage is as it is on record");
    }
    Ok(report)
}

struct Check<'a> {
    app: &'a App,
    store: &'a dyn ObjectStore,
    job: Option<&'a Job>,
    report: Report,
}

impl Check<'_> {
    fn here(&self) -> Condition {
        Condition::all()
            .add(placement::Column::Backend.eq(self.store.backend()))
            .add(placement::Column::Bucket.eq(self.store.bucket()))
    }

    /// Goes through the keys of one class, in the order of both lists.
    async fn walk(&mut self, prefix: &str) -> Result<()> {
        let mut after = prefix.to_owned();
        loop {
            let listed = match self.store.list(prefix, Some(&after), CHUNK).await {
                Err(StoreError::Unsupported(_)) => return Ok(()),
                listed => listed?,
            };
            let rows = placement::Entity::find()
                .filter(self.here())
                .filter(placement::Column::Key.gt(&after))
                .filter(placement::Column::Key.lt(after_prefix(prefix)))
                .order_by_asc(placement::Column::Key)
                .limit(CHUNK as u64)
                .all(self.app.db())
                .await?;
            // What both lists reach; beyond it one of them may have more to say.
            let full = |length: usize, last: Option<&str>| last.filter(|_| length == CHUNK).map(str::to_owned);
            let ends = [
                full(listed.len(), listed.last().map(|found| found.key.as_str())),
                full(rows.len(), rows.last().map(|row| row.key.as_str())),
            ];
            let until = ends.into_iter().flatten().min();
            let within = |key: &str| until.as_deref().is_none_or(|until| key <= until);
            let listed = listed.into_iter().filter(|found| within(&found.key)).collect();
            let rows = rows.into_iter().filter(|row| within(&row.key)).collect();
            self.compare(listed, rows).await?;
            if let Some(job) = self.job {
                jobs::report(self.app, job, i64::try_from(self.report.listed).unwrap_or(i64::MAX), None).await?;
            }
            match until {
                Some(until) => after = until,
                None => return Ok(()),
            }
        }
    }

    async fn compare(&mut self, listed: Vec<Listed>, rows: Vec<placement::Model>) -> Result<()> {
        let mut on_record: HashMap<String, placement::Model> =
            rows.into_iter().map(|row| (row.key.clone(), row)).collect();
        let mut strays = Vec::new();
        for found in listed {
            self.report.listed += 1;
            self.report.bytes += found.size;
            match on_record.remove(&found.key) {
                Some(row) => self.both(&row, &found).await?,
                None if found.modified < self.report.at - GRACE => strays.push(found),
                None => {}
            }
        }
        for row in on_record.into_values() {
            // What was verified since the listing was asked for is there.
            if row.is(PlacementState::Verified) && row.verified_at < Some(self.report.at) {
                self.look(&row).await?;
            }
        }
        self.strays(strays).await
    }

    /// Listed, and on record.
    async fn both(&mut self, row: &placement::Model, found: &Listed) -> Result<()> {
        let same_size = i64::try_from(found.size) == Ok(row.size);
        if row.is(PlacementState::Verified) && !same_size {
            return self.look(row).await;
        }
        if row.is_any(&PlacementState::LOST) && same_size && hash(self.store, &row.key).await? == row.sha256 {
            self.count_again(row).await?;
            self.report.adopted += 1;
        }
        Ok(())
    }

    /// A closer look at a copy that should be there.
    async fn look(&mut self, row: &placement::Model) -> Result<()> {
        match verify(self.store, &row.key, row.size, &row.sha256).await? {
            Found::Right(_) => {}
            Found::Nothing => self.missing(row).await?,
            Found::Other => self.corrupt(row).await?,
        }
        Ok(())
    }

    async fn missing(&mut self, row: &placement::Model) -> Result<()> {
        self.report.missing += 1;
        mark(self.app, row, PlacementState::Missing).await
    }

    async fn corrupt(&mut self, row: &placement::Model) -> Result<()> {
        self.report.corrupt += 1;
        mark(self.app, row, PlacementState::Corrupt).await
    }

    async fn count_again(&self, row: &placement::Model) -> Result<()> {
        let mut tx = self.app.begin().await?;
        let change = placement::ActiveModel {
            state: Set(PlacementState::Verified.as_str().into()),
            error: Set(None),
            verified_at: Set(Some(self.app.now())),
            ..Default::default()
        };
        let same = Condition::all().add(placement::Column::Id.eq(row.id)).add(placement::Column::State.eq(&row.state));
        if placement::Entity::update_many().set(change).filter(same).exec(&tx).await?.rows_affected == 1 {
            tx.audit(&Actor::system(), Action::ObjectAdopted, Subject::Object(row.object_id), place_of(row));
            let object = find(&tx, row.object_id).await?;
            recordings::follow(self.app, &mut tx, &object).await?;
        }
        tx.commit().await
    }

    /// Listed for a while, and no placement says so.
    async fn strays(&mut self, strays: Vec<Listed>) -> Result<()> {
        if strays.is_empty() {
            return Ok(());
        }
        let objects: HashMap<String, object::Model> = object::Entity::find()
            .filter(object::Column::Key.is_in(strays.iter().map(|found| &found.key)))
            .all(self.app.db())
            .await?
            .into_iter()
            .map(|object| (object.key.clone(), object))
            .collect();
        let mut orphans = Vec::new();
        for found in strays {
            match objects.get(&found.key) {
                None => orphans.push(self.orphan(found)),
                Some(object) if object.erased_at.is_some() => self.remove(object).await?,
                // Left by a put that was cut off before it counted: right, it counts now; wrong, nobody has seen it.
                Some(object) => match verify(self.store, &object.key, object.size, &object.sha256).await? {
                    Found::Right(_) => self.adopt(object).await?,
                    Found::Other => self.remove(object).await?,
                    Found::Nothing => {}
                },
            }
        }
        self.tell_of(orphans).await
    }

    async fn adopt(&mut self, object: &object::Model) -> Result<()> {
        let row = placement::Model::wanted(self.app, object, self.store).verified(self.app.now(), None);
        let mut tx = self.app.begin().await?;
        let details = place_of(&row);
        let once = OnConflict::new().do_nothing().to_owned();
        let new =
            placement::Entity::insert(row.into_active_model()).on_conflict(once).exec_without_returning(&tx).await?;
        if new == 1 {
            tx.audit(&Actor::system(), Action::ObjectAdopted, Subject::Object(object.id), details);
            self.report.adopted += 1;
            recordings::follow(self.app, &mut tx, object).await?;
        }
        tx.commit().await
    }

    async fn remove(&mut self, object: &object::Model) -> Result<()> {
        self.store.erase(&object.key).await?;
        self.report.removed += 1;
        let mut tx = self.app.begin().await?;
        let details = serde_json::json!({
            "key": object.key, "backend": self.store.backend(), "bucket": self.store.bucket(), "why": "it never counted",
        });
        tx.audit(&Actor::system(), Action::ObjectCopyRemoved, Subject::Object(object.id), details);
        tx.commit().await
    }

    fn orphan(&self, found: Listed) -> orphan::ActiveModel {
        orphan::Model {
            backend: self.store.backend().into(),
            bucket: self.store.bucket().into(),
            key: found.key,
            size: i64::try_from(found.size).unwrap_or(i64::MAX),
            modified: found.modified,
            seen_at: self.report.at,
            asked_at: None,
        }
        .into_active_model()
    }

    async fn tell_of(&mut self, orphans: Vec<orphan::ActiveModel>) -> Result<()> {
        if orphans.is_empty() {
            return Ok(());
        }
        self.report.orphans += orphans.len() as u64;
        let again = OnConflict::columns([orphan::Column::Backend, orphan::Column::Bucket, orphan::Column::Key])
            .update_columns([orphan::Column::Size, orphan::Column::Modified, orphan::Column::SeenAt])
            .to_owned();
        let tx = self.app.begin().await?;
        orphan::Entity::insert_many(orphans).on_conflict(again).exec_without_returning(&tx).await?;
        tx.commit().await
    }

    /// Orphans that earlier checks told of and that are there no more.
    async fn forget_orphans(&self, prefix: &str) -> Result<()> {
        let tx = self.app.begin().await?;
        orphan::Entity::delete_many()
            .filter(orphan::Column::Backend.eq(self.store.backend()))
            .filter(orphan::Column::Bucket.eq(self.store.bucket()))
            .filter(orphan::Column::Key.gte(prefix))
            .filter(orphan::Column::Key.lt(after_prefix(prefix)))
            .filter(orphan::Column::SeenAt.lt(self.report.at))
            .exec(&tx)
            .await?;
        tx.commit().await
    }

    /// Reads what was not read for longest from end to end, until the budget is used up: a checksum that a store remembers says nothing of
    /// the bytes that it gives.
    async fn read_again(&mut self) -> Result<()> {
        let budget = self.app.ports.plane.policy().rehash_bytes;
        let mut seen = HashSet::new();
        while self.report.read_bytes < budget {
            let rows = placement::Entity::find()
                .filter(self.here())
                .filter(placement::Column::State.eq(PlacementState::Verified))
                .filter(placement::Column::VerifiedAt.lt(self.report.at - FRESH))
                .order_by_asc(placement::Column::VerifiedAt)
                .order_by_asc(placement::Column::Id)
                .limit(50)
                .all(self.app.db())
                .await?;
            let mut rows: Vec<_> = rows.into_iter().filter(|row| seen.insert(row.id)).collect();
            if rows.is_empty() {
                return Ok(());
            }
            let mut right = Vec::new();
            rows.reverse();
            while let Some(row) = rows.pop().filter(|_| self.report.read_bytes < budget) {
                match hash(self.store, &row.key).await {
                    Ok(found) if found == row.sha256 => right.push(row.id),
                    Ok(_) => self.corrupt(&row).await?,
                    Err(StoreError::NotFound(_)) => self.missing(&row).await?,
                    Err(error) => return Err(error.into()),
                }
                self.report.read += 1;
                self.report.read_bytes += u64::try_from(row.size).unwrap_or_default().max(1);
            }
            let tx = self.app.begin().await?;
            let again = placement::ActiveModel { verified_at: Set(Some(self.app.now())), ..Default::default() };
            placement::Entity::update_many()
                .set(again)
                .filter(placement::Column::Id.is_in(right))
                .filter(placement::Column::State.eq(PlacementState::Verified))
                .exec(&tx)
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
