//! A link's passcode: argon2id at rest, and not to be guessed.

use super::model::link;
use crate::{
    App, AppError, Result,
    users::{
        hash_password,
        throttle::{self, Gate},
        verify_password,
    },
};

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
    // Counted before it is judged, so that many at once are not more tries than one after the other.
    let gate = [Gate::Passcode(link.id)];
    throttle::admit(app, &gate).await?;
    if !verify_password(hash.clone(), typed.trim().to_owned()).await? {
        return Ok(Tried::Wrong);
    }
    let tx = app.begin().await?;
    throttle::settle(&tx, &gate).await?;
    tx.commit().await?;
    Ok(Tried::Right)
}
