//! A bucket as the doctor reaches it: one client that signs, one that is a stranger, and what they saw.

use std::{
    sync::{Arc, OnceLock, atomic::AtomicI64},
    time::Duration,
};

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_s3::{
    Client,
    config::{Builder, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation},
};
use gatehouse_app::ports::Clock;

use super::call::{Refusal, Seen, Watch};
use crate::storage::{builder, is_elsewhere};

/// A bucket to be looked at.
pub struct Place {
    /// `s3` or `gcs`.
    pub backend: &'static str,
    pub bucket: String,
    /// Where people open Gatehouse: the origin that browsers play and upload from.
    pub origin: String,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) config: SdkConfig,
    pub(super) client: Client,
    /// Without credentials.
    pub(super) stranger: Client,
    pub(super) seen: Arc<Seen>,
    /// What the first signed request came to: who we are, where we are and whether the bucket is there all show in it.
    pub(super) first: OnceLock<Result<(), Refusal>>,
    /// What the first request without credentials came to.
    pub(super) unsigned: OnceLock<Result<(), Refusal>>,
    /// Seconds by which our clock is ahead of the server's.
    pub(super) ahead: AtomicI64,
}

/// What the environment says of AWS: credentials, endpoint and, where `region` is empty, region. The doctor waits less than others, and
/// tries nothing twice.
pub async fn loaded(region: &str) -> SdkConfig {
    let mut config = aws_config::defaults(BehaviorVersion::latest()).timeout_config(patience()).retry_config(once());
    if !region.is_empty() {
        config = config.region(Region::new(region.to_owned()));
    }
    config.load().await
}

/// A server that is not found by AWS's conventions: Google Cloud Storage by its XML interface.
pub async fn elsewhere(endpoint: &str, access_id: &str, secret: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(patience())
        .retry_config(once())
        .region(Region::new("auto"))
        .endpoint_url(endpoint)
        .credentials_provider(Credentials::new(access_id, secret, None, None, "setting gcs_access_id"))
        .load()
        .await
}

fn patience() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(4))
        .read_timeout(Duration::from_secs(15))
        .operation_timeout(Duration::from_secs(45))
        .build()
}

fn once() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(1)
}

/// A client as Gatehouse's own.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is an adapter")]
pub fn client(config: &SdkConfig) -> Client {
    Client::from_conf(builder(config).build())
}

impl Place {
    /// `config` is where and as whom, from [`loaded`] or put together.
    #[expect(clippy::disallowed_methods, reason = "this is an adapter")]
    pub fn new(
        backend: &'static str,
        bucket: impl Into<String>,
        origin: impl Into<String>,
        config: SdkConfig,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let seen = Arc::new(Seen::default());
        let watched = |builder: Builder| builder.interceptor(Watch { seen: seen.clone(), clock: clock.clone() });
        let client = Client::from_conf(watched(builder(&config)).build());
        let mut nobody = config.to_builder();
        nobody.set_credentials_provider(None);
        // A stranger sends plain requests: nothing of them is signed, and the server would refuse headers that should be.
        let nobody = watched(builder(&nobody.build()))
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .allow_no_auth();
        let stranger = Client::from_conf(nobody.build());
        let (bucket, origin) = (bucket.into(), origin.into());
        let (first, unsigned) = (OnceLock::new(), OnceLock::new());
        let ahead = AtomicI64::new(0);
        Self { backend, bucket, origin, clock, config, client, stranger, seen, first, unsigned, ahead }
    }

    /// Whether this is AWS itself, which has everything there is to probe.
    pub(super) fn is_aws(&self) -> bool {
        self.backend == "s3" && !is_elsewhere(&self.config)
    }

    /// Where the server is; empty for AWS, whose address follows from bucket and region.
    pub(super) fn endpoint(&self) -> String {
        let named = || std::env::var("AWS_ENDPOINT_URL_S3").ok();
        self.config.endpoint_url().map(ToOwned::to_owned).or_else(named).unwrap_or_default()
    }

    pub(super) fn region(&self) -> &str {
        self.config.region().map(AsRef::as_ref).unwrap_or_default()
    }

    /// For people.
    pub(super) fn about(&self) -> String {
        match self.endpoint() {
            at if at.is_empty() => format!("Bucket {} ({}) at AWS in {}", self.bucket, self.backend, self.region()),
            at => format!("Bucket {} ({}) at {at}", self.bucket, self.backend),
        }
    }

    /// A command of the AWS tools about this bucket.
    pub(super) fn aws(&self, command: &str, rest: &str) -> String {
        let endpoint = match self.endpoint() {
            at if at.is_empty() => String::new(),
            at => format!(" --endpoint-url {at}"),
        };
        let rest = if rest.is_empty() { String::new() } else { format!(" {rest}") };
        format!("aws s3api {command} --bucket {}{rest}{endpoint}", self.bucket)
    }
}
