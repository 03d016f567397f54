//! What the bucket itself does: encrypt, keep versions, tier, refuse.

use aws_sdk_s3::types::{BucketVersioningStatus, ExpirationStatus};
use gatehouse_app::doctor::Verdict;

use super::{KEY, Place, Refusal};
use crate::policies::{self, PREFIXES};

const POLICY: &str = "gatehouse bucket policy --apply    # `gatehouse bucket policy` prints it first";
const LIFECYCLE: &str = "gatehouse bucket lifecycle --apply    # `gatehouse bucket lifecycle` prints it first";

/// A rule that cannot be looked at: not there, or not ours to see.
fn unseen(refusal: &Refusal, action: &str) -> Verdict {
    match refusal.is_forbidden() {
        true => Verdict::advice(format!("these credentials may not look ({action})"))
            .mend("gatehouse bucket policy --part iam    # prints the policy with it"),
        false => Verdict::unsupported(format!("the server has no such thing ({refusal})")),
    }
}

pub(super) async fn encryption(place: &Place) -> Verdict {
    if let Ok(found) = place.client.head_object().bucket(&place.bucket).key(KEY).send().await
        && let Some(how) = found.server_side_encryption()
    {
        return Verdict::sound(format!("objects are kept with {}", how.as_str()));
    }
    match place.client.get_bucket_encryption().bucket(&place.bucket).send().await {
        Ok(found) if found.server_side_encryption_configuration().is_some_and(|rules| !rules.rules().is_empty()) => {
            Verdict::sound("the bucket encrypts what is put")
        }
        Ok(_) => Verdict::advice("the bucket does not encrypt").mend(POLICY),
        Err(error) => match Refusal::of(&error) {
            refusal if refusal.code() == "ServerSideEncryptionConfigurationNotFoundError" => {
                Verdict::advice("the bucket does not encrypt").mend(POLICY)
            }
            refusal if refusal.is_forbidden() => unseen(&refusal, "s3:GetEncryptionConfiguration"),
            _ => Verdict::unsupported("the server tells of no encryption: encrypt the disks that it keeps objects on"),
        },
    }
}

pub(super) async fn versioning(place: &Place) -> Verdict {
    let found = match place.client.get_bucket_versioning().bucket(&place.bucket).send().await {
        Ok(found) => found,
        Err(error) => return unseen(&Refusal::of(&error), "s3:GetBucketVersioning"),
    };
    if found.status() == Some(&BucketVersioningStatus::Enabled) {
        return Verdict::sound("what is deleted by mistake comes back");
    }
    // Some say “not enabled” of what they do not have.
    if let Err(error) = place.client.list_object_versions().bucket(&place.bucket).max_keys(1).send().await
        && !Refusal::of(&error).is_forbidden()
    {
        return Verdict::unsupported(
            "this server keeps no versions: what is deleted is gone. Mirror to a second backend (setting storage)",
        );
    }
    let mend = place.aws("put-bucket-versioning", "--versioning-configuration Status=Enabled");
    Verdict::advice("what is deleted or overwritten by mistake is gone").mend(format!("{mend}\n# or: {POLICY}"))
}

pub(super) async fn lifecycle(place: &Place) -> Verdict {
    let found = match place.client.get_bucket_lifecycle_configuration().bucket(&place.bucket).send().await {
        Ok(found) => found,
        Err(error) => {
            return match Refusal::of(&error) {
                refusal if refusal.code() == "NoSuchLifecycleConfiguration" || refusal.status() == Some(404) => {
                    Verdict::advice(
                        "none: unfinished uploads are paid for without end, and nothing moves to cheaper storage",
                    )
                    .mend(LIFECYCLE)
                }
                refusal => unseen(&refusal, "s3:GetLifecycleConfiguration"),
            };
        }
    };
    let on: Vec<_> = found.rules().iter().filter(|rule| rule.status() == &ExpirationStatus::Enabled).collect();
    // Deleting is a job of Gatehouse's, which knows retention and legal holds; a rule of the bucket knows neither.
    for rule in &on {
        let deletes = rule.expiration().is_some_and(|end| end.days().is_some() || end.date().is_some());
        let prefix = policies::prefix_of(rule);
        let hit = PREFIXES.iter().find(|ours| ours.starts_with(&prefix) || prefix.starts_with(**ours));
        if let (true, Some(hit)) = (deletes, hit) {
            let name = rule.id().unwrap_or("without a name");
            return Verdict::failed(format!(
                "the rule “{name}” deletes under {hit} by age, whatever retention or a legal hold says"
            ))
            .mend(format!(
                "{LIFECYCLE}\n# it puts rules in its place that move, and delete nothing that is on record"
            ));
        }
    }
    match on.iter().any(|rule| rule.abort_incomplete_multipart_upload().is_some()) {
        true => Verdict::sound(format!("{} rules; unfinished uploads end by themselves", on.len())),
        false => Verdict::advice("unfinished uploads are paid for without end").mend(LIFECYCLE),
    }
}

/// Three rules in one verdict: they are set together.
pub(super) async fn policy(place: &Place) -> Verdict {
    let mut missing = Vec::new();
    let mut unknown = 0;
    let mut note = |found: Result<bool, Refusal>, absent: &[&str], what: &'static str, action: &'static str| match found
    {
        Ok(true) => {}
        Ok(false) => missing.push(what.to_owned()),
        Err(refusal) if absent.contains(&refusal.code()) => missing.push(what.to_owned()),
        Err(refusal) if refusal.is_forbidden() => missing.push(format!("{what} (may not look: {action})")),
        Err(_) => unknown += 1,
    };

    let block = place.client.get_public_access_block().bucket(&place.bucket).send().await;
    let block = block.map_err(|error| Refusal::of(&error)).map(|found| {
        found.public_access_block_configuration().is_some_and(|block| {
            [
                block.block_public_acls(),
                block.ignore_public_acls(),
                block.block_public_policy(),
                block.restrict_public_buckets(),
            ]
            .iter()
            .all(|on| *on == Some(true))
        })
    });
    note(
        block,
        &["NoSuchPublicAccessBlockConfiguration"],
        "public access is not blocked",
        "s3:GetBucketPublicAccessBlock",
    );

    let policy = place.client.get_bucket_policy().bucket(&place.bucket).send().await;
    let policy = policy.map_err(|error| Refusal::of(&error));
    let policy = policy.map(|found| found.policy().is_some_and(policies::refuses_plain_http));
    note(policy, &["NoSuchBucketPolicy"], "requests without TLS are not refused", "s3:GetBucketPolicy");

    let logging = place.client.get_bucket_logging().bucket(&place.bucket).send().await;
    let logging = logging.map_err(|error| Refusal::of(&error)).map(|found| found.logging_enabled().is_some());
    note(logging, &[], "access is not logged", "s3:GetBucketLogging");

    match (missing.is_empty(), unknown) {
        (true, 0) => Verdict::sound("all three"),
        (true, 3) => {
            Verdict::unsupported("the server has none of the three: close it by its own configuration and firewall")
        }
        (true, _) => Verdict::sound("as far as the server knows such rules"),
        (false, _) => Verdict::advice(missing.join("; "))
            .mend(format!("{POLICY}\n# access logs need a bucket of their own: add --log-bucket NAME")),
    }
}
