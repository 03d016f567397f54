//! What capture says and keeps when a camera is wrong, odd or away: each from a real socket.

#![allow(clippy::unwrap_used, reason = "what fails here is a test")]

mod fake;

use std::{path::Path, sync::Arc, time::Duration};

use fake::{Do, LARGE, Manner, SMALL, flood, greeting, source};
use gatehouse_app::ports::Clock;
use gatehouse_jobs::capture::{
    clock::TimeFrom,
    cut::Lengths,
    end::{End, Step},
    event::Event,
    recover,
    run::{Settings, capture},
    segment::{Finished, Sync},
    session::Limits,
};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

struct Now;

impl Clock for Now {
    #[expect(clippy::disallowed_methods, reason = "cameras send in real time")]
    fn now(&self) -> i64 {
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64
    }
}

fn settings(folder: &Path) -> Settings {
    let (folder, short) = (folder.to_owned(), Duration::from_millis(700));
    Settings {
        limits: Limits { describe: short, setup: short, play: short, first: short, stall: short },
        lengths: Lengths {
            segment: Duration::from_secs(2),
            first: Duration::from_secs(2),
            fragment: Duration::from_millis(200),
            bytes: 1 << 20,
        },
        sync: Sync::Fragment,
        place: Arc::new(move |at, nth| folder.join(format!("{at}_{nth}.mp4"))),
    }
}

struct Seen {
    end: End,
    events: Vec<Event>,
    folder: TempDir,
}

impl Seen {
    fn files(&self) -> Vec<&Finished> {
        self.events.iter().filter_map(|e| if let Event::Segment(file) = e { Some(file) } else { None }).collect()
    }

    fn runs(&self) -> Vec<(i64, i64, &End)> {
        let mut began =
            self.events.iter().filter_map(|e| if let Event::RunBegan { at, .. } = e { Some(*at) } else { None });
        let ended = self
            .events
            .iter()
            .filter_map(|e| if let Event::RunEnded { at, end } = e { Some((*at, end)) } else { None });
        ended.map(|(at, end)| (began.next().unwrap(), at, end)).collect()
    }

    fn lasts(&self) -> i64 {
        self.files().iter().flat_map(|file| &file.fragments).map(|fragment| fragment.lasts).sum()
    }
}

async fn record(address: String) -> Seen {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let (events, mut told) = mpsc::unbounded_channel();
    let end = capture(&source(&address), &settings, &Now, 0, &events, &CancellationToken::new()).await;
    drop(events);
    let mut events = Vec::new();
    while let Some(event) = told.recv().await {
        events.push(event);
    }
    let seen = Seen { end, events, folder };
    // Whatever happened: every file is there and says the same, and none overlaps another.
    let mut before = 0;
    for file in seen.files() {
        let found = recover::scan(std::fs::File::open(&file.path).unwrap(), Now.now() * 1000).unwrap();
        assert_eq!((found.head, found.whole), (file.head, file.size));
        let mut run = seen
            .events
            .iter()
            .filter_map(|e| if let Event::RunBegan { at, tracks, .. } = e { Some((*at, tracks)) } else { None });
        let (at, tracks) = run.rfind(|(at, _)| *at <= file.fragments[0].at).unwrap();
        assert_eq!(found.tracks.as_ref(), Some(tracks));
        assert!((found.run_began - at).abs() < 1000, "{} {at}", found.run_began);
        assert_eq!(found.fragments.len(), file.fragments.len());
        for (found, told) in found.fragments.iter().zip(&file.fragments) {
            assert_eq!(
                (found.offset, found.length, found.at, found.key),
                (told.offset, told.length, told.at, told.key)
            );
            assert!((found.lasts - told.lasts).abs() <= 20, "{found:?} {told:?}");
            assert!(told.at >= before, "{told:?} begins before {before}");
            before = told.at + told.lasts;
        }
        assert!(file.fragments[0].key);
    }
    seen
}

/// So long, but for what steering may do.
fn about(lasts: i64, wanted: i64) -> bool {
    (lasts - wanted).abs() <= wanted / 1000
}

async fn end_of(address: String) -> End {
    record(address).await.end
}

#[tokio::test]
async fn who_is_not_a_camera() {
    assert_eq!(end_of(greeting(b"SSH-2.0-OpenSSH_9\r\n").await).await, End::NotRtsp);
    assert_eq!(end_of(greeting(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await).await, End::NotRtsp);
    assert_eq!(end_of(greeting(b"").await).await, End::Closed);
    assert_eq!(end_of("rtsp://127.0.0.1:1/".into()).await, End::Refused);
    assert!(matches!(end_of("rtsp://nobody.invalid:554/".into()).await, End::Unreachable(_)));
}

#[tokio::test]
async fn who_does_not_answer() {
    for (method, step) in [("DESCRIBE", Step::Describe), ("SETUP", Step::Setup), ("PLAY", Step::Play)] {
        assert_eq!(end_of(Manner::instead(method, 0).listen().await).await, End::NoAnswer(step));
    }
}

#[tokio::test]
async fn who_says_no() {
    assert_eq!(end_of(Manner::instead("DESCRIBE", 401).listen().await).await, End::WrongPassword);
    assert_eq!(end_of(Manner::instead("DESCRIBE", 404).listen().await).await, End::NoSuchStream);
    assert_eq!(end_of(Manner::instead("SETUP", 461).listen().await).await, End::Status(461));
    assert_eq!(end_of(Manner::instead("PLAY", 503).listen().await).await, End::Status(503));
}

#[tokio::test]
async fn what_cannot_be_recorded() {
    let vp8 = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\na=control:track1\r\n";
    assert_eq!(end_of(Manner::media(vp8).listen().await).await, End::UnsupportedCodec("vp8".into()));
    let sound = "m=audio 0 RTP/AVP 0\r\na=control:track1\r\n";
    assert_eq!(end_of(Manner::media(sound).listen().await).await, End::NoVideo);
}

#[tokio::test]
async fn frames_before_a_key_frame_are_left_out_and_without_one_there_is_nothing() {
    let seen = record(Manner::playing([Do::Lower(10), Do::Frames(20), Do::Close]).listen().await).await;
    assert!(seen.end == End::Closed && about(seen.lasts(), 800_000), "{}", seen.lasts());
    let seen = record(Manner::playing([Do::Lower(50)]).listen().await).await;
    assert_eq!((&seen.end, seen.files().len(), seen.runs().len()), (&End::NoKeyFrame, 0, 0));
    assert_eq!(std::fs::read_dir(seen.folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn what_came_before_a_stall_is_kept() {
    let seen = record(Manner::playing([Do::Frames(30)]).listen().await).await;
    assert!(seen.end == End::Stalled && about(seen.lasts(), 1_200_000), "{}", seen.lasts());
}

#[tokio::test]
async fn what_came_before_garbage_is_kept() {
    let corrupt = vec![b'$', 0, 0, 14, 0x40, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2];
    for bytes in [corrupt, b"what is this\r\n\r\n".to_vec()] {
        let seen = record(Manner::playing([Do::Frames(30), Do::Bytes(bytes)]).listen().await).await;
        assert!(matches!(&seen.end, End::Garbage(why) if why.len() <= 200), "{:?}", seen.end);
        assert!(about(seen.lasts(), 1_200_000), "{}", seen.lasts());
    }
}

#[tokio::test]
async fn another_format_is_another_run_without_a_hole() {
    let changed =
        [Do::Frames(30), Do::Parameters(SMALL), Do::Frames(30), Do::Parameters(LARGE), Do::Frames(5), Do::Close];
    let seen = record(Manner::playing(changed).listen().await).await;
    let runs = seen.runs();
    assert_eq!(
        runs.iter().map(|run| run.2.code()).collect::<Vec<_>>(),
        ["parameters_changed", "parameters_changed", "closed"]
    );
    assert!(runs.windows(2).all(|two| (0..=100).contains(&(two[1].0 - two[0].1))), "{runs:?}");
    assert!(about(seen.lasts(), 2_600_000), "{}", seen.lasts());
    // The same again is no change.
    let same = [Do::Frames(10), Do::Parameters(LARGE), Do::Frames(10), Do::Close];
    assert_eq!(record(Manner::playing(same).listen().await).await.runs().len(), 1);
}

#[tokio::test]
async fn ticks_that_jump_end_the_run_and_the_session_goes_on() {
    for ticks in [3600 * 90_000, -3600 * 90_000] {
        let jumps = [Do::Frames(30), Do::Jump(ticks), Do::Frames(30), Do::Close];
        let seen = record(Manner::playing(jumps).listen().await).await;
        let runs = seen.runs();
        assert_eq!(
            runs.iter().map(|run| run.2.code()).collect::<Vec<_>>(),
            ["clock_jumped", "closed"],
            "{:?}",
            seen.events
        );
        assert!((runs[1].1 - runs[0].0 - 2_400_000).abs() < 500_000, "{runs:?}");
    }
}

#[tokio::test]
async fn a_pause_is_part_of_the_run() {
    let pause = [Do::Frames(20), Do::Wait(Duration::from_millis(500)), Do::Jump(45_000), Do::Frames(20), Do::Close];
    let seen = record(Manner::playing(pause).listen().await).await;
    assert!(seen.runs().len() == 1 && about(seen.lasts(), 2_100_000), "{}", seen.lasts());
}

#[tokio::test]
async fn ticks_that_begin_anew_after_13_hours_are_no_jump() {
    let seen = record(Manner::playing([Do::Jump(-90_000 - 36_000), Do::Frames(30), Do::Close]).listen().await).await;
    assert!(seen.runs().len() == 1 && about(seen.lasts(), 1_200_000), "{}", seen.lasts());
}

#[tokio::test]
async fn a_camera_s_time_is_believed_where_it_is_right() {
    for (ntp, from) in
        [(None, TimeFrom::Camera), (Some(0), TimeFrom::Recorder), (Some(2_208_988_800 << 32), TimeFrom::Recorder)]
    {
        let seen = record(Manner::playing([Do::Report(ntp), Do::Frames(20), Do::Close]).listen().await).await;
        let wrote: Vec<_> =
            seen.events.iter().filter_map(|e| if let Event::Wrote(wrote) = e { Some(wrote) } else { None }).collect();
        assert!(wrote.iter().all(|wrote| wrote.time == from), "{wrote:?}");
        assert_eq!(wrote[0].camera_off.is_some(), ntp != Some(0));
        assert!((seen.runs()[0].0 - Now.now() * 1000).abs() < 5_000_000);
    }
}

#[tokio::test]
async fn a_disk_that_refuses_ends_the_run_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("in the way");
    std::fs::File::create(&file).unwrap();
    let (events, mut told) = mpsc::unbounded_channel();
    let source = source(&Manner::playing([Do::Frames(50)]).listen().await);
    let end = capture(&source, &settings(&file), &Now, 0, &events, &CancellationToken::new()).await;
    assert!(matches!(&end, End::Disk(why) if why.contains("directory")), "{end:?}");
    drop(events);
    let (mut began, mut ended) = (0, 0);
    while let Some(event) = told.recv().await {
        match event {
            Event::RunBegan { at, .. } => began = at,
            Event::RunEnded { at, .. } => ended = at,
            _ => {}
        }
    }
    assert!(began > 0 && began == ended, "nothing was kept: {began} {ended}");
}

#[tokio::test]
async fn a_stop_keeps_all_that_came_and_is_quick() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let (events, mut told) = mpsc::unbounded_channel();
    let source = source(&Manner::playing([Do::Frames(500)]).listen().await);
    let stop = CancellationToken::new();
    let (end, began) = tokio::join!(capture(&source, &settings, &Now, 0, &events, &stop), async {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        stop.cancel();
        tokio::time::Instant::now()
    });
    assert_eq!(end, End::Stopped);
    assert!(began.elapsed() < Duration::from_millis(300));
    drop(events);
    let mut lasts = 0;
    while let Some(event) = told.recv().await {
        if let Event::Segment(file) = event {
            lasts += file.fragments.iter().map(|fragment| fragment.lasts).sum::<i64>();
        }
    }
    assert!((1_300_000..=1_600_000).contains(&lasts), "{lasts}");
}

#[tokio::test]
async fn dropped_at_any_moment_it_leaves_what_can_be_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let (events, _told) = mpsc::unbounded_channel();
    let source = source(&Manner::playing([Do::Frames(500)]).listen().await);
    let stop = CancellationToken::new();
    let dropped =
        tokio::time::timeout(Duration::from_millis(1300), capture(&source, &settings, &Now, 0, &events, &stop));
    assert!(dropped.await.is_err());
    // What was handed to the disk is written all the same.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let part = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    assert_eq!(part.extension().unwrap(), "part");
    let file = recover::whole(&part.with_extension(""), Now.now() * 1000).unwrap().unwrap();
    let lasts: i64 = file.fragments.iter().map(|fragment| fragment.lasts).sum();
    assert!((900_000..=1_300_000).contains(&lasts), "{lasts}");
}

#[tokio::test]
async fn hundreds_of_sessions_leave_nothing_behind() {
    let open = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let once = async || {
        let play = [Do::Parameters(LARGE), Do::Frames(2), Do::Close];
        assert_eq!(record(Manner::playing(play).listen().await).await.end, End::Closed);
    };
    once().await;
    let before = open();
    for _ in 0..300 {
        once().await;
    }
    // Other tests of this process open some, too.
    assert!(open() < before + 100, "{before} {}", open());
}

/// Cut off anywhere, or full of zeros from there on, as a power cut leaves it.
#[tokio::test]
async fn a_torn_file_is_whole_up_to_its_last_whole_fragment() {
    let seen = record(Manner::playing([Do::Frames(45), Do::Close]).listen().await).await;
    let file = seen.files()[0];
    assert!(file.fragments.len() >= 8, "{file:?}");
    let bytes = std::fs::read(&file.path).unwrap();
    let ends: Vec<u64> = file.fragments.iter().map(|fragment| fragment.offset + u64::from(fragment.length)).collect();
    let near = Now.now() * 1000;
    let torn = (0..bytes.len()).step_by(7).chain(ends.iter().flat_map(|end| [*end as usize - 1, *end as usize]));
    for length in torn {
        let whole = ends.iter().filter(|end| **end <= length as u64).count();
        let zeros = [&bytes[..length], &vec![0; bytes.len() - length]].concat();
        for torn in [&bytes[..length], &zeros] {
            let found = recover::scan(std::io::Cursor::new(torn), near).unwrap();
            // A fragment whose last bytes were zeros, or are read as the picture's, is whole either way.
            assert!((whole..=whole + 1).contains(&found.fragments.len()), "{length}: {}", found.fragments.len());
            assert!(found.fragments.len() == whole || torn.len() > length);
            let end = found.fragments.last().map_or(found.head, |last| last.offset + u64::from(last.length));
            assert_eq!(found.whole, end);
        }
    }
    let path = seen.folder.path().join("torn.mp4");
    let part = gatehouse_jobs::capture::segment::part_of(&path);
    std::fs::copy(&file.path, &part).unwrap();
    std::fs::File::options().write(true).open(&part).unwrap().set_len(ends[4] + 99).unwrap();
    let recovered = recover::whole(&path, near).unwrap().unwrap();
    assert_eq!((recovered.size, recovered.fragments.len()), (ends[4], 5));
    assert_eq!(std::fs::read(&path).unwrap(), bytes[..ends[4] as usize]);
    assert!(!part.exists());
}

/// The library knows no bound for what it reads before a message is whole: what is sent in the time that there is for an answer is what it takes.
#[tokio::test]
async fn a_header_of_ten_megabytes_takes_little_more_than_that_and_gives_it_back() {
    const SIZE: usize = 10 << 20;
    let memory = |what: &str| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    };
    let (folder, patient) = (tempfile::tempdir().unwrap(), Duration::from_secs(30));
    let limits = Limits { describe: patient, setup: patient, play: patient, first: patient, stall: patient };
    let settings = Settings { limits, ..settings(folder.path()) };
    let (events, _told) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    let end_of = async |address: String| capture(&source(&address), &settings, &Now, 0, &events, &stop).await;
    let before = memory("VmRSS:");
    for header in ["a".to_owned(), format!("X-Pad: {}\r\n", "a".repeat(1000))] {
        for _ in 0..3 {
            let end = end_of(flood(&header, SIZE).await).await;
            assert!(matches!(end, End::NotRtsp | End::Closed), "{end:?}");
        }
    }
    // The same of a camera that plays.
    let mut answer = b"RTSP/1.0 200 OK\r\nX-Pad: ".to_vec();
    answer.resize(SIZE, b'a');
    let end = end_of(Manner::playing([Do::Frames(10), Do::Bytes(answer), Do::Close]).listen().await).await;
    assert!(matches!(end, End::Garbage(_) | End::Closed), "{end:?}");
    let most = memory("VmHWM:");
    assert!(most < before + 64_000, "{before} kB, then {most} kB");
}
