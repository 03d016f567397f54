//! Signed URLs for reading, made here and without the network.
//!
//! The client's own presigning walks through everything a request walks through, which costs as much as the rest of a download. The
//! signature is made by the same library; where the bucket is, the client is asked once.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider},
};
use aws_sdk_s3::{Client, presigning::PresigningConfig};
use aws_sigv4::{
    http_request::{
        PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4::SigningParams,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::RwLock;
use url::Url;

/// The longest that S3 signs for.
const MAX_LIFE: Duration = Duration::from_hours(7 * 24);
/// Credentials are asked for anew this long before they end.
const MARGIN: Duration = Duration::from_mins(5);
/// A key that is never stored under; only the address is wanted.
const PROBE: &str = "test/connection_test.txt";
/// RFC 3986's unreserved characters stay as they are: what the signature is computed over.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &VALUE.remove(b'/');

/// Signs for one bucket.
#[derive(Debug)]
pub struct Presigner {
    /// The bucket's address, with a slash at its end.
    base: Url,
    region: String,
    provider: SharedCredentialsProvider,
    kept: RwLock<Option<Credentials>>,
}

impl Presigner {
    /// # Errors
    /// When the client has no address for the bucket, or nobody gives it credentials.
    pub async fn new(
        client: &Client,
        bucket: &str,
        region: String,
        provider: SharedCredentialsProvider,
    ) -> Result<Self> {
        let life = PresigningConfig::expires_in(Duration::from_mins(1))?;
        let probe = client.get_object().bucket(bucket).key(PROBE).presigned(life).await?;
        let mut base: Url = probe.uri().parse()?;
        base.set_query(None);
        let path =
            base.path().strip_suffix(PROBE).context("the bucket's address does not end with the key")?.to_owned();
        base.set_path(&path);
        Ok(Self { base, region, provider, kept: RwLock::new(None) })
    }

    /// Where what is signed leads to, for the pages' content security policy.
    pub fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    pub(super) fn region(&self) -> &str {
        &self.region
    }

    /// Where `key` is, with `query`.
    pub(super) fn address(&self, key: &str, query: &[(&str, &str)]) -> String {
        let mut url = format!("{}{}", self.base, utf8_percent_encode(key, PATH));
        for (at, (name, value)) in query.iter().enumerate() {
            append(&mut url, at == 0, name, value);
        }
        url
    }

    /// A URL for `method` on `key` that lives until `expires_in` after `now`, or until the credentials end, whichever is sooner. `query` is
    /// signed with it; whoever uses the URL must send `headers`.
    ///
    /// # Errors
    /// When there are no credentials.
    pub(super) async fn sign(
        &self,
        method: &str,
        key: &str,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        expires_in: Duration,
        now: SystemTime,
    ) -> Result<Url> {
        let credentials = self.credentials(now).await?;
        self.signed(&credentials, method, key, query, headers, expires_in, now)
    }

    /// A URL that reads `key`, as it was made at `begun`, some time before `now`: asked again for the same `begun` it is the same. It lives
    /// until `expires_in` after `begun`, or until the credentials end. Says for how long that is from `begun` on.
    ///
    /// # Errors
    /// When there are no credentials.
    pub(super) async fn get(
        &self,
        key: &str,
        query: &[(&str, &str)],
        expires_in: Duration,
        begun: SystemTime,
        now: SystemTime,
    ) -> Result<(Url, Duration)> {
        // Those that still hold now; when they were given out is nobody's concern.
        let credentials = self.credentials(now).await?;
        let url = self.signed(&credentials, "GET", key, query, &[], expires_in, begun)?;
        Ok((url, lives(&credentials, expires_in, begun)))
    }

    fn signed(
        &self,
        credentials: &Credentials,
        method: &str,
        key: &str,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        expires_in: Duration,
        begun: SystemTime,
    ) -> Result<Url> {
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        // S3 signs the path as it is sent.
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.expires_in = Some(lives(credentials, expires_in, begun));
        let identity = credentials.clone().into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(begun)
            .settings(settings)
            .build()?
            .into();

        let mut url = self.address(key, query);
        let request =
            SignableRequest::new(method, url.as_str(), headers.iter().copied(), SignableBody::UnsignedPayload)?;
        let (instructions, _) = sign(request, &parameters)?.into_parts();
        for (at, (name, value)) in instructions.params().iter().enumerate() {
            append(&mut url, at == 0 && query.is_empty(), name, value);
        }
        Ok(url.parse()?)
    }

    pub(super) async fn credentials(&self, now: SystemTime) -> Result<Credentials> {
        let fresh = |kept: &Credentials| kept.expiry().is_none_or(|end| end > now + MARGIN);
        if let Some(kept) = self.kept.read().await.as_ref().filter(|kept| fresh(kept)) {
            return Ok(kept.clone());
        }
        let mut kept = self.kept.write().await;
        // Somebody else may have asked meanwhile.
        if let Some(kept) = kept.as_ref().filter(|kept| fresh(kept)) {
            return Ok(kept.clone());
        }
        let new = self.provider.provide_credentials().await?;
        Ok(kept.insert(new).clone())
    }
}

/// How long after `begun` a signature holds, at most `expires_in`.
fn lives(credentials: &Credentials, expires_in: Duration, begun: SystemTime) -> Duration {
    let left = credentials.expiry().and_then(|end| end.duration_since(begun).ok());
    // S3 counts whole seconds.
    Duration::from_secs(expires_in.min(MAX_LIFE).min(left.unwrap_or(MAX_LIFE)).as_secs())
}

fn append(url: &mut String, first: bool, name: &str, value: &str) {
    url.push(if first { '?' } else { '&' });
    url.push_str(name);
    url.push('=');
    url.extend(utf8_percent_encode(value, VALUE));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use aws_sdk_s3::config::{BehaviorVersion, Region};
    use proptest::prelude::*;

    use super::*;

    async fn both(key: &str, filename: &str, token: Option<&str>, path_style: bool) -> (Url, Url) {
        let credentials = Credentials::new("reader", "placeholder", token.map(Into::into), None, "test");
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(credentials.clone())
            .force_path_style(path_style)
            .build();
        let client = Client::from_conf(config);
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
        let life = Duration::from_secs(300);
        let theirs = client
            .get_object()
            .bucket("gatehouse")
            .key(key)
            .response_content_disposition(filename)
            .response_cache_control("no-store")
            .presigned(PresigningConfig::builder().start_time(now).expires_in(life).build().unwrap())
            .await
            .unwrap();
        let provider = SharedCredentialsProvider::new(credentials);
        let presigner = Presigner::new(&client, "gatehouse", "eu-central-1".into(), provider).await.unwrap();
        let query =
            [("x-id", "GetObject"), ("response-cache-control", "no-store"), ("response-content-disposition", filename)];
        (theirs.uri().parse().unwrap(), presigner.get(key, &query, life, now, now).await.unwrap().0)
    }

    fn parts(url: &Url) -> (String, String, BTreeMap<String, String>) {
        (url.origin().ascii_serialization(), url.path().to_owned(), url.query_pairs().into_owned().collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn it_signs_as_the_client_does(
            key in "[a-zA-Z0-9_. é~+&=-]{1,12}(/[a-zA-Z0-9_.é-]{1,12}){0,2}\\.pdf",
            filename in "\\PC{0,24}",
            token in proptest::option::of("[a-zA-Z0-9+/=]{20}"),
            path_style: bool,
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let (theirs, ours) = runtime.block_on(both(&key, &filename, token.as_deref(), path_style));
            prop_assert_eq!(parts(&ours), parts(&theirs));
        }
    }

    #[tokio::test]
    async fn what_is_asked_again_for_the_same_time_is_the_same_and_ends_with_the_credentials() {
        let begun = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
        let end = begun + Duration::from_mins(50);
        let credentials = Credentials::new("reader", "placeholder", None, Some(end), "test");
        let provider = SharedCredentialsProvider::new(credentials);
        let base = "https://gatehouse.s3.test/".parse().unwrap();
        let presigner = Presigner { base, region: "eu-central-1".into(), provider, kept: RwLock::new(None) };
        let mut urls = std::collections::HashSet::new();
        for minute in 0..30 {
            let now = begun + Duration::from_mins(minute);
            let (url, life) =
                presigner.get("recordings/1.mp4", &[], Duration::from_hours(2), begun, now).await.unwrap();
            assert_eq!(life, Duration::from_mins(50));
            urls.insert(url);
        }
        assert_eq!(urls.len(), 1);
    }

    #[tokio::test]
    async fn nothing_is_signed_for_longer_than_the_credentials_live() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
        let end = now + Duration::from_mins(20);
        let credentials = Credentials::new("reader", "placeholder", None, Some(end), "test");
        let provider = SharedCredentialsProvider::new(credentials);
        let base = "https://gatehouse.s3.test/".parse().unwrap();
        let presigner = Presigner { base, region: "eu-central-1".into(), provider, kept: RwLock::new(None) };
        let url = presigner.get("bols/1.pdf", &[], Duration::from_hours(24), now, now).await.unwrap().0;
        assert!(url.query_pairs().any(|(name, value)| name == "X-Amz-Expires" && value == "1200"), "{url}");
    }
}
