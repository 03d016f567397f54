//! The installation's secret, and what is derived from it.
//!
//! Tokens in emailed links are derived, not stored: the database keeps only their SHA-256, yet a job that sends the mail after a
//! restart arrives at the same token again.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// At least 32 random bytes, kept in `secret.key` of the data folder or given by `GATEHOUSE_SECRET`.
#[derive(Clone)]
pub struct Secrets(Box<[u8]>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(***)")
    }
}

impl Secrets {
    /// The fewest bytes that are taken as a secret.
    pub const MIN_BYTES: usize = 32;

    /// `None` when `bytes` are fewer than [`Self::MIN_BYTES`].
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (bytes.len() >= Self::MIN_BYTES).then(|| Self(bytes.into()))
    }

    /// 32 bytes that belong to `purpose` and `subject` alone.
    #[must_use]
    pub fn derive(&self, purpose: &str, subject: &str) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        // The length keeps (“a”, “bc”) and (“ab”, “c”) apart.
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(subject.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// A token for a URL: 192 bits, 32 characters.
    #[must_use]
    pub fn token(&self, purpose: &str, subject: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.derive(purpose, subject)[..24])
    }
}

/// What is stored of a token: the SHA-256, lower-case hex. A token has more than 128 random bits, so no salt is needed.
#[must_use]
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}
