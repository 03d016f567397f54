//! What a move does with each object, decided before anything is done.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;

use super::source::{Item, Source};
use crate::{
    App, Result,
    ids::ObjectId,
    objects::{
        Class, Found, LOCAL, PlacementState, check_key,
        model::{object, placement},
        verify,
    },
    ports::{ObjectStore, StoreError, hash_file},
};

/// A listing that goes on for so many pages before it comes to the last key of a batch is given up: the rest is asked for one by one.
const PAGES: usize = 4;
const PAGE: usize = 1000;

/// What is done with an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "action", content = "reason", rename_all = "lowercase")]
pub enum Action {
    /// It is sent.
    Copy,
    /// It is there, with the same checksum, and is put on record.
    Record,
    /// It is there and on record.
    Skip,
    /// It is not touched, for this reason.
    Refuse(String),
}

impl Action {
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Record => "record",
            Self::Skip => "skip",
            Self::Refuse(_) => "refuse",
        }
    }
}

/// One line of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// From 1.
    pub number: u64,
    pub key: String,
    /// Bytes.
    pub size: u64,
    #[serde(flatten)]
    pub action: Action,
    /// Whether the copy at the source goes afterwards.
    pub removes: bool,
}

/// An object and what is done with it.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub item: Item,
    pub action: Action,
}

impl Planned {
    /// Its line. `removes`: copies at the source go.
    pub fn entry(&self, number: u64, removes: bool) -> Entry {
        let (key, action) = (self.item.key.clone(), self.action.clone());
        let removes = removes && !matches!(action, Action::Refuse(_));
        Entry { number, key, size: self.item.size, action, removes }
    }
}

/// Decides on a batch, which is in the order of keys. Few questions for many objects.
pub(super) async fn plan(
    app: &App,
    source: &Source,
    target: &dyn ObjectStore,
    items: Vec<Item>,
) -> Result<Vec<Planned>> {
    let (Some(first), Some(last)) = (items.first(), items.last()) else { return Ok(Vec::new()) };
    let (first, last) = (first.key.clone(), last.key.clone());
    let mut known: HashMap<String, object::Model> = HashMap::new();
    if let Source::Folder { .. } = source {
        let keys = items.iter().map(|item| item.key.as_str());
        let rows = object::Entity::find().filter(object::Column::Key.is_in(keys)).all(app.db()).await?;
        known.extend(rows.into_iter().map(|object| (object.key.clone(), object)));
    }
    let at_target = there(target, &first, &last, &items).await?;
    let at_source = match source {
        Source::Store(store) => Some(there(store.as_ref(), &first, &last, &items).await?),
        Source::Folder { .. } => None,
    };
    let ids: Vec<_> =
        items.iter().filter_map(|item| item.object.as_ref()).chain(known.values()).map(|object| object.id).collect();
    let on_record: HashSet<ObjectId> = placement::Entity::find()
        .filter(placement::Column::ObjectId.is_in(ids))
        .filter(placement::Column::Backend.eq(target.backend()))
        .filter(placement::Column::Bucket.eq(target.bucket()))
        .filter(placement::Column::State.eq(PlacementState::Verified))
        .select_only()
        .column(placement::Column::ObjectId)
        .into_tuple()
        .all(app.db())
        .await?
        .into_iter()
        .collect();

    let mut planned = Vec::with_capacity(items.len());
    for mut item in items {
        let mut action = match &at_source {
            _ if check_key(&item.key).is_err() => refuse("no object can have such a key"),
            _ if Class::of_key(&item.key).is_none() => refuse("its name begins with no class of objects"),
            Some(found) => match found.get(&item.key) {
                None => refuse("it is not at the source any more"),
                Some(size) if *size != item.size => refuse("it has another size at the source"),
                Some(_) => Action::Copy,
            },
            None => Action::Copy,
        };
        if action == Action::Copy
            && let Some(object) = known.remove(&item.key)
        {
            let sha256 = object.sha256.clone();
            item.object = Some(object);
            match own_hash(&mut item).await {
                Ok(ours) if ours == sha256 => {}
                Ok(_) => action = refuse("other bytes are on record by this name"),
                Err(reason) => action = Action::Refuse(reason),
            }
        }
        if action == Action::Copy && at_target.contains_key(&item.key) {
            let same_size = at_target.get(&item.key) == Some(&item.size);
            let recorded = item.object.as_ref().is_some_and(|object| on_record.contains(&object.id));
            action = match (same_size, recorded) {
                (false, _) => refuse("other bytes are at the target by this name"),
                (true, true) => Action::Skip,
                (true, false) => match own_hash(&mut item).await {
                    Ok(ours) => match verify(target, &item.key, item.size.cast_signed(), &ours).await? {
                        Found::Right(_) => Action::Record,
                        Found::Other => refuse("other bytes are at the target by this name"),
                        Found::Nothing => Action::Copy,
                    },
                    Err(reason) => Action::Refuse(reason),
                },
            };
        }
        planned.push(Planned { item, action });
    }
    Ok(planned)
}

fn refuse(why: &str) -> Action {
    Action::Refuse(why.to_owned())
}

/// The checksum of an item; a file is read for it. The error is for people.
async fn own_hash(item: &mut Item) -> Result<String, String> {
    if let (None, Some(path)) = (&item.sha256, &item.path) {
        item.sha256 = Some(hash_file(path).await.map_err(|error| format!("the file cannot be read: {error}"))?);
    }
    Ok(item.sha256.clone().unwrap_or_default())
}

/// Sizes of those of `items` that `store` has.
async fn there(
    store: &dyn ObjectStore,
    first: &str,
    last: &str,
    items: &[Item],
) -> Result<HashMap<String, u64>, StoreError> {
    let mut found = HashMap::new();
    let mut left: &[Item] = items;
    // Files on this machine are asked for at once.
    if store.backend() != LOCAL {
        let wanted: HashSet<&str> = items.iter().map(|item| item.key.as_str()).collect();
        // What stands right before the first one: a listing begins behind it.
        let mut after = Some(first.chars().take(first.chars().count().saturating_sub(1)).collect::<String>());
        for _ in 0..PAGES {
            let page = store.list("", after.as_deref(), PAGE).await?;
            let end = page.last().map(|last| last.key.clone()).filter(|_| page.len() == PAGE);
            found.extend(
                page.into_iter().filter(|one| wanted.contains(one.key.as_str())).map(|one| (one.key, one.size)),
            );
            match end {
                Some(end) if end.as_str() < last => {
                    left = &items[items.partition_point(|item| item.key <= end)..];
                    after = Some(end);
                }
                _ => return Ok(found),
            }
        }
    }
    for item in left.iter().filter(|item| check_key(&item.key).is_ok()) {
        if let Some(size) = store.size(&item.key).await? {
            found.insert(item.key.clone(), size);
        }
    }
    Ok(found)
}
