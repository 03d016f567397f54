//! Puts by others straight to the bucket: signed here, sent by whoever holds the grant.

use std::time::{Duration, SystemTime};

use base64::{Engine, prelude::BASE64_STANDARD};
use gatehouse_app::{
    objects::check_key,
    ports::{PutGrant, SignedPut, StoreError},
};
use url::Url;

use super::s3::S3Store;

impl S3Store {
    /// Type, length and checksum are signed: whoever holds it can put these bytes there, and no others.
    pub(super) async fn grant_put(
        &self,
        key: &str,
        put: &PutGrant<'_>,
        expires_in: Duration,
    ) -> Result<SignedPut, StoreError> {
        check_key(key)?;
        let mut headers = vec![("content-type", put.content_type.to_owned()), ("content-length", put.size.to_string())];
        if let Some(sha256) = put.sha256 {
            let digest =
                hex::decode(sha256).map_err(|_| StoreError::Source(format!("{key}: the checksum is not hex")))?;
            headers.push(("x-amz-meta-sha256", sha256.to_owned()));
            if self.flavour.knows_checksums() {
                headers.push(("x-amz-checksum-sha256", BASE64_STANDARD.encode(digest)));
            }
        }
        let signed: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let url = self.grant(key, &[], &signed, expires_in).await?;
        // A browser sets the length by itself, and refuses to be told.
        headers.retain(|(name, _)| *name != "content-length");
        Ok(SignedPut { url, headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect() })
    }

    pub(super) async fn grant_part(
        &self,
        key: &str,
        upload: &str,
        number: u32,
        expires_in: Duration,
    ) -> Result<Url, StoreError> {
        check_key(key)?;
        let number = number.to_string();
        self.grant(key, &[("partNumber", &number), ("uploadId", upload)], &[], expires_in).await
    }

    async fn grant(
        &self,
        key: &str,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        expires_in: Duration,
    ) -> Result<Url, StoreError> {
        #[expect(clippy::disallowed_methods, reason = "the server's clock judges it, not the house's")]
        let now = SystemTime::now();
        let signed = self.presigner.sign("PUT", key, query, headers, expires_in, now).await;
        signed.map_err(|error| StoreError::Unavailable(format!("could not sign: {error:#}")))
    }
}
