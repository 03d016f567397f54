//! Signed, expiring permits to put bytes into files of this machine: they behave like a bucket's presigned PUTs.

use url::Url;

use super::signed::same;
use crate::{error::AppError, secrets::Secrets};

const PURPOSE: &str = "file-put";

/// A PUT of at most `most` bytes to `key`, until `expires` (Unix seconds).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutPermit {
    pub key: String,
    /// Exactly so many bytes, where `exact`.
    pub most: u64,
    pub exact: bool,
    /// Which they must be, lower-case hex; empty: any.
    pub sha256: String,
    pub expires: i64,
}

impl PutPermit {
    fn signature(&self, secrets: &Secrets) -> String {
        let subject = format!("{}\n{}\n{}\n{}\n{}", self.expires, self.most, self.exact, self.sha256, self.key);
        hex::encode(secrets.derive(PURPOSE, &subject))
    }

    /// The URL that takes the bytes of whoever holds it.
    ///
    /// # Errors
    /// When `base` cannot carry a path.
    pub fn url(&self, base: &Url, secrets: &Secrets) -> Result<Url, url::ParseError> {
        let mut url = base.join("files/")?.join(&self.key)?;
        url.query_pairs_mut()
            .append_pair("expires", &self.expires.to_string())
            .append_pair("most", &self.most.to_string())
            .append_pair("exact", if self.exact { "yes" } else { "no" })
            .append_pair("sha256", &self.sha256)
            .append_pair("sig", &self.signature(secrets));
        Ok(url)
    }

    /// Whether `signature` was made for exactly this, and it is not `now` (Unix milliseconds) too late.
    ///
    /// # Errors
    /// 403 for a signature that is wrong, 410 for a right one that is over.
    pub fn check(&self, signature: &str, secrets: &Secrets, now: i64) -> Result<(), AppError> {
        if !same(self.signature(secrets).as_bytes(), signature.as_bytes()) {
            return Err(AppError::Forbidden);
        }
        match now / 1000 < self.expires {
            true => Ok(()),
            false => Err(AppError::Gone("This upload link is over; ask for a fresh one.".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::signed::FileGrant;

    #[test]
    fn a_permit_is_bound_to_all_it_says_and_reads_nothing() {
        let secrets = Secrets::new(&[7; 32]).unwrap();
        let permit =
            PutPermit { key: "incoming/a".into(), most: 10, exact: true, sha256: String::new(), expires: 1_000 };
        let url = permit.url(&Url::parse("http://yard.test/").unwrap(), &secrets).unwrap();
        let sig = url.query_pairs().find(|(name, _)| name == "sig").unwrap().1.into_owned();
        assert!(permit.check(&sig, &secrets, 999_999).is_ok());
        assert!(matches!(permit.check(&sig, &secrets, 1_000_000), Err(AppError::Gone(_))));
        for other in [
            PutPermit { key: "incoming/b".into(), ..permit.clone() },
            PutPermit { most: 11, ..permit.clone() },
            PutPermit { exact: false, ..permit.clone() },
            PutPermit { sha256: "00".into(), ..permit.clone() },
            PutPermit { expires: 2_000, ..permit.clone() },
        ] {
            assert!(matches!(other.check(&sig, &secrets, 0), Err(AppError::Forbidden)), "{other:?}");
        }
        let reads = FileGrant { key: permit.key.clone(), filename: String::new(), expires: permit.expires };
        assert!(reads.check(&sig, &secrets, 0).is_err());
    }
}
