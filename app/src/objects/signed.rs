//! Signed, expiring URLs of Gatehouse's own, for files that no bucket serves: they behave like a bucket's presigned ones.

use url::Url;

use crate::{error::AppError, secrets::Secrets};

const PURPOSE: &str = "file-url";

/// A GET of `key`, saved as `filename`, until `expires` (Unix seconds).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileGrant {
    pub key: String,
    pub filename: String,
    pub expires: i64,
}

impl FileGrant {
    fn signature(&self, secrets: &Secrets) -> String {
        // A key holds no line break, and the filename stands last: no two grants read alike.
        hex::encode(secrets.derive(PURPOSE, &format!("{}\n{}\n{}", self.expires, self.key, self.filename)))
    }

    /// The URL that gives the file to whoever holds it.
    ///
    /// # Errors
    /// When `base` cannot carry a path.
    pub fn url(&self, base: &Url, secrets: &Secrets) -> Result<Url, url::ParseError> {
        let mut url = base.join("files/")?.join(&self.key)?;
        url.query_pairs_mut()
            .append_pair("expires", &self.expires.to_string())
            .append_pair("name", &self.filename)
            .append_pair("sig", &self.signature(secrets));
        Ok(url)
    }

    /// Whether `signature` was made for exactly this, and it is not `now` (Unix milliseconds) too late.
    ///
    /// # Errors
    /// 403 for a signature that is wrong, 410 for a right one that is over.
    pub fn check(&self, signature: &str, secrets: &Secrets, now: i64) -> Result<(), AppError> {
        let expected = self.signature(secrets);
        if !same(expected.as_bytes(), signature.as_bytes()) {
            return Err(AppError::Forbidden);
        }
        if now / 1000 >= self.expires {
            return Err(AppError::Gone(
                "This download link is over. Go back to the page it came from and press Download again.".into(),
            ));
        }
        Ok(())
    }
}

/// Compares in a time that does not tell where they differ.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (x, y)| difference | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> (FileGrant, Secrets) {
        let grant =
            FileGrant { key: "bols/2026/PRT-2026-0001.pdf".into(), filename: "Prêt & co.pdf".into(), expires: 1_000 };
        (grant, Secrets::new(&[7; 32]).unwrap())
    }

    fn signature(url: &Url) -> String {
        url.query_pairs().find(|(name, _)| name == "sig").unwrap().1.into_owned()
    }

    #[test]
    fn holds_until_it_expires() {
        let (grant, secrets) = grant();
        let url = grant.url(&Url::parse("https://yard.example/").unwrap(), &secrets).unwrap();
        assert!(
            url.as_str().starts_with("https://yard.example/files/bols/2026/PRT-2026-0001.pdf?expires=1000&name=Pr")
        );
        assert!(grant.check(&signature(&url), &secrets, 999_999).is_ok());
        assert!(matches!(grant.check(&signature(&url), &secrets, 1_000_000), Err(AppError::Gone(_))));
    }

    #[test]
    fn is_bound_to_key_name_and_expiry() {
        let (grant, secrets) = grant();
        let url = grant.url(&Url::parse("http://127.0.0.1:3000/").unwrap(), &secrets).unwrap();
        let sig = signature(&url);
        for other in [
            FileGrant { key: "bols/2026/PRT-2026-0002.pdf".into(), ..grant.clone() },
            FileGrant { filename: "x.pdf".into(), ..grant.clone() },
            FileGrant { expires: 2_000, ..grant.clone() },
        ] {
            assert!(matches!(other.check(&sig, &secrets, 0), Err(AppError::Forbidden)));
        }
        assert!(matches!(grant.check("", &secrets, 0), Err(AppError::Forbidden)));
    }
}
