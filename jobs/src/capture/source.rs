//! Where a camera is at this moment: the very address that is connected to, held against the list of its site.

use std::{net::SocketAddr, time::Duration};

use gatehouse_app::ports::Source;
use tokio::{net::lookup_host, time::timeout};
use url::Url;

use super::end::{End, Step};

/// Asked in turn, of a name with many addresses.
const MOST: usize = 4;

/// An address that may be connected to. The URL has it in the place of a name: who answers for the name has no second say.
#[derive(Clone)]
pub struct Place {
    pub url: Url,
}

/// Looks up where the camera is.
///
/// # Errors
/// When there is no such name, or the site's list has none of its addresses.
pub async fn places(source: &Source, patience: Duration) -> Result<Vec<Place>, End> {
    let address = &source.address;
    let found = timeout(patience, lookup_host((address.host.as_str(), address.port)))
        .await
        .map_err(|_| End::NoAnswer(Step::Describe))?
        .map_err(|_| End::Unreachable("no address is known of this name".into()))?;
    let allowed = source.allow.among(found);
    if allowed.is_empty() {
        return Err(End::BadAddress("the site’s list of networks does not have it".into()));
    }
    allowed.into_iter().take(MOST).map(|at| url(at, &address.opening.path).map(|url| Place { url })).collect()
}

fn url(at: SocketAddr, path: &str) -> Result<Url, End> {
    let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
    // Nothing of it is quoted: half the makers put passwords into the path.
    Url::parse(&format!("rtsp://{at}{slash}{path}")).map_err(|_| End::BadAddress("its path cannot be read".into()))
}

/// `words` without what opens the camera, should whoever said them have quoted it.
#[must_use]
pub fn without_secrets(words: &str, source: &Source) -> String {
    let opening = &source.address.opening;
    let secret = [&opening.password, &opening.path, &opening.user].into_iter().filter(|secret| secret.len() > 2);
    secret.fold(words.to_owned(), |words, secret| words.replace(secret.as_str(), "…"))
}

#[cfg(test)]
mod tests {
    use gatehouse_app::cameras::{Address, Opening, Transport};

    use super::*;

    fn source(host: &str, allow: &str) -> Source {
        let opening = Opening { path: "/live?pw=hunter2".into(), user: "yard".into(), password: "p@ss".into() };
        let address = Address { host: host.into(), port: 554, opening };
        Source { address, transport: Transport::Tcp, audio: false, allow: allow.parse().unwrap() }
    }

    #[tokio::test]
    async fn what_is_connected_to_is_an_address_of_the_site_s_list() {
        let wait = Duration::from_secs(5);
        let found = places(&source("10.0.0.9", "10.0.0.0/8"), wait).await.unwrap();
        assert_eq!(found[0].url.as_str(), "rtsp://10.0.0.9:554/live?pw=hunter2");
        let found = places(&source("fd00::7", "[fd00::]/8"), wait).await.unwrap();
        assert_eq!(found[0].url.as_str(), "rtsp://[fd00::7]:554/live?pw=hunter2");
        // A name is what it leads to.
        for (host, allow) in [("localhost", "10.0.0.0/8"), ("169.254.169.254", "0.0.0.0/8"), ("10.0.0.9", "")] {
            assert!(matches!(places(&source(host, allow), wait).await, Err(End::BadAddress(_))), "{host}");
        }
        assert!(matches!(places(&source("nobody.invalid", "10.0.0.0/8"), wait).await, Err(End::Unreachable(_))));
    }

    #[test]
    fn nothing_that_is_told_opens_the_camera() {
        let source = source("10.0.0.9", "");
        let told = without_secrets("cannot ask for /live?pw=hunter2 as yard with p@ss", &source);
        assert_eq!(told, "cannot ask for … as … with …");
    }
}
