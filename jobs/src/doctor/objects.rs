//! Objects: put, read, HEAD, delete, and what a server must refuse.

use std::time::Duration;

use aws_sdk_s3::{
    primitives::ByteStream,
    types::{ChecksumAlgorithm, ChecksumMode, CompletedMultipartUpload, CompletedPart},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use gatehouse_app::doctor::Verdict;
use sha2::{Digest, Sha256};

use super::{BYTES, KEY, Place, Refusal};

/// What the keys of all of them begin with.
const TEST_OBJECTS: &str = "test/connection_test";
/// What must not be taken.
const SUM_KEY: &str = "test/connection_test_checksum.txt";
/// What is put in parts.
const PART_KEY: &str = "test/connection_test_parts.bin";
/// The smallest part that S3 takes before the last.
const PART: usize = 5 << 20;
/// An upload that stands still for so long is nobody's.
const ABANDONED: Duration = Duration::from_hours(7 * 24);

const NOT_ABORTED: &str = "gatehouse bucket lifecycle --apply    # ends uploads that nobody finishes after 7 days";

fn sum(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(Sha256::digest(bytes))
}

pub(super) async fn put(place: &Place) -> Verdict {
    let asked = place
        .client
        .put_object()
        .bucket(&place.bucket)
        .key(KEY)
        .content_type("text/plain; charset=utf-8")
        .checksum_sha256(sum(BYTES))
        .metadata("sha256", hex::encode(Sha256::digest(BYTES)))
        .body(ByteStream::from_static(BYTES));
    match asked.send().await {
        Ok(_) => Verdict::sound(format!("{KEY}, {} bytes", BYTES.len())),
        Err(error) => Refusal::of(&error).verdict(place, "nothing can be stored", "s3:PutObject"),
    }
}

pub(super) async fn read(place: &Place) -> Verdict {
    let found = match place.client.get_object().bucket(&place.bucket).key(KEY).send().await {
        Ok(found) => found,
        Err(error) => return Refusal::of(&error).verdict(place, "what was put cannot be read", "s3:GetObject"),
    };
    match found.body.collect().await.map(|body| body.to_vec()) {
        Ok(bytes) if bytes == BYTES => Verdict::sound("the same bytes"),
        Ok(bytes) => {
            Verdict::failed(format!("{} other bytes come back than the {} that were put", bytes.len(), BYTES.len()))
                .mend("Look for a proxy or a cache between here and the server, and take it out")
        }
        Err(error) => Verdict::failed(format!("the answer breaks off: {error}"))
            .mend("Look for a proxy or a firewall between here and the server that cuts connections"),
    }
}

pub(super) async fn head(place: &Place) -> Verdict {
    let asked = place.client.head_object().bucket(&place.bucket).key(KEY).checksum_mode(ChecksumMode::Enabled);
    let found = match asked.send().await {
        Ok(found) => found,
        Err(error) => return Refusal::of(&error).verdict(place, "nothing can be verified", "s3:GetObject"),
    };
    let size = found.content_length().unwrap_or(-1);
    if usize::try_from(size) != Ok(BYTES.len()) {
        return Verdict::failed(format!("it says {size} bytes of an object of {}", BYTES.len()))
            .mend("Do not keep papers there: a copy counts only when its size is right");
    }
    let theirs = found.checksum_sha256();
    let ours = found.metadata().and_then(|metadata| metadata.get("sha256"));
    match (theirs, ours) {
        (Some(theirs), _) if theirs == sum(BYTES) => Verdict::sound("size and SHA-256 as they were put"),
        (Some(_), _) => Verdict::failed("it keeps another SHA-256 than that of the bytes")
            .mend("Do not keep papers there: a copy counts only when its checksum is right"),
        (None, Some(_)) => {
            Verdict::sound("size, and the SHA-256 that was put with it; the server keeps none of its own")
        }
        (None, None) => Verdict::advice(
            "size only: the server keeps neither checksum nor metadata, so every copy is read back to be verified",
        ),
    }
}

pub(super) async fn checksum(place: &Place) -> Verdict {
    let wrong = sum(b"other bytes");
    let asked = place.client.put_object().bucket(&place.bucket).key(SUM_KEY).checksum_sha256(wrong);
    let answer = asked.body(ByteStream::from_static(BYTES)).send().await;
    let stands = place.client.head_object().bucket(&place.bucket).key(SUM_KEY).send().await.is_ok();
    if stands {
        // Best done, and no matter if not: the lifecycle takes what is under `test/`.
        let _ = place.client.delete_object().bucket(&place.bucket).key(SUM_KEY).send().await;
    }
    match (answer, stands) {
        (Ok(_), _) => Verdict::advice("bytes that are not those of their checksum are taken: what breaks on the way is found only when it is read back")
            .mend("Keep the line encrypted (https), which notices broken bytes too; a current version of the server may check them"),
        (Err(error), true) => Verdict::advice(format!(
            "they are refused, and kept all the same ({}): the reconciler removes them", Refusal::of(&error)
        )),
        (Err(error), false) => match Refusal::of(&error) {
            refusal @ Refusal::Said { status: 400..=499, .. } if !refusal.is_forbidden() => {
                Verdict::sound(format!("refused with {} {}", refusal.status().unwrap_or_default(), refusal.code()))
            }
            refusal => refusal.verdict(place, "it could not be tried", "s3:PutObject"),
        },
    }
}

pub(super) async fn conditional(place: &Place) -> Verdict {
    let asked = place.client.put_object().bucket(&place.bucket).key(KEY).if_none_match("*");
    match asked.body(ByteStream::from_static(BYTES)).send().await {
        Err(error) => match Refusal::of(&error) {
            Refusal::Said { status: 412 | 409, .. } => Verdict::sound("what stands there stays"),
            refusal => refusal.verdict(place, "it could not be tried", "s3:PutObject"),
        },
        Ok(_) => {
            Verdict::unsupported("the server ignores the condition; Gatehouse asks by HEAD before each put instead")
        }
    }
}

pub(super) async fn multipart(place: &Place) -> Verdict {
    let began = place.clock.now();
    let started = place
        .client
        .create_multipart_upload()
        .bucket(&place.bucket)
        .key(PART_KEY)
        .checksum_algorithm(ChecksumAlgorithm::Sha256)
        .send()
        .await;
    let upload = match started {
        Ok(started) => started.upload_id().unwrap_or_default().to_owned(),
        Err(error) => return Refusal::of(&error).verdict(place, "large files cannot be uploaded", "s3:PutObject"),
    };
    let outcome = in_parts(place, &upload).await;
    // Whichever of the two there is to remove.
    if outcome.is_err() {
        let _ =
            place.client.abort_multipart_upload().bucket(&place.bucket).key(PART_KEY).upload_id(&upload).send().await;
    }
    let _ = place.client.delete_object().bucket(&place.bucket).key(PART_KEY).send().await;
    match outcome {
        Ok(resumable) => {
            let mib = (PART + 1) >> 20;
            let found = format!("two parts, {mib} MiB in {} ms", place.clock.now() - began);
            match resumable {
                true => {
                    Verdict::sound(format!("{found}; what was sent is listed, so an upload resumes where it stopped"))
                }
                false => Verdict::advice(format!(
                    "{found}; the server does not list its parts, so an upload that is cut off begins again"
                )),
            }
        }
        Err(verdict) => verdict,
    }
}

/// Whether the parts that are there can be listed.
async fn in_parts(place: &Place, upload: &str) -> Result<bool, Verdict> {
    let refused = |refusal: Refusal, what: &str, action: &str| Err(refusal.verdict(place, what, action));
    let mut done = Vec::new();
    for (number, bytes) in [(1, vec![7; PART]), (2, vec![7])] {
        let checksum = sum(&bytes);
        let part = place.client.upload_part().bucket(&place.bucket).key(PART_KEY).upload_id(upload).part_number(number);
        match part.checksum_sha256(&checksum).body(ByteStream::from(bytes)).send().await {
            Ok(part) => done.push(
                CompletedPart::builder()
                    .part_number(number)
                    .checksum_sha256(checksum)
                    .set_e_tag(part.e_tag().map(ToOwned::to_owned))
                    .build(),
            ),
            Err(error) => return refused(Refusal::of(&error), &format!("part {number} is refused"), "s3:PutObject"),
        }
    }
    let listed = place.client.list_parts().bucket(&place.bucket).key(PART_KEY).upload_id(upload).send().await;
    let resumable = match listed {
        Ok(listed) => listed.parts().len() == done.len(),
        Err(error) => match Refusal::of(&error) {
            refusal if refusal.is_forbidden() => {
                return refused(refusal, "an upload cannot be resumed", "s3:ListMultipartUploadParts");
            }
            _ => false,
        },
    };
    let whole = CompletedMultipartUpload::builder().set_parts(Some(done)).build();
    let finished = place
        .client
        .complete_multipart_upload()
        .bucket(&place.bucket)
        .key(PART_KEY)
        .upload_id(upload)
        .multipart_upload(whole);
    if let Err(error) = finished.send().await {
        return refused(Refusal::of(&error), "the parts are not put together", "s3:PutObject");
    }
    match place.client.head_object().bucket(&place.bucket).key(PART_KEY).send().await {
        Ok(found) if found.content_length() == Some(PART as i64 + 1) => Ok(resumable),
        Ok(found) => {
            Err(Verdict::failed(format!("{} bytes came of {}", found.content_length().unwrap_or(-1), PART + 1))
                .mend("Do not keep large files there: set GATEHOUSE_UPLOAD_THRESHOLD_MB=5000 to put them in one piece"))
        }
        Err(error) => refused(Refusal::of(&error), "the whole cannot be seen", "s3:GetObject"),
    }
}

pub(super) async fn unfinished(place: &Place) -> Verdict {
    let listed = match place.client.list_multipart_uploads().bucket(&place.bucket).send().await {
        Ok(listed) => listed,
        Err(error) => {
            return match Refusal::of(&error) {
                refusal if refusal.is_forbidden() => refusal.verdict(
                    place,
                    "uploads that nobody finishes cannot be found",
                    "s3:ListBucketMultipartUploads",
                ),
                refusal => Verdict::unsupported(format!("the server does not list them: {refusal}")),
            };
        }
    };
    let uploads = listed.uploads();
    let more = if listed.is_truncated() == Some(true) { " or more" } else { "" };
    let limit = place.clock.now() / 1000 - i64::try_from(ABANDONED.as_secs()).unwrap_or(i64::MAX);
    let old = uploads.iter().filter(|upload| upload.initiated().is_some_and(|at| at.secs() < limit)).count();
    match (uploads.len(), old) {
        (0, _) => Verdict::sound("none"),
        (all, 0) => Verdict::sound(format!("{all}{more}, none older than 7 days")),
        (all, old) => {
            Verdict::advice(format!("{all}{more}, {old} of them older than 7 days: they are paid for and hold nothing"))
                .mend(NOT_ABORTED)
        }
    }
}

pub(super) async fn delete(place: &Place) -> Verdict {
    if let Err(error) = place.client.delete_object().bucket(&place.bucket).key(KEY).send().await {
        return Refusal::of(&error).verdict(place, "retention cannot delete", "s3:DeleteObject");
    }
    match place.client.head_object().bucket(&place.bucket).key(KEY).send().await {
        Err(error) if Refusal::of(&error).status() == Some(404) => Verdict::sound("gone"),
        Err(error) => Refusal::of(&error).verdict(place, "whether it is gone cannot be seen", "s3:ListBucket"),
        Ok(_) => Verdict::failed("it says that it deletes, and does not").mend(
            "Look for an object lock or a legal hold on the bucket: ".to_owned()
                + &place.aws("get-object-lock-configuration", ""),
        ),
    }
}

/// A bucket that keeps versions keeps those of the test objects too. As well as it can be done: the lifecycle takes what stays.
pub(super) async fn clear(place: &Place) {
    let asked = place.client.list_object_versions().bucket(&place.bucket).prefix(TEST_OBJECTS).max_keys(100);
    let Ok(found) = asked.send().await else { return };
    let versions = found.versions().iter().map(|one| (one.key(), one.version_id()));
    let markers = found.delete_markers().iter().map(|one| (one.key(), one.version_id()));
    for (key, version) in versions.chain(markers) {
        let (Some(key), Some(version)) = (key, version) else { continue };
        let _ = place.client.delete_object().bucket(&place.bucket).key(key).version_id(version).send().await;
    }
}
