//! A camera that does as it is told, for what real ones do only on bad days. It speaks just enough RTSP over TCP.

#![allow(dead_code, reason = "each test has its own use of it")]

use std::{collections::VecDeque, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use gatehouse_app::{
    cameras::{Address, Opening, Transport},
    ports::Source,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::Instant,
};

/// 640×360 and 320×240, High profile, from x264.
pub const LARGE: (&str, &str) = (SPS_LARGE, PPS);
pub const SMALL: (&str, &str) = (SPS_SMALL, PPS);
const SPS_LARGE: &str = "6764001eacb405017fcb80880000030008000003019078b175";
const SPS_SMALL: &str = "6764000dacb40a0fd808800000030080000019078a1550";
const PPS: &str = "68ef3cb0";

/// What it does while it plays.
#[derive(Clone, Debug)]
pub enum Do {
    /// `n` frames at 25 a second, as they would come; a key frame first and every fifth. RTP ticks go on from the last.
    Frames(u32),
    /// The same without key frames.
    Lower(u32),
    /// The ticks jump.
    Jump(i64),
    /// A sender report with this NTP time for the next frame; `None` is the right one.
    Report(Option<u64>),
    /// Parameter sets before the next frame.
    Parameters((&'static str, &'static str)),
    /// These bytes in the line.
    Bytes(Vec<u8>),
    Wait(Duration),
    Close,
}

/// How it answers.
#[derive(Clone, Debug)]
pub struct Manner {
    /// The media of its SDP.
    pub media: String,
    /// Instead of an answer to this method: a status, or (0) silence.
    pub instead: Option<(&'static str, u16)>,
    pub play: Vec<Do>,
}

impl Manner {
    pub fn playing(play: impl Into<Vec<Do>>) -> Self {
        let encode = |hex: &str| BASE64_STANDARD.encode(hex::decode(hex).unwrap());
        let media = format!(
            "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n\
             a=fmtp:96 packetization-mode=1;profile-level-id=64001E;sprop-parameter-sets={},{}\r\na=control:track1\r\n",
            encode(LARGE.0),
            encode(LARGE.1)
        );
        Self { media, instead: None, play: play.into() }
    }

    pub fn instead(method: &'static str, status: u16) -> Self {
        Self { instead: Some((method, status)), ..Self::playing([]) }
    }

    pub fn media(media: &str) -> Self {
        Self { media: media.into(), ..Self::playing([]) }
    }

    /// Takes one line and returns the address.
    pub async fn listen(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (line, _) = listener.accept().await.unwrap();
            let _ = self.serve(line).await;
        });
        format!("rtsp://{address}/")
    }

    /// Takes every line that comes.
    pub async fn listen_always(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                tokio::spawn(self.clone().serve(line));
            }
        });
        format!("rtsp://{address}/")
    }

    async fn serve(self, mut line: TcpStream) -> std::io::Result<()> {
        let mut asked = Vec::new();
        loop {
            let request = loop {
                if let Some(end) = asked.windows(4).position(|four| four == b"\r\n\r\n") {
                    break String::from_utf8_lossy(&asked.drain(..end + 4).collect::<Vec<_>>()).into_owned();
                }
                if line.read_buf(&mut asked).await? == 0 {
                    return Ok(());
                }
            };
            let method = request.split(' ').next().unwrap_or_default();
            let number = request.lines().find_map(|l| l.strip_prefix("CSeq: ")).unwrap_or("0");
            match self.instead.filter(|(which, _)| *which == method) {
                Some((_, 0)) => return std::future::pending().await,
                Some((_, status)) => {
                    let asks = "WWW-Authenticate: Basic realm=\"yard\"\r\n";
                    line.write_all(format!("RTSP/1.0 {status} No\r\nCSeq: {number}\r\n{asks}\r\n").as_bytes()).await?;
                    continue;
                }
                None => {}
            }
            let (headers, body) = match method {
                "DESCRIBE" => (
                    "Content-Type: application/sdp\r\n".to_owned(),
                    format!("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=fake\r\nt=0 0\r\na=control:*\r\n{}", self.media),
                ),
                "SETUP" => {
                    ("Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n".to_owned(), String::new())
                }
                _ => ("Session: 1\r\n".to_owned(), String::new()),
            };
            let length = body.len();
            line.write_all(
                format!("RTSP/1.0 200 OK\r\nCSeq: {number}\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
                    .as_bytes(),
            )
            .await?;
            if method == "PLAY" {
                return play(line, self.play.into()).await;
            }
        }
    }
}

/// A line that says this and nothing else.
pub async fn greeting(words: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut line, _) = listener.accept().await.unwrap();
        line.write_all(words).await.unwrap();
        let _ = line.read(&mut [0; 1000]).await;
        if words.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    });
    format!("rtsp://{address}/")
}

/// A line on which an answer begins, goes on with `header` over and over until it is of `size`, and breaks off.
pub async fn flood(header: &str, size: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let chunk = header.repeat((64 << 10) / header.len());
    tokio::spawn(async move {
        let (mut line, _) = listener.accept().await.unwrap();
        let _ = line.read(&mut [0; 4096]).await;
        let _ = line.write_all(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nX-Pad: ").await;
        for _ in 0..size / chunk.len() {
            if line.write_all(chunk.as_bytes()).await.is_err() {
                return;
            }
        }
    });
    format!("rtsp://{address}/")
}

/// What asks a camera at such an address, as `yard` with a password that none of them takes.
pub fn source(address: &str) -> Source {
    let (host, port) = address.trim_start_matches("rtsp://").trim_end_matches('/').rsplit_once(':').unwrap();
    let opening = Opening { path: "/".into(), user: "yard".into(), password: "wrong".into() };
    Source {
        address: Address { host: host.into(), port: port.parse().unwrap(), opening },
        transport: Transport::Tcp,
        audio: true,
        allow: format!("127.0.0.1:{port}").parse().unwrap(),
    }
}

pub const FRAME: u32 = 3600;

async fn play(mut line: TcpStream, mut script: VecDeque<Do>) -> std::io::Result<()> {
    let (mut sequence, mut rtp) = (1000_u16, 90_000_u32);
    let mut due = Instant::now();
    while let Some(next) = script.pop_front() {
        match next {
            Do::Frames(n) | Do::Lower(n) => {
                for i in 0..n {
                    tokio::time::sleep_until(due).await;
                    due += Duration::from_millis(40);
                    let key = i % 5 == 0 && matches!(next, Do::Frames(_));
                    let unit: Vec<u8> =
                        std::iter::once(if key { 0x65 } else { 0x41 }).chain((0..400).map(|n| n as u8 | 1)).collect();
                    packet(&mut line, &mut sequence, rtp, true, &unit).await?;
                    rtp = rtp.wrapping_add(FRAME);
                }
            }
            Do::Jump(ticks) => rtp = rtp.wrapping_add(ticks as u32),
            Do::Parameters((sps, pps)) => {
                for unit in [sps, pps] {
                    packet(&mut line, &mut sequence, rtp, false, &hex::decode(unit).unwrap()).await?;
                }
            }
            Do::Report(ntp) => {
                #[expect(clippy::disallowed_methods, reason = "it sends in real time")]
                let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
                let right = ((now.as_secs() + 2_208_988_800) << 32) | (u64::from(now.subsec_nanos()) << 2);
                let ntp = ntp.unwrap_or(right);
                let mut report = vec![b'$', 1, 0, 28, 0x80, 200, 0, 6, 0, 0, 0, 7];
                report.extend(ntp.to_be_bytes());
                report.extend(rtp.to_be_bytes());
                report.extend([0; 8]);
                line.write_all(&report).await?;
            }
            Do::Bytes(bytes) => line.write_all(&bytes).await?,
            Do::Wait(time) => {
                tokio::time::sleep(time).await;
                due = Instant::now();
            }
            Do::Close => return Ok(()),
        }
    }
    std::future::pending().await
}

async fn packet(line: &mut TcpStream, sequence: &mut u16, rtp: u32, last: bool, unit: &[u8]) -> std::io::Result<()> {
    let mut bytes = vec![b'$', 0];
    bytes.extend((unit.len() as u16 + 12).to_be_bytes());
    bytes.extend([0x80, 0x60 | (u8::from(last) << 7)]);
    bytes.extend(sequence.to_be_bytes());
    bytes.extend(rtp.to_be_bytes());
    bytes.extend([0, 0, 0, 7]);
    bytes.extend(unit);
    *sequence = sequence.wrapping_add(1);
    line.write_all(&bytes).await
}
