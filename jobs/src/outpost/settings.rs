//! What a recorder on another site is told when it starts. The rest its hub tells it.

use std::{fmt, path::PathBuf};

use gatehouse_app::secrets::Secrets;
use url::{Host, Url};

/// Everything that a recorder has to know of itself.
#[derive(Clone, Debug)]
pub struct Settings {
    pub hub: Hub,
    pub token: Token,
    /// Database, film and secret are in it.
    pub data: PathBuf,
    /// What this disk is called: a second machine with the same token is refused.
    pub node: String,
    pub version: &'static str,
    /// Seals what opens cameras.
    pub secrets: Secrets,
    /// Film that is not sent yet takes so many bytes at most; 0: what the disk has.
    pub spool_bytes: u64,
    /// Bytes of the disk for everything else.
    pub keep_free: u64,
    /// Thousands of bits a second that film may take of the line; 0: all of it.
    pub bandwidth_kbps: u64,
    /// Cameras that it records at most.
    pub cameras: usize,
}

/// Where the hub is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hub(Url);

impl Hub {
    /// # Errors
    /// What is wrong with the address, and what to give in its place. The hub hands out passwords, so it is asked by TLS, or on this machine.
    pub fn new(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("“{text}” {what}; give one such as https://yard.example");
        let url = Url::parse(text.trim()).map_err(|_| wrong("is no address"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the hub’s address has a user or password in it; the token alone is needed".into());
        }
        match url.scheme() {
            "https" if url.has_host() => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(wrong("is not encrypted, and the hub sends passwords of cameras")),
            _ => return Err(wrong("is no https address")),
        }
        match url.path() == "/" && url.query().is_none() && url.fragment().is_none() {
            true => Ok(Self(url)),
            false => Err(wrong("has more than a host and a port in it")),
        }
    }

    /// Where `what` of the recorders' own routes is.
    ///
    /// # Errors
    /// Never for the words that are used here.
    pub(super) fn route(&self, what: &str) -> Result<Url, url::ParseError> {
        self.0.join("recorder/v1/")?.join(what)
    }

    /// Whether film may be put to `url`, as the hub says: by TLS, or on this machine where the hub is on this machine too.
    pub(super) fn may_send_to(&self, url: &Url) -> bool {
        let is_bare = url.username().is_empty() && url.password().is_none();
        is_bare
            && match url.scheme() {
                "https" => url.has_host(),
                "http" => is_loopback(url) && is_loopback(&self.0),
                _ => false,
            }
    }
}

impl fmt::Display for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// What lets the recorder in.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// # Errors
    /// When it cannot be one; it is not quoted.
    pub fn new(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let fits = text.len() <= 200 && text.bytes().all(|b| b.is_ascii_graphic());
        match text.starts_with("gatehouse_rec_") && fits {
            true => Ok(Self(text.to_owned())),
            false => {
                Err("the token of a recorder begins with gatehouse_rec_; make one under Cameras, Recorders".into())
            }
        }
    }

    pub(super) fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_travel_encrypted_or_not_at_all() {
        for right in [
            "https://yard.example",
            " https://yard.example:8443/ ",
            "http://127.0.0.1:3000",
            "http://[::1]:3000",
            "http://localhost",
        ] {
            assert!(Hub::new(right).is_ok(), "{right}");
        }
        for wrong in [
            "",
            "yard.example",
            "http://yard.example",
            "http://10.0.0.5",
            "http://127.0.0.1.example",
            "ftp://yard.example",
            "https://rosa:x@yard.example",
            "https://yard.example/gatehouse",
            "https://yard.example/?a=b",
        ] {
            assert!(Hub::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn film_goes_where_nobody_listens() {
        let may = |hub: &str, url: &str| Hub::new(hub).unwrap().may_send_to(&url.parse().unwrap());
        assert!(may("https://yard.example", "https://bucket.example/a"));
        assert!(may("http://127.0.0.1:3000", "http://127.0.0.1:3900/a"));
        for url in
            ["http://bucket.example/a", "http://127.0.0.1/a", "file:///etc/passwd", "https://u:p@bucket.example/a"]
        {
            assert!(!may("https://yard.example", url), "{url}");
        }
        assert!(!may("http://127.0.0.1:3000", "http://169.254.169.254/a"));
    }

    #[test]
    fn a_token_is_shown_nowhere() {
        let token = Token::new("gatehouse_rec_abc\n").unwrap();
        assert_eq!((format!("{token:?}"), token.bearer()), ("Token(***)".into(), "Bearer gatehouse_rec_abc".into()));
        for wrong in ["", "abc", "gatehouse_rec_a b", "gatehouse_rec_\u{e9}"] {
            assert!(Token::new(wrong).is_err());
        }
    }
}
