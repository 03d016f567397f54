//! Rows as they are made: an object that is to be kept, a copy of it that is wanted somewhere.

use super::{
    Class, PlacementState,
    model::{object, placement},
    plane::LOCAL,
};
use crate::{App, audit::Subject, ids::ObjectId, job::Job, ports::ObjectStore};

/// Milliseconds.
const DAY: i64 = 86_400_000;

/// What is to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewObject<'a> {
    pub key: &'a str,
    pub class: Class,
    pub content_type: &'a str,
    /// The record it belongs to.
    pub subject: Option<Subject>,
    /// Where it is kept for another time than its class: days.
    pub retain_days: Option<u32>,
    /// Where that time began before now: film that comes days after it was recorded. Unix milliseconds.
    pub taken_at: Option<i64>,
}

impl NewObject<'_> {
    fn retain_until(&self, now: i64) -> i64 {
        let from = self.taken_at.unwrap_or(now);
        self.retain_days.map_or_else(|| self.class.retain_until(from), |days| from + i64::from(days) * DAY)
    }
}

impl object::Model {
    /// What the bytes must be, kept from now on for as long as their class is.
    pub(crate) fn new(app: &App, new: NewObject<'_>, size: i64, sha256: String) -> Self {
        let (subject_kind, subject_id) = match new.subject.map(Subject::parts) {
            Some((kind, id)) => (Some(kind.to_owned()), id),
            None => (None, None),
        };
        Self {
            id: app.id::<ObjectId>(),
            key: new.key.into(),
            class: new.class.as_str().into(),
            content_type: new.content_type.into(),
            size,
            sha256,
            subject_kind,
            subject_id,
            created_at: app.now(),
            retain_until: Some(new.retain_until(app.now())),
            erased_at: None,
        }
    }
}

impl placement::Model {
    /// The copy of `object` that `store` is to have: it waits.
    pub(crate) fn wanted(app: &App, object: &object::Model, store: &dyn ObjectStore) -> Self {
        Self {
            id: app.id(),
            object_id: object.id,
            backend: store.backend().into(),
            bucket: store.bucket().into(),
            key: object.key.clone(),
            region: store.region().into(),
            size: object.size,
            sha256: object.sha256.clone(),
            etag: None,
            storage_class: None,
            state: PlacementState::Waiting.as_str().into(),
            node: String::new(),
            generation: 1,
            attempts: 0,
            error: None,
            since: app.now(),
            verified_at: None,
        }
    }

    /// The same where it is there, found right `now`.
    pub(crate) fn verified(self, now: i64, etag: Option<String>) -> Self {
        Self { state: PlacementState::Verified.as_str().into(), etag, verified_at: Some(now), ..self }
    }

    pub(crate) fn is(&self, state: PlacementState) -> bool {
        self.state == state.as_str()
    }

    pub(crate) fn is_any(&self, states: &[PlacementState]) -> bool {
        states.iter().any(|state| self.is(*state))
    }

    /// The node whose disk it is on, which alone can read or remove it; empty: a bucket, which any can.
    pub(crate) fn home(&self) -> &str {
        if self.backend == LOCAL { &self.bucket } else { "" }
    }

    /// The job that fills it.
    pub(crate) fn replication(&self) -> Job {
        let generation = u32::try_from(self.generation).unwrap_or_default();
        Job::Replicate { placement: self.id, generation, node: self.node.clone() }
    }
}
