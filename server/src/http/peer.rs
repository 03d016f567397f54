//! From where a request comes: the address at the other end, or what a trusted proxy says of it.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Once,
};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap},
};
use ipnet::IpNet;

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// Whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    pub ip: IpAddr,
    /// No proxy says that it stands in between.
    pub direct: bool,
}

impl Peer {
    /// `None` where the connection is not known.
    pub(super) fn of(headers: &HeaderMap, extensions: &Extensions, proxies: &[IpNet]) -> Option<Self> {
        let ip = extensions.get::<ConnectInfo<SocketAddr>>()?.0.ip().to_canonical();
        let direct = !["forwarded", X_FORWARDED_FOR, "x-real-ip"].iter().any(|name| headers.contains_key(*name));
        if proxies.iter().any(|net| net.contains(&ip)) {
            return Some(Self { ip: forwarded(headers).unwrap_or(ip), direct });
        }
        if ip.is_loopback() && proxies.is_empty() && headers.contains_key(X_FORWARDED_FOR) {
            warn_once();
        }
        Some(Self { ip, direct })
    }

    /// On this machine, with nobody in between.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.direct && self.ip.is_loopback()
    }
}

/// The last address of the last line is the one that our proxy saw; those before it are hearsay.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(X_FORWARDED_FOR).iter().next_back()?.to_str().ok()?.rsplit(',').next()?.trim();
    last.parse().ok().or_else(|| last.parse().ok().map(|at: SocketAddr| at.ip())).map(|ip: IpAddr| ip.to_canonical())
}

fn warn_once() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        tracing::warn!(
            "a proxy on this machine sends X-Forwarded-For, and setting trusted_proxies does not name it: all its visitors count as one"
        );
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(at: &str, forwarded: &[&str], proxies: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(X_FORWARDED_FOR, line.parse().unwrap());
        }
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(at.parse().unwrap(), 4711)));
        let proxies: Vec<IpNet> = proxies.iter().map(|net| net.parse().unwrap()).collect();
        Peer::of(&headers, &extensions, &proxies).unwrap().ip.to_string()
    }

    #[test]
    fn the_last_address_of_the_last_line_is_the_one_the_proxy_saw() {
        let proxies = ["10.0.0.0/8", "fd00::/8"];
        assert_eq!(peer("10.1.2.3", &["192.0.2.1", "203.0.113.9, 192.0.2.2"], &proxies), "192.0.2.2");
        assert_eq!(peer("10.1.2.3", &["192.0.2.1, ::ffff:192.0.2.3"], &proxies), "192.0.2.3");
        assert_eq!(peer("::ffff:10.1.2.3", &["2001:db8::1"], &proxies), "2001:db8::1");
        assert_eq!(peer("fd00::1", &["192.0.2.4:1234"], &proxies), "192.0.2.4");
        assert_eq!(peer("10.1.2.3", &["nonsense"], &proxies), "10.1.2.3");
        assert_eq!(peer("10.1.2.3", &[], &proxies), "10.1.2.3");
    }

    #[test]
    fn nobody_else_is_believed() {
        assert_eq!(peer("192.0.2.7", &["192.0.2.1"], &["10.0.0.0/8"]), "192.0.2.7");
        assert_eq!(peer("127.0.0.1", &["192.0.2.1"], &[]), "127.0.0.1");
    }
}
