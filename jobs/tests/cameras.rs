//! Cameras that are real servers (`end2end/servers/cameras.py`, gst-rtsp-server), each kept recording for a while, all at once; what comes of it
//! is asked of ffprobe and ffmpeg.

#![allow(clippy::unwrap_used, reason = "what fails here is a test")]

mod exact;
mod yard;

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use gatehouse_app::{
    cameras::{Address, Opening, State, Transport},
    ports::{Cameras as _, Ended, Look, Source},
    recordings::Reason,
};
use gatehouse_jobs::{
    capture::{Stop, keep_going, look::SiteCameras, runtime::Cameras, session::Limits},
    clock::SystemClock,
};
use yard::{Call, Yard};

/// The server; it goes with the test.
struct Served {
    child: Child,
    addresses: Vec<String>,
}

impl Served {
    fn start() -> Self {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../end2end/servers/cameras.py");
        let mut child = Command::new("/usr/bin/python3")
            .arg(script)
            .args(["--port", "0", "--with-parent"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("no cameras: {e}; run end2end/servers/prerequisites.sh cameras"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().map(Result::unwrap).as_deref(), Some("ready"), "the cameras do not start");
        // The last one is the stranger's, after all that are named.
        let mut addresses = Vec::new();
        for line in lines {
            let line = line.unwrap();
            let is_last = line.ends_with('/');
            addresses.push(line);
            if is_last {
                break;
            }
        }
        Self { child, addresses }
    }

    fn source(&self, path: &str, password: &str) -> Source {
        let found = self.addresses.iter().find(|address| address.ends_with(path)).unwrap();
        let url = url::Url::parse(found).unwrap();
        let opening = Opening { path: url.path().into(), user: "yard".into(), password: password.into() };
        Source {
            address: Address { host: "127.0.0.1".into(), port: url.port().unwrap(), opening },
            transport: Transport::Tcp,
            audio: true,
            allow: format!("127.0.0.1:{}", url.port().unwrap()).parse().unwrap(),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn said(command: &mut Command) -> String {
    let done = command.output().unwrap();
    let words = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success() && words.is_empty(), "{command:?}: {words}");
    String::from_utf8(done.stdout).unwrap()
}

/// When each frame of the picture is shown, in seconds; the whole file is decoded, and nothing in it is amiss.
fn shown(file: &Path) -> Vec<f64> {
    // Left to itself it rounds times to the pace of frames, and complains of two at once.
    let as_is = ["-vsync", "passthrough", "-enc_time_base", "-1", "-f", "null", "-"];
    said(Command::new("ffmpeg").args(["-v", "error", "-xerror", "-i"]).arg(file).args(as_is));
    let entries = ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time", "-of", "csv=p=0"];
    let mut times: Vec<f64> = said(Command::new("ffprobe").args(entries).arg(file))
        .lines()
        .map(|line| line.trim_end_matches(',').parse().unwrap())
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

/// What somebody sees who adds a camera.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_at_a_camera_shows_a_picture_or_says_why_there_is_none() {
    let served = Served::start();
    let cameras = SiteCameras::default();
    let look = |source: Source| {
        let cameras = &cameras;
        async move { cameras.look(&source, Duration::from_secs(20)).await }
    };
    for (path, codec) in [("/h264", "avc1."), ("/h265", "hvc1."), ("/reordered", "avc1."), ("/digest", "avc1.")] {
        let seen = look(served.source(path, "for-tests")).await.unwrap_or_else(|why| panic!("{path}: {why}"));
        assert!(seen.tracks.video.starts_with(codec), "{path}: {:?}", seen.tracks);
        assert_eq!((seen.tracks.width, seen.tracks.height), (640, 360), "{path}");
        let picture = seen.picture.unwrap_or_else(|| panic!("{path}: no picture"));
        assert!(picture.starts_with(&[0xff, 0xd8]) && picture.len() > 3_000, "{path}: {} bytes", picture.len());
    }
    let without_sound = look(served.source("/g711", "for-tests")).await.unwrap();
    assert_eq!(without_sound.tracks.left_out.as_deref(), Some("pcmu"));

    let why = |looked: Result<Look, Ended>| {
        let ended = looked.err().unwrap_or_else(|| panic!("there is a picture"));
        assert!(!ended.detail.contains("wrong") && !ended.detail.is_empty(), "{ended:?}");
        ended.reason
    };
    assert_eq!(why(look(served.source("/digest", "wrong")).await), Reason::Refused);
    assert_eq!(why(look(served.source("/jpeg", "for-tests")).await), Reason::Unsupported);
    let mut other = served.source("/h264", "for-tests");
    other.address.opening.path = "/nothing".into();
    assert_eq!(why(look(other.clone()).await), Reason::NotRtsp);
    other.allow = "10.0.0.0/8".parse().unwrap();
    assert_eq!(why(look(other.clone()).await), Reason::Unreachable, "not in the site's list");
    other.address.port = 1;
    other.allow = "127.0.0.1:1".parse().unwrap();
    assert_eq!(why(look(other).await), Reason::Unreachable);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_camera_has_its_own_end_and_all_that_is_kept_plays() {
    let served = Served::start();
    let reader = Arc::new(Cameras::start().unwrap());
    let stop = Stop::default();
    let wanted = [
        ("/h264", "for-tests"),
        ("/h265", "for-tests"),
        ("/reordered", "for-tests"),
        ("/digest", "for-tests"),
        ("/digest", "wrong"),
        ("/kicks", "for-tests"),
        ("/stalls", "for-tests"),
        ("/resizes", "for-tests"),
        ("/jpeg", "for-tests"),
        ("/g711", "for-tests"),
        ("0/", "for-tests"),
        ("/nothing", "for-tests"),
    ];
    let mut yards = Vec::new();
    for (path, password) in wanted {
        let yard = Yard::new();
        let mut source = match path {
            // Another path of the same server, and the port of the stranger.
            "/nothing" => served.source("/h264", password),
            "0/" => {
                let stranger = url::Url::parse(served.addresses.last().unwrap()).unwrap();
                let mut source = served.source("/h264", password);
                source.address.port = stranger.port().unwrap();
                source.allow = format!("127.0.0.1:{}", source.address.port).parse().unwrap();
                source
            }
            path => served.source(path, password),
        };
        if path == "/nothing" {
            source.address.opening.path = "/nothing".into();
        }
        let mut camera = yard.captured(source, 1);
        camera.segment = Duration::from_secs(4);
        // A busy machine is no camera that stalls.
        camera.limits = Limits { first: Duration::from_secs(20), stall: Duration::from_secs(4), ..Limits::default() };
        let (sink, reader, stop) = (Arc::clone(&yard.sink), Arc::clone(&reader), stop.clone());
        let kept = tokio::spawn(async move { keep_going(&camera, sink, &reader, Arc::new(SystemClock), stop).await });
        yards.push((path, password, yard, kept));
    }
    tokio::time::sleep(Duration::from_secs(22)).await;
    stop.ask(Reason::Stopped);
    for (path, password, yard, kept) in yards {
        kept.await.unwrap();
        let (words, calls) = (yard.sink.words(), yard.sink.calls());
        let tracks =
            calls.iter().find_map(|call| if let Call::Begin(run) = call { Some(run.tracks.clone()) } else { None });
        let begun = || tracks.clone().unwrap_or_else(|| panic!("{path} never began: {words:?}"));
        let pulses = yard.sink.pulses.lock().unwrap();
        let states: Vec<State> = pulses.iter().map(|pulse| pulse.state).collect();
        match (path, password) {
            ("/digest", "wrong") => assert_eq!(words[0], "refused"),
            ("/jpeg", _) => {
                assert_eq!(words[0], "unsupported");
                assert!(pulses.iter().any(|pulse| pulse.detail.contains("jpeg")), "{pulses:?}");
            }
            ("0/" | "/nothing", _) => {
                assert!(words[0] == "not_rtsp" && states.contains(&State::NotRtsp), "{path} {words:?}")
            }
            ("/kicks", _) => {
                assert!(words.contains(&"closed") && words.iter().filter(|w| **w == "begin").count() >= 2, "{words:?}")
            }
            ("/stalls", _) => assert!(words.contains(&"stalled") && states.contains(&State::Stalled), "{words:?}"),
            ("/resizes", _) => assert!(words.contains(&"parameters"), "{words:?}"),
            _ => {
                let tracks = begun();
                assert_eq!((tracks.width, tracks.height), (640, 360), "{path}");
                let codec = if path == "/h265" { "hvc1." } else { "avc1." };
                assert!(tracks.video.starts_with(codec), "{tracks:?}");
                let sound = matches!(path, "/h264" | "/reordered");
                assert_eq!(tracks.audio, if sound { "mp4a.40.2" } else { "" }, "{path}");
                assert_eq!(tracks.left_out.as_deref(), (path == "/g711").then_some("pcmu"), "{path}");
                assert_eq!(words.iter().filter(|word| **word == "begin").count(), 1, "{path}: {words:?}");
                assert!(words.iter().filter(|word| **word == "keep").count() >= 3, "{path}: {words:?}");
            }
        }
        if matches!(path, "/h264" | "/h265" | "/reordered") {
            let file = |call: &Call| match call {
                Call::Keep(file) => Some((file.started_at, yard.sink.kept.join(file.path.file_name().unwrap()))),
                _ => None,
            };
            exact::clips_are_exact(path, &calls.iter().filter_map(file).collect::<Vec<_>>(), &yard.sink.kept);
        }
        // Every file plays from its first frame to its last, and within a run no frame is missing at a border.
        let (mut last, mut run) = (None, None);
        for call in &calls {
            let Call::Keep(file) = call else { continue };
            let times = shown(&yard.sink.kept.join(file.path.file_name().unwrap()));
            assert!(!times.is_empty(), "{path}: {file:?}");
            if run != Some(file.run) {
                (last, run) = (None, Some(file.run));
            }
            for at in times {
                let pace = last.map_or(0.04, |last: f64| at - last);
                assert!((pace - 0.04).abs() < 0.005, "{path}: {pace} s between two frames at {at}");
                last = Some(at);
            }
        }
    }
}
