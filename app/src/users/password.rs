//! Passwords at rest: argon2id with the parameters of the OWASP Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane).
//!
//! Each hash takes tens of milliseconds and 19 MiB by intention, so this process works on as many at once as it has cores. The others
//! wait for their turn, and not for long: a flood of passwords must not take the memory and the cores from everybody else.

use std::{sync::LazyLock, thread::available_parallelism, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version, password_hash::SaltString,
};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{
    error::{AppError, Result},
    ports::Ids,
};

static TURNS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, std::num::NonZero::get)));

/// How long somebody waits for a turn.
const PATIENCE: Duration = Duration::from_secs(5);

async fn turn(turns: &'static Semaphore, patience: Duration) -> Result<SemaphorePermit<'static>> {
    match tokio::time::timeout(patience, turns.acquire()).await {
        Ok(turn) => Ok(turn.map_err(anyhow::Error::new)?),
        Err(_) => Err(AppError::Unavailable(
            "Too many passwords are being checked at this moment. Nothing was changed; try again in a few seconds."
                .into(),
        )),
    }
}

/// Does `work` off the async threads when its turn comes. The turn ends with the work, also when nobody waits for it any more.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let turn = turn(&TURNS, PATIENCE).await?;
    let done = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    });
    Ok(done.await.map_err(anyhow::Error::new)?)
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

/// Hashes a new password.
///
/// # Errors
/// [`AppError::Unavailable`] when too many others are hashed and checked.
pub async fn hash_password(ids: &dyn Ids, password: String) -> Result<String> {
    let mut salt = [0; 16];
    ids.random(&mut salt);
    in_turn(move || {
        let salt = SaltString::encode_b64(&salt).map_err(|e| anyhow::anyhow!("salt: {e}"))?;
        let hash = argon2().hash_password(password.as_bytes(), &salt).map_err(|e| anyhow::anyhow!("argon2: {e}"))?;
        Ok(hash.to_string())
    })
    .await?
}

/// Whether `password` is the one behind `hash`.
///
/// # Errors
/// [`AppError::Unavailable`] when too many others are hashed and checked.
pub async fn verify_password(hash: String, password: String) -> Result<bool> {
    in_turn(move || {
        PasswordHash::new(&hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_too_long_for_a_turn_is_told() {
        static ONE: Semaphore = Semaphore::const_new(1);
        let first = turn(&ONE, PATIENCE).await.unwrap();
        assert!(matches!(turn(&ONE, Duration::from_millis(1)).await, Err(AppError::Unavailable(_))));
        drop(first);
        assert!(turn(&ONE, Duration::from_millis(1)).await.is_ok());
    }

    #[tokio::test]
    async fn hashing_and_checking_wait_for_their_turn() {
        let cores = u32::try_from(TURNS.available_permits()).unwrap();
        let all = TURNS.acquire_many(cores).await.unwrap();
        let mut checking = tokio::spawn(verify_password("no hash".into(), "lamp oil".into()));
        assert!(tokio::time::timeout(Duration::from_millis(50), &mut checking).await.is_err());
        drop(all);
        assert!(!checking.await.unwrap().unwrap());
        assert_eq!(TURNS.available_permits(), cores as usize, "the turn is given back");
    }
}
