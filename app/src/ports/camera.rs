//! Cameras, as the domain sees them: tried out and found. Recording them is the workers' affair (`jobs/src/capture`), and the adapter is beside it.

use std::time::Duration;

use async_trait::async_trait;

use crate::{
    cameras::{Address, Allow, Transport},
    recordings::Reason,
};

/// What is to be opened.
#[derive(Clone, Debug)]
pub struct Source {
    pub address: Address,
    pub transport: Transport,
    pub audio: bool,
    /// Where it may lead; asked of the very address that is connected to.
    pub allow: Allow,
}

/// What came of a look at a camera.
#[derive(Clone, Debug)]
pub struct Look {
    pub tracks: Tracks,
    /// JPEG of the first key frame; `None` where it could not be decoded.
    pub picture: Option<Vec<u8>>,
    /// From the first packet to the first key frame.
    pub took: Duration,
}

/// What a stream carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tracks {
    /// `avc1.640028`, `hvc1.1.6.L120.90`.
    pub video: String,
    pub width: u32,
    pub height: u32,
    /// `mp4a.40.2`; empty: none, or none that is wanted.
    pub audio: String,
    /// Sound that is there and cannot be recorded: its codec's name.
    pub left_out: Option<String>,
}

/// Why there is nothing. `detail` has no address and no secret in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", reason.label())]
pub struct Ended {
    pub reason: Reason,
    pub detail: String,
}

/// Something on the network that says it is a camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// The device's own id, so that it is shown once.
    pub endpoint: String,
    /// As it calls itself; may be empty.
    pub name: String,
    pub hardware: String,
    /// The address of its ONVIF service.
    pub service: String,
    /// The site's list has it.
    pub allowed: bool,
}

/// One stream of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    /// Without user and password.
    pub url: String,
    pub codec: String,
    pub width: u32,
    pub height: u32,
}

#[async_trait]
pub trait Cameras: Send + Sync {
    /// Connects and waits until a key frame has come.
    async fn look(&self, source: &Source, patience: Duration) -> Result<Look, Ended>;

    /// Asks around for ONVIF devices, for as long as `patience`. Nobody answering is no error.
    async fn discover(&self, allow: &Allow, patience: Duration) -> Vec<Discovered>;

    /// The streams of one device. `user` may be empty.
    async fn profiles(&self, service: &str, user: &str, password: &str, allow: &Allow) -> Result<Vec<Profile>, Ended>;
}

/// No camera can be reached: in tests, and in processes that have nothing to do with any.
#[derive(Debug)]
pub struct NoCameras;

#[async_trait]
impl Cameras for NoCameras {
    async fn look(&self, _: &Source, _: Duration) -> Result<Look, Ended> {
        Err(away())
    }

    async fn discover(&self, _: &Allow, _: Duration) -> Vec<Discovered> {
        Vec::new()
    }

    async fn profiles(&self, _: &str, _: &str, _: &str, _: &Allow) -> Result<Vec<Profile>, Ended> {
        Err(away())
    }
}

fn away() -> Ended {
    Ended { reason: Reason::Unreachable, detail: "this process reaches no cameras".into() }
}
