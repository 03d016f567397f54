//! Walking the chain: every edited, removed, reordered or cut-off entry is found, and where.

use std::fmt;

use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Action, Actor, GENESIS, Subject,
    copy::{self, Copied, SignedHead},
    model::entry,
};
use crate::{App, AppError, Result, job::Job, jobs, yard::settings};

/// Entries read at a time: bounds memory, whatever the log's length.
const CHUNK: u64 = 2_000;

/// A log this old has a copy of its head.
const DAY: i64 = 86_400_000;

/// The most faults that are told one by one; one careless UPDATE can break millions.
const TOLD: usize = 100;

/// The most entries that are compared each with each to see whether they changed places.
const COMPARED: usize = 32;

/// What is wrong with the log, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// The entry's fields do not give its hash.
    Edited { seq: i64 },
    /// The fields are as they were; the stored hash itself was changed.
    HashEdited { seq: i64 },
    /// What stands here was written as entry `was`.
    Moved { seq: i64, was: i64 },
    /// Entries `from` to `to` are gone.
    Removed { from: i64, to: i64 },
    /// The log's head knows entries up to `to`; those from `from` on are gone.
    CutOff { from: i64, to: i64 },
    /// The log's head ends at `head`, yet entries go on to `last`.
    BeyondHead { head: i64, last: i64 },
    /// The last entry's hash is not the one in the log's head.
    HeadDiffers { seq: i64 },
    /// A number below 1: no entry of this log.
    Foreign { seq: i64 },
    /// The copy of the head in the storage knows entry `seq`, which is gone: the end was cut off together with the head.
    CutOffWithHead { from: i64, to: i64, copied_at: i64 },
    /// The copy of the head in the storage has another hash for entry `seq`: the log was rewritten up to there.
    Rewritten { seq: i64, copied_at: i64 },
    /// The copy of the head in the storage was not signed by this installation.
    CopyForged { key: String },
    /// The log goes back to `since`, and the storage has no copy of its head at all: they are written every minute, so they were removed.
    CopyMissing { since: i64 },
}

impl Fault {
    /// The entry it begins at, to go and look; 0 where there is none.
    #[must_use]
    pub fn seq(&self) -> i64 {
        match self {
            Self::Edited { seq }
            | Self::HashEdited { seq }
            | Self::Moved { seq, .. }
            | Self::HeadDiffers { seq }
            | Self::Foreign { seq }
            | Self::Rewritten { seq, .. } => *seq,
            Self::Removed { from, .. } | Self::CutOff { from, .. } | Self::CutOffWithHead { from, .. } => *from,
            Self::BeyondHead { head, .. } => head + 1,
            Self::CopyForged { .. } | Self::CopyMissing { .. } => 0,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = |from: &i64, to: &i64| {
            if from == to { format!("entry {from}") } else { format!("entries {from} to {to}") }
        };
        match self {
            Self::Edited { seq } if *seq > 1 => {
                write!(
                    f,
                    "entry {seq} does not match its hash: it was changed, or entry {} was changed and hashed anew",
                    seq - 1
                )
            }
            Self::Edited { seq } => write!(f, "entry {seq} does not match its hash: it was changed"),
            Self::HashEdited { seq } => write!(f, "entry {seq}: the hash was changed, the other fields are as written"),
            Self::Moved { seq, was } => write!(f, "entry {seq} was written as entry {was}: entries were reordered"),
            Self::Removed { from, to } => write!(f, "{} removed", entries(from, to)),
            Self::CutOff { from, to } => write!(f, "{} cut off the end of the log", entries(from, to)),
            Self::BeyondHead { head, last } => {
                write!(
                    f,
                    "{} stand after the log's head: the head was set back, or they were put in past it",
                    entries(&(head + 1), last)
                )
            }
            Self::HeadDiffers { seq } => {
                write!(f, "entry {seq} is the last, but the log's head has another hash for it")
            }
            Self::Foreign { seq } => write!(f, "entry {seq} does not belong to the log, which begins at 1"),
            Self::CutOffWithHead { from, to, .. } => {
                write!(
                    f,
                    "{} cut off together with the log's head: the copy of the head in the storage knows of them",
                    entries(from, to)
                )
            }
            Self::Rewritten { seq, .. } => {
                write!(
                    f,
                    "entry {seq} has another hash than in the copy of the head in the storage: the log was rewritten up to here"
                )
            }
            Self::CopyMissing { .. } => write!(
                f,
                "the log is older than a day and the storage has no copy of its head: the copies were removed, or never written"
            ),
            Self::CopyForged { key } => write!(f, "{key} in the storage was not signed by this installation"),
        }
    }
}

/// What a walk found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// When it was walked, Unix milliseconds.
    pub at: i64,
    /// Entries read.
    pub entries: i64,
    /// The log's head when the walk began.
    pub head_seq: i64,
    pub head_hash: String,
    /// Up to where the copy in the storage vouches; `None` without one.
    pub copied_seq: Option<i64>,
    /// Why the copy could not be compared, where it could not.
    pub copy_note: Option<String>,
    /// In the order of the log; the first hundred.
    pub faults: Vec<Fault>,
    /// Faults beyond those.
    pub more_faults: u64,
}

impl Report {
    /// Whether the log is whole.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Walks the whole log and compares its end with the head and with the head's copy in the storage.
///
/// Entries written meanwhile are left for the next walk. A walk that is somebody's `job` says how far it has come.
///
/// # Errors
/// When the database does not answer; [`AppError::Gone`] when somebody cancelled the job. A storage that does not answer is a note in
/// the report.
pub async fn verify(app: &App, job: Option<&Job>) -> Result<Report> {
    // The copy first: read after the end, it could know more than the end without anything being wrong.
    let (copies, copy_note) = match copy::all(app).await {
        Ok(copies) if copies.is_empty() => (Some(copies), Some("no copy of the head is in the storage yet".to_owned())),
        Ok(copies) => (Some(copies), None),
        Err(error) => (None, Some(format!("the storage could not be asked for the copy of the head: {error}"))),
    };
    let none_there = copies.as_ref().is_some_and(Vec::is_empty);
    let (signed, forged) = sorted(copies.unwrap_or_default());
    let copied_seq = signed.last().map(|head| head.seq);
    let end = End::read(app).await?;
    let mut walk = Walk::new(signed);
    let mut from = i64::MIN;
    let mut told_at = None;
    while from <= end.last {
        let rows = entry::Entity::find()
            .filter(entry::COLUMN.seq.between(from, end.last))
            .order_by_asc(entry::Column::Seq)
            .limit(CHUNK)
            .all(app.db())
            .await?;
        let Some(last) = rows.last() else { break };
        from = last.seq + 1;
        for row in rows {
            walk.step(row);
        }
        if let Some(job) = job
            && told_at.is_none_or(|at| app.now() - at >= 1_000)
        {
            told_at = Some(app.now());
            if let Some(who) = jobs::report(app, job, from - 1, Some(end.last)).await? {
                return Err(AppError::Gone(format!("{}{who}", jobs::table::CANCELLED)));
            }
        }
    }
    let began = walk.began;
    let mut report = walk.finish(&end);
    report.faults.extend(forged.into_iter().map(|key| Fault::CopyForged { key }));
    if let Some(since) = began.filter(|since| none_there && app.now() - since > DAY) {
        report.faults.push(Fault::CopyMissing { since });
    }
    report.at = app.now();
    report.copied_seq = copied_seq;
    report.copy_note = copy_note;
    Ok(report)
}

/// The copies that are ours, by what they know, each saying once; and the keys of those that are not.
fn sorted(copies: Vec<Copied>) -> (Vec<SignedHead>, Vec<String>) {
    let (mut signed, mut forged) = (Vec::new(), Vec::new());
    for copied in copies {
        match copied {
            Copied::Signed(head) => signed.push(head),
            Copied::Forged(key) => forged.push(key),
        }
    }
    signed.sort_by(|one, other| (one.seq, &one.hash, one.at).cmp(&(other.seq, &other.hash, other.at)));
    signed.dedup_by(|one, other| (one.seq, &one.hash) == (other.seq, &other.hash));
    (signed, forged)
}

const LAST: &str = "audit_verify";

/// Keeps `report` for the pages, and puts on record that the log was verified.
///
/// # Errors
/// When the database does not answer.
pub async fn keep(app: &App, actor: &Actor, report: &Report) -> Result<()> {
    let mut tx = app.begin().await?;
    settings::put(&tx, LAST, report).await?;
    let details = json!({ "entries": report.entries, "head": report.head_seq, "whole": report.is_whole(), "faults": report.faults.len() });
    tx.audit(actor, Action::AuditVerified, Subject::Yard, details);
    tx.commit().await
}

/// What the last walk found.
///
/// # Errors
/// When the database does not answer.
pub async fn last(app: &App) -> Result<Option<Report>> {
    settings::get(app.db(), LAST).await
}

/// Where the log says it ends, and where it does: read in one statement, so that nothing comes in between.
struct End {
    seq: i64,
    hash: String,
    last: i64,
}

impl End {
    async fn read(app: &App) -> Result<Self> {
        let db = app.db();
        // A head that is gone counts as the one of an empty log: then everything stands beyond it.
        let sql = "SELECT COALESCE((SELECT seq FROM audit_head WHERE id = 1), 0) AS seq, \
                   COALESCE((SELECT hash FROM audit_head WHERE id = 1), '') AS hash, \
                   COALESCE((SELECT MAX(seq) FROM audit_entries), 0) AS last";
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
        let row = row.ok_or_else(|| anyhow::anyhow!("the audit log's head cannot be read"))?;
        Ok(Self { seq: row.try_get("", "seq")?, hash: row.try_get("", "hash")?, last: row.try_get("", "last")? })
    }
}

/// An entry that does not fit, kept to find out what happened to it.
struct Misfit {
    row: entry::Model,
    /// The hash before it, as stored.
    previous: String,
    /// The entry after it follows from the hash that this one should have.
    hash_edited: bool,
}

struct Walk {
    /// By what they know.
    copies: Vec<SignedHead>,
    /// When the first entry was written.
    began: Option<i64>,
    /// Hash of the entry before; `None` right after a gap, where there is nothing to check against.
    previous: Option<String>,
    /// The hash the entry before should have, when that is not the one it has.
    expected: Option<String>,
    next: i64,
    entries: i64,
    last: Option<(i64, String)>,
    misfits: Vec<Misfit>,
    faults: Vec<Fault>,
    more: u64,
}

impl Walk {
    fn new(copies: Vec<SignedHead>) -> Self {
        let (misfits, faults) = (Vec::new(), Vec::new());
        Self {
            copies,
            began: None,
            previous: Some(GENESIS.into()),
            expected: None,
            next: 1,
            entries: 0,
            last: None,
            misfits,
            faults,
            more: 0,
        }
    }

    fn tell(&mut self, fault: Fault) {
        if self.faults.len() + self.misfits.len() < TOLD { self.faults.push(fault) } else { self.more += 1 }
    }

    fn step(&mut self, row: entry::Model) {
        if row.seq < 1 {
            return self.tell(Fault::Foreign { seq: row.seq });
        }
        if row.seq > self.next {
            self.tell(Fault::Removed { from: self.next, to: row.seq - 1 });
            (self.previous, self.expected) = (None, None);
        }
        let expected = self.expected.take();
        if let Some(previous) = self.previous.take() {
            let right = row.chained(&previous);
            if row.hash != right {
                if expected.is_some_and(|expected| row.chained(&expected) == row.hash) {
                    // This one is sound: it is the hash of the one before that was changed.
                    if let Some(misfit) = self.misfits.last_mut() {
                        misfit.hash_edited = true;
                    }
                } else if self.faults.len() + self.misfits.len() < TOLD {
                    self.misfits.push(Misfit { row: row.clone(), previous, hash_edited: false });
                    self.expected = Some(right);
                } else {
                    self.more += 1;
                }
            }
        }
        let differs = self.copies.iter().find(|copied| copied.seq == row.seq && copied.hash != row.hash);
        if let Some(copied_at) = differs.map(|copied| copied.at) {
            self.tell(Fault::Rewritten { seq: row.seq, copied_at });
        }
        self.began.get_or_insert(row.at);
        self.entries += 1;
        self.next = row.seq + 1;
        self.last = Some((row.seq, row.hash.clone()));
        self.previous = Some(row.hash);
    }

    fn finish(mut self, end: &End) -> Report {
        let last = self.last.as_ref().map_or(0, |(seq, _)| *seq);
        if last < end.seq {
            self.tell(Fault::CutOff { from: last + 1, to: end.seq });
        } else if last > end.seq {
            self.tell(Fault::BeyondHead { head: end.seq, last });
        } else if self.last.as_ref().map_or(GENESIS, |(_, hash)| hash) != end.hash {
            self.tell(Fault::HeadDiffers { seq: last });
        }
        let beyond = self.copies.last().filter(|copied| copied.seq > last.max(end.seq));
        if let Some((to, copied_at)) = beyond.map(|copied| (copied.seq, copied.at)) {
            self.tell(Fault::CutOffWithHead { from: last + 1, to, copied_at });
        }
        self.faults.extend(self.misfits.iter().filter_map(|misfit| diagnose(misfit, &self.misfits)));
        self.faults.sort_by_key(Fault::seq);
        Report {
            at: 0,
            entries: self.entries,
            head_seq: end.seq,
            head_hash: end.hash.clone(),
            copied_seq: None,
            copy_note: None,
            faults: self.faults,
            more_faults: self.more,
        }
    }
}

/// What happened to the entry of `misfit`; `None` where it is sound and only what stood before it was moved.
fn diagnose(misfit: &Misfit, misfits: &[Misfit]) -> Option<Fault> {
    let seq = misfit.row.seq;
    if misfits.len() <= COMPARED {
        // With the number and the hash before it of the place where it was written, an entry's hash comes out right.
        let fits_at = |seq: i64| {
            let there = entry::Model { seq, ..misfit.row.clone() };
            misfits
                .iter()
                .flat_map(|other| [&other.previous, &other.row.hash])
                .any(|before| there.chained(before) == there.hash)
        };
        if fits_at(seq) {
            return None;
        }
        if let Some(was) = misfits.iter().map(|other| other.row.seq).find(|was| *was != seq && fits_at(*was)) {
            return Some(Fault::Moved { seq, was });
        }
    }
    Some(if misfit.hash_edited { Fault::HashEdited { seq } } else { Fault::Edited { seq } })
}
