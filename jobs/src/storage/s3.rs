//! Objects in a bucket: AWS, or any server that speaks S3.
//!
//! Servers differ in what they silently ignore, so nothing is inferred from a 200: the object carries its SHA-256 as metadata too, and
//! what counts is the HEAD afterwards.

use std::{
    ops::Range,
    time::{Duration, SystemTime},
};

use anyhow::Context;
use async_trait::async_trait;
use aws_config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_s3::{
    Client,
    config::{RequestChecksumCalculation, ResponseChecksumValidation},
    error::{DisplayErrorContext, SdkError},
    operation::head_object::HeadObjectOutput,
    primitives::ByteStream,
    types::ChecksumMode,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use gatehouse_app::{
    objects::{attachment, check_key},
    ports::{Bytestream, ObjectStore, StoreError, Stored},
};
use url::Url;

use super::presign::Presigner;

/// Our own name for the checksum, for servers that do not keep theirs.
const SHA256: &str = "sha256";
/// Times that a put is tried when another one at the same key is under way.
const PUTS: u32 = 3;

/// One bucket, with one client.
pub struct S3Store {
    client: Client,
    bucket: String,
    presigner: Presigner,
}

impl S3Store {
    /// Credentials, region and endpoint come from where the AWS tools find them (`AWS_*`, profiles, roles).
    ///
    /// # Errors
    /// When there is no region to sign for.
    #[expect(clippy::disallowed_methods, reason = "this is the port's adapter")]
    pub async fn connect(bucket: &str) -> anyhow::Result<Self> {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(4))
            .read_timeout(Duration::from_secs(30))
            .operation_attempt_timeout(Duration::from_mins(1))
            .operation_timeout(Duration::from_mins(3))
            .build();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .load()
            .await;
        let region = config.region().context("setting AWS_REGION: name the bucket's region")?.to_string();
        let mut builder = aws_sdk_s3::config::Builder::from(&config);
        if config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some() {
            // Names of buckets are hosts at AWS only; and other servers stumble over its checksum trailers.
            builder = builder
                .force_path_style(true)
                .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
                .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        }
        let client = Client::from_conf(builder.build());
        let credentials = config.credentials_provider().context("AWS credentials: none are configured")?;
        let presigner = Presigner::new(&client, bucket, region, credentials).await?;
        Ok(Self { client, bucket: bucket.to_owned(), presigner })
    }

    async fn put_once(&self, key: &str, bytes: Vec<u8>, content_type: &str, sha256: &str) -> Result<Put, StoreError> {
        let digest = hex::decode(sha256).map_err(|_| StoreError::Unavailable("the checksum is not hex".into()))?;
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(content_type)
            .content_length(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
            .checksum_sha256(BASE64_STANDARD.encode(digest))
            .metadata(SHA256, sha256)
            .if_none_match("*")
            .body(ByteStream::from(bytes))
            .send()
            .await;
        match put {
            Ok(_) => Ok(Put::Done),
            Err(error) => match status(&error) {
                Some(412) => Ok(Put::Exists),
                Some(409) => Ok(Put::UnderWay),
                _ => Err(unavailable(&error)),
            },
        }
    }
}

enum Put {
    Done,
    /// Something stands there already.
    Exists,
    /// Somebody else puts it at this moment.
    UnderWay,
}

#[async_trait]
impl ObjectStore for S3Store {
    fn backend(&self) -> &'static str {
        "s3"
    }

    fn bucket(&self) -> &str {
        &self.bucket
    }

    fn origin(&self) -> Option<String> {
        Some(self.presigner.origin())
    }

    async fn put(&self, key: &str, bytes: Vec<u8>, content_type: &str, sha256: &str) -> Result<Stored, StoreError> {
        check_key(key)?;
        let wanted = Stored { size: bytes.len() as u64, sha256: Some(sha256.into()), etag: None };
        let same = |found: &Stored| found.size == wanted.size && found.sha256 == wanted.sha256;
        // Some servers ignore the condition on the put, so what stands there is asked for first.
        match self.head(key).await? {
            Some(found) if same(&found) => return Ok(found),
            Some(_) => return Err(StoreError::Conflict(key.into())),
            None => {}
        }
        for attempt in 1..=PUTS {
            match self.put_once(key, bytes.clone(), content_type, sha256).await? {
                Put::Done => return Ok(wanted),
                Put::Exists => {
                    return match self.head(key).await? {
                        Some(found) if same(&found) => Ok(found),
                        _ => Err(StoreError::Conflict(key.into())),
                    };
                }
                Put::UnderWay => tokio::time::sleep(Duration::from_millis(200) * attempt).await,
            }
        }
        Err(StoreError::Unavailable(format!("{key} is being written by somebody else")))
    }

    async fn head(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        check_key(key)?;
        let head =
            self.client.head_object().bucket(&self.bucket).key(key).checksum_mode(ChecksumMode::Enabled).send().await;
        match head {
            Ok(found) => Ok(Some(stored(&found))),
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(unavailable(&error)),
        }
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<Bytestream, StoreError> {
        check_key(key)?;
        // HTTP ranges name their last byte, so an empty one cannot be asked for.
        if range.as_ref().is_some_and(Range::is_empty) {
            return Ok(Box::pin(tokio::io::empty()));
        }
        let range = range.map(|range| format!("bytes={}-{}", range.start, range.end - 1));
        match self.client.get_object().bucket(&self.bucket).key(key).set_range(range).send().await {
            Ok(found) => Ok(Box::pin(found.body.into_async_read())),
            Err(error) if status(&error) == Some(404) => Err(StoreError::NotFound(key.into())),
            Err(error) => Err(unavailable(&error)),
        }
    }

    async fn presign(&self, key: &str, filename: &str, expires_in: Duration) -> Result<Url, StoreError> {
        check_key(key)?;
        let disposition = attachment(filename);
        let query = [("response-cache-control", "no-store"), ("response-content-disposition", disposition.as_str())];
        #[expect(clippy::disallowed_methods, reason = "the server's clock judges it, not the house's")]
        let now = SystemTime::now();
        let signed = self.presigner.get(key, &query, expires_in, now).await;
        signed.map_err(|error| StoreError::Unavailable(format!("could not sign: {error:#}")))
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        check_key(key)?;
        match self.client.delete_object().bucket(&self.bucket).key(key).send().await {
            Ok(_) => Ok(()),
            Err(error) if status(&error) == Some(404) => Ok(()),
            Err(error) => Err(unavailable(&error)),
        }
    }
}

/// The server's own checksum where it keeps one of the whole object, else the one that we left with it.
fn stored(found: &HeadObjectOutput) -> Stored {
    let theirs = found
        .checksum_sha256()
        .and_then(|text| BASE64_STANDARD.decode(text).ok())
        .filter(|digest| digest.len() == 32)
        .map(hex::encode);
    let ours = || found.metadata().and_then(|metadata| metadata.get(SHA256)).cloned();
    Stored {
        size: found.content_length().and_then(|n| u64::try_from(n).ok()).unwrap_or_default(),
        sha256: theirs.or_else(ours),
        etag: found.e_tag().map(|etag| etag.trim_matches('"').to_owned()),
    }
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

fn unavailable<E: std::error::Error + 'static>(error: &SdkError<E>) -> StoreError
where
    SdkError<E>: std::error::Error,
{
    StoreError::Unavailable(match status(error) {
        Some(403) => "it refused our credentials (403)".into(),
        Some(404) => "there is no such bucket (404)".into(),
        _ => DisplayErrorContext(error).to_string(),
    })
}
