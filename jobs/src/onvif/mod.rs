//! Cameras that say themselves what they are and what they send: WS-Discovery and ONVIF.
//!
//! What a device answers names further addresses: of services, of streams. Each is asked of the site's list before it is connected to.

mod soap;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use gatehouse_app::{
    cameras::Allow,
    ports::{Discovered, Ended, Profile},
    recordings::Reason,
};
use oxvif::{
    OnvifClient, OnvifError,
    discovery::{self, DiscoveredDevice},
    soap::SoapError,
    transport::TransportError,
};
use percent_encoding::percent_decode_str;
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use crate::pinned;
use soap::Soap;

/// A device answers all that is asked of it within this time.
const PATIENCE: Duration = Duration::from_secs(20);
/// Where devices are is looked up within this time.
const LOOKING_UP: Duration = Duration::from_secs(10);
/// Devices and streams of a device beyond these are left out: no yard has so many.
const DEVICES: usize = 512;
const STREAMS: usize = 32;
/// Characters of what a device calls itself.
const NAME: usize = 80;

/// Asks around in this machine's networks for as long as `patience`.
pub async fn discover(allow: &Allow, patience: Duration) -> Vec<Discovered> {
    // Datagrams get lost: asked twice.
    let devices = discovery::probe_rounds(2, patience / 2, Duration::ZERO).await;
    let mut found = Vec::new();
    // Names that nobody knows take seconds each, and anybody may answer with as many as they like.
    let end = Instant::now() + LOOKING_UP;
    for device in devices.into_iter().take(DEVICES) {
        match timeout_at(end, described(device, allow)).await {
            Ok(described) => found.extend(described),
            Err(_) => break,
        }
    }
    found.sort_by(|a, b| (&a.name, &a.service).cmp(&(&b.name, &b.service)));
    found
}

/// A device in our words; `None` where it has no address.
async fn described(device: DiscoveredDevice, allow: &Allow) -> Option<Discovered> {
    let services = device.xaddrs.iter().filter_map(|text| Url::parse(text).ok());
    let services: Vec<_> =
        services.filter(|url| matches!(url.scheme(), "http" | "https") && url.as_str().len() < 500).take(8).collect();
    let mut first = None;
    for url in &services {
        let allowed = timeout(Duration::from_secs(2), pinned::resolve(url, |at| allow.permits(at))).await;
        let allowed = matches!(allowed, Ok(Ok(_)));
        if allowed || first.is_none() {
            first = Some((url.to_string(), allowed));
        }
        if allowed {
            break;
        }
    }
    let (service, allowed) = first?;
    let said = |what: &str| {
        let scope =
            device.scopes.iter().find_map(|scope| scope.strip_prefix(&format!("onvif://www.onvif.org/{what}/")));
        plain(&percent_decode_str(scope.unwrap_or_default()).decode_utf8_lossy())
    };
    Some(Discovered {
        endpoint: plain(&device.endpoint),
        name: said("name"),
        hardware: said("hardware"),
        service,
        allowed,
    })
}

/// What a device says, as text of one line.
fn plain(theirs: &str) -> String {
    theirs.chars().filter(|c| !c.is_control()).take(NAME).collect::<String>().trim().to_owned()
}

/// The streams of the device whose service is at `service`.
///
/// # Errors
/// Why it does not say.
pub async fn profiles(service: &str, user: &str, password: &str, allow: &Allow) -> Result<Vec<Profile>, Ended> {
    let soap = Arc::new(Soap::new(allow.clone(), user, password));
    let asked = timeout(PATIENCE, streams(service, user, password, Arc::clone(&soap))).await;
    let slow = || Ended { reason: Reason::Unreachable, detail: "it did not say all within 20 s".into() };
    asked.map_err(|_| slow())?.map_err(|error| {
        // What went wrong on the way is known better by whoever was on it.
        soap.trouble().unwrap_or_else(|| ended(&error))
    })
}

async fn streams(service: &str, user: &str, password: &str, soap: Arc<Soap>) -> Result<Vec<Profile>, OnvifError> {
    let anonymous = OnvifClient::new(service).with_transport(soap);
    // Passwords go with a time, and a device whose clock is off refuses ours. Everybody may ask for it.
    let offset = match anonymous.get_system_date_and_time().await {
        Ok(time) => time.utc_offset_secs(),
        Err(OnvifError::Soap(_)) => 0,
        Err(error) => return Err(error),
    };
    let client = match user.is_empty() && password.is_empty() {
        true => anonymous,
        false => anonymous.with_credentials(user, password).with_utc_offset(offset),
    };
    let services = client.get_services().await.unwrap_or_default();
    // Only the newer of the two services knows H.265.
    if let Some(media) = services.iter().find(|service| service.is_media2()) {
        match newer(&client, &media.url).await {
            Ok(found) if !found.is_empty() => return Ok(found),
            Err(error) if is_refusal(&error) => return Err(error),
            Ok(_) | Err(_) => {}
        }
    }
    let media = client.get_capabilities().await?.media.url;
    match media {
        Some(media) => older(&client, &media).await,
        None => Ok(Vec::new()),
    }
}

async fn newer(client: &OnvifClient, media: &str) -> Result<Vec<Profile>, OnvifError> {
    let profiles = client.get_profiles_media2(media).await?;
    let encoders = client.get_video_encoder_configurations_media2(media).await.unwrap_or_default();
    let mut found = Vec::new();
    for profile in profiles.into_iter().take(STREAMS) {
        let Some(encoder) = profile.video_encoder_token else { continue };
        let uri = client.get_stream_uri_media2(media, &profile.token).await?;
        let encoder = encoders.iter().find(|known| known.token == encoder);
        let encoder = encoder.map(|it| (it.encoding.as_str(), it.resolution.width, it.resolution.height));
        found.extend(stream(&profile.name, &uri, encoder));
    }
    Ok(found)
}

async fn older(client: &OnvifClient, media: &str) -> Result<Vec<Profile>, OnvifError> {
    let profiles = client.get_profiles(media).await?;
    let encoders = client.get_video_encoder_configurations(media).await.unwrap_or_default();
    let mut found = Vec::new();
    for profile in profiles.into_iter().take(STREAMS) {
        let Some(encoder) = profile.video_encoder_token else { continue };
        let uri = client.get_stream_uri(media, &profile.token).await?.uri;
        let encoder = encoders.iter().find(|known| known.token == encoder);
        let encoder = encoder.map(|it| (it.encoding.as_str(), it.resolution.width, it.resolution.height));
        found.extend(stream(&profile.name, &uri, encoder));
    }
    Ok(found)
}

/// A stream as it is offered; nothing where it is no RTSP.
fn stream(name: &str, uri: &str, encoder: Option<(&str, u32, u32)>) -> Option<Profile> {
    let mut url = Url::parse(uri.trim()).ok().filter(|url| url.scheme() == "rtsp" && url.host_str().is_some())?;
    // Some put them there; here they have fields of their own.
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    let (codec, width, height) = encoder.unwrap_or_default();
    let name = plain(name);
    let name = if name.is_empty() { "stream".into() } else { name };
    (url.as_str().len() < 1000).then(|| Profile { name, url: url.into(), codec: plain(codec), width, height })
}

fn is_refusal(error: &OnvifError) -> bool {
    match error {
        OnvifError::Transport(TransportError::HttpStatus { status, .. }) => matches!(status, 401 | 403),
        OnvifError::Soap(SoapError::Fault { code, reason, subcode, .. }) => {
            let said = format!("{code} {reason} {}", subcode.as_deref().unwrap_or_default()).to_lowercase();
            ["notauthorized", "not authorized", "unauthorized", "failedauthentication", "sender not authorized"]
                .iter()
                .any(|word| said.contains(word))
        }
        _ => false,
    }
}

/// Why a device does not say what it has.
fn ended(error: &OnvifError) -> Ended {
    let (reason, detail) = match error {
        _ if is_refusal(error) => (Reason::Refused, "it does not take this user and password".to_owned()),
        OnvifError::Transport(TransportError::HttpStatus { status, .. }) => {
            (Reason::NotRtsp, format!("it answers with status {status}, as no ONVIF device does"))
        }
        OnvifError::Transport(TransportError::Http(error)) => (Reason::Unreachable, pinned::words(error)),
        OnvifError::Soap(SoapError::Fault { reason, .. }) => (Reason::NotRtsp, format!("it says: {}", plain(reason))),
        OnvifError::Soap(_) | OnvifError::InvalidArgument(_) => {
            (Reason::NotRtsp, "what it answers is not ONVIF".to_owned())
        }
    };
    Ended { reason, detail }
}
