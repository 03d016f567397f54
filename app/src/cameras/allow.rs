//! Where cameras of a site may be. Whoever adds a camera makes this machine connect to an address of their choice, so a site says which.
//!
//! It is asked twice: when an address is typed, and each time one is about to be connected to, of the very address that is connected to.
//! A name that led to a camera yesterday and leads to the metadata of a cloud today leads nowhere.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

/// Ports of an entry that names none: RTSP, and what ONVIF devices serve HTTP on.
const USUAL: [u16; 8] = [554, 8554, 80, 443, 2020, 8000, 8080, 8899];

/// Networks, and the ports in each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allow(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    network: IpAddr,
    /// Leading bits that count.
    bits: u8,
    /// Empty: the usual ones.
    ports: Vec<u16>,
}

impl Allow {
    /// Whether something at `at` may be connected to.
    #[must_use]
    pub fn permits(&self, at: SocketAddr) -> bool {
        let ip = plain(at.ip());
        self.0.iter().any(|entry| entry.has(ip) && entry.takes(at.port()) && (!is_special(ip) || entry.is_host()))
    }

    /// Whether something at `at` may be connected to that is not a camera: everything public and private, and what is special only where an entry
    /// names it.
    #[must_use]
    pub fn permits_outside(&self, at: SocketAddr) -> bool {
        let ip = plain(at.ip());
        let named =
            |entry: &Entry| entry.is_host() && entry.has(ip) && (entry.ports.is_empty() || entry.takes(at.port()));
        !is_special(ip) || self.0.iter().any(named)
    }

    /// The addresses of those that a name led to which may be connected to, in their order.
    #[must_use]
    pub fn among(&self, found: impl IntoIterator<Item = SocketAddr>) -> Vec<SocketAddr> {
        found.into_iter().filter(|at| self.permits(*at)).collect()
    }
}

impl Entry {
    fn has(&self, ip: IpAddr) -> bool {
        match (self.network, ip) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => {
                same_bits(network.to_bits().into(), ip.to_bits().into(), 32, self.bits)
            }
            (IpAddr::V6(network), IpAddr::V6(ip)) => same_bits(network.to_bits(), ip.to_bits(), 128, self.bits),
            _ => false,
        }
    }

    fn takes(&self, port: u16) -> bool {
        if self.ports.is_empty() { USUAL.contains(&port) } else { self.ports.contains(&port) }
    }

    /// It names one address and nothing around it.
    fn is_host(&self) -> bool {
        self.bits == if self.network.is_ipv4() { 32 } else { 128 }
    }
}

fn same_bits(a: u128, b: u128, width: u32, bits: u8) -> bool {
    let shift = width - u32::from(bits).min(width);
    shift >= width || a >> shift == b >> shift
}

/// An IPv4 address in IPv6's clothes is an IPv4 address, also where a router would take them off (RFC 6052).
fn plain(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    let translated = matches!(v6.segments(), [0x64, 0xff9b, 0, 0, 0, 0, _, _]);
    let inside = translated.then(|| Ipv4Addr::from_bits(v6.to_bits() as u32));
    v6.to_ipv4_mapped().or(inside).map_or(ip, IpAddr::V4)
}

/// This machine itself, its neighbours without a router (there clouds keep their secrets), everybody at once, nobody: a network that
/// happens to include such does not mean them. Who does means one address, and writes it down.
fn is_special(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.octets()[0] == 0
                || v4 == Ipv4Addr::new(100, 100, 100, 200)
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unicast_link_local()
                || v6 == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)
        }
    }
}

impl FromStr for Allow {
    /// The line that cannot be read, and what is wrong with it.
    type Err = String;

    /// `192.168.10.0/24`, `192.168.10.7:554,8554`, `[fd00::]/8`, a line each; empty lines and what follows a `#` say nothing.
    fn from_str(text: &str) -> Result<Self, String> {
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        lines.filter(|line| !line.is_empty()).map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Entry {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("“{line}”: {what}");
        // Behind the last bracket, or of an address without colons, a colon begins the ports.
        let (network, ports) = match line.rsplit_once(']') {
            Some((v6, ports)) if !ports.starts_with('/') => (v6.trim_start_matches('['), ports.trim_start_matches(':')),
            Some(_) => match line.rsplit_once(':') {
                Some((network, ports)) if !network.ends_with(':') && network.contains(']') => (network, ports),
                _ => (line, ""),
            },
            None if line.matches(':').count() == 1 => line.split_once(':').unwrap_or((line, "")),
            None => (line, ""),
        };
        let network = network.replace(['[', ']'], "");
        let (address, bits) = network.split_once('/').map_or((network.as_str(), None), |(a, b)| (a, Some(b)));
        let network: IpAddr =
            address.parse().map_err(|_| wrong("give an address or a network such as 192.168.10.0/24"))?;
        // All private addresses of IPv6 are one network of seven bits.
        let (least, most) = if network.is_ipv4() { (8, 32) } else { (7, 128) };
        let bits = match bits.map(str::parse::<u8>) {
            None => most,
            Some(Ok(bits)) if (least..=most).contains(&bits) => bits,
            Some(_) => return Err(wrong(&format!("give {least} to {most} bits after the slash"))),
        };
        let ports = ports.split(',').map(str::trim).filter(|port| !port.is_empty());
        let ports: Vec<u16> = ports
            .map(|port| {
                port.parse::<u16>()
                    .ok()
                    .filter(|port| *port > 0)
                    .ok_or_else(|| wrong("a port is a number from 1 to 65535"))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { network, bits, ports })
    }
}

/// As it is stored and edited.
impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Entry { network, bits, ports } in &self.0 {
            let ports = ports.iter().map(u16::to_string).collect::<Vec<_>>().join(",");
            let colon = if ports.is_empty() { "" } else { ":" };
            match network {
                IpAddr::V4(v4) => writeln!(f, "{v4}/{bits}{colon}{ports}")?,
                IpAddr::V6(v6) => writeln!(f, "[{v6}]/{bits}{colon}{ports}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(allow: &str, at: &str) -> bool {
        allow.parse::<Allow>().unwrap().permits(at.parse().unwrap())
    }

    #[test]
    fn a_network_lets_its_own_in_on_the_usual_ports() {
        assert!(permits("192.168.0.0/16", "192.168.4.7:554"));
        assert!(permits("192.168.0.0/16", "[::ffff:192.168.4.7]:554"));
        assert!(!permits("192.168.0.0/16", "192.168.4.7:5432"));
        assert!(permits("192.168.0.0/16:5432", "192.168.4.7:5432"));
        assert!(!permits("192.168.0.0/16", "8.8.8.8:554"));
        assert!(permits("fc00::/7", "[fd12::1]:554") && !permits("fc00::/7", "[2001:db8::1]:554"));
        assert!(permits("[fd00::]/8", "[fd12::1]:554") && !permits("[fd00::]/8", "[fe80::1]:554"));
        assert!(!permits("", "10.0.0.1:554"));
    }

    #[test]
    fn what_is_special_is_named_by_itself_or_not_meant() {
        for (wide, at) in [
            ("127.0.0.0/8", "127.0.0.1:554"),
            ("169.254.0.0/16", "169.254.169.254:80"),
            ("[fe80::]/10", "[fe80::1]:554"),
            ("[fc00::]/8\n[fd00::]/8", "[fd00:ec2::254]:80"),
        ] {
            assert!(!permits(wide, at), "{at}");
        }
        assert!(permits("127.0.0.1:8554", "127.0.0.1:8554"));
        assert!(!permits("127.0.0.1:8554", "127.0.0.1:22"));
    }

    #[test]
    fn what_is_no_camera_may_be_anywhere_but_where_it_is_special() {
        let permits = |allow: &str, at: &str| allow.parse::<Allow>().unwrap().permits_outside(at.parse().unwrap());
        assert!(permits("", "93.184.216.34:443") && permits("", "10.0.0.7:8443") && permits("", "[2001:db8::1]:443"));
        for at in
            ["127.0.0.1:80", "169.254.169.254:80", "[::1]:80", "[64:ff9b::7f00:1]:80", "0.0.0.0:80", "224.0.0.1:80"]
        {
            assert!(!permits("", at) && !permits("127.0.0.0/8\n169.254.0.0/16", at), "{at}");
        }
        assert!(permits("127.0.0.1", "127.0.0.1:9999") && permits("127.0.0.1:9000", "127.0.0.1:9000"));
        assert!(!permits("127.0.0.1:9000", "127.0.0.1:9001"));
    }

    #[test]
    fn it_is_read_back_as_it_was_written() {
        let text = "10.0.0.0/8\n192.168.10.7/32:554,8554\n[fd00::]/8\n[fd00::1]/128:554\n";
        let allow: Allow = text.parse().unwrap();
        assert_eq!(allow.to_string(), text);
        assert_eq!(" 10.0.0.0/8 # the yard\n\n192.168.10.7:554,8554\nfd00::/8\n[fd00::1]:554".parse(), Ok(allow));
        for wrong in ["cameras.local", "10.0.0.0/33", "0.0.0.0/0", "10.0.0.0/8:0", "10.0.0.0/8:x"] {
            assert!(wrong.parse::<Allow>().is_err(), "{wrong}");
        }
    }
}
