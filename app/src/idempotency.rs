//! Requests that a program may repeat: the second one gets the first one's answer.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, SqlErr};
use sha2::{Digest, Sha256};

use crate::{App, AppError, Result};

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
        /// SHA-256 of what was asked, lower-case hex.
        pub request: String,
        /// 0 while the first request is at work.
        pub status: i32,
        #[sea_orm(column_type = "Text")]
        pub answer: String,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// How long a key is remembered.
const KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// What to do with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nobody asked before: do it, then [`finish`] or [`give_up`].
    First(Claim),
    /// It was done: status and answer of then.
    Again(u16, String),
}

/// A key that is at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    owner: String,
    key: String,
}

/// Takes `key` for a request, or finds what it was answered before.
///
/// # Errors
/// [`AppError::Invalid`] for a key that is none or was used for something else; [`AppError::Conflict`] while the first is at work.
pub async fn claim(app: &App, owner: String, key: &str, request: &str) -> Result<Turn> {
    if key.is_empty() || key.len() > 200 || key.chars().any(char::is_control) {
        return Err(AppError::field(
            "Idempotency-Key",
            "Give a text of 1 to 200 characters, new for each thing to make",
        ));
    }
    let request = hex::encode(Sha256::digest(request));
    let now = app.now();
    let tx = app.begin().await?;
    model::Entity::delete_many().filter(model::Column::CreatedAt.lt(now - KEPT_MS)).exec(&tx).await?;
    let row = model::Model {
        owner: owner.clone(),
        key: key.into(),
        request: request.clone(),
        status: 0,
        answer: String::new(),
        created_at: now,
    };
    match model::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await {
        Ok(_) => {
            tx.commit().await?;
            return Ok(Turn::First(Claim { owner, key: key.into() }));
        }
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => drop(tx),
        Err(error) => return Err(error.into()),
    }
    let known = model::Entity::find_by_id((owner, key.to_owned())).one(app.db()).await?;
    match known {
        Some(known) if known.request != request => {
            Err(AppError::field("Idempotency-Key", "This key was used for another request; choose a new one"))
        }
        Some(known) if known.status > 0 => Ok(Turn::Again(u16::try_from(known.status).unwrap_or(200), known.answer)),
        _ => Err(AppError::Conflict("The first request with this key is at work, or broke off. Look whether it was done before you choose a new key.".into())),
    }
}

/// Remembers what the request was answered.
///
/// # Errors
/// When the database does not answer.
pub async fn finish(app: &App, claim: Claim, status: u16, answer: String) -> Result<()> {
    let tx = app.begin().await?;
    let row = model::ActiveModel {
        owner: Set(claim.owner),
        key: Set(claim.key),
        status: Set(i32::from(status)),
        answer: Set(answer),
        ..Default::default()
    };
    model::Entity::update(row).exec(&tx).await?;
    tx.commit().await
}

/// Frees the key of a request that was refused: mended, it may be sent again.
///
/// # Errors
/// When the database does not answer.
pub async fn give_up(app: &App, claim: Claim) -> Result<()> {
    let tx = app.begin().await?;
    model::Entity::delete_by_id((claim.owner, claim.key)).exec(&tx).await?;
    tx.commit().await
}
