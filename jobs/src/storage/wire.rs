//! Requests with few headers and many bytes, signed by the client's library and sent by its connector, but not through its machinery:
//! for an object of 50 KB that costs more than the rest of the upload. What has an XML answer goes through the client.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4::SigningParams,
};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::Headers,
};
use chrono::DateTime;
use gatehouse_app::ports::StoreError;
use http_body_util::{BodyExt, Limited};

use super::{
    bandwidth::Bandwidth,
    feed::{Feed, Pulse},
    pace::Pace,
    presign::Presigner,
};

/// Times that a request is tried; the job's own back-off goes on from there.
const ATTEMPTS: u32 = 5;
/// For so long a server may take nothing and say nothing.
const PATIENCE: Duration = Duration::from_secs(30);
/// More of what a server says about an error is not read.
const LONGEST_ERROR: usize = 64 * 1024;

/// One bucket, by HTTP.
pub(super) struct Wire {
    pub connector: SharedHttpConnector,
    pub presigner: Arc<Presigner>,
    pub bandwidth: Arc<Bandwidth>,
    pace: Pace,
    /// Milliseconds by which the server's clock is ahead of this machine's.
    skew: AtomicI64,
}

/// A request, but for its body.
pub(super) struct Ask<'a> {
    pub method: &'static str,
    pub key: &'a str,
    pub query: &'a [(&'static str, &'a str)],
    pub headers: &'a [(&'static str, &'a str)],
    /// SHA-256 of the body, lower-case hex, to sign it with; `None`: something else vouches for it.
    pub sha256: Option<&'a str>,
}

/// What the server said.
pub(super) struct Answer {
    pub status: u16,
    pub headers: Headers,
    /// S3's word for the error, such as `SlowDown`, and what it says about it; empty where it says nothing.
    pub code: String,
    pub message: String,
}

impl Answer {
    /// It may be otherwise in a moment.
    fn is_passing(&self) -> bool {
        matches!(self.status, 408 | 429 | 500 | 502 | 503 | 504) || self.code == "RequestTimeout"
    }

    fn asks_for_less(&self) -> bool {
        matches!(self.status, 429 | 503) || self.code == "SlowDown"
    }

    pub fn into_error(self) -> StoreError {
        StoreError::Unavailable(match (self.status, self.code.as_str()) {
            (403, "" | "AccessDenied" | "InvalidAccessKeyId" | "SignatureDoesNotMatch") => {
                format!("it refused our credentials (403 {})", self.code).replace(" )", ")")
            }
            (404, "NoSuchBucket") => "there is no such bucket (404)".into(),
            (status, "") => format!("it answered {status}"),
            (status, code) => format!("it answered {status} {code}: {}", self.message),
        })
    }
}

impl Wire {
    pub fn new(connector: SharedHttpConnector, presigner: Arc<Presigner>, bandwidth: Arc<Bandwidth>) -> Self {
        Self { connector, presigner, bandwidth, pace: Pace::default(), skew: AtomicI64::new(0) }
    }

    /// Sends `ask` with what `feed` gives, again where that may help.
    ///
    /// # Errors
    /// [`StoreError::Source`] when the bytes cannot be read or are not what they must be; [`StoreError::Unavailable`] when there was no
    /// answer, or only that the server cannot at the moment. Whatever else it answers is the caller's to judge.
    pub async fn send(&self, ask: &Ask<'_>, feed: &Feed) -> Result<Answer, StoreError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let turn = self.pace.turn().await;
            let pulse = Pulse::new();
            let outcome = self.once(ask, feed, &pulse).await;
            match &outcome {
                Ok(answer) if answer.asks_for_less() => turn.slowed(),
                Ok(_) => turn.went_well(),
                Err(_) => {}
            }
            drop(turn);
            if let Some(fault) = pulse.fault() {
                return Err(StoreError::Source(format!("{}: {fault}", ask.key)));
            }
            let again = attempt < ATTEMPTS;
            match outcome {
                Ok(answer) if answer.code == "RequestTimeTooSkewed" && again && self.reckon(&answer) => {}
                Ok(answer) if !answer.is_passing() => return Ok(answer),
                Ok(answer) if !again => return Err(answer.into_error()),
                Err(error) if !again => return Err(StoreError::Unavailable(format!("{error:#}"))),
                _ => tokio::time::sleep(wait(attempt)).await,
            }
        }
    }

    async fn once(&self, ask: &Ask<'_>, feed: &Feed, pulse: &Arc<Pulse>) -> Result<Answer> {
        let request = self.request(ask, feed, pulse).await?;
        let mut call = std::pin::pin!(self.connector.call(request));
        let response = loop {
            match tokio::time::timeout(PATIENCE, &mut call).await {
                Ok(response) => break response.map_err(anyhow::Error::new)?,
                Err(_) if pulse.silence() < PATIENCE => {}
                Err(_) => anyhow::bail!("it took nothing and said nothing for {} s", PATIENCE.as_secs()),
            }
        };
        answer(response).await
    }

    async fn request(&self, ask: &Ask<'_>, feed: &Feed, pulse: &Arc<Pulse>) -> Result<HttpRequest> {
        #[expect(clippy::disallowed_methods, reason = "the server's clock judges it, not the house's")]
        let now = SystemTime::now();
        let skew = self.skew.load(Ordering::Relaxed);
        let ahead = Duration::from_millis(skew.unsigned_abs());
        let now = if skew < 0 { now - ahead } else { now + ahead };

        let mut settings = SigningSettings::default();
        // S3 signs the path as it is sent, and wants to know what the body must be.
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let identity = self.presigner.credentials(now).await?.into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(self.presigner.region())
            .name("s3")
            .time(now)
            .settings(settings)
            .build()?
            .into();
        let url = self.presigner.address(ask.key, ask.query);
        let body = match ask.sha256 {
            Some(sha256) => SignableBody::Precomputed(sha256.to_owned()),
            None => SignableBody::UnsignedPayload,
        };
        let signable = SignableRequest::new(ask.method, url.as_str(), ask.headers.iter().copied(), body)?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();

        let mut request = http::Request::builder().method(ask.method).uri(&url);
        for (name, value) in ask.headers.iter().copied().chain(instructions.headers()) {
            request = request.header(name, value);
        }
        if ask.method != "HEAD" {
            request = request.header(http::header::CONTENT_LENGTH, feed.len());
        }
        let request = request.body(feed.body(&self.bandwidth, pulse))?;
        HttpRequest::try_from(request).context("the request")
    }

    /// Takes the server's time for the right one; says whether that changes anything.
    fn reckon(&self, answer: &Answer) -> bool {
        let Some(theirs) = answer.headers.get("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok()) else {
            return false;
        };
        #[expect(clippy::disallowed_methods, reason = "the server's clock judges it, not the house's")]
        let ours = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        let skew = theirs.timestamp_millis() - i64::try_from(ours).unwrap_or(i64::MAX);
        let before = self.skew.swap(skew, Ordering::Relaxed);
        tracing::warn!(seconds = skew / 1000, "this machine's clock is off: requests are signed for the bucket's time");
        (skew - before).abs() > 1000
    }
}

async fn answer(response: HttpResponse) -> Result<Answer> {
    let mut answer = Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        code: String::new(),
        message: String::new(),
    };
    if !response.status().is_success() {
        let body = Limited::new(response.into_body(), LONGEST_ERROR).collect();
        // What it says is a help, not a need.
        if let Ok(Ok(body)) = tokio::time::timeout(PATIENCE, body).await {
            let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
            answer.code = element(&text, "Code").unwrap_or_default();
            answer.message = element(&text, "Message").unwrap_or_default();
        }
    }
    Ok(answer)
}

/// The text of the first element of that name: an error's document is flat.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once("</")?;
    Some(text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"))
}

/// 0.1 s, 0.4 s, 1.6 s, 6.4 s at most, and a random part of that: those who were refused together do not come back together.
fn wait(attempt: u32) -> Duration {
    let longest = 100 * 4_u64.pow(attempt.saturating_sub(1).min(3));
    let random = RandomState::new().build_hasher().finish();
    Duration::from_millis(longest / 4 + random % (longest * 3 / 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_it_is() {
        let xml = "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>a &lt;b&gt; &amp; c</Message></Error>";
        assert_eq!(element(xml, "Code").as_deref(), Some("SlowDown"));
        assert_eq!(element(xml, "Message").as_deref(), Some("a <b> & c"));
        assert_eq!(element("Bad gateway", "Code"), None);
    }

    #[test]
    fn waits_grow_and_differ() {
        for attempt in 1..=4 {
            let longest = Duration::from_millis(100 * 4_u64.pow(attempt - 1));
            assert!((0..100).all(|_| wait(attempt) <= longest && wait(attempt) >= longest / 4));
        }
        assert_ne!(wait(4), wait(4));
    }
}
