//! The cameras of a site, for whoever adds one: a look at what one sends, those that are on the network, and what each of them offers.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::StreamExt;
use gatehouse_app::{
    cameras::Allow,
    ports::{Cameras, Discovered, Ended, Look, Profile, Source},
};
use retina::codec::CodecItem;
use shiguredo_mp4::{Decode, boxes::SampleEntry};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

use super::{
    boxes,
    end::End,
    picture,
    session::{self, Limits},
    source::without_secrets,
};
use crate::onvif;

/// The longer side of the picture that somebody is shown, pixels.
const LONGEST: u32 = 960;
/// Looks whose pictures are decoded at the same time.
const AT_ONCE: usize = 2;

/// Cameras by RTSP and ONVIF.
#[derive(Debug)]
pub struct SiteCameras {
    decoding: Arc<Semaphore>,
}

impl Default for SiteCameras {
    fn default() -> Self {
        Self { decoding: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl SiteCameras {
    /// Up to the first key frame.
    async fn first_picture(&self, source: &Source) -> Result<Look, End> {
        let began = Instant::now();
        let mut playing = session::open(source, &Limits::default()).await?;
        loop {
            let frame = match playing.frames.next().await {
                None => return Err(End::Closed),
                Some(Err(error)) => return Err(End::of(&error)),
                Some(Ok(CodecItem::VideoFrame(frame))) => frame,
                Some(Ok(_)) => continue,
            };
            if !playing.is_key(frame.is_random_access_point(), frame.data()) {
                continue;
            }
            let Some(video) = playing.video_format()? else { continue };
            let audio = playing.audio_format();
            let tracks = boxes::tracks(&video.entry, audio.as_ref().map(|audio| audio.entry.as_slice()));
            let mut tracks = tracks.map_err(End::Garbage)?;
            tracks.left_out.clone_from(&playing.left_out);
            let took = began.elapsed();
            let picture = self.decode(video.entry, frame.into_data()).await;
            return Ok(Look { tracks, picture, took });
        }
    }

    async fn decode(&self, entry: Vec<u8>, frame: Vec<u8>) -> Option<Vec<u8>> {
        let turn = Arc::clone(&self.decoding).acquire_owned().await.ok()?;
        let decoded = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let (entry, _) = SampleEntry::decode(&entry).map_err(|e| picture::NoPicture::Broken(e.to_string()))?;
            picture::of_frame(&entry, &frame, picture::Edges::Smooth)?.jpeg(LONGEST)
        });
        match decoded.await {
            Ok(Ok(jpeg)) => Some(jpeg.bytes),
            Ok(Err(why)) => {
                tracing::info!(%why, "a camera's key frame could not be decoded");
                None
            }
            Err(panic) => {
                tracing::warn!(%panic, "decoding a camera's key frame failed");
                None
            }
        }
    }
}

#[async_trait]
impl Cameras for SiteCameras {
    async fn look(&self, source: &Source, patience: Duration) -> Result<Look, Ended> {
        let looked = timeout(patience, self.first_picture(source)).await.unwrap_or(Err(End::NoKeyFrame));
        looked.map_err(|end| Ended { reason: end.reason(), detail: without_secrets(&end.to_string(), source) })
    }

    async fn discover(&self, allow: &Allow, patience: Duration) -> Vec<Discovered> {
        onvif::discover(allow, patience).await
    }

    async fn profiles(&self, service: &str, user: &str, password: &str, allow: &Allow) -> Result<Vec<Profile>, Ended> {
        onvif::profiles(service, user, password, allow).await
    }
}
