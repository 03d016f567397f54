//! A link's passcode: argon2id at rest, and not to be guessed.

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::model::{link, view};
use crate::{
    App, AppError, Result,
    users::{hash_password, verify_password},
};

/// Wrong passcodes that are taken in [`WINDOW`].
const TRIES: u64 = 5;
const WINDOW: i64 = 15 * 60 * 1000;

/// Hashes what was chosen; `None` and empty are no passcode.
pub(super) async fn hash(app: &App, passcode: Option<&str>) -> Result<Option<String>> {
    let Some(passcode) = passcode.map(str::trim).filter(|code| !code.is_empty()) else { return Ok(None) };
    if !(6..=64).contains(&passcode.chars().count()) {
        return Err(AppError::field("passcode", "Give a passcode of 6 to 64 characters, or leave it empty for none"));
    }
    Ok(Some(hash_password(app.ports.ids.as_ref(), passcode.into()).await?))
}

/// What came of a passcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    Right,
    Missing,
    Wrong,
}

/// # Errors
/// [`AppError::TooMany`] after too many wrong ones, whoever typed them.
pub(super) async fn check(app: &App, link: &link::Model, typed: &str) -> Result<Tried> {
    let Some(hash) = &link.passcode_hash else { return Ok(Tried::Right) };
    if typed.trim().is_empty() {
        return Ok(Tried::Missing);
    }
    let wrong = view::Entity::find()
        .filter(view::Column::LinkId.eq(link.id))
        .filter(view::Column::Kind.eq("refused"))
        .filter(view::Column::At.gt(app.now() - WINDOW))
        .count(app.db())
        .await?;
    if wrong >= TRIES {
        return Err(AppError::TooMany { retry_after_secs: (WINDOW / 1000).unsigned_abs() });
    }
    let right = verify_password(hash.clone(), typed.trim().to_owned()).await?;
    Ok(if right { Tried::Right } else { Tried::Wrong })
}
