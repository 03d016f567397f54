//! `rtsp://user:password@192.168.10.7:554/stream1`, taken apart as people type it.

use std::net::Ipv6Addr;

use percent_encoding::percent_decode_str;

/// Of most cameras.
const PORT: u16 = 554;
const LIKE: &str = "Give the address as the camera’s manual has it, such as rtsp://192.168.10.7:554/stream1";

/// What stood in an address.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub host: String,
    pub port: u16,
    /// With its query; empty where none was typed.
    pub path: String,
    pub user: String,
    pub password: String,
}

/// An address without user and password, as it may go back into a page.
#[must_use]
pub(super) fn without_secrets(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => format!("{}{}", &url[..scheme + 3], &url[at + 1..]),
        (None, Some(at)) => url[at + 1..].to_owned(),
        _ => url.to_owned(),
    }
}

/// Takes `url` apart.
///
/// # Errors
/// A sentence that quotes nothing of it: a password may be anywhere in what cannot be read.
pub(super) fn parse(url: &str) -> Result<Typed, String> {
    let wrong = || LIKE.to_owned();
    if url.chars().any(|c| c.is_control() || c.is_whitespace()) || url.len() > 2000 {
        return Err(wrong());
    }
    let (scheme, rest) = url.split_once("://").unwrap_or(("rtsp", url));
    match scheme.to_ascii_lowercase().as_str() {
        "rtsp" => {}
        "rtsps" => {
            return Err("Cameras are recorded over rtsp://, not rtsps://; their own network keeps others out".into());
        }
        "http" | "https" => {
            return Err(
                "That is the address of the camera’s pages. The film has one with rtsp://, mostly at port 554".into()
            );
        }
        _ => return Err(wrong()),
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (opener, place) = authority.rsplit_once('@').map_or(("", authority), |(opener, place)| (opener, place));
    // A password with a slash in it ends the authority too early.
    if authority.rfind('@').is_none() && path.contains('@') && host_and_port(place).is_none() {
        return Err(
            "Type user and password in their own fields: they hold a sign that means something else in an address"
                .into(),
        );
    }
    let (host, port) = host_and_port(place).ok_or_else(wrong)?;
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (user, password) = opener.split_once(':').unwrap_or((opener, ""));
    let path = path.split('#').next().unwrap_or_default();
    let slash = if path.starts_with('?') { "/" } else { "" };
    Ok(Typed { host, port, path: format!("{slash}{path}"), user: decoded(user), password: decoded(password) })
}

fn host_and_port(place: &str) -> Option<(String, u16)> {
    let port = |text: &str| match text {
        "" => Some(PORT),
        text => text.parse::<u16>().ok().filter(|port| *port > 0 && !text.starts_with('+')),
    };
    if let Some(rest) = place.strip_prefix('[') {
        let (host, behind) = rest.split_once(']')?;
        let host: Ipv6Addr = host.parse().ok()?;
        return Some((host.to_string(), port(behind.strip_prefix(':').or(behind.is_empty().then_some(""))?)?));
    }
    let (host, behind) = place.split_once(':').unwrap_or((place, ""));
    let host = host.to_ascii_lowercase();
    is_host(&host).then_some((host, port(behind)?))
}

/// An address of four numbers, or a name whose last part is no number: odd spellings of addresses are none of either.
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.starts_with(|c: char| c.is_ascii_digit())
        && last.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'x');
    host.parse::<std::net::Ipv4Addr>().is_ok() || (host.len() <= 253 && host.split('.').all(label) && !is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_type_them() {
        let typed = parse("rtsp://admin:p%40ss@192.168.10.7:8554/ch1/main?a=b").unwrap_or_else(|why| panic!("{why}"));
        assert_eq!((typed.host.as_str(), typed.port, typed.path.as_str()), ("192.168.10.7", 8554, "/ch1/main?a=b"));
        assert_eq!((typed.user.as_str(), typed.password.as_str()), ("admin", "p@ss"));
        let place = |url: &str| parse(url).map(|typed| (typed.host, typed.port, typed.path)).ok();
        let at = |host: &str, port, path: &str| Some((host.to_owned(), port, path.to_owned()));
        assert_eq!(place("192.168.10.7"), at("192.168.10.7", 554, ""));
        assert_eq!(place("RTSP://Dock-2.cameras.local/"), at("dock-2.cameras.local", 554, "/"));
        assert_eq!(place("rtsp://[FD00::7]:554/live"), at("fd00::7", 554, "/live"));
        assert_eq!(place("rtsp://10.0.0.1?live"), at("10.0.0.1", 554, "/?live"));
        assert_eq!(parse("rtsp://a:b@c@10.0.0.1/").map(|typed| typed.password).ok(), Some("b@c".into()));
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_quoted() {
        for wrong in [
            "",
            "http://192.168.10.7/",
            "rtsp://",
            "rtsp://10.0.0.1:0/",
            "rtsp://10.0.0.1:99999/",
            "rtsp://2130706433/",
            "rtsp://127.1/",
            "rtsp://0x7f.0.0.0x1/",
            "rtsp://admin:hunter2/x@10.0.0.1/live",
            "rtsp://ho st/",
            "rtsp://[::1/",
            "file:///etc/passwd",
        ] {
            assert!(parse(wrong).is_err_and(|why| !why.contains("hunter2")), "{wrong}");
        }
    }

    #[test]
    fn what_goes_back_into_a_page_opens_nothing() {
        for (url, shown) in [
            ("rtsp://admin:hunter2@10.0.0.1/live", "rtsp://10.0.0.1/live"),
            ("rtsp://admin:hun/ter@2@10.0.0.1/live", "rtsp://10.0.0.1/live"),
            ("admin:hunter2@10.0.0.1", "10.0.0.1"),
            ("rtsp://10.0.0.1/live", "rtsp://10.0.0.1/live"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }
}
