//! Every store there is, and which of them each class of objects wants. Nothing else in the domain knows where bytes are.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use super::{Class, model::placement};
use crate::{ids::PlacementId, ports::ObjectStore};

/// The files of this machine, which are always there.
pub const LOCAL: &str = "local";

/// A store that did not answer is left alone for so long, where there is another: milliseconds.
const REST: i64 = 15_000;

/// Which stores are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Names of backends, the first of them the primary one; at least one.
    pub default: Vec<String>,
    /// Classes that want others than the default.
    pub classes: BTreeMap<Class, Vec<String>>,
    /// Whether local files take what the wanted stores do not.
    pub fallback: bool,
    /// Whether a local file that is not wanted goes as soon as every wanted copy is verified.
    pub cleanup_local: bool,
    /// Bytes of each store that are read again at each check.
    pub rehash_bytes: u64,
    /// Every so many hours each store is compared with the record; 0: never.
    pub check_hours: u64,
    /// Recordings on record beyond which a check looks at some days of them at a time; 0: always at all.
    pub check_at_once: u64,
    /// How bytes come from outside.
    pub pieces: Pieces,
    /// For how long addresses of film hold; `None`: as long as their class lets them.
    pub film_life: Option<Duration>,
}

/// Larger than `over` bytes, what comes from outside comes in pieces of `size` bytes, and goes on where it was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pieces {
    pub over: u64,
    pub size: u64,
}

impl Default for Pieces {
    fn default() -> Self {
        Self { over: 100 << 20, size: 8 << 20 }
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Plane(Arc<Inner>);

struct Inner {
    stores: Vec<Store>,
    policy: Policy,
    /// Placements that somebody in this process is filling.
    claimed: Mutex<HashSet<PlacementId>>,
}

struct Store {
    port: Arc<dyn ObjectStore>,
    /// Until when it is left alone, Unix milliseconds.
    rests_until: AtomicI64,
}

impl Plane {
    /// Stores without a policy's mention are there all the same: older copies may be in them.
    #[must_use]
    pub fn new(stores: Vec<Arc<dyn ObjectStore>>, policy: Policy) -> Self {
        let store = |port| Store { port, rests_until: AtomicI64::new(0) };
        let stores = stores.into_iter().map(store).collect();
        Self(Arc::new(Inner { stores, policy, claimed: Mutex::default() }))
    }

    /// One store for everything.
    #[must_use]
    pub fn of(store: Arc<dyn ObjectStore>) -> Self {
        let policy = Policy { default: vec![store.backend().to_owned()], ..Policy::default() };
        Self::new(vec![store], policy)
    }

    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    pub fn stores(&self) -> impl Iterator<Item = &Arc<dyn ObjectStore>> {
        self.0.stores.iter().map(|store| &store.port)
    }

    #[must_use]
    pub fn store(&self, backend: &str) -> Option<&Arc<dyn ObjectStore>> {
        self.stores().find(|store| store.backend() == backend)
    }

    /// The store that a placement is in, unless that is another machine's disk or a bucket that is configured no more.
    #[must_use]
    pub fn at(&self, backend: &str, bucket: &str) -> Option<&Arc<dyn ObjectStore>> {
        self.stores().find(|store| store.backend() == backend && store.bucket() == bucket)
    }

    #[must_use]
    pub fn holder(&self, placement: &placement::Model) -> Option<&Arc<dyn ObjectStore>> {
        self.at(&placement.backend, &placement.bucket)
    }

    /// Where objects of `class` should be, the primary store first.
    pub fn wanted(&self, class: Class) -> impl Iterator<Item = &Arc<dyn ObjectStore>> {
        let policy = &self.0.policy;
        policy.classes.get(&class).unwrap_or(&policy.default).iter().filter_map(|backend| self.store(backend))
    }

    #[must_use]
    pub fn wants(&self, class: Class, backend: &str) -> bool {
        self.wanted(class).any(|store| store.backend() == backend)
    }

    /// Local files, where they take what the wanted stores of `class` do not.
    #[must_use]
    pub fn fallback(&self, class: Class) -> Option<&Arc<dyn ObjectStore>> {
        self.store(LOCAL).filter(|_| self.0.policy.fallback && !self.wants(class, LOCAL))
    }

    /// The store of what is nobody's object: the copy of the audit log's head, the connection test. `None` where there is no store at all.
    #[must_use]
    pub fn main(&self) -> Option<&Arc<dyn ObjectStore>> {
        self.0.policy.default.iter().find_map(|backend| self.store(backend))
    }

    /// The node whose disk local files are on.
    #[must_use]
    pub fn node(&self) -> &str {
        self.store(LOCAL).map_or("", |local| local.bucket())
    }

    /// Origins of buckets, which pages name in their content security policy.
    #[must_use]
    pub fn origins(&self) -> Vec<String> {
        self.stores().filter_map(|store| store.origin()).collect()
    }

    /// Notes that `store` did not answer at `now`.
    pub fn let_rest(&self, store: &dyn ObjectStore, now: i64) {
        if let Some(store) = self.same(store) {
            store.rests_until.store(now + REST, Ordering::Relaxed);
        }
    }

    /// Notes that `store` answered.
    pub fn is_back(&self, store: &dyn ObjectStore) {
        if let Some(store) = self.same(store) {
            store.rests_until.store(0, Ordering::Relaxed);
        }
    }

    /// Whether `store` did not answer a moment ago.
    #[must_use]
    pub fn rests(&self, store: &dyn ObjectStore, now: i64) -> bool {
        self.same(store).is_some_and(|store| now < store.rests_until.load(Ordering::Relaxed))
    }

    fn same(&self, other: &dyn ObjectStore) -> Option<&Store> {
        self.0
            .stores
            .iter()
            .find(|store| store.port.backend() == other.backend() && store.port.bucket() == other.bucket())
    }

    /// Takes it upon oneself to fill a placement; `None` while somebody else in this process does. Other processes may: filling twice is
    /// filling once, only slower.
    pub(super) fn claim(&self, id: PlacementId) -> Option<Claim> {
        let taken = self.0.claimed.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        taken.then(|| Claim { plane: self.clone(), id })
    }

    /// The copy to read from: in the order of the policy, then whatever else can be reached; a store that rests comes last.
    #[must_use]
    pub fn best<'a, P: Spot>(&self, class: Class, now: i64, copies: &'a [P]) -> Option<(&'a P, &Arc<dyn ObjectStore>)> {
        let rank = |store: &Arc<dyn ObjectStore>| {
            let place = self.wanted(class).position(|wanted| wanted.backend() == store.backend());
            (self.rests(store.as_ref(), now), place.unwrap_or(usize::MAX))
        };
        copies
            .iter()
            .filter_map(|copy| {
                let (backend, bucket) = copy.place();
                self.at(backend, bucket).map(|store| (copy, store))
            })
            .min_by_key(|(_, store)| rank(store))
    }
}

/// Given back when it is dropped.
pub(super) struct Claim {
    plane: Plane,
    id: PlacementId,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.plane.0.claimed.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// Where a copy is: a whole row, or the part of it that a question asked for.
pub trait Spot {
    /// Backend and bucket.
    fn place(&self) -> (&str, &str);
    fn key(&self) -> &str;
}

impl Spot for placement::Model {
    fn place(&self) -> (&str, &str) {
        (&self.backend, &self.bucket)
    }

    fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Debug for Plane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stores: Vec<_> = self.stores().map(|store| format!("{}:{}", store.backend(), store.bucket())).collect();
        f.debug_struct("Plane").field("stores", &stores).field("policy", &self.0.policy).finish()
    }
}
