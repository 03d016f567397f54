//! What is said to the hub, and the bytes that are put where it says. Nothing is followed anywhere else: an answer that redirects is no answer.

use std::{path::Path, sync::Arc, time::Duration};

use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::body::SdkBody;
use gatehouse_app::recorders::wire::{Announced, Beat, BeatBack, Cameras, Fate, Hello, Kept, Picture, Placed, Welcome};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use http_body_util::{BodyExt, Limited};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use super::settings::{Hub, Token};
use crate::storage::{
    bandwidth::Bandwidth,
    feed::{Check, Feed, Pulse},
};

/// From the question to the end of the answer, and what a slow line has besides for each byte of the question: 8 KB a second.
const PATIENCE: Duration = Duration::from_secs(30);
const A_BYTE: Duration = Duration::from_micros(125);
/// For so long a storage may take nothing and say nothing.
const SILENCE: Duration = Duration::from_secs(30);
/// 200 grants of 2 KB are a tenth of it.
const LONGEST_ANSWER: usize = 4 << 20;
const LONGEST_ERROR: usize = 64 << 10;
/// Headers of one grant.
const MOST_HEADERS: usize = 20;

/// Speaks with one hub.
#[derive(Debug)]
pub(super) struct Client {
    connector: SharedHttpConnector,
    hub: Hub,
    token: Token,
    bandwidth: Arc<Bandwidth>,
}

/// Why the hub did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    /// No answer, or one that may be another in a moment.
    #[error("the hub does not answer: {0}")]
    Away(String),
    /// The token counts no more, and it is the hub that says so.
    #[error("the hub does not know this token: it was revoked, or is another hub’s")]
    Revoked,
    /// Another machine has this token.
    #[error("the hub knows another machine by this token: {0}")]
    OtherMachine(String),
    #[error("hub and recorder are of versions that do not understand each other: {0}")]
    OtherVersion(String),
    /// It makes no sense to say the same again.
    #[error("the hub did not understand: {0}")]
    Wrong(String),
}

/// Why bytes were not put.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unput {
    /// The storage does not answer, or cannot at the moment.
    #[error("the storage does not answer: {0}")]
    Away(String),
    /// This grant is of no use: over, or not what the storage understands.
    #[error("the storage refused: {0}")]
    Refused(String),
    /// The file cannot be read, or is no longer what it was.
    #[error("the file cannot be sent: {0}")]
    Source(String),
}

/// Where a file may be put, as the hub said and as it was checked.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    url: Url,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Unix milliseconds, by this machine's clock.
    pub expires_at: i64,
}

impl Client {
    pub fn new(hub: Hub, token: Token, bandwidth: Arc<Bandwidth>) -> Self {
        let settings = HttpConnectorSettings::builder().connect_timeout(Duration::from_secs(10)).build();
        // The system's roots.
        let connector =
            Connector::builder().connector_settings(settings).tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build();
        Self { connector: SharedHttpConnector::new(connector), hub, token, bandwidth }
    }

    pub async fn hello(&self, hello: &Hello) -> Result<Welcome, Failed> {
        self.say("POST", "hello", Some(hello)).await
    }

    pub async fn beat(&self, beat: &Beat) -> Result<BeatBack, Failed> {
        self.say("POST", "beat", Some(beat)).await
    }

    pub async fn cameras(&self) -> Result<Cameras, Failed> {
        self.say("GET", "cameras", None::<&()>).await
    }

    pub async fn segments(&self, announced: &Announced) -> Result<Placed, Failed> {
        self.say("POST", "segments", Some(announced)).await
    }

    pub async fn kept(&self, kept: &Kept) -> Result<Placed, Failed> {
        self.say("POST", "kept", Some(kept)).await
    }

    /// Pictures share the line with film.
    pub async fn picture(&self, picture: &Picture) -> Result<Fate, Failed> {
        self.bandwidth.take(picture.jpeg.len()).await;
        self.say("POST", "picture", Some(picture)).await
    }

    async fn say<T: DeserializeOwned>(
        &self,
        method: &'static str,
        what: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, Failed> {
        let wrong = |error: &dyn std::fmt::Display| Failed::Wrong(format!("{what}: {error}"));
        let url = self.hub.route(what).map_err(|error| wrong(&error))?;
        let bytes = match body {
            Some(body) => serde_json::to_vec(body).map_err(|error| wrong(&error))?,
            None => Vec::new(),
        };
        let patience = PATIENCE + A_BYTE.saturating_mul(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        let mut request = http::Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(AUTHORIZATION, self.token.bearer())
            .header(http::header::ACCEPT, "application/json")
            .header(CONTENT_LENGTH, bytes.len());
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(SdkBody::from(bytes)).map_err(|error| wrong(&error))?;
        let request = HttpRequest::try_from(request).map_err(|error| wrong(&error))?;
        let asked = async {
            let response = self.connector.call(request).await.map_err(|error| Failed::Away(in_words(&error)))?;
            read(response).await
        };
        match tokio::time::timeout(patience, asked).await {
            Ok(answer) => answer,
            Err(_) => Err(Failed::Away(format!("nothing came within {} s", patience.as_secs()))),
        }
    }

    /// What the hub granted, if that is anything that may be used: an address that nobody listens to, and headers that say no more than what
    /// is put. `ahead`: by how many milliseconds this clock is ahead of the hub's.
    pub fn granted(
        &self,
        url: &str,
        headers: &[(String, String)],
        expires_at: i64,
        ahead: i64,
    ) -> Result<Grant, String> {
        let url = Url::parse(url).map_err(|error| format!("the hub’s address for film is none: {error}"))?;
        if !self.hub.may_send_to(&url) {
            let to = url.host_str().unwrap_or_default();
            return Err(format!("the hub wants film put to {}://{to}, which is not encrypted", url.scheme()));
        }
        if headers.len() > MOST_HEADERS {
            return Err("the hub’s grant has too many headers".into());
        }
        let header = |(name, value): &(String, String)| {
            let known = ["content-type", "if-none-match"].contains(&name.as_str())
                || ["x-amz-", "x-goog-"].iter().any(|prefix| name.starts_with(prefix));
            match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
                (Ok(name), Ok(value)) if known => Ok((name, value)),
                _ => Err(format!("the hub’s grant has a header that no put needs: {name:.40}")),
            }
        };
        let headers = headers.iter().map(header).collect::<Result<_, _>>()?;
        Ok(Grant { url, headers, expires_at: expires_at.saturating_add(ahead) })
    }

    /// Puts a file where it was granted to. Its bytes are hashed as they go: another file than was announced never gets there whole.
    pub async fn put(&self, grant: &Grant, path: &Path, size: u64, sha256: &str) -> Result<(), Unput> {
        let feed = Feed::file(path, size, Check::Sha256(sha256.to_owned()));
        let pulse = Pulse::new();
        let mut request = http::Request::builder().method("PUT").uri(grant.url.as_str());
        for (name, value) in &grant.headers {
            request = request.header(name, value);
        }
        let request = request.header(CONTENT_LENGTH, feed.len()).body(feed.body(&self.bandwidth, &pulse));
        let refused = |error: &dyn std::fmt::Display| Unput::Refused(error.to_string());
        let request =
            HttpRequest::try_from(request.map_err(|error| refused(&error))?).map_err(|error| refused(&error))?;
        let mut call = std::pin::pin!(self.connector.call(request));
        let outcome = loop {
            match tokio::time::timeout(SILENCE, &mut call).await {
                Ok(outcome) => break outcome,
                Err(_) if pulse.silence() < SILENCE => {}
                Err(_) => {
                    return Err(Unput::Away(format!("it took nothing and said nothing for {} s", SILENCE.as_secs())));
                }
            }
        };
        if let Some(fault) = pulse.fault() {
            return Err(Unput::Source(fault));
        }
        let response = outcome.map_err(|error| Unput::Away(in_words(&error)))?;
        let status = response.status().as_u16();
        match status {
            200..300 => Ok(()),
            408 | 429 | 500.. => Err(Unput::Away(format!("it answered {status}"))),
            _ => {
                let said = tokio::time::timeout(SILENCE, text_of(response, LONGEST_ERROR)).await;
                let said = said.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
                Err(Unput::Refused(format!("it answered {status} {said:.200}")))
            }
        }
    }
}

async fn read<T: DeserializeOwned>(response: HttpResponse) -> Result<T, Failed> {
    let status = response.status().as_u16();
    let kind = response.headers().get(CONTENT_TYPE.as_str()).unwrap_or_default().to_owned();
    if (200..300).contains(&status) {
        let body = Limited::new(response.into_body(), LONGEST_ANSWER).collect().await;
        let body = body.map_err(|error| Failed::Away(format!("its answer broke off: {error}")))?;
        // Without serde's words where they would quote what was sent: there are passwords in it.
        return serde_json::from_slice(&body.to_bytes())
            .map_err(|error| Failed::Wrong(format!("its answer cannot be read (line {})", error.line())));
    }
    let is_ours = kind.starts_with("application/problem+json");
    let text = text_of(response, LONGEST_ERROR).await;
    let detail = serde_json::from_str::<serde_json::Value>(&text).ok();
    let detail = detail.as_ref().and_then(|problem| problem["detail"].as_str().or(problem["title"].as_str()));
    let detail = format!("{:.300}", detail.unwrap_or_default());
    Err(match status {
        // Whoever stands between may answer so too, and nothing follows from that.
        401 if is_ours => Failed::Revoked,
        409 if is_ours => Failed::OtherMachine(detail),
        426 if is_ours => Failed::OtherVersion(detail),
        413 | 415 | 422 if is_ours => Failed::Wrong(format!("{status} {detail}")),
        _ => Failed::Away(format!("it answered {status} {detail}").trim_end().to_owned()),
    })
}

async fn text_of(response: HttpResponse, most: usize) -> String {
    let body = Limited::new(response.into_body(), most).collect().await;
    body.map(|body| String::from_utf8_lossy(&body.to_bytes()).into_owned()).unwrap_or_default()
}

/// The error and what is behind it, without the address: that may be a signed one.
fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !text.contains("://") && !words.contains(&text) {
            words.push(text);
        }
        next = error.source();
    }
    words.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(hub: &str) -> Client {
        let token = Token::new("gatehouse_rec_for-a-test").unwrap();
        Client::new(Hub::new(hub).unwrap(), token, Arc::new(Bandwidth::new(0)))
    }

    #[tokio::test]
    async fn a_hub_that_lies_gets_no_film_and_no_header_of_its_choice() {
        let client = client("https://yard.example");
        let headers = |name: &str| vec![(name.to_owned(), "x".to_owned())];
        let url = "https://bucket.example/recordings/a.mp4?X-Amz-Signature=1";
        assert!(client.granted(url, &headers("x-amz-meta-sha256"), 0, 0).is_ok());
        for header in ["authorization", "host", "cookie", "content-length", "transfer-encoding", "X-Amz\r\nHost"] {
            assert!(client.granted(url, &headers(header), 0, 0).is_err(), "{header}");
        }
        for url in ["http://bucket.example/a", "http://127.0.0.1/a", "gopher://bucket.example/", "none"] {
            assert!(client.granted(url, &[], 0, 0).is_err(), "{url}");
        }
        assert_eq!(client.granted(url, &[], 1_000, -300).unwrap().expires_at, 700);
    }

    #[tokio::test]
    async fn nobody_there_is_said_without_an_address() {
        let client = client("http://127.0.0.1:9");
        let failed =
            client.hello(&Hello { protocol: 1, version: String::new(), node: String::new() }).await.unwrap_err();
        assert!(matches!(&failed, Failed::Away(why) if !why.is_empty() && !why.contains("://")), "{failed}");
    }
}
