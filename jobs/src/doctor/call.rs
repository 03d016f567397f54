//! Requests as the doctor makes them, and what comes of them.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_s3::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut},
    },
    error::{BoxError, DisplayErrorContext, ProvideErrorMetadata, SdkError},
};
use gatehouse_app::{doctor::Verdict, ports::Clock};

use super::Place;

/// The head of the last answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    /// When it came, in Unix milliseconds by our clock.
    pub at: i64,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What was answered last; probes are made one after the other.
#[derive(Debug, Default)]
pub struct Seen(Mutex<Answer>);

impl Seen {
    pub fn last(&self) -> Answer {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Writes down what is answered.
pub struct Watch {
    pub seen: Arc<Seen>,
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "Watch"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let headers = response.headers().iter().map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let answer = Answer { status: response.status().as_u16(), headers, at: self.clock.now() };
        *self.seen.0.lock().unwrap_or_else(PoisonError::into_inner) = answer;
        Ok(())
    }
}

/// Makes a request of the client's into one as a browser sends it: this address, and none of the client's own headers.
#[derive(Debug)]
pub struct AsBrowser {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
}

impl Intercept for AsBrowser {
    fn name(&self) -> &'static str {
        "AsBrowser"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        request.set_uri(self.url.as_str())?;
        request.set_method(self.method)?;
        let own: Vec<_> = request.headers().iter().map(|(name, _)| name.to_owned()).collect();
        for name in own.iter().filter(|name| name.starts_with("x-amz-") || name.starts_with("amz-sdk-")) {
            request.headers_mut().remove(name);
        }
        for (name, value) in &self.headers {
            request.headers_mut().insert(*name, value.clone());
        }
        Ok(())
    }
}

impl Place {
    /// What a browser gets at `url`: the head of the answer.
    pub(super) async fn browse(
        &self,
        method: &'static str,
        url: &str,
        headers: Vec<(&'static str, String)>,
    ) -> Result<(Answer, Vec<u8>), Refusal> {
        let browser = AsBrowser { method, url: url.to_owned(), headers };
        let asked = self.stranger.get_object().bucket(&self.bucket).key(super::KEY).customize().interceptor(browser);
        match asked.send().await {
            Ok(found) => {
                let bytes = found.body.collect().await.map_err(|error| Refusal::Silent(error.to_string()))?;
                Ok((self.seen.last(), bytes.to_vec()))
            }
            Err(error) => match Refusal::of(&error) {
                Refusal::Said { .. } => Ok((self.seen.last(), Vec::new())),
                silent => Err(silent),
            },
        }
    }
}

/// Why a request came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No answer that can be read: nobody listens, it took too long, the connection broke, it was no S3.
    Silent(String),
    /// There is nothing to sign with.
    Unsigned(String),
    /// The server said no.
    Said { status: u16, code: String, message: String, region: Option<String> },
}

impl Refusal {
    pub fn of<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &SdkError<E>) -> Self {
        let Some(answer) = error.raw_response() else {
            let words = chain(error);
            // Whoever has no credentials is told so in the middle of a chain of errors.
            return match words.contains("credential") || words.contains("identity") {
                true => Self::Unsigned(words),
                false => Self::Silent(words),
            };
        };
        let metadata = error.as_service_error().map(ProvideErrorMetadata::meta);
        let code = metadata.and_then(|about| about.code()).unwrap_or_default().to_owned();
        let message = metadata.and_then(|about| about.message()).unwrap_or_default().to_owned();
        let status = answer.status().as_u16();
        if status < 300 {
            return Self::Silent("its answer is not what S3 answers".into());
        }
        let region = answer.headers().get("x-amz-bucket-region").map(ToOwned::to_owned);
        Self::Said { status, code, message, region }
    }

    pub fn code(&self) -> &str {
        match self {
            Self::Said { code, .. } => code,
            _ => "",
        }
    }

    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Said { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The server has no such thing.
    pub fn is_unknown_here(&self) -> bool {
        matches!(self.status(), Some(501 | 405)) || matches!(self.code(), "NotImplemented" | "MethodNotAllowed")
    }

    pub fn is_forbidden(&self) -> bool {
        matches!(self.status(), Some(401 | 403))
    }

    /// As a verdict, where the probe itself knows nothing better.
    pub fn verdict(&self, place: &Place, what: &str, action: &str) -> Verdict {
        let found = format!("{what}: {self}");
        match self {
            Self::Silent(_) => Verdict::failed(found).mend(super::access::reach_mend(place)),
            Self::Unsigned(_) => Verdict::failed(found).mend(super::access::CREDENTIALS_MEND),
            _ if self.is_unknown_here() => Verdict::unsupported(found),
            Self::Said { status: 503 | 429 | 500, .. } => Verdict::failed(found)
                .mend("The server is overloaded or broken: look at its log, then run the doctor again"),
            Self::Said { code, .. } if code == "RequestTimeTooSkewed" => {
                Verdict::failed(found).mend(super::access::CLOCK_MEND)
            }
            Self::Said { .. } if self.is_forbidden() => Verdict::failed(found).mend(format!(
                "Allow {action} to these credentials: `gatehouse bucket policy --part iam` prints the whole policy"
            )),
            Self::Said { .. } => Verdict::failed(found),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent(words) | Self::Unsigned(words) => f.write_str(words),
            Self::Said { status, code, message, .. } => {
                write!(f, "{status}")?;
                if !code.is_empty() {
                    write!(f, " {code}")?;
                }
                if !message.is_empty() {
                    write!(f, " ({})", message.trim_end_matches('.'))?;
                }
                Ok(())
            }
        }
    }
}

/// The kinds of failure without their types' names, outermost first; nothing of it holds a signature.
fn chain<E: std::error::Error + 'static>(error: &SdkError<E>) -> String {
    if let SdkError::TimeoutError(_) = error {
        return "no answer in time".into();
    }
    let mut parts: Vec<String> = Vec::new();
    let mut next: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        if !parts.iter().any(|known| known.contains(&text)) {
            parts.push(text);
        }
        next = cause.source();
    }
    match parts.is_empty() {
        true => DisplayErrorContext(error).to_string(),
        false => parts.join(": "),
    }
}
