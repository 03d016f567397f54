//! Connections to addresses that somebody typed, or that a device named. A name is resolved here, each address is held against what is
//! permitted, and the connection goes to those that were and nowhere else: who answers for the name has no second say.

use std::{error::Error, net::SocketAddr};

use reqwest::{ClientBuilder, redirect::Policy};
use tokio::net::lookup_host;
use url::Url;

/// Why there is nothing to connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Nowhere {
    #[error("its address has no host")]
    NoHost,
    #[error("its name leads nowhere")]
    NoName,
    /// It leads somewhere, and that is not permitted.
    #[error("where it leads is not permitted")]
    Forbidden,
}

/// Where `url` leads, as far as `permits` it.
///
/// # Errors
/// When that is nowhere.
pub(crate) async fn resolve(url: &Url, permits: impl Fn(SocketAddr) -> bool) -> Result<Vec<SocketAddr>, Nowhere> {
    let host = url.host_str().ok_or(Nowhere::NoHost)?.trim_matches(['[', ']']);
    let port = url.port_or_known_default().ok_or(Nowhere::NoHost)?;
    let found = lookup_host((host, port)).await.map_err(|_| Nowhere::NoName)?;
    let permitted: Vec<_> = found.filter(|at| permits(*at)).collect();
    if permitted.is_empty() { Err(Nowhere::Forbidden) } else { Ok(permitted) }
}

/// A client for `url` that connects to `at` alone: no redirect is followed, and no proxy of the environment's connects in our place.
pub(crate) fn client(url: &Url, at: &[SocketAddr]) -> ClientBuilder {
    reqwest::Client::builder()
        .resolve_to_addrs(url.host_str().unwrap_or_default(), at)
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(concat!("gatehouse/", env!("CARGO_PKG_VERSION")))
}

/// What went wrong, without the address that reqwest puts in front: it may hold a secret.
pub(crate) fn words(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let what = if error.is_connect() { "no connection" } else { "the connection broke" };
    match error.source() {
        Some(_) => format!("{what}: {cause}"),
        None => what.into(),
    }
}
