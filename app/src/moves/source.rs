//! What there is to move, in the order of keys, a batch at a time.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait},
};
use tokio::sync::mpsc;

use crate::{
    App, AppError, Result,
    objects::{
        Class, PlacementState, content_type,
        model::{object, placement},
    },
    ports::ObjectStore,
    words::after_prefix,
};

pub(super) const BATCH: u64 = 500;

/// Where objects come from.
#[derive(Clone)]
pub enum Source {
    /// What is on record there as verified.
    Store(Arc<dyn ObjectStore>),
    /// Files of an old system; their keys are their paths below it, behind a prefix.
    Folder { root: PathBuf, prefix: String },
}

/// One object to move.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub key: String,
    pub size: u64,
    /// Lower-case hex; a folder does not know it.
    pub sha256: Option<String>,
    pub content_type: String,
    /// What is on record of it.
    pub object: Option<object::Model>,
    pub path: Option<PathBuf>,
}

/// The stream of them.
pub(super) enum Items<'a> {
    Store { app: &'a App, store: Arc<dyn ObjectStore>, class: Option<Class>, after: String },
    Folder { files: mpsc::Receiver<io::Result<Item>>, class: Option<Class> },
}

impl Source {
    pub(super) fn items<'a>(&self, app: &'a App, class: Option<Class>) -> Items<'a> {
        match self {
            Self::Store(store) => Items::Store { app, store: Arc::clone(store), class, after: String::new() },
            Self::Folder { root, prefix } => {
                let (files, received) = mpsc::channel(BATCH as usize);
                let (root, prefix) = (root.clone(), prefix.clone());
                tokio::task::spawn_blocking(move || {
                    let walked = walk(&root, &prefix, &mut |key, path, size| {
                        let content_type = content_type(&key).to_owned();
                        let item = Item { key, size, sha256: None, content_type, object: None, path: Some(path) };
                        files.blocking_send(Ok(item)).is_ok()
                    });
                    if let Err(error) = walked {
                        let _ = files.blocking_send(Err(error));
                    }
                });
                Items::Folder { files: received, class }
            }
        }
    }

    /// How many objects and bytes there are.
    pub(super) async fn total(&self, app: &App, class: Option<Class>) -> Result<(i64, i64)> {
        match self {
            Self::Store(store) => {
                #[derive(FromQueryResult)]
                struct Sum {
                    objects: i64,
                    bytes: Option<i64>,
                }
                let bytes = Expr::col(placement::Column::Size).sum().cast_as(Alias::new("BIGINT"));
                let sum = placed(store.as_ref(), class)
                    .select_only()
                    .column_as(placement::Column::Id.count(), "objects")
                    .column_as(bytes, "bytes")
                    .into_model::<Sum>()
                    .one(app.db())
                    .await?;
                Ok(sum.map_or((0, 0), |sum| (sum.objects, sum.bytes.unwrap_or_default())))
            }
            Self::Folder { root, prefix } => {
                let (root, prefix) = (root.clone(), prefix.clone());
                let count = move || {
                    let mut total = (0, 0);
                    walk(&root, &prefix, &mut |key, _, size| {
                        if class.is_none_or(|class| Class::of_key(&key) == Some(class)) {
                            total = (total.0 + 1, total.1 + i64::try_from(size).unwrap_or_default());
                        }
                        true
                    })?;
                    Ok(total)
                };
                let counted = tokio::task::spawn_blocking(count).await.unwrap_or_else(|e| Err(io::Error::other(e)));
                counted.map_err(unreadable)
            }
        }
    }
}

fn placed(store: &dyn ObjectStore, class: Option<Class>) -> sea_orm::Select<placement::Entity> {
    let mut query = placement::Entity::find()
        .filter(placement::Column::Backend.eq(store.backend()))
        .filter(placement::Column::Bucket.eq(store.bucket()))
        .filter(placement::Column::State.eq(PlacementState::Verified));
    if let Some(class) = class {
        let prefix = class.prefix();
        query =
            query.filter(placement::Column::Key.gte(prefix)).filter(placement::Column::Key.lt(after_prefix(prefix)));
    }
    query
}

impl Items<'_> {
    /// The next ones; none when that was all.
    pub async fn next(&mut self) -> Result<Vec<Item>> {
        match self {
            Self::Store { app, store, class, after } => {
                let rows = placed(store.as_ref(), *class)
                    .filter(placement::Column::Key.gt(after.as_str()))
                    .order_by_asc(placement::Column::Key)
                    .limit(BATCH)
                    .all(app.db())
                    .await?;
                if let Some(last) = rows.last() {
                    after.clone_from(&last.key);
                }
                let ids: Vec<_> = rows.iter().map(|row| row.object_id).collect();
                let objects = object::Entity::find().filter(object::Column::Id.is_in(ids)).all(app.db()).await?;
                let mut objects: HashMap<_, _> = objects.into_iter().map(|object| (object.id, object)).collect();
                let item = |row: placement::Model| {
                    let object = objects.remove(&row.object_id);
                    Item {
                        size: u64::try_from(row.size).unwrap_or_default(),
                        sha256: Some(row.sha256),
                        content_type: object.as_ref().map(|object| object.content_type.clone()).unwrap_or_default(),
                        object,
                        path: store.path(&row.key),
                        key: row.key,
                    }
                };
                Ok(rows.into_iter().map(item).collect())
            }
            Self::Folder { files, class } => {
                let mut items = Vec::new();
                while items.len() < BATCH as usize
                    && let Some(item) = files.recv().await
                {
                    let item = item.map_err(unreadable)?;
                    if class.is_none_or(|class| Class::of_key(&item.key) == Some(class)) {
                        items.push(item);
                    }
                }
                Ok(items)
            }
        }
    }
}

fn unreadable(error: io::Error) -> AppError {
    AppError::Unavailable(format!("The folder cannot be read: {error}"))
}

/// Every file below `root` in the order of keys, until `each` says that it is enough. Names with a dot in front are left out. Blocks.
pub(super) fn walk(root: &Path, prefix: &str, each: &mut dyn FnMut(String, PathBuf, u64) -> bool) -> io::Result<bool> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            // A folder's keys go on with a slash, which is where it stands among its neighbours.
            let is_folder = fs::metadata(entry.path())?.is_dir();
            names.push((if is_folder { format!("{name}/") } else { name }, entry.path()));
        }
    }
    names.sort_unstable();
    for (name, path) in names {
        let key = format!("{prefix}{name}");
        let goes_on = if key.ends_with('/') {
            walk(&path, &key, each)?
        } else {
            let size = fs::metadata(&path)?.len();
            each(key, path, size)
        };
        if !goes_on {
            return Ok(false);
        }
    }
    Ok(true)
}
