//! Putting a bucket in the state that the documents describe, one part after the other; what others put there is not taken away unasked.

use aws_sdk_s3::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::{
        BucketLoggingStatus, BucketVersioningStatus, CorsConfiguration, CorsRule, LoggingEnabled,
        PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
        ServerSideEncryptionConfiguration, ServerSideEncryptionRule, VersioningConfiguration,
    },
};
use serde::Serialize;
use serde_json::Value;

use super::{Wanted, lifecycle, rules};
use crate::doctor::Refusal;

/// What can be put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Block,
    Encryption,
    Versioning,
    Policy,
    Logging,
    Lifecycle,
    Cors,
}

/// What became of one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "why", rename_all = "snake_case")]
pub enum Applied {
    Done(String),
    /// This server has no such thing.
    Unsupported(String),
    /// Something of others stands there; it would be lost.
    Kept(String),
    Failed(String),
}

impl Applied {
    fn of<T, E: ProvideErrorMetadata + std::error::Error + 'static>(put: Result<T, SdkError<E>>, done: &str) -> Self {
        match put {
            Ok(_) => Self::Done(done.into()),
            Err(error) => match Refusal::of(&error) {
                refusal if refusal.is_unknown_here() => Self::Unsupported(refusal.to_string()),
                refusal => Self::Failed(refusal.to_string()),
            },
        }
    }
}

/// Puts `part`. `replace`: also where something of others stands.
pub async fn apply(client: &Client, wanted: &Wanted, part: Part, replace: bool) -> Applied {
    let outcome = match part {
        Part::Block => block(client, wanted).await,
        Part::Encryption => encryption(client, wanted).await,
        Part::Versioning => versioning(client, wanted).await,
        Part::Policy => policy(client, wanted, replace).await,
        Part::Logging => logging(client, wanted).await,
        Part::Lifecycle => put_lifecycle(client, wanted, replace).await,
        Part::Cors => cors(client, wanted, replace).await,
    };
    outcome.unwrap_or_else(|error| Applied::Failed(error.to_string()))
}

type Outcome = Result<Applied, aws_sdk_s3::error::BuildError>;

async fn block(client: &Client, wanted: &Wanted) -> Outcome {
    let block = PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .ignore_public_acls(true)
        .block_public_policy(true)
        .restrict_public_buckets(true)
        .build();
    let put =
        client.put_public_access_block().bucket(&wanted.bucket).public_access_block_configuration(block).send().await;
    Ok(Applied::of(put, "public access is blocked"))
}

async fn encryption(client: &Client, wanted: &Wanted) -> Outcome {
    let how = if wanted.kms_key.is_some() { ServerSideEncryption::AwsKms } else { ServerSideEncryption::Aes256 };
    let default = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(how.clone())
        .set_kms_master_key_id(wanted.kms_key.clone())
        .build()?;
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(default)
        .set_bucket_key_enabled(wanted.kms_key.is_some().then_some(true))
        .build();
    let rules = ServerSideEncryptionConfiguration::builder().rules(rule).build()?;
    let put =
        client.put_bucket_encryption().bucket(&wanted.bucket).server_side_encryption_configuration(rules).send().await;
    Ok(Applied::of(put, &format!("objects are encrypted with {}", how.as_str())))
}

async fn versioning(client: &Client, wanted: &Wanted) -> Outcome {
    let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    let put = client.put_bucket_versioning().bucket(&wanted.bucket).versioning_configuration(on).send().await;
    Ok(Applied::of(put, "versions are kept"))
}

async fn policy(client: &Client, wanted: &Wanted, replace: bool) -> Outcome {
    if !replace && wanted.is_plain_http {
        let why = "the bucket is reached without TLS, and the policy would lock Gatehouse out: change its address to https first, or say --replace";
        return Ok(Applied::Kept(why.into()));
    }
    if !replace && let Ok(found) = client.get_bucket_policy().bucket(&wanted.bucket).send().await {
        let stands: Value = found.policy().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        if !stands.is_null() && stands != wanted.bucket_policy() {
            return Ok(Applied::Kept("the bucket has a policy of its own: add ours to it, or say --replace".into()));
        }
    }
    let put = client.put_bucket_policy().bucket(&wanted.bucket).policy(wanted.bucket_policy().to_string()).send().await;
    Ok(Applied::of(put, "requests without TLS are refused"))
}

async fn logging(client: &Client, wanted: &Wanted) -> Outcome {
    let Some(target) = &wanted.log_bucket else {
        return Ok(Applied::Kept("access is not logged: name a bucket for the logs with --log-bucket".into()));
    };
    let enabled =
        LoggingEnabled::builder().target_bucket(target).target_prefix(format!("{}/", wanted.bucket)).build()?;
    let status = BucketLoggingStatus::builder().logging_enabled(enabled).build();
    let put = client.put_bucket_logging().bucket(&wanted.bucket).bucket_logging_status(status).send().await;
    Ok(Applied::of(put, &format!("access is logged to {target}")))
}

async fn put_lifecycle(client: &Client, wanted: &Wanted, replace: bool) -> Outcome {
    if !replace && let Ok(found) = client.get_bucket_lifecycle_configuration().bucket(&wanted.bucket).send().await {
        let others: Vec<_> = found
            .rules()
            .iter()
            .map(|rule| rule.id().unwrap_or("without a name"))
            .filter(|id| !id.starts_with("gatehouse-"))
            .collect();
        if !others.is_empty() {
            let others = others.join(", ");
            return Ok(Applied::Kept(format!(
                "the bucket has rules of its own ({others}): add ours to them, or say --replace"
            )));
        }
    }
    let all = rules();
    let put = |rules| client.put_bucket_lifecycle_configuration().bucket(&wanted.bucket).lifecycle_configuration(rules);
    let outcome = put(lifecycle::as_request(&all)?).send().await;
    if outcome.is_ok() {
        return Ok(Applied::of(outcome, &format!("{} rules", all.len())));
    }
    // Servers with one class of storage and no versions take the rest.
    let plain: Vec<_> = all.into_iter().filter(lifecycle::Rule::is_plain).collect();
    let done = format!("{} rules; this server has no classes of storage and no versions", plain.len());
    match Applied::of(put(lifecycle::as_request(&plain)?).send().await, &done) {
        Applied::Done(done) => Ok(Applied::Done(done)),
        // What was said of all of them tells more.
        _ => Ok(Applied::of(outcome, "")),
    }
}

async fn cors(client: &Client, wanted: &Wanted, replace: bool) -> Outcome {
    if !replace && let Ok(found) = client.get_bucket_cors().bucket(&wanted.bucket).send().await {
        let others = found.cors_rules().iter().filter(|rule| rule.id() != Some("gatehouse")).count();
        // Not every server keeps a rule's name: one that allows our origin is ours.
        let ours = found.cors_rules().iter().all(|rule| rule.allowed_origins() == [wanted.origin.clone()]);
        if others > 0 && !ours {
            return Ok(Applied::Kept("the bucket has rules of its own: add ours to them, or say --replace".into()));
        }
    }
    let one = &wanted.cors()["CORSRules"][0];
    let texts = |name: &str| {
        one[name].as_array().map(|all| all.iter().filter_map(|text| text.as_str().map(ToOwned::to_owned)).collect())
    };
    let rule = CorsRule::builder()
        .id("gatehouse")
        .set_allowed_origins(texts("AllowedOrigins"))
        .set_allowed_methods(texts("AllowedMethods"))
        .set_allowed_headers(texts("AllowedHeaders"))
        .set_expose_headers(texts("ExposeHeaders"))
        .max_age_seconds(3600)
        .build()?;
    let rules = CorsConfiguration::builder().cors_rules(rule).build()?;
    let put = client.put_bucket_cors().bucket(&wanted.bucket).cors_configuration(rules).send().await;
    Ok(Applied::of(put, &format!("pages of {} may read and upload", wanted.origin)))
}
