//! How to go about a move, and what comes of it.

use std::sync::Arc;

use serde::Serialize;

use super::{
    plan::{Action, Entry},
    source::Source,
};
use crate::{objects::Class, ports::ObjectStore};

/// Small objects wait for the bucket's disk, not for us: so many wait together.
pub const PARALLEL: usize = 32;

/// How to go about it.
#[derive(Clone, Debug)]
pub struct Options {
    pub class: Option<Class>,
    /// Objects on their way at a time.
    pub parallel: usize,
    /// Whether the copy at the source goes once the one at the target is verified. A folder is left alone: its files are not ours.
    pub remove_source: bool,
}

impl Options {
    /// The store whose copies go.
    pub(super) fn vacates<'a>(&self, source: &'a Source) -> Option<&'a Arc<dyn ObjectStore>> {
        match source {
            Source::Store(store) if self.remove_source => Some(store),
            _ => None,
        }
    }
}

/// What became of a line of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Done,
    /// Done, and the copy at the source is gone.
    Removed,
    Failed(String),
}

/// What a move came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// Objects and bytes that there are to look at.
    #[serde(skip)]
    pub total: (i64, i64),
    pub copied: u64,
    pub copied_bytes: u64,
    /// There already.
    pub skipped: u64,
    /// Refused, or failed.
    pub failed: u64,
    /// Copies at the source that are gone, or would be.
    pub removed: u64,
}

impl Statistics {
    pub(super) fn count(&mut self, entry: &Entry, outcome: &Outcome) {
        match (&entry.action, outcome) {
            (Action::Refuse(_), _) | (_, Outcome::Failed(_)) => self.failed += 1,
            (Action::Copy, _) => {
                self.copied += 1;
                self.copied_bytes += entry.size;
            }
            (Action::Record | Action::Skip, _) => self.skipped += 1,
        }
        self.removed += u64::from(*outcome == Outcome::Removed);
    }
}
