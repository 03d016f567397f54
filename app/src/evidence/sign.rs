//! The installation's key, and its signature under a manifest.

use std::{fmt, io};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use sha2::{Digest, Sha256};

use super::{Manifest, Seal};
use crate::secrets::Secrets;

/// So many hexadecimal digits of a key's SHA-256 are its id: what people write down and compare.
pub const KEY_ID: usize = 16;

/// What signs evidence (Ed25519, RFC 8032).
pub struct Signer(Ed25519KeyPair);

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.key_id())
    }
}

impl Signer {
    /// The installation's: derived from its secret, so that there is one secret to keep and every process has the key.
    #[must_use]
    pub fn of(secrets: &Secrets) -> Self {
        Self::from_seed(&secrets.derive("evidence", "ed25519"))
    }

    /// The key whose seed this is.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(seed).unwrap_or_else(|_| unreachable!("any 32 bytes are a seed")))
    }

    /// The public key, 32 bytes.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    /// Its id.
    #[must_use]
    pub fn key_id(&self) -> String {
        key_id(self.public_key())
    }

    /// Signs these very bytes.
    #[must_use]
    pub fn sign(&self, text: &str) -> Seal {
        Seal::new(text.as_bytes(), self.0.sign(text.as_bytes()).as_ref(), self.public_key())
    }

    /// The manifest as the text that is signed and kept, and the seal with it.
    ///
    /// # Errors
    /// When the manifest cannot be written as JSON.
    pub fn seal(&self, manifest: &Manifest) -> io::Result<(String, Seal)> {
        let text = serde_json::to_string_pretty(manifest)?;
        let seal = self.sign(&text);
        Ok((text, seal))
    }
}

/// The id of a public key.
#[must_use]
pub fn key_id(public_key: &[u8]) -> String {
    fingerprint(public_key)[..KEY_ID].to_owned()
}

/// SHA-256, hexadecimal.
pub(super) fn fingerprint(public_key: &[u8]) -> String {
    hex::encode(Sha256::digest(public_key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_of_rfc_8032_is_what_it_says() {
        let seed: [u8; 32] = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
            .unwrap()
            .try_into()
            .unwrap();
        let signer = Signer::from_seed(&seed);
        assert_eq!(
            hex::encode(signer.public_key()),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        );
        assert_eq!(signer.key_id(), "21fe31dfa154a261");
        assert_eq!(format!("{signer:?}"), "Signer(21fe31dfa154a261)");
        assert!(hex::encode(signer.0.sign(b"")).starts_with("e5564300c360ac729086e2cc806e828a"));
    }
}
