//! One object as the stores see it now: each copy, whether it can be read, its versions.

use std::{collections::HashMap, time::Duration};

use futures::future::join_all;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use tokio::time::timeout;

use super::model;
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    ids::{ObjectId, RestoreId},
    objects::{
        self,
        model::{object, placement},
    },
    paging::{Place, Slice},
    ports::{Info, StoreError, Version},
    words::after_prefix,
};

/// Whatever is asked answers within this time, or counts as not answering.
const PATIENCE: Duration = Duration::from_secs(5);
/// Restores that a page shows.
const RESTORES: u64 = 10;

/// An object, looked at.
#[derive(Clone, Debug)]
pub struct Seen {
    pub object: object::Model,
    pub copies: Vec<Copy>,
    /// Newest first.
    pub restores: Vec<model::Model>,
}

/// One copy, and what its store says of it.
#[derive(Clone, Debug)]
pub struct Copy {
    pub row: placement::Model,
    /// `Ok(None)`: nothing stands there.
    pub info: std::result::Result<Option<Info>, String>,
    /// Newest first; empty where the store keeps none.
    pub versions: Vec<Version>,
}

/// Looks at an object, on record.
///
/// # Errors
/// `NotFound`; when the look cannot be put on record. A store that does not answer is said in its copy.
pub async fn see(app: &App, actor: &Actor, id: ObjectId) -> Result<Seen> {
    let object = objects::find(app.db(), id).await?;
    let details = json!({ "key": object.key });
    app.record_read(actor, Action::ObjectViewed, Subject::Object(id), details).await?;
    let rows = placement::Entity::find()
        .filter(placement::Column::ObjectId.eq(id))
        .order_by_asc(placement::Column::Backend)
        .all(app.db())
        .await?;
    let restores = model::Entity::find()
        .filter(model::Column::ObjectId.eq(id))
        .order_by_desc(model::Column::AskedAt)
        .limit(RESTORES)
        .all(app.db())
        .await?;
    let copies = join_all(rows.into_iter().map(|row| look_at(app, row))).await;
    Ok(Seen { object, copies, restores })
}

async fn look_at(app: &App, row: placement::Model) -> Copy {
    let Some(store) = app.ports.plane.holder(&row) else {
        let info = Err("It is on another machine’s disk, or in a bucket that is not configured here.".to_owned());
        return Copy { row, info, versions: Vec::new() };
    };
    let asked = timeout(PATIENCE, async { tokio::join!(store.info(&row.key), store.versions(&row.key)) });
    let late = || Err(StoreError::Unavailable("no answer within 5 s".into()));
    let (info, versions) = asked.await.unwrap_or_else(|_| (late(), Ok(Vec::new())));
    Copy { info: info.map_err(|error| error.to_string()), versions: versions.unwrap_or_default(), row }
}

/// The object with this very key.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn named(app: &App, key: &str) -> Result<object::Model> {
    crate::objects::known(app, key).await?.ok_or(AppError::NotFound("An object of that key"))
}

/// One restore.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn find(db: &impl ConnectionTrait, id: RestoreId) -> Result<model::Model> {
    model::Entity::find_by_id(id).one(db).await?.ok_or(AppError::NotFound("This restore"))
}

/// At most `limit` objects whose key begins with `prefix`, in the order of keys.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, prefix: &str, place: &Place<String>, limit: usize) -> Result<Slice<object::Model>> {
    let mut query = object::Entity::find()
        .filter(object::Column::Key.gte(prefix))
        .filter(object::Column::Key.lt(after_prefix(prefix)))
        .limit(limit as u64 + 1);
    query = match place {
        Place::Start => query.order_by_asc(object::Column::Key),
        Place::After(key) => query.filter(object::Column::Key.gt(key)).order_by_asc(object::Column::Key),
        Place::Before(key) => query.filter(object::Column::Key.lt(key)).order_by_desc(object::Column::Key),
    };
    Ok(Slice::cut(query.all(app.db()).await?, limit, place, |row| row.key.clone()))
}

/// What restores are of, for the list of jobs.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn keys(
    db: &impl ConnectionTrait,
    ids: Vec<RestoreId>,
) -> Result<HashMap<RestoreId, (ObjectId, String)>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(RestoreId, ObjectId)> = model::Entity::find()
        .filter(model::Column::Id.is_in(ids))
        .select_only()
        .columns([model::Column::Id, model::Column::ObjectId])
        .into_tuple()
        .all(db)
        .await?;
    let keys: HashMap<ObjectId, String> = object::Entity::find()
        .filter(object::Column::Id.is_in(found.iter().map(|(_, object)| *object)))
        .select_only()
        .columns([object::Column::Id, object::Column::Key])
        .into_tuple::<(ObjectId, String)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let named = |(restore, object)| Some((restore, (object, keys.get(&object)?.clone())));
    Ok(found.into_iter().filter_map(named).collect())
}
