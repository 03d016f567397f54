//! Whether a configuration can be worked with; asked before anything is opened.

use std::net::IpAddr;

use gatehouse_app::{cameras::Allow, mail, secrets::Secrets};
use gatehouse_jobs::{
    database,
    mail::smtp::{Patience, SmtpMailer},
};
use ipnet::{IpNet, Ipv4Net};

use super::Config;

impl Config {
    /// # Errors
    /// One line that names the setting and what is wrong with it.
    pub(super) fn check(&self) -> Result<(), String> {
        self.base_url()?;
        self.proxies()?;
        self.webhooks()?;
        if !self.secret.is_empty() && self.secret.len() < Secrets::MIN_BYTES {
            return Err("setting secret: give at least 32 characters, or none to have one made".into());
        }
        self.yard_zone.parse::<chrono_tz::Tz>().map_err(|_| {
            format!("setting yard_zone: “{}” is not a time zone; use a name such as America/Chicago", self.yard_zone)
        })?;
        if !mail::is_sender(&self.mail_from) {
            return Err(format!(
                "setting mail_from: “{}” is no address to send from; use one such as Yard <yard@example.com>",
                self.mail_from
            ));
        }
        if !self.smtp_url.is_empty() {
            SmtpMailer::new(&self.smtp_url, "localhost", Patience::default()).map_err(|error| format!("{error:#}"))?;
        }
        if !self.database_url.is_empty() {
            database::parse(&self.database_url).map_err(|error| format!("setting database_url: {error:#}"))?;
        }
        if !(1..=1000).contains(&self.capture_cameras) {
            return Err("setting capture_cameras: give 1 to 1000".into());
        }
        if !(10..=300).contains(&self.capture_segment_seconds) {
            return Err("setting capture_segment_seconds: give 10 to 300".into());
        }
        if !(1..=168).contains(&self.yard_url_hours) {
            return Err("setting yard_url_hours: give 1 to 168".into());
        }
        self.check_storage()
    }

    /// Where webhooks may lead besides public and private addresses.
    ///
    /// # Errors
    /// When one of them is no address.
    pub fn webhooks(&self) -> Result<Allow, String> {
        self.webhook_allow.join("\n").parse().map_err(|why| format!("setting webhook_allow: {why}"))
    }

    /// Whose `X-Forwarded-For` is believed.
    ///
    /// # Errors
    /// When one of them is neither an address nor a range.
    pub fn proxies(&self) -> Result<Vec<IpNet>, String> {
        let parse = |text: &String| {
            network(text.trim()).ok_or_else(|| {
                format!("setting trusted_proxies: “{text}” is neither an address nor a range such as 10.0.0.0/8")
            })
        };
        self.trusted_proxies.iter().map(parse).collect()
    }
}

/// An address is a range of one. Ranges of IPv4 inside IPv6 are ranges of IPv4: that is how their peers come.
fn network(text: &str) -> Option<IpNet> {
    let net = match text.parse::<IpAddr>() {
        Ok(ip) => return Some(ip.to_canonical().into()),
        Err(_) => text.parse::<IpNet>().ok()?,
    };
    match net {
        IpNet::V6(inside) if inside.prefix_len() >= 96 => match inside.addr().to_ipv4_mapped() {
            Some(ip) => Ipv4Net::new(ip, inside.prefix_len() - 96).ok().map(IpNet::V4),
            None => Some(net),
        },
        _ => Some(net),
    }
}
