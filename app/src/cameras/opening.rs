//! What opens a camera, and how it is kept: sealed to the camera's id, and in nobody's log.

use std::{fmt, str::FromStr};

use anyhow::anyhow;
use serde::{Deserialize, Serialize};

use crate::{App, AppError, Result, ids::CameraId, sealed};

const PURPOSE: &str = "camera";
/// Of what goes through a page and comes back.
const CARRIED: &str = "camera form";
/// For so long somebody may look at such a page, in milliseconds.
const CARRIED_MS: i64 = 60 * 60 * 1000;

/// Path, user and password. The path too: half the makers put passwords into its query.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// With its query; empty or beginning with a slash.
    pub path: String,
    /// Empty: the camera asks for none.
    pub user: String,
    pub password: String,
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opening(***)")
    }
}

impl Opening {
    /// As it is stored for `camera`, and opens for that one alone.
    pub(super) fn seal(&self, app: &App, camera: CameraId) -> Result<String> {
        sealed::seal(app, PURPOSE, &camera.to_string(), &serde_json::to_vec(self)?)
    }

    /// # Errors
    /// [`AppError::Conflict`] when it was sealed with another secret or for another camera.
    pub(super) fn open(app: &App, camera: CameraId, kept: &str) -> Result<Self> {
        let opened = sealed::open(app, PURPOSE, &camera.to_string(), kept).map_err(|error| {
            tracing::warn!(%camera, %error, "what opens a camera cannot be read");
            AppError::Conflict(
                "What opens this camera cannot be read: the installation’s secret is another one. Edit the camera and type its \
                 address, user and password again."
                    .into(),
            )
        })?;
        // Without serde's words: they would quote what they stumbled over.
        serde_json::from_slice(&opened).map_err(|_| anyhow!("what opens camera {camera} is no opening").into())
    }
}

#[derive(Serialize, Deserialize)]
struct Carried {
    opening: Opening,
    until: i64,
}

impl Opening {
    /// Sealed for a hidden field: a password never goes into a page as it is, and need not be typed again because something else was wrong.
    /// It opens for `owner` alone, within an hour.
    pub(super) fn carry(self, app: &App, owner: &str) -> Result<String> {
        let carried = Carried { opening: self, until: app.now() + CARRIED_MS };
        sealed::seal(app, CARRIED, owner, &serde_json::to_vec(&carried)?)
    }

    /// `None` when it is over, somebody else's or about another address.
    pub(super) fn carried(app: &App, owner: &str, field: &str) -> Option<Self> {
        let opened = sealed::open(app, CARRIED, owner, field).ok()?;
        let carried: Carried = serde_json::from_slice(&opened).ok()?;
        (carried.until > app.now()).then_some(carried.opening)
    }
}

/// Where a camera is, with what opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// A name or an address, IPv6 without brackets.
    pub host: String,
    pub port: u16,
    pub opening: Opening,
}

/// How RTP comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// Within the RTSP connection.
    #[default]
    Tcp,
    /// Beside it.
    Udp,
}

impl Transport {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

impl FromStr for Transport {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "tcp" => Ok(Self::Tcp),
            "udp" => Ok(Self::Udp),
            _ => Err(format!("“{text}” is no way that film comes; choose tcp or udp")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_printed_opens_anything() {
        let opening = Opening { path: "/live?pw=hunter2".into(), user: "admin".into(), password: "hunter2".into() };
        let address = Address { host: "192.168.10.7".into(), port: 554, opening };
        let printed = format!("{address:?}");
        assert!(printed.contains("192.168.10.7") && !printed.contains("hunter2") && !printed.contains("admin"));
    }
}
