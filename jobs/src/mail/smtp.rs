//! Mail over SMTP, one connection a mail.
//!
//! lettre's transport sends in one go and says afterwards that something failed; here the dialogue is led step by step, because what a
//! failure means depends on whether the text had begun to go out: before, it is a clean retry; after, nobody knows.

use std::{future::Future, time::Duration};

use anyhow::{Context, bail};
use async_trait::async_trait;
use gatehouse_app::{
    error::AppError,
    ports::{BeforeData, Envelope, Mailer, Sent},
};
use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
        response::Response,
    },
};
use url::Url;

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encryption {
    /// From the first byte: `smtps://`.
    Implicit,
    /// By STARTTLS, or not at all: `?tls=required`.
    Required,
    /// By STARTTLS where the server offers it. A password goes over an open line to this machine only.
    Offered,
    /// `?tls=none`.
    None,
}

/// How long each part of the dialogue may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Connecting, greeting, EHLO, TLS.
    pub connect: Duration,
    /// Each command.
    pub command: Duration,
    /// The text, and the answer to it. Servers scan the mail here, so it is long (RFC 5321 has ten minutes).
    pub text: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(20), command: Duration::from_mins(1), text: Duration::from_mins(5) }
    }
}

/// A mail server, from `smtp://user:password@host:587` or `smtps://…`.
pub struct SmtpMailer {
    host: String,
    port: u16,
    encryption: Encryption,
    credentials: Option<Credentials>,
    hello: ClientId,
    patience: Patience,
}

impl SmtpMailer {
    /// `hello` is the name that Gatehouse gives itself, usually its host.
    ///
    /// # Errors
    /// What is wrong with the URL, without the password in it.
    pub fn new(url: &str, hello: &str, patience: Patience) -> anyhow::Result<Self> {
        let url = Url::parse(url).context("setting smtp_url: not a URL")?;
        let host = url.host_str().context("setting smtp_url: names no host")?.trim_matches(['[', ']']).to_owned();
        let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let encryption = match (url.scheme(), tls.as_deref()) {
            ("smtps", _) => Encryption::Implicit,
            ("smtp", Some("required")) => Encryption::Required,
            ("smtp", Some("none")) => Encryption::None,
            ("smtp", None | Some("opportunistic")) => Encryption::Offered,
            ("smtp", Some(_)) => bail!("setting smtp_url: tls must be required, opportunistic or none"),
            _ => bail!("setting smtp_url: must begin with smtp:// or smtps://"),
        };
        let port = url.port().unwrap_or(match encryption {
            Encryption::Implicit => 465,
            _ => 587,
        });
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let credentials = (!url.username().is_empty())
            .then(|| Credentials::new(decode(url.username()), decode(url.password().unwrap_or_default())));
        Ok(Self { host, port, encryption, credentials, hello: ClientId::Domain(hello.into()), patience })
    }

    fn is_here(&self) -> bool {
        self.host == "localhost" || self.host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Connects, greets, encrypts and signs in. Whatever fails here has nothing to do with the mail.
    #[expect(clippy::disallowed_methods, reason = "this is the port's adapter")]
    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let tls = || TlsParameters::new(self.host.clone()).map_err(|error| Failure::Broke(error.to_string()));
        let implicit = if self.encryption == Encryption::Implicit { Some(tls()?) } else { None };
        let server = (self.host.as_str(), self.port);
        let patience = Some(self.patience.connect);
        let connecting = AsyncSmtpConnection::connect_tokio1(server, patience, &self.hello, implicit, None);
        let mut connection = within(self.patience.connect, connecting).await?;
        let offered = self.encryption == Encryption::Offered && connection.can_starttls();
        if offered || self.encryption == Encryption::Required {
            within(self.patience.connect, connection.starttls(tls()?, &self.hello)).await?;
        }
        if let Some(credentials) = &self.credentials {
            if !connection.is_encrypted() && !self.is_here() && self.encryption != Encryption::None {
                let words =
                    "the server offers no encryption, and the password is not sent without; set tls=none to do so";
                return Err(Failure::Said { permanent: true, words: words.into() });
            }
            within(self.patience.command, connection.auth(DEFAULT_MECHANISMS, credentials))
                .await
                .map_err(|failure| failure.about("the server did not take the sign-in"))?;
        }
        Ok(connection)
    }
}

impl SmtpMailer {
    /// Connects, signs in and leaves, sending nothing; says how it was let in.
    ///
    /// # Errors
    /// What the server said, or that there is none.
    pub async fn knock(&self) -> Result<String, String> {
        match self.connect().await {
            Ok(connection) => {
                let line = if connection.is_encrypted() { "encrypted" } else { "in the open" };
                let who = if self.credentials.is_some() { "with the sign-in" } else { "without a sign-in" };
                let found = format!("{} lets this installation in, {line}, {who}", self.destination());
                Ok(leave(connection, found).await)
            }
            Err(Failure::Said { words, .. } | Failure::Broke(words)) => Err(words),
        }
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    fn destination(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn is_live(&self) -> bool {
        true
    }

    async fn send(&self, envelope: Envelope, hook: &mut dyn BeforeData) -> Result<Sent, AppError> {
        let (Ok(from), Ok(to)) = (envelope.from.parse::<Address>(), envelope.to.parse::<Address>()) else {
            return Ok(Sent::Refused(format!("“{}” is not an email address", envelope.to)));
        };
        let mut connection = match self.connect().await {
            Ok(connection) => connection,
            Err(failure) => return Ok(failure.at_the_door()),
        };
        let mut options = Vec::new();
        if !envelope.message.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        for command in [Mail::new(Some(from), options).to_string(), Rcpt::new(to, Vec::new()).to_string()] {
            if let Err(failure) = within(self.patience.command, connection.command(command)).await {
                return Ok(leave(connection, failure.before_text()).await);
            }
        }
        if let Err(error) = hook.before_data().await {
            leave(connection, ()).await;
            return Err(error);
        }
        if let Err(failure) = within(self.patience.command, connection.command(Data)).await {
            return Ok(leave(connection, failure.before_text()).await);
        }
        let sent = match within(self.patience.text, connection.message(&envelope.message)).await {
            Ok(response) => Sent::Accepted(in_words(&response)),
            Err(failure) => failure.after_text(),
        };
        Ok(leave(connection, sent).await)
    }
}

/// Says goodbye without waiting for long: what matters is settled.
async fn leave<T>(mut connection: AsyncSmtpConnection, outcome: T) -> T {
    let _ = tokio::time::timeout(Duration::from_secs(2), connection.abort()).await;
    outcome
}

/// What went wrong in the dialogue.
enum Failure {
    /// The server said no.
    Said { permanent: bool, words: String },
    /// The connection broke, or what came was not SMTP.
    Broke(String),
}

impl Failure {
    fn about(self, what: &str) -> Self {
        match self {
            Self::Said { permanent, words } => Self::Said { permanent, words: format!("{what}: {words}") },
            Self::Broke(words) => Self::Broke(format!("{what}: {words}")),
        }
    }

    /// Before the mail was so much as named: a plain no is meant for every mail.
    fn at_the_door(self) -> Sent {
        match self {
            Self::Said { permanent: true, words } => Sent::Barred(words),
            Self::Said { words, .. } | Self::Broke(words) => Sent::Deferred(words),
        }
    }

    fn before_text(self) -> Sent {
        match self {
            Self::Said { permanent: true, words } => Sent::Refused(words),
            Self::Said { words, .. } | Self::Broke(words) => Sent::Deferred(words),
        }
    }

    fn after_text(self) -> Sent {
        match self {
            Self::Broke(words) => Sent::Unknown(format!("The text went out and no answer came: {words}")),
            said @ Self::Said { .. } => said.before_text(),
        }
    }
}

async fn within<T>(patience: Duration, step: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
    match tokio::time::timeout(patience, step).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => {
            let words = chain(&error);
            Err(match error.status() {
                Some(_) => Failure::Said { permanent: error.is_permanent(), words },
                None => Failure::Broke(words),
            })
        }
        Err(_) => Err(Failure::Broke(format!("no answer within {} seconds", patience.as_secs_f32()))),
    }
}

/// lettre says the kind in one error and the cause in the next.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

fn in_words(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    format!("{} {}", response.code(), lines.join(" "))
}
