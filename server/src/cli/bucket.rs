//! `gatehouse bucket policy|lifecycle|cors|terraform`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use gatehouse_jobs::{
    doctor,
    policies::{self, Applied, Part, Wanted},
};
use serde_json::{Map, Value, json};

use super::{Usage, exit, print};
use crate::{config::Config, doctor::origin};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Bucket {
    /// The policy of Gatehouse's user, and of the bucket: TLS only, closed, encrypted, versioned, logged.  Example: gatehouse bucket policy --part iam
    Policy(Policy),
    /// What moves to cheaper storage and when, and what is cleared away.  Example: gatehouse bucket lifecycle --apply
    Lifecycle(Put),
    /// What lets pages play from the bucket and upload to it.  Example: gatehouse bucket cors --apply
    Cors(Put),
    /// All of it as one Terraform file.  Example: gatehouse bucket terraform --log-bucket yard-logs > bucket.tf
    Terraform(About),
}

/// What is not in the configuration.
#[derive(Debug, clap::Args)]
pub(super) struct About {
    /// The bucket; the one that is configured when left out
    #[arg(long)]
    bucket: Option<String>,
    /// Encrypt with this KMS key instead of keys of S3's own
    #[arg(long, value_name = "ARN")]
    kms_key: Option<String>,
    /// Where access logs go: another bucket
    #[arg(long, value_name = "BUCKET")]
    log_bucket: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Put {
    #[command(flatten)]
    about: About,
    /// Put it on the bucket, rather than print it
    #[arg(long)]
    apply: bool,
    /// With --apply: take away what others put there, and refuse lines without TLS though Gatehouse comes by one
    #[arg(long, requires = "apply")]
    replace: bool,
    /// With --apply: print one JSON document
    #[arg(long, requires = "apply")]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Policy {
    #[command(flatten)]
    put: Put,
    /// Print one document alone: iam, bucket, public-access-block, encryption, versioning, logging or log-bucket
    #[arg(long, value_parser = ["iam", "bucket", "public-access-block", "encryption", "versioning", "logging", "log-bucket"], conflicts_with = "apply")]
    part: Option<String>,
}

const CLOSED: [Part; 5] = [Part::Block, Part::Encryption, Part::Versioning, Part::Policy, Part::Logging];

impl Bucket {
    pub(super) async fn run(self, config: Config) -> Result<ExitCode> {
        match self {
            Self::Policy(Policy { put, part }) => {
                let wanted = wanted(&config, &put.about).await?;
                if put.apply {
                    return apply(&wanted, &CLOSED, &put).await;
                }
                let documents = wanted.documents();
                let chosen = match &part {
                    Some(part) => {
                        documents.into_iter().find(|(name, _)| name == part).map(|(_, one)| one).ok_or_else(|| {
                            Usage("access logs need a bucket of their own: name it with --log-bucket".into())
                        })?
                    }
                    None => Value::Object(
                        documents.into_iter().map(|(name, one)| (name.to_owned(), one)).collect::<Map<_, _>>(),
                    ),
                };
                show(&chosen)
            }
            Self::Lifecycle(put) => {
                let wanted = wanted(&config, &put.about).await?;
                match put.apply {
                    true => apply(&wanted, &[Part::Lifecycle], &put).await,
                    false => show(&policies::lifecycle_json(&policies::rules())),
                }
            }
            Self::Cors(put) => {
                let wanted = wanted(&config, &put.about).await?;
                match put.apply {
                    true => apply(&wanted, &[Part::Cors], &put).await,
                    false => show(&wanted.cors()),
                }
            }
            Self::Terraform(about) => {
                print(&policies::terraform(&wanted(&config, &about).await?));
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

async fn wanted(config: &Config, about: &About) -> Result<Wanted> {
    let bucket = about.bucket.clone().unwrap_or_else(|| config.s3_bucket.clone());
    if bucket.is_empty() {
        return Err(Usage("setting s3_bucket: none is set; name the bucket with --bucket".into()).into());
    }
    let loaded = doctor::loaded(&config.s3_region).await;
    let region = loaded.region().map_or_else(|| "us-east-1".to_owned(), ToString::to_string);
    Ok(Wanted {
        bucket,
        region,
        origin: origin(config),
        kms_key: about.kms_key.clone(),
        log_bucket: about.log_bucket.clone(),
        is_plain_http: loaded.endpoint_url().is_some_and(|at| at.starts_with("http://")),
    })
}

fn show(document: &Value) -> Result<ExitCode> {
    print(&serde_json::to_string_pretty(document).context("JSON")?);
    Ok(ExitCode::SUCCESS)
}

/// Failed where nothing was put, finished with some items failed where something was.
async fn apply(wanted: &Wanted, parts: &[Part], put: &Put) -> Result<ExitCode> {
    let client = doctor::client(&doctor::loaded(&wanted.region).await);
    let mut done = Vec::new();
    for part in parts {
        done.push((*part, policies::apply(&client, wanted, *part, put.replace).await));
    }
    print(&match put.json {
        true => done
            .iter()
            .map(|(part, applied)| (format!("{part:?}").to_lowercase(), json!(applied)))
            .collect::<Value>()
            .to_string(),
        false => done.iter().map(|(_, applied)| line(applied)).collect::<Vec<_>>().join("\n"),
    });
    let failed = done.iter().filter(|(_, applied)| matches!(applied, Applied::Failed(_) | Applied::Kept(_))).count();
    Ok(match failed {
        0 => ExitCode::SUCCESS,
        all if all == done.len() => ExitCode::from(exit::FAILED),
        _ => ExitCode::from(exit::PARTIAL),
    })
}

fn line(applied: &Applied) -> String {
    match applied {
        Applied::Done(what) => format!("done: {what}"),
        Applied::Unsupported(why) => format!("not supported by this server: {why}"),
        Applied::Kept(why) => format!("left as it is: {why}"),
        Applied::Failed(why) => format!("FAILED: {why}"),
    }
}
