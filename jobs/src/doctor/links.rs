//! Addresses that open an object: signed ones for those who may, none for strangers.

use std::{
    sync::atomic::Ordering,
    time::{Duration, SystemTime},
};

use aws_sdk_s3::presigning::PresigningConfig;
use gatehouse_app::doctor::Verdict;

use super::{BYTES, KEY, Place, Refusal, access};

/// How long the probe's addresses live.
const LIFE: Duration = Duration::from_mins(1);

#[expect(clippy::disallowed_methods, reason = "the server's clock judges it, not the house's")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// A signed address of the test object, as of `start`.
async fn signed(place: &Place, start: SystemTime) -> Result<String, Verdict> {
    let life = PresigningConfig::builder().start_time(start).expires_in(LIFE).build();
    let life = life.map_err(|error| Verdict::failed(format!("cannot sign: {error}")))?;
    match place.client.get_object().bucket(&place.bucket).key(KEY).presigned(life).await {
        Ok(request) => Ok(request.uri().to_owned()),
        Err(error) => Err(Refusal::of(&error).verdict(place, "cannot sign", "s3:GetObject")),
    }
}

pub(super) async fn opens(place: &Place) -> Verdict {
    let url = match signed(place, now()).await {
        Ok(url) => url,
        Err(verdict) => return verdict,
    };
    match place.browse("GET", &url, Vec::new()).await {
        Ok((answer, bytes)) if answer.status == 200 && bytes == BYTES => Verdict::sound("without credentials, the same bytes"),
        Ok((answer, _)) if answer.status == 200 => Verdict::failed("it opens, and gives other bytes")
            .mend("Look for a proxy or a cache between here and the server, and take it out"),
        Ok((answer, _)) => Verdict::failed(format!("customers cannot download: {}", answer.status)).mend(
            "A proxy that changes the host or the path breaks signatures: set AWS_ENDPOINT_URL to the address that browsers use",
        ),
        Err(refusal) => refusal.verdict(place, "customers cannot download", "s3:GetObject"),
    }
}

pub(super) async fn ends(place: &Place) -> Verdict {
    // By the server's own clock: what is probed is whether it judges, not whether the clocks agree.
    let ahead = place.ahead.load(Ordering::Relaxed);
    let apart = Duration::from_secs(ahead.unsigned_abs());
    let theirs = if ahead < 0 { now() + apart } else { now() - apart };
    let url = match signed(place, theirs - LIFE * 10).await {
        Ok(url) => url,
        Err(verdict) => return verdict,
    };
    match place.browse("GET", &url, Vec::new()).await {
        Ok((answer, _)) if answer.status == 200 => Verdict::failed(
            "an address that ended nine minutes ago still opens",
        )
        .mend(
            "Do not put customers' papers there: their links would never end. Use a server that judges X-Amz-Expires",
        ),
        Ok((answer, _)) => Verdict::sound(format!("after its time it is refused with {}", answer.status)),
        Err(refusal) => refusal.verdict(place, "it could not be tried", "s3:GetObject"),
    }
}

pub(super) async fn public_read(place: &Place) -> Verdict {
    match place.stranger.get_object().bucket(&place.bucket).key(KEY).send().await {
        Ok(_) => Verdict::failed("whoever guesses a bill's number can read it").mend(access::close(place)),
        Err(error) => match Refusal::of(&error) {
            Refusal::Said { status, .. } => Verdict::sound(format!("refused with {status}")),
            refusal => refusal.verdict(place, "it could not be tried", ""),
        },
    }
}

const EXPOSED: &str = "access-control-expose-headers";

/// Playing needs GET of parts from another origin; attachments go up by PUT, and the browser has to read the part's ETag.
pub(super) async fn cors(place: &Place) -> Verdict {
    let mend = || "gatehouse bucket cors --apply    # `gatehouse bucket cors` prints the rule".to_owned();
    let url = match signed(place, now()).await {
        Ok(url) => url,
        Err(verdict) => return verdict,
    };
    let origin = vec![("origin", place.origin.clone())];
    let allows = |value: Option<&str>| value.is_some_and(|value| value == "*" || value == place.origin);
    // As players ask: for a part of a file.
    let ranged = [origin.clone(), vec![("range", "bytes=0-3".to_owned())]].concat();
    let got = match place.browse("GET", &url, ranged).await {
        Ok((answer, _)) => answer,
        Err(refusal) => return refusal.verdict(place, "it could not be tried", ""),
    };
    if !allows(got.header("access-control-allow-origin")) {
        return Verdict::advice(format!(
            "pages of {} may not read from the bucket, so recordings do not play from it",
            place.origin
        ))
        .mend(mend());
    }
    if got.status != 206 {
        return Verdict::advice(format!(
            "pages of {} may read from the bucket, and it gives whole files instead of parts ({}): players fetch too much",
            place.origin, got.status
        ));
    }
    if let Some(hidden) = ["ETag", "Content-Range"].into_iter().find(|name| !lists(got.header(EXPOSED), name)) {
        return Verdict::advice(format!(
            "pages of {} may read from the bucket, and do not see its header {hidden}",
            place.origin
        ))
        .mend(mend());
    }
    let preflight = |method: &str| -> Vec<(&'static str, String)> {
        [origin.clone(), vec![("access-control-request-method", method.to_owned())]].concat()
    };
    // Browsers that do not count Range among what is harmless ask before.
    let ranged = [preflight("GET"), vec![("access-control-request-headers", "range".to_owned())]].concat();
    for (asked, header, not) in [(ranged, "range", "read parts of files"), (preflight("PUT"), "", "upload")] {
        match place.browse("OPTIONS", &url, asked).await {
            Ok((answer, _))
                if answer.status < 300
                    && allows(answer.header("access-control-allow-origin"))
                    && (header.is_empty() || lists(answer.header("access-control-allow-headers"), header)) => {}
            Ok(_) => {
                return Verdict::advice(format!("pages of {} may read and not {not}", place.origin)).mend(mend());
            }
            Err(refusal) => return refusal.verdict(place, "it could not be tried", ""),
        }
    }
    Verdict::sound(format!("{} may read and upload", place.origin))
}

/// Whether a list of headers has one; `*` is all of them.
fn lists(names: Option<&str>, name: &str) -> bool {
    names.is_some_and(|names| names.split(',').map(str::trim).any(|one| one == "*" || one.eq_ignore_ascii_case(name)))
}
