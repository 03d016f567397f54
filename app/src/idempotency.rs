//! Requests that may be repeated: whatever is repeated gives what was made the first time.
//!
//! A key is written in the very transaction that does the work, with what it made. So there is nothing to claim and nothing to give
//! back: a request that was refused, cut off or killed leaves no key, and one that was done leaves it for certain. Of two at once the
//! second one's transaction fails on the key, or on what the first one did, and it finds the first one's key.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, SqlErr};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{App, AppError, Result, audit::Actor};

/// The table of keys.
pub mod model {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_keys")]
    pub struct Model {
        /// Whose key it is: two programs may choose the same.
        #[sea_orm(primary_key, auto_increment = false)]
        pub owner: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        /// HMAC-SHA-256 of what was asked, lower-case hex: a request may hold a passcode, which a plain hash would give to guessing.
        pub request: String,
        /// What was made: ids and numbers, as JSON.
        #[sea_orm(column_type = "Text")]
        pub made: String,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// How long a key is remembered.
const KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// The field that errors about a key name.
pub const FIELD: &str = "Idempotency-Key";

/// Somebody's key for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    owner: String,
    key: String,
    request: String,
}

impl Key {
    /// `request` is all that makes the request what it is.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a key that is none.
    pub fn new(app: &App, owner: impl Into<String>, key: impl Into<String>, request: &str) -> Result<Self> {
        let (owner, key) = (owner.into(), key.into());
        if key.is_empty() || key.len() > 200 || key.chars().any(char::is_control) {
            return Err(AppError::field(FIELD, "Give a text of 1 to 200 characters, new for each thing to make"));
        }
        Ok(Self { owner, key, request: hex::encode(app.secrets.derive("idempotency", request)) })
    }
}

/// What a request made, now or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made<T> {
    Now(T),
    /// The same request was done before.
    Before(T),
}

impl<T> Made<T> {
    /// What was made, whichever it was.
    pub fn get(&self) -> &T {
        match self {
            Self::Now(made) | Self::Before(made) => made,
        }
    }

    /// Whichever it was.
    pub fn into_inner(self) -> T {
        match self {
            Self::Now(made) | Self::Before(made) => made,
        }
    }
}

/// Does `work` once for `key`. The verb it calls says what it made by [`WriteTxn::made`](crate::WriteTxn::made).
///
/// # Errors
/// Those of the work; [`AppError::Invalid`] for a key that was used for another request.
pub async fn once<T: DeserializeOwned>(
    app: &App,
    key: Key,
    work: impl AsyncFnOnce(App) -> Result<T>,
) -> Result<Made<T>> {
    if let Some(made) = known(app, &key).await? {
        return Ok(Made::Before(made));
    }
    match work(app.keyed(key.clone())).await {
        Ok(made) => Ok(Made::Now(made)),
        // Its double was faster, and what it did stood in the way.
        Err(error) => match known(app, &key).await? {
            Some(made) => Ok(Made::Before(made)),
            None => Err(error),
        },
    }
}

/// Does `work` once for each `key` of a page's form; without a key, each time. `asked` is all that makes the form what it is.
///
/// # Errors
/// Those of the work; [`AppError::Invalid`] on [`FIELD`] for a key that is none, or when the form was sent before and says something else now.
pub(crate) async fn once_by_form<T: DeserializeOwned>(
    app: &App,
    actor: &Actor,
    key: &str,
    asked: &Value,
    work: impl AsyncFnOnce(App) -> Result<T>,
) -> Result<T> {
    if key.is_empty() {
        return work(app.clone()).await;
    }
    let owner = actor.kind.parts().1.unwrap_or_default();
    let key = Key::new(app, owner, format!("form.{key}"), &asked.to_string())?;
    Ok(once(app, key, work).await?.into_inner())
}

async fn known<T: DeserializeOwned>(app: &App, key: &Key) -> Result<Option<T>> {
    let found = model::Entity::find_by_id((key.owner.clone(), key.key.clone()))
        .filter(model::Column::CreatedAt.gte(app.now() - KEPT_MS))
        .one(app.db())
        .await?;
    match found {
        Some(found) if found.request != key.request => {
            Err(AppError::field(FIELD, "This key was used for another request; choose a new one"))
        }
        Some(found) => Ok(Some(serde_json::from_str(&found.made)?)),
        None => Ok(None),
    }
}

/// Writes the key with what was made, in the transaction that made it.
pub(crate) async fn keep(tx: &impl ConnectionTrait, now: i64, key: &Key, made: &impl Serialize) -> Result<()> {
    let Key { owner, key, request } = key.clone();
    // The same key of some days ago is forgotten, whether or not it was swept.
    let old = model::Entity::delete_by_id((owner.clone(), key.clone()));
    old.filter(model::Column::CreatedAt.lt(now - KEPT_MS)).exec(tx).await?;
    let row = model::Model { owner, key, request, made: serde_json::to_string(made)?, created_at: now };
    match model::Entity::insert(row.into_active_model()).exec_without_returning(tx).await {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Err(AppError::Conflict("The same request was done at this moment.".into()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Forgets keys that are over; returns how many.
///
/// # Errors
/// When the database does not answer.
pub async fn sweep(app: &App) -> Result<u64> {
    let tx = app.begin().await?;
    let over = model::Entity::delete_many().filter(model::Column::CreatedAt.lt(app.now() - KEPT_MS));
    let swept = over.exec(&tx).await?.rows_affected;
    tx.commit().await?;
    Ok(swept)
}
