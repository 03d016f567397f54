//! A recorder says that it has put what it was granted to put. What the storage itself says of it counts.

use std::collections::{BTreeSet, HashMap, HashSet};

use futures::{StreamExt, stream};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    model,
    own::own,
    wire::{Fate, Item, MOST, Placed},
};
use crate::{
    App, AppError, Result,
    cameras::model::camera,
    objects::{self, Found, model::object},
};

/// Looked for at the same time.
const TOGETHER: usize = 8;

/// Looks for what was put, and says of each whether it is there and right. From then on it counts, and the recorder may let it go.
///
/// # Errors
/// [`AppError::Invalid`] of more than one message may have; when the database does not answer.
pub async fn kept(app: &App, recorder: &model::Model, keys: &[String]) -> Result<Placed> {
    if keys.len() > MOST {
        return Err(AppError::field("keys", format!("{MOST} at most")));
    }
    let slugs: BTreeSet<&str> = keys.iter().filter_map(|key| slug_of(key)).collect();
    let cameras = camera::Entity::find().filter(camera::Column::Slug.is_in(slugs)).all(app.db()).await?;
    let own: HashSet<String> = own(app, recorder, cameras).await?.into_values().map(|camera| camera.slug).collect();
    let is_own = |key: &str| slug_of(key).is_some_and(|slug| own.contains(slug));
    let asked = keys.iter().filter(|key| is_own(key)).map(String::as_str);
    let found = object::Entity::find().filter(object::Column::Key.is_in(asked)).all(app.db()).await?;
    let mut found: HashMap<String, object::Model> =
        found.into_iter().map(|object| (object.key.clone(), object)).collect();
    let asked: Vec<_> = keys.iter().map(|key| (key.clone(), is_own(key), found.remove(key))).collect();
    let fates = stream::iter(asked).map(|(key, is_own, object)| async move {
        let fate = match object {
            _ if !is_own => Fate::Refused { why: "its camera is none of this recorder’s".into() },
            Some(object) => fate(app, &object).await?,
            None => Fate::Missing { why: "it was not announced".into() },
        };
        Ok::<_, AppError>(Item { key, fate })
    });
    let items: Vec<_> = fates.buffered(TOGETHER).collect().await;
    Ok(Placed { items: items.into_iter().collect::<Result<_>>()? })
}

async fn fate(app: &App, object: &object::Model) -> Result<Fate> {
    if object.erased_at.is_some() {
        return Ok(Fate::Kept);
    }
    match objects::arrived(app, object).await {
        Ok(Found::Right(_)) => Ok(Fate::Kept),
        Ok(Found::Nothing) => Ok(Fate::Missing { why: "nothing is there".into() }),
        Ok(Found::Other) => Ok(Fate::Missing { why: "other bytes are there than were announced".into() }),
        Err(AppError::Unavailable(_)) => Ok(Fate::Later { after_seconds: 30 }),
        Err(error) => Err(error),
    }
}

/// The camera in `recordings/dock_2/…`.
fn slug_of(key: &str) -> Option<&str> {
    key.strip_prefix("recordings/")?.split_once('/').map(|(slug, _)| slug)
}
