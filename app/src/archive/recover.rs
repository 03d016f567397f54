//! After a disaster: every copy that should be in a store is looked for, and what was deleted is brought back from its newest right version.

use std::fmt;

use futures::{StreamExt, stream};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::revert;
use crate::{
    App, AppError, Result,
    audit::Actor,
    ids::ObjectId,
    objects::{
        self, Found, PlacementState,
        model::{object, placement},
        verify,
    },
    words::after_prefix,
};

/// Stores are asked for so many objects at a time.
const AT_ONCE: usize = 16;
/// Objects read from the database at a time.
const BATCH: u64 = 500;

/// Copies that were once there.
const ONCE_THERE: [PlacementState; 3] = [PlacementState::Verified, PlacementState::Missing, PlacementState::Corrupt];

/// What became of one copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is there, with the bytes on record.
    Sound,
    /// It was brought back from this version; in a dry run it would be.
    Recovered(String),
    /// It is not there, or wrong, and nothing brings it back; says why.
    Lost(String),
    /// It cannot be reached from here; says why.
    Unknown(String),
}

impl Outcome {
    /// Whether the copy is there now.
    #[must_use]
    pub fn is_well(&self) -> bool {
        matches!(self, Self::Sound | Self::Recovered(_))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sound => f.write_str("it is there, with the bytes on record"),
            Self::Recovered(version) => write!(f, "brought back from version {version}"),
            Self::Lost(why) => write!(f, "lost, {why}"),
            Self::Unknown(why) => write!(f, "nobody knows, {why}"),
        }
    }
}

/// Looks at every verified copy of objects whose key begins with `prefix`, in the order of keys, and tells each to `tell`.
///
/// # Errors
/// When the database does not answer, or `tell` refuses.
pub async fn recover(
    app: &App,
    actor: &Actor,
    prefix: &str,
    dry: bool,
    mut tell: impl FnMut(&placement::Model, &Outcome) -> Result<()>,
) -> Result<()> {
    let mut after = String::new();
    loop {
        let objects = object::Entity::find()
            .filter(object::Column::Key.gte(prefix))
            .filter(object::Column::Key.lt(after_prefix(prefix)))
            .filter(object::Column::Key.gt(after.as_str()))
            .filter(object::Column::ErasedAt.is_null())
            .order_by_asc(object::Column::Key)
            .limit(BATCH)
            .all(app.db())
            .await?;
        let Some(last) = objects.last() else { return Ok(()) };
        after.clone_from(&last.key);
        let ids = objects.iter().map(|object| object.id).collect();
        recover_copies(app, actor, ids, dry, &mut tell).await?;
    }
}

/// The same for one object: what became of each of its copies.
///
/// # Errors
/// `NotFound`; `Gone` for what was erased on purpose.
pub async fn recover_one(app: &App, actor: &Actor, id: ObjectId) -> Result<Vec<(placement::Model, Outcome)>> {
    if objects::find(app.db(), id).await?.erased_at.is_some() {
        return Err(AppError::Gone("This was erased on purpose, with every version of it.".into()));
    }
    let mut found = Vec::new();
    recover_copies(app, actor, vec![id], false, |copy, outcome| {
        found.push((copy.clone(), outcome.clone()));
        Ok(())
    })
    .await?;
    Ok(found)
}

/// Looks at every copy of these objects that should count.
async fn recover_copies(
    app: &App,
    actor: &Actor,
    objects: Vec<ObjectId>,
    dry: bool,
    mut tell: impl FnMut(&placement::Model, &Outcome) -> Result<()>,
) -> Result<()> {
    let copies = placement::Entity::find()
        .filter(placement::Column::ObjectId.is_in(objects))
        .filter(placement::Column::State.is_in(ONCE_THERE))
        .order_by_asc(placement::Column::Key)
        .all(app.db())
        .await?;
    let mut looked = stream::iter(copies)
        .map(|copy| async move {
            let outcome = one(app, actor, &copy, dry).await;
            (copy, outcome)
        })
        .buffered(AT_ONCE);
    while let Some((copy, outcome)) = looked.next().await {
        tell(&copy, &outcome.unwrap_or_else(|error| Outcome::Unknown(error.to_string())))?;
    }
    Ok(())
}

async fn one(app: &App, actor: &Actor, copy: &placement::Model, dry: bool) -> Result<Outcome> {
    let Some(store) = app.ports.plane.holder(copy) else {
        return Ok(Outcome::Unknown(format!("{} is not configured here", copy.bucket)));
    };
    if matches!(verify(store.as_ref(), &copy.key, copy.size, &copy.sha256).await?, Found::Right(_)) {
        return Ok(Outcome::Sound);
    }
    let versions = store.versions(&copy.key).await?;
    let right = |size: u64| i64::try_from(size) == Ok(copy.size);
    let candidates: Vec<_> = versions.iter().filter(|v| !v.deleted && !v.current && right(v.size)).collect();
    if candidates.is_empty() {
        return Ok(Outcome::Lost("no older version has as many bytes".into()));
    }
    if dry {
        return Ok(Outcome::Recovered(candidates[0].id.clone()));
    }
    let mut why = String::new();
    for version in candidates {
        match revert(app, actor, copy.object_id, copy.id, &version.id).await {
            Ok(()) => return Ok(Outcome::Recovered(version.id.clone())),
            Err(AppError::Conflict(other)) => why = other,
            Err(error) => return Err(error),
        }
    }
    Ok(Outcome::Lost(why))
}
