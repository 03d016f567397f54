//! Whether the bucket can be reached at all: server, line, clock, credentials, region, bucket.

use std::sync::atomic::Ordering;

use aws_sdk_s3::config::ProvideCredentials;
use chrono::DateTime;
use gatehouse_app::doctor::Verdict;

use super::{Place, Refusal};

/// AWS refuses signatures this far off, in minutes; from a third of it on it is worth a word.
const SKEW_REFUSED: i64 = 15;

pub(super) const CREDENTIALS_MEND: &str =
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE, or a role) in Gatehouse's environment;
for Google Cloud Storage set GATEHOUSE_GCS_ACCESS_ID and GATEHOUSE_GCS_SECRET to an HMAC key";

pub(super) const CLOCK_MEND: &str = "sudo timedatectl set-ntp true    # or: sudo chronyc makestep";

pub(super) fn reach_mend(place: &Place) -> String {
    match place.endpoint() {
        at if at.is_empty() => format!("curl -I https://{}.s3.{}.amazonaws.com/", place.bucket, place.region()),
        at => format!("Check AWS_ENDPOINT_URL, the firewall and the server itself: curl -I {at}"),
    }
}

/// A stranger asks for a list: it shows whether anybody answers, the server's clock, and whether the list is open.
pub(super) async fn reach(place: &Place) -> Verdict {
    let began = place.clock.now();
    let asked = place.stranger.list_objects_v2().bucket(&place.bucket).max_keys(1).send().await;
    let outcome = asked.map(drop).map_err(|error| Refusal::of(&error));
    let took = place.clock.now() - began;
    let verdict = match &outcome {
        Err(refusal @ (Refusal::Silent(_) | Refusal::Unsigned(_))) => {
            Verdict::failed(format!("nobody answers: {refusal}")).mend(reach_mend(place))
        }
        Err(refusal @ Refusal::Said { status: 500.., .. }) if !refusal.is_unknown_here() => {
            refusal.verdict(place, "it answers with an error of its own", "")
        }
        _ => Verdict::sound(format!("in {took} ms")),
    };
    let _ = place.unsigned.set(outcome);
    verdict
}

pub(super) fn tls(place: &Place) -> Verdict {
    let endpoint = place.endpoint();
    let Some(rest) = endpoint.strip_prefix("http://") else { return Verdict::sound("https") };
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    if matches!(host, "localhost" | "127.0.0.1" | "[") {
        return Verdict::sound("http, to this machine alone");
    }
    Verdict::failed(format!("papers and recordings go to {host} unencrypted"))
        .mend(format!("Give the server a certificate, then set AWS_ENDPOINT_URL=https://{rest}"))
}

/// By the `Date` of the last answer.
pub(super) fn clock(place: &Place) -> Verdict {
    let answer = place.seen.last();
    let Some(theirs) = answer.header("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok()) else {
        return Verdict::unsupported("the server does not tell its time");
    };
    // Whole seconds are told, so half of one is the best guess.
    let off = (answer.at - theirs.timestamp_millis() - 500) / 1000;
    place.ahead.store(off, Ordering::Relaxed);
    let found = match off {
        -2..=2 => "within 2 s".to_owned(),
        ..-2 => format!("ours is {} behind the server's", span(-off)),
        _ => format!("ours is {} ahead of the server's", span(off)),
    };
    match off.abs() / 60 {
        SKEW_REFUSED.. => Verdict::failed(format!(
            "{found}; AWS refuses signatures more than {SKEW_REFUSED} min off, and links end too early or too late"
        ))
        .mend(CLOCK_MEND),
        1.. => Verdict::advice(format!("{found}; from {SKEW_REFUSED} min on AWS refuses signatures")).mend(CLOCK_MEND),
        _ => Verdict::sound(found),
    }
}

fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h", seconds / 3600),
    }
}

/// The first signed request; what it comes to is looked at by the next probes too.
pub(super) async fn credentials(place: &Place) -> Verdict {
    let Some(provider) = place.config.credentials_provider() else {
        return Verdict::failed("there are none").mend(CREDENTIALS_MEND);
    };
    let known = match provider.provide_credentials().await {
        Ok(known) => known,
        Err(error) => {
            let found = format!("there are none: {}", error.to_string().to_lowercase());
            return Verdict::failed(found).mend(CREDENTIALS_MEND);
        }
    };
    let listed = place.client.list_objects_v2().bucket(&place.bucket).max_keys(1).send().await;
    let first = listed.map(drop).map_err(|error| Refusal::of(&error));
    let mut found = format!("key {}", masked(known.access_key_id()));
    if let Some(end) = known.expiry().and_then(|end| end.duration_since(std::time::UNIX_EPOCH).ok()) {
        let left = i64::try_from(end.as_secs()).unwrap_or(i64::MAX) - place.clock.now() / 1000;
        found += &format!(", good for {} more", span(left.max(0)));
    }
    let verdict = match &first {
        Err(refusal) => match refusal.code() {
            "InvalidAccessKeyId" | "InvalidSecurity" | "InvalidClientTokenId" => {
                Verdict::failed(format!("{found}: the server does not know it ({refusal})")).mend(CREDENTIALS_MEND)
            }
            "SignatureDoesNotMatch" => {
                Verdict::failed(format!("{found}: the secret does not belong to it ({refusal})")).mend(CREDENTIALS_MEND)
            }
            "ExpiredToken" | "TokenRefreshRequired" | "InvalidToken" => {
                Verdict::failed(format!("{found}: its session is over ({refusal})"))
                    .mend("Sign in again (`aws sso login`), or use a role that renews itself")
            }
            "RequestTimeTooSkewed" => Verdict::failed(format!("{found}: {refusal}")).mend(CLOCK_MEND),
            _ if matches!(refusal, Refusal::Silent(_) | Refusal::Unsigned(_)) => refusal.verdict(place, &found, ""),
            // Some servers say no more than this of a key that they do not know.
            "AccessDenied" | "Forbidden" if says(refusal, &["no such key", "access key"]) => {
                Verdict::failed(format!("{found}: the server does not know it ({refusal})")).mend(CREDENTIALS_MEND)
            }
            "AccessDenied" | "Forbidden" if says(refusal, &["signature"]) => {
                Verdict::failed(format!("{found}: the secret does not belong to it ({refusal})")).mend(CREDENTIALS_MEND)
            }
            "SlowDown" | "ServiceUnavailable" | "InternalError" => refusal.verdict(place, &found, ""),
            _ => Verdict::sound(found),
        },
        Ok(()) => Verdict::sound(found),
    };
    let _ = place.first.set(first);
    verdict
}

fn says(refusal: &Refusal, words: &[&str]) -> bool {
    let said = refusal.to_string().to_lowercase();
    words.iter().any(|word| said.contains(word))
}

/// The first letters of a key name it; they open nothing.
fn masked(key: &str) -> String {
    format!("{}…", key.chars().take(4).collect::<String>())
}

/// What the signed list came to.
fn first(place: &Place) -> &Result<(), Refusal> {
    place.first.get().unwrap_or(&Ok(()))
}

pub(super) async fn region(place: &Place) -> Verdict {
    let ours = place.region();
    if ours.is_empty() {
        return Verdict::failed("none is set").mend("Set AWS_REGION to the bucket's region (setting s3_region)");
    }
    let Err(refusal) = first(place) else { return Verdict::sound(ours) };
    let Refusal::Said { status, code, message, region } = refusal else { return Verdict::sound(ours) };
    let misplaced = matches!(
        code.as_str(),
        "PermanentRedirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException"
            | "TemporaryRedirect"
    ) || *status == 301;
    let elsewhere = region.as_ref().filter(|theirs| *theirs != ours);
    if !misplaced && elsewhere.is_none() {
        return Verdict::sound(ours);
    }
    let right = elsewhere.cloned().or_else(|| expected(message));
    let mend = match &right {
        Some(right) => format!("export AWS_REGION={right}    # setting s3_region"),
        None => place.aws("get-bucket-location", ""),
    };
    let found = match &right {
        Some(right) => format!("{ours} is set, and the bucket is in {right}"),
        None => format!("{ours} is not where the bucket is ({refusal})"),
    };
    Verdict::failed(found).mend(mend)
}

/// “… the region 'x' is wrong; expecting 'y'”, and Garage's “unexpected scope: '…', expected: '…/garage/s3/aws4_request'”.
fn expected(message: &str) -> Option<String> {
    let quoted = message.split("expecting '").nth(1).and_then(|rest| rest.split('\'').next());
    let scoped = || message.split("expected: ").nth(1).and_then(|rest| rest.split('/').nth(1));
    quoted.or_else(scoped).map(ToOwned::to_owned)
}

pub(super) async fn bucket(place: &Place) -> Verdict {
    match first(place) {
        Err(refusal) if refusal.code() == "NoSuchBucket" || refusal.status() == Some(404) => {
            let location = match place.is_aws() && place.region() != "us-east-1" {
                true => format!("--create-bucket-configuration LocationConstraint={}", place.region()),
                false => String::new(),
            };
            Verdict::failed(format!("there is no bucket {}", place.bucket)).mend(place.aws("create-bucket", &location))
        }
        _ => Verdict::sound(&place.bucket),
    }
}

pub(super) async fn list(place: &Place) -> Verdict {
    match first(place) {
        Ok(()) => Verdict::sound("answers"),
        Err(refusal) => refusal.verdict(place, "the reconciler cannot see what is there", "s3:ListBucket"),
    }
}

pub(super) fn public_list(place: &Place) -> Verdict {
    match place.unsigned.get() {
        Some(Ok(())) => Verdict::failed("whoever knows its name can list the bucket").mend(close(place)),
        Some(Err(refusal)) => Verdict::sound(format!("refused with {}", refusal.status().unwrap_or_default())),
        None => Verdict::skipped("it needs “The server answers”"),
    }
}

/// What closes a bucket.
pub(super) fn close(place: &Place) -> String {
    place.aws(
        "put-public-access-block",
        "--public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
    ) + "    # or: gatehouse bucket policy --apply"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_region_is_read_out_of_what_servers_say() {
        let aws = "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'";
        assert_eq!(expected(aws).as_deref(), Some("eu-central-1"));
        let garage =
            "unexpected scope: '20261121/us-east-1/s3/aws4_request', expected: '20261121/garage/s3/aws4_request'";
        assert_eq!(expected(garage).as_deref(), Some("garage"));
        assert_eq!(expected("no"), None);
    }

    #[test]
    fn a_key_is_named_by_its_beginning() {
        assert_eq!(masked("AKIAPLACEHOLDER"), "AKIA…");
        assert_eq!([span(5), span(600), span(90_000)], ["5 s", "10 min", "25 h"]);
    }
}
