//! Secrets that must be read again, such as the seed of a second factor, sealed with a key that is not in the database.

use anyhow::{Context, anyhow};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};

use crate::{App, Result, ports::Ids, secrets::Secrets};

const NONCE: usize = 24;

fn cipher(secrets: &Secrets, purpose: &str) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&secrets.derive("sealed", purpose).into())
}

/// Seals `plain` for `purpose`; it opens only together with the same `owner`, so a row copied to another person is of no use.
///
/// # Errors
/// Never in practice: the cipher takes any length that fits in memory.
pub fn seal(app: &App, purpose: &str, owner: &str, plain: &[u8]) -> Result<String> {
    seal_with(&app.secrets, app.ports.ids.as_ref(), purpose, owner, plain)
}

/// The same where there is no house around it: on a recorder of another site.
///
/// # Errors
/// As [`seal`].
pub fn seal_with(secrets: &Secrets, ids: &dyn Ids, purpose: &str, owner: &str, plain: &[u8]) -> Result<String> {
    let mut nonce = [0; NONCE];
    ids.random(&mut nonce);
    let sealed = cipher(secrets, purpose)
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: owner.as_bytes() })
        .map_err(|_| anyhow!("could not seal"))?;
    Ok(BASE64_STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat()))
}

/// Opens what [`seal`] made.
///
/// # Errors
/// When it was made with another secret or for another owner, or was edited.
pub fn open(app: &App, purpose: &str, owner: &str, sealed: &str) -> Result<Vec<u8>> {
    open_with(&app.secrets, purpose, owner, sealed)
}

/// The same where there is no house around it.
///
/// # Errors
/// As [`open`].
pub fn open_with(secrets: &Secrets, purpose: &str, owner: &str, sealed: &str) -> Result<Vec<u8>> {
    let bytes = BASE64_STANDARD_NO_PAD.decode(sealed).context("a sealed value is not base64")?;
    let (nonce, text) = bytes.split_first_chunk::<NONCE>().context("a sealed value is too short")?;
    let plain = cipher(secrets, purpose)
        .decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: owner.as_bytes() })
        .map_err(|_| anyhow!("a sealed value does not open: was the installation's secret changed?"))?;
    Ok(plain)
}
