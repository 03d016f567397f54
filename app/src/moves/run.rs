//! Doing what was planned: several objects at a time, each on record in one transaction with its copy.
//!
//! Objects that are finished at the same moment share a transaction, so that the disk is waited for once; each is on record whole or not at
//! all. A kill between the put and the record leaves bytes at the target that the next run finds by their checksum and puts on record.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};

use super::{
    copy::{Copied, SMALL, copy},
    outcome::{Options, Outcome, Statistics},
    plan::{Action, Entry, plan},
    reader::Reader,
    record::{self, Move},
    source::{Item, Source},
};
use crate::{
    App, AppError, Result,
    audit::Actor,
    ids::ObjectId,
    objects::{
        Class, Found, NewObject, Recorded, further,
        model::{object, placement},
        vacate, verify,
    },
    ports::{ObjectStore, StoreError},
    recordings,
};

/// Bytes that may be in memory at a time, in units of [`UNIT`].
const MEMORY: usize = 15 << 20;
const UNIT: u64 = 64 << 10;
/// Objects that share a transaction, and how long the first of them waits for the others; as often it says how far it is.
const TOGETHER: usize = 100;
const AT_LEAST_EVERY: Duration = Duration::from_millis(300);
/// Copies at the source that are removed at the same time.
const REMOVALS: usize = 8;
/// Lines of the report that wait for an earlier one: then nothing new is begun.
const BEHIND: usize = 20_000;

/// Says what a run would do, line for line.
///
/// # Errors
/// When the database, the source or the target does not answer.
pub async fn dry_run(
    app: &App,
    source: &Source,
    target: &Arc<dyn ObjectStore>,
    options: &Options,
    line: &mut (dyn FnMut(&Entry) + Send),
) -> Result<Statistics> {
    let mut statistics = Statistics { total: source.total(app, options.class).await?, ..Statistics::default() };
    let (mut items, mut number) = (source.items(app, options.class), 0);
    loop {
        let batch = items.next().await?;
        if batch.is_empty() {
            return Ok(statistics);
        }
        for planned in plan(app, source, target.as_ref(), batch).await? {
            number += 1;
            let entry = planned.entry(number, options.vacates(source).is_some());
            statistics.count(&entry, if entry.removes { &Outcome::Removed } else { &Outcome::Done });
            line(&entry);
        }
    }
}

/// Does it; `line` hears of each object in the order of the plan.
///
/// # Errors
/// When the database, the source or the target as a whole does not answer. What fails for one object is that object's line.
pub async fn run(
    app: &App,
    moving: &Move,
    source: &Source,
    target: &Arc<dyn ObjectStore>,
    options: &Options,
    line: &mut (dyn FnMut(&Entry, &Outcome) + Send),
) -> Result<Statistics> {
    let mut run = Run {
        app,
        moving,
        target,
        vacated: options.vacates(source),
        statistics: Statistics { total: source.total(app, options.class).await?, ..Statistics::default() },
        finished: Vec::new(),
        leaving: Vec::new(),
        failed: Vec::new(),
        lines: BTreeMap::new(),
        next_line: 1,
        written: Instant::now(),
        reader: Reader::new(),
    };
    let outcome = run.all(source, options, line).await;
    let error = outcome.as_ref().err().map(ToString::to_string);
    record::end(app, &Actor::system(), moving.id, &run.statistics, error.as_deref()).await?;
    outcome.map(|()| run.statistics)
}

struct Run<'a> {
    app: &'a App,
    moving: &'a Move,
    target: &'a Arc<dyn ObjectStore>,
    /// The source, where its copies go.
    vacated: Option<&'a Arc<dyn ObjectStore>>,
    statistics: Statistics,
    /// At the target, and not on record yet.
    finished: Vec<(Entry, Item, Copied)>,
    /// On record at the target, and still at the source.
    leaving: Vec<(Entry, object::Model)>,
    failed: Vec<(String, String)>,
    /// Finished lines that wait for an earlier one.
    lines: BTreeMap<u64, (Entry, Outcome)>,
    next_line: u64,
    written: Instant,
    reader: Arc<Reader>,
}

type Worked = (Entry, Item, Result<Copied, StoreError>);

impl Run<'_> {
    async fn all(
        &mut self,
        source: &Source,
        options: &Options,
        line: &mut (dyn FnMut(&Entry, &Outcome) + Send),
    ) -> Result<()> {
        let (mut items, mut number) = (source.items(self.app, options.class), 0);
        let memory = Arc::new(Semaphore::new(MEMORY / UNIT as usize));
        let mut work: JoinSet<Worked> = JoinSet::new();
        loop {
            let batch = items.next().await?;
            if batch.is_empty() {
                break;
            }
            for planned in plan(self.app, source, self.target.as_ref(), batch).await? {
                number += 1;
                let entry = planned.entry(number, self.vacated.is_some());
                let item = planned.item;
                match &entry.action {
                    Action::Copy | Action::Record => {
                        let permit = room(&memory, &item).await?;
                        self.begin(&mut work, source.clone(), entry, item, permit);
                    }
                    Action::Skip => self.recorded(entry, item.object, line),
                    Action::Refuse(reason) => {
                        self.failed.push((item.key, reason.clone()));
                        self.say(entry, Outcome::Done, line);
                    }
                }
                while work.len() >= options.parallel.max(1) || (self.lines.len() > BEHIND && !work.is_empty()) {
                    self.take(&mut work, line).await?;
                }
                if self.is_due() {
                    self.write(line).await?;
                }
            }
        }
        while !work.is_empty() {
            self.take(&mut work, line).await?;
        }
        self.write(line).await?;
        // What could not be removed is known only now.
        if self.failed.is_empty() { Ok(()) } else { self.write(line).await }
    }

    fn begin(
        &self,
        work: &mut JoinSet<Worked>,
        source: Source,
        entry: Entry,
        item: Item,
        permit: OwnedSemaphorePermit,
    ) {
        let (app, target, reader) = (self.app.clone(), Arc::clone(self.target), Arc::clone(&self.reader));
        work.spawn(async move {
            let outcome = match entry.action {
                Action::Record => found(&app, target.as_ref(), &item).await,
                _ => copy(&app, &source, &target, &reader, &item).await,
            };
            drop(permit);
            (entry, item, outcome)
        });
    }

    /// Waits for one that is under way, and takes all that are finished with it.
    async fn take(
        &mut self,
        work: &mut JoinSet<Worked>,
        line: &mut (dyn FnMut(&Entry, &Outcome) + Send),
    ) -> Result<()> {
        let mut next = work.join_next().await;
        while let Some(worked) = next {
            let (entry, item, outcome) = worked.map_err(anyhow::Error::new)?;
            match outcome {
                Ok(copied) => self.finished.push((entry, item, copied)),
                Err(error) => {
                    tracing::warn!(key = item.key, %error, "an object was not moved");
                    self.failed.push((item.key, error.to_string()));
                    self.say(entry, Outcome::Failed(error.to_string()), line);
                }
            }
            next = work.try_join_next();
        }
        if self.is_due() {
            self.write(line).await?;
        }
        Ok(())
    }

    fn is_due(&self) -> bool {
        self.finished.len().max(self.failed.len()) >= TOGETHER || self.written.elapsed() >= AT_LEAST_EVERY
    }

    /// Puts on record what is finished: the object, where it is new, and its copy.
    async fn write(&mut self, line: &mut (dyn FnMut(&Entry, &Outcome) + Send)) -> Result<()> {
        self.written = Instant::now();
        let finished = std::mem::take(&mut self.finished);
        let now = self.app.now();
        let mut tx = self.app.begin().await?;
        let (mut objects, mut placements) = (Vec::new(), Vec::new());
        let mut known: Vec<ObjectId> = Vec::new();
        let mut recorded = Vec::new();
        for (entry, mut item, copied) in finished {
            let on_record = item.object.take();
            let is_new = on_record.is_none();
            let object = match on_record {
                Some(object) => object,
                None => new_object(self.app, &item, &copied)?,
            };
            let copy = placement::Model::wanted(self.app, &object, self.target.as_ref());
            let copy = copy.verified(now, copied.stored.etag);
            if is_new {
                objects.push(object.clone().into_active_model());
                for waiting in self.further(&object, &copy)? {
                    tx.enqueue(waiting.replication()).await?;
                    placements.push(waiting.into_active_model());
                }
            } else {
                known.push(object.id);
            }
            placements.push(copy.into_active_model());
            recorded.push((entry, object));
        }
        if !objects.is_empty() {
            object::Entity::insert_many(objects).exec_without_returning(&tx).await?;
        }
        if !known.is_empty() {
            // What was said of a copy there before is over.
            placement::Entity::delete_many()
                .filter(placement::Column::ObjectId.is_in(known))
                .filter(placement::Column::Backend.eq(self.target.backend()))
                .filter(placement::Column::Bucket.eq(self.target.bucket()))
                .exec(&tx)
                .await?;
        }
        if !placements.is_empty() {
            placement::Entity::insert_many(placements).exec_without_returning(&tx).await?;
        }
        for (entry, object) in recorded {
            recordings::follow(self.app, &mut tx, &object).await?;
            self.recorded(entry, Some(object), line);
        }
        let failed = std::mem::take(&mut self.failed);
        record::note(&tx, self.moving.id, now, &self.statistics, failed).await?;
        tx.commit().await?;
        self.vacate(line).await;
        Ok(())
    }

    /// The copies that a new object is to have besides, where the target is one of those that its class wants. Where it is not, somebody
    /// wants it there and nowhere else.
    fn further(&self, object: &object::Model, copy: &placement::Model) -> Result<Vec<placement::Model>> {
        let wanted =
            Class::of_key(&object.key).is_some_and(|class| self.app.ports.plane.wants(class, self.target.backend()));
        if wanted { further(self.app, object, copy) } else { Ok(Vec::new()) }
    }

    /// It is on record at the target, or will be when the transaction is through: done, unless its copy at the source is to go.
    fn recorded(
        &mut self,
        entry: Entry,
        object: Option<object::Model>,
        line: &mut (dyn FnMut(&Entry, &Outcome) + Send),
    ) {
        match object.filter(|_| entry.removes) {
            Some(object) => self.leaving.push((entry, object)),
            None => self.say(entry, Outcome::Done, line),
        }
    }

    /// Removes at the source what is on record at the target.
    async fn vacate(&mut self, line: &mut (dyn FnMut(&Entry, &Outcome) + Send)) {
        let (app, target, Some(source)) = (self.app, self.target, self.vacated) else { return };
        let mut removals = stream::iter(std::mem::take(&mut self.leaving))
            .map(|(entry, object)| async move { (entry, vacate(app, &object, source.as_ref(), target.as_ref()).await) })
            .buffer_unordered(REMOVALS);
        while let Some((entry, outcome)) = removals.next().await {
            let outcome = match outcome {
                Ok(_) => Outcome::Removed,
                Err(error) => {
                    let why = format!("it is at the target; its copy at the source stays: {error}");
                    tracing::warn!(key = entry.key, why, "a copy was not removed");
                    self.failed.push((entry.key.clone(), why.clone()));
                    Outcome::Failed(why)
                }
            };
            self.say(entry, outcome, line);
        }
    }

    /// Counts a line, and says all that are next in order.
    fn say(&mut self, entry: Entry, outcome: Outcome, line: &mut (dyn FnMut(&Entry, &Outcome) + Send)) {
        self.statistics.count(&entry, &outcome);
        self.lines.insert(entry.number, (entry, outcome));
        while let Some((entry, outcome)) = self.lines.remove(&self.next_line) {
            line(&entry, &outcome);
            self.next_line += 1;
        }
    }
}

/// Waits until there is room in memory for the item.
async fn room(memory: &Arc<Semaphore>, item: &Item) -> Result<OwnedSemaphorePermit> {
    // A large one is streamed: its parts in flight take about as much as a small one.
    let units = u32::try_from(item.size.min(SMALL) / UNIT + 1).unwrap_or(1);
    Ok(Arc::clone(memory).acquire_many_owned(units).await.map_err(anyhow::Error::new)?)
}

async fn found(app: &App, target: &dyn ObjectStore, item: &Item) -> Result<Copied, StoreError> {
    let sha256 = item.sha256.clone().unwrap_or_default();
    match verify(target, &item.key, item.size.cast_signed(), &sha256).await? {
        Found::Right(stored) => {
            if item.size > SMALL {
                Recorded::new(app, target, &item.key, item.size).is_over(target).await?;
            }
            Ok(Copied { sha256, stored })
        }
        _ => Err(StoreError::Unavailable("it was at the target a moment ago, and is not now".into())),
    }
}

fn new_object(app: &App, item: &Item, copied: &Copied) -> Result<object::Model> {
    let class = Class::of_key(&item.key).ok_or_else(|| AppError::Conflict(format!("{} has no class", item.key)))?;
    let new = NewObject {
        key: &item.key,
        class,
        content_type: &item.content_type,
        subject: None,
        retain_days: None,
        taken_at: None,
    };
    Ok(object::Model::new(app, new, i64::try_from(item.size).unwrap_or(i64::MAX), copied.sha256.clone()))
}
