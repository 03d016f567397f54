//! Passwords at rest: argon2id with the parameters of the OWASP Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane).

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version, password_hash::SaltString,
};

use crate::{error::Result, ports::Ids};

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

/// Hashes off the async threads: it takes tens of milliseconds and 19 MiB by intention.
///
/// # Errors
/// When the hasher refuses its input, which no length of password makes it do.
pub async fn hash_password(ids: &dyn Ids, password: String) -> Result<String> {
    let mut salt = [0; 16];
    ids.random(&mut salt);
    let hash = tokio::task::spawn_blocking(move || {
        let salt = SaltString::encode_b64(&salt).map_err(|e| anyhow::anyhow!("salt: {e}"))?;
        argon2()
            .hash_password(password.as_bytes(), &salt)
            .map(|h| h.to_string())
            .map_err(|e| anyhow::anyhow!("argon2: {e}"))
    })
    .await
    .map_err(anyhow::Error::new)??;
    Ok(hash)
}

/// Whether `password` is the one behind `hash`; off the async threads.
///
/// # Errors
/// When the hashing task could not run.
pub async fn verify_password(hash: String, password: String) -> Result<bool> {
    let same = tokio::task::spawn_blocking(move || {
        PasswordHash::new(&hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await
    .map_err(anyhow::Error::new)?;
    Ok(same)
}
