//! How questions get to a device: to the very address that the site's list has, with little patience and an end to what is read.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use diqwest::{DigestAuthSession, WithDigestAuth};
use gatehouse_app::{cameras::Allow, ports::Ended, recordings::Reason};
use oxvif::transport::{Transport, TransportError};
use reqwest::Response;
use url::Url;

use crate::pinned::{self, Nowhere};

/// For one question and its answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that is read.
const LONGEST: usize = 1 << 20;

/// Asks devices of one site.
pub(super) struct Soap {
    allow: Allow,
    digest: Option<DigestAuthSession>,
    /// Why a question did not get there.
    trouble: Mutex<Option<Ended>>,
}

impl Soap {
    pub fn new(allow: Allow, user: &str, password: &str) -> Self {
        let digest = (!user.is_empty() || !password.is_empty()).then(|| DigestAuthSession::new(user, password));
        Self { allow, digest, trouble: Mutex::new(None) }
    }

    /// Why a question did not get there, in words; taken once.
    pub fn trouble(&self) -> Option<Ended> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn fails(&self, reason: Reason, detail: impl Into<String>) -> TransportError {
        let detail = detail.into();
        let error = TransportError::HttpStatus { status: 0, body: detail.clone() };
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(Ended { reason, detail });
        error
    }
}

#[async_trait]
impl Transport for Soap {
    async fn soap_post(&self, url: &str, action: &str, body: String) -> Result<String, TransportError> {
        let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let url = url.ok_or_else(|| self.fails(Reason::NotRtsp, "it names a service whose address cannot be read"))?;
        let at = pinned::resolve(&url, |at| self.allow.permits(at)).await.map_err(|nowhere| match nowhere {
            Nowhere::Forbidden => self.fails(
                Reason::Unreachable,
                format!(
                    "it leads to {}, which the site’s list of networks does not have",
                    url.host_str().unwrap_or("nowhere")
                ),
            ),
            other => self.fails(Reason::Unreachable, other.to_string()),
        })?;
        // Cameras sign their certificates themselves. What they prove is little more than plain HTTP would, and passwords go as digests.
        let client = pinned::client(&url, &at).timeout(PATIENCE).tls_danger_accept_invalid_certs(true).build()?;
        let request = client
            .post(url)
            .header("content-type", format!("application/soap+xml; charset=utf-8; action=\"{action}\""))
            .body(body);
        let answer = match &self.digest {
            Some(digest) => request.send_digest_auth(digest).await.map_err(|error| match error {
                diqwest::error::Error::Reqwest(error) => self.fails(Reason::Unreachable, pinned::words(&error)),
                _ => TransportError::HttpStatus { status: 401, body: String::new() },
            })?,
            None => request.send().await.map_err(|error| self.fails(Reason::Unreachable, pinned::words(&error)))?,
        };
        let status = answer.status().as_u16();
        let text = self.read(answer).await?;
        match status {
            // Faults come as 400 and 500.
            200 | 400 | 500 => Ok(text),
            _ => Err(TransportError::HttpStatus { status, body: String::new() }),
        }
    }
}

impl Soap {
    async fn read(&self, mut answer: Response) -> Result<String, TransportError> {
        let mut bytes = Vec::new();
        while let Some(chunk) =
            answer.chunk().await.map_err(|error| self.fails(Reason::Unreachable, pinned::words(&error)))?
        {
            if bytes.len() + chunk.len() > LONGEST {
                return Err(self.fails(Reason::NotRtsp, "its answer is longer than any ONVIF device’s"));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
