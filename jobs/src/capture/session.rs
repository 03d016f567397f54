//! A session with one camera: asked, set up and playing, each step with a time limit of its own, for the library has none.

use std::{num::NonZeroU32, time::Duration};

use gatehouse_app::{cameras, ports::Source};
use retina::{
    client::{
        Credentials, Demuxed, InitialTimestampPolicy, PlayOptions, Session, SessionOptions, SetupOptions,
        TcpTransportOptions, Transport, UdpTransportOptions,
    },
    codec::{FrameFormat, ParametersRef},
};
use tokio::time::timeout;

use super::{
    boxes::Format,
    end::{End, Step},
    source::{self, Place},
};

/// How long a camera may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// To be connected to and say what it has; to take each of the next requests.
    pub describe: Duration,
    pub setup: Duration,
    pub play: Duration,
    /// From there to the first key frame: some send one every ten seconds.
    pub first: Duration,
    /// From one frame of the picture to the next.
    pub stall: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { describe: seconds(10), setup: seconds(5), play: seconds(5), first: seconds(30), stall: seconds(10) }
    }
}

/// A camera that plays.
pub struct Playing {
    pub frames: Demuxed,
    pub video: usize,
    pub video_rate: NonZeroU32,
    pub audio: Option<usize>,
    pub audio_rate: NonZeroU32,
    /// Sound that is there and cannot be recorded: its codec's name.
    pub left_out: Option<String>,
}

/// Opens a session at the first of the camera's addresses that answers.
///
/// # Errors
/// Why there is none.
pub async fn open(source: &Source, limits: &Limits) -> Result<Playing, End> {
    let places = source::places(source, limits.describe).await?;
    let mut end = End::Unreachable("it has no address".into());
    for place in places {
        match open_at(&place, source, limits).await {
            Err(away @ (End::Refused | End::Unreachable(_) | End::NoAnswer(Step::Describe))) => end = away,
            opened => return opened,
        }
    }
    Err(end)
}

async fn open_at(place: &Place, source: &Source, limits: &Limits) -> Result<Playing, End> {
    let opening = &source.address.opening;
    let credentials = (!opening.user.is_empty() || !opening.password.is_empty())
        .then(|| Credentials { username: opening.user.clone(), password: opening.password.clone() });
    let options = SessionOptions::default().creds(credentials).user_agent("Gatehouse".into());
    let mut session = timeout(limits.describe, Session::describe(place.url.clone(), options))
        .await
        .map_err(|_| End::NoAnswer(Step::Describe))?
        .map_err(|e| End::of_first_words(&e))?;

    let streams = session.streams();
    let named = |media: &str, wanted: &[&str]| {
        streams.iter().position(|s| s.media() == media && wanted.contains(&s.encoding_name()))
    };
    let Some(video) = named("video", &["h264", "h265"]) else {
        return Err(match streams.iter().find(|stream| stream.media() == "video") {
            Some(other) => End::UnsupportedCodec(name(other.encoding_name())),
            None => End::NoVideo,
        });
    };
    let usable = named("audio", &["mpeg4-generic"]).filter(
        |i| matches!(streams[*i].parameters(), Some(ParametersRef::Audio(p)) if p.mp4_sample_entry().build().is_ok()),
    );
    let left_out = match usable {
        Some(_) => None,
        None => streams.iter().find(|stream| stream.media() == "audio").map(|stream| name(stream.encoding_name())),
    };
    let audio = usable.filter(|_| source.audio);
    let rate = |i: usize| NonZeroU32::new(streams[i].clock_rate_hz());
    let nonsense = || End::Garbage("a stream without a clock rate".into());
    let video_rate = rate(video).ok_or_else(nonsense)?;
    let audio_rate = audio.map_or(Some(video_rate), rate).ok_or_else(nonsense)?;

    for i in [Some(video), audio].into_iter().flatten() {
        let transport = match source.transport {
            cameras::Transport::Tcp => Transport::Tcp(TcpTransportOptions::default()),
            cameras::Transport::Udp => Transport::Udp(UdpTransportOptions::default()),
        };
        let options = SetupOptions::default().transport(transport).frame_format(FrameFormat::MP4);
        timeout(limits.setup, session.setup(i, options))
            .await
            .map_err(|_| End::NoAnswer(Step::Setup))?
            .map_err(|e| End::of(&e))?;
    }
    // Cameras that say nothing of where their ticks begin are recorded all the same. Jumps are judged by us: the library's own rule
    // ends every stream with B-frames.
    let options = PlayOptions::default().initial_timestamp(InitialTimestampPolicy::Permissive);
    let frames = timeout(limits.play, session.play(options))
        .await
        .map_err(|_| End::NoAnswer(Step::Play))?
        .and_then(Session::demuxed)
        .map_err(|e| End::of(&e))?;
    Ok(Playing { frames, video, video_rate, audio, audio_rate, left_out })
}

/// Whether the first picture unit is of a kind at which decoding can begin (H.265 §7.4.2.2, types 16 to 21: BLA, IDR, CRA). Units stand after
/// their lengths.
fn is_irap(mut frame: &[u8]) -> bool {
    while let Some((length, rest)) = frame.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        match rest.first().map(|header| header >> 1 & 0x3f) {
            Some(16..=21) => return true,
            Some(0..32) | None => return false,
            Some(_) => frame = rest.get(length..).unwrap_or_default(),
        }
    }
    false
}

/// What a camera calls something, short enough for a line.
fn name(theirs: &str) -> String {
    theirs.chars().filter(|c| c.is_ascii_graphic()).take(40).collect()
}

impl Playing {
    /// Whether playing can begin with this frame of the picture: `idr` is the library's word, which in H.265 knows of one kind out of three
    /// and misses every key frame of an open group but the first.
    #[must_use]
    pub fn is_key(&self, idr: bool, frame: &[u8]) -> bool {
        idr || self.frames.streams()[self.video].encoding_name() == "h265" && is_irap(frame)
    }

    /// What the picture is now; `None` while the camera has not said it.
    ///
    /// # Errors
    /// When it cannot be put into a file.
    pub fn video_format(&self) -> Result<Option<Format>, End> {
        match self.frames.streams()[self.video].parameters() {
            Some(ParametersRef::Video(parameters)) => {
                let entry = parameters.mp4_sample_entry().build().map_err(|e| End::of(&e))?;
                Ok(Some(Format { entry, rate: self.video_rate }))
            }
            _ => Ok(None),
        }
    }

    /// What the sound is, where there is any.
    #[must_use]
    pub fn audio_format(&self) -> Option<Format> {
        match self.frames.streams()[self.audio?].parameters() {
            Some(ParametersRef::Audio(parameters)) => {
                let entry = parameters.mp4_sample_entry().build().ok()?;
                Some(Format { entry, rate: self.audio_rate })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_irap;

    #[test]
    fn in_h265_decoding_can_begin_at_more_than_idr() {
        let frame = |kinds: &[u8]| kinds.iter().flat_map(|kind| [0, 0, 0, 3, kind << 1, 1, 9]).collect::<Vec<u8>>();
        for key in [16, 19, 20, 21] {
            assert!(is_irap(&frame(&[35, 39, key])), "{key}");
        }
        assert!(!is_irap(&frame(&[35, 1])) && !is_irap(&frame(&[39])) && !is_irap(&[]) && !is_irap(&[0, 0, 0, 9, 1]));
    }
}
