//! Opening a bucket: at AWS, at another server that speaks S3, or at Google Cloud Storage by its XML interface.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use anyhow::Context;
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_s3::{
    Client,
    config::{Builder, RequestChecksumCalculation, ResponseChecksumValidation},
};
use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector, http_client_fn};

use super::{bandwidth::Bandwidth, measured::Measured, presign::Presigner, s3::S3Store, wire::Wire};

/// Where servers that speak S3 differ, so far as it cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    S3,
    /// Google's XML interface: no condition on a put, and checksums of its own.
    Gcs,
}

impl Flavour {
    /// As it stands in placements.
    #[must_use]
    pub fn backend(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Gcs => "gcs",
        }
    }

    /// Whether `x-amz-checksum-…` and conditions mean anything.
    pub(super) fn knows_checksums(self) -> bool {
        self == Self::S3
    }
}

/// How objects go up.
#[derive(Clone, Debug)]
pub struct Tuning {
    /// Objects from this size on go in parts: bytes.
    pub threshold: u64,
    /// Bytes of a part, unless 10,000 of them would not do.
    pub part: u64,
    /// Parts of one object that go at the same time.
    pub parallel: usize,
    /// One for all buckets: they share the line.
    pub bandwidth: Arc<Bandwidth>,
}

/// Settings and parts count in these.
pub const MB: u64 = 1024 * 1024;

impl Default for Tuning {
    fn default() -> Self {
        Self { threshold: 100 * MB, part: 8 * MB, parallel: 4, bandwidth: Arc::new(Bandwidth::new(0)) }
    }
}

impl S3Store {
    /// Credentials, endpoint and, where `region` is empty, the region come from where the AWS tools find them (`AWS_*`, profiles, roles).
    ///
    /// # Errors
    /// When there is no region to sign for.
    pub async fn connect(bucket: &str, region: &str, tuning: Tuning) -> anyhow::Result<Self> {
        let connector = connector(Flavour::S3);
        let config = load(&connector, region).await;
        config.region().context("setting s3_region: name the bucket's region, here or in AWS_REGION")?;
        Self::open(bucket, Flavour::S3, &config, connector, tuning).await
    }

    /// Google Cloud Storage, by an HMAC key.
    ///
    /// # Errors
    /// When the endpoint is no address.
    pub async fn gcs(
        bucket: &str,
        endpoint: &str,
        access_id: &str,
        secret: &str,
        tuning: Tuning,
    ) -> anyhow::Result<Self> {
        let key = SharedCredentialsProvider::new(Credentials::new(access_id, secret, None, None, "gcs_access_id"));
        Self::at(bucket, Flavour::Gcs, endpoint, "auto", key, connector(Flavour::Gcs), tuning).await
    }

    /// Another server, by its address and a key.
    ///
    /// # Errors
    /// When the endpoint is no address.
    pub async fn named(
        bucket: &str,
        endpoint: &str,
        region: &str,
        access_id: &str,
        secret: &str,
        tuning: Tuning,
    ) -> anyhow::Result<Self> {
        let key = SharedCredentialsProvider::new(Credentials::new(access_id, secret, None, None, "given"));
        Self::at(bucket, Flavour::S3, endpoint, region, key, connector(Flavour::S3), tuning).await
    }

    /// A bucket whose everything is given: of a server inside a test, say.
    ///
    /// # Errors
    /// When the endpoint is no address.
    pub async fn at(
        bucket: &str,
        flavour: Flavour,
        endpoint: &str,
        region: &str,
        credentials: SharedCredentialsProvider,
        connector: SharedHttpConnector,
        tuning: Tuning,
    ) -> anyhow::Result<Self> {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .timeout_config(timeouts())
            .retry_config(retries())
            .http_client(client_over(&connector))
            .credentials_provider(credentials)
            .region(Region::new(region.to_owned()))
            .endpoint_url(endpoint)
            .build();
        Self::open(bucket, flavour, &config, connector, tuning).await
    }

    #[expect(clippy::disallowed_methods, reason = "this is the port's adapter")]
    async fn open(
        bucket: &str,
        flavour: Flavour,
        config: &SdkConfig,
        connector: SharedHttpConnector,
        tuning: Tuning,
    ) -> anyhow::Result<Self> {
        let client = Client::from_conf(builder(config).build());
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let credentials = config.credentials_provider().context("AWS credentials: none are configured")?;
        let presigner = Arc::new(Presigner::new(&client, bucket, region, credentials).await?);
        let wire = Wire::new(connector, Arc::clone(&presigner), Arc::clone(&tuning.bandwidth));
        Ok(Self {
            client,
            bucket: bucket.to_owned(),
            flavour,
            presigner,
            wire,
            tuning,
            vouches: AtomicBool::new(false),
        })
    }
}

/// Names of buckets are hosts at AWS only; and other servers stumble over its checksum trailers.
pub(crate) fn builder(config: &SdkConfig) -> Builder {
    let builder = Builder::from(config);
    match is_elsewhere(config) {
        false => builder,
        true => builder
            .force_path_style(true)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired),
    }
}

/// Whether it is a server of another make than AWS's.
pub(crate) fn is_elsewhere(config: &SdkConfig) -> bool {
    config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some()
}

async fn load(connector: &SharedHttpConnector, region: &str) -> SdkConfig {
    let mut config = aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts())
        .retry_config(retries())
        .http_client(client_over(connector));
    if !region.is_empty() {
        config = config.region(Region::new(region.to_owned()));
    }
    config.load().await
}

/// Connections are kept and used again, by the client and beside it. There is no time limit on an answer here: how long an upload may
/// take depends on its size.
fn connector(flavour: Flavour) -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(Duration::from_secs(4)).build();
    let connector = Connector::builder().connector_settings(settings).tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    let inner = SharedHttpConnector::new(connector.build());
    SharedHttpConnector::new(Measured { inner, backend: flavour.backend() })
}

fn client_over(connector: &SharedHttpConnector) -> aws_smithy_runtime_api::client::http::SharedHttpClient {
    let connector = connector.clone();
    http_client_fn(move |_, _| connector.clone())
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(4))
        .operation_attempt_timeout(Duration::from_mins(1))
        .operation_timeout(Duration::from_mins(3))
        .build()
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3)
}
