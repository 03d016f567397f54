//! One camera kept recording, with a sink that is a folder and says no when it is told to; and what is found again after a kill.

#![allow(clippy::unwrap_used, reason = "what fails here is a test")]

mod fake;
mod yard;

use std::{sync::Arc, time::Duration};

use fake::{Do, Manner, source};
use gatehouse_app::{cameras::State, ports::Clock, recordings::Reason};
use gatehouse_jobs::{
    capture::{Over, Recovered, Stop, backoff::Backoff, keep_going, leftovers, runtime::Cameras, sink::Declined},
    clock::SystemClock,
};
use yard::{Call, Yard, until};

#[tokio::test]
async fn a_camera_that_closes_is_asked_again_and_every_run_has_an_end_with_its_reason() {
    let (yard, stop) = (Yard::new(), Stop::default());
    let address = Manner::playing([Do::Frames(30), Do::Close]).listen_always().await;
    let kept = yard.keep(yard.captured(source(&address), 1), &stop);
    until("three runs", || yard.sink.words().iter().filter(|word| **word == "closed").count() >= 3).await;
    stop.ask(Reason::SwitchedOff);
    assert_eq!(kept.await.unwrap(), Over::Stopped);
    let words = yard.sink.words();
    assert_eq!(words[..6], ["begin", "keep", "closed", "begin", "keep", "closed"], "{words:?}");
    assert_eq!(words.last(), Some(&"switched_off"));
    // What is kept lies where the sink put it, and the times follow each other.
    let mut before = 0;
    let mut runs = Vec::new();
    for call in yard.sink.calls() {
        match call {
            Call::Begin(run) => {
                assert_eq!((run.tracks.video.as_str(), run.tracks.width), ("avc1.64001e", 640));
                runs.push((run.id, run.started_at));
            }
            Call::Keep(file) => {
                assert_eq!((file.run, file.started_at), *runs.last().unwrap());
                assert!(file.started_at >= before && (1100..=1300).contains(&(file.ended_at - file.started_at)));
                assert!((file.fragments.length() - (file.ended_at - file.started_at)).abs() <= 1);
                before = file.ended_at;
            }
            Call::End(run, at, Reason::Closed) => assert_eq!((run, at), (runs.last().unwrap().0, before)),
            _ => {}
        }
    }
    let states: Vec<State> = yard.sink.pulses.lock().unwrap().iter().map(|pulse| pulse.state).collect();
    assert!(states.contains(&State::Connecting) && states.contains(&State::Connected));
    assert_eq!(states.last(), Some(&State::Off));
    let pulses = yard.sink.pulses.lock().unwrap();
    let rate = pulses.iter().rev().find_map(|pulse| pulse.fps_milli).unwrap();
    assert!((20_000..=30_000).contains(&rate) && pulses.last().unwrap().reconnects >= 2, "{rate}");
}

#[tokio::test]
async fn a_long_trouble_is_told_once() {
    for (address, reason) in [
        (Manner::instead("DESCRIBE", 401).listen_always().await, Reason::Refused),
        (Manner::instead("DESCRIBE", 404).listen_always().await, Reason::NotRtsp),
        ("rtsp://127.0.0.1:1/".into(), Reason::Unreachable),
        (Manner::media("m=video 0 RTP/AVP 26\r\na=control:track1\r\n").listen_always().await, Reason::Unsupported),
    ] {
        let (yard, stop) = (Yard::new(), Stop::default());
        let kept = yard.keep(yard.captured(source(&address), 1), &stop);
        until("tried again", || yard.sink.pulses.lock().unwrap().iter().any(|pulse| pulse.reconnects > 3)).await;
        stop.ask(Reason::Stopped);
        kept.await.unwrap();
        let calls = yard.sink.calls();
        assert!(
            matches!(&calls[..], [Call::Failed(first), Call::Failed(Reason::Stopped)] if *first == reason),
            "{calls:?}"
        );
    }
}

#[tokio::test]
async fn ten_thousand_reconnects_leave_nothing_behind() {
    let (yard, stop) = (Yard::new(), Stop::default());
    let mut camera = yard.captured(source(&greeting_always().await), 1);
    camera.backoff = Backoff::from(Duration::from_nanos(1));
    let kept = yard.keep(camera, &stop);
    let tried = || yard.sink.pulses.lock().unwrap().last().map_or(0, |pulse| pulse.reconnects);
    let memory = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    };
    let mut at_first = 0;
    for _ in 0..1200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        // The test's own list of what it was told is no part of it.
        let mut pulses = yard.sink.pulses.lock().unwrap();
        let last = pulses.pop();
        pulses.clear();
        pulses.extend(last);
        drop(pulses);
        if tried() > 500 && at_first == 0 {
            at_first = memory();
        }
        if tried() >= 10_000 {
            break;
        }
    }
    assert!(tried() >= 10_000, "{}", tried());
    assert!(memory() < at_first + 8_000, "{at_first} kB, then {} kB", memory());
    stop.ask(Reason::Stopped);
    kept.await.unwrap();
    assert_eq!(yard.sink.words(), ["not_rtsp", "stopped"]);
}

/// Everybody is greeted as by SSH.
async fn greeting_always() -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = line.write_all(b"SSH-2.0-nothing_here\r\n").await;
                let _ = line.read(&mut [0; 1000]).await;
            });
        }
    });
    format!("rtsp://{address}/")
}

#[tokio::test]
async fn while_the_record_is_away_capture_goes_on_and_is_kept_later_in_order() {
    let (yard, stop) = (Yard::new(), Stop::default());
    let address = Manner::playing([Do::Frames(500)]).listen().await;
    let kept = yard.keep(yard.captured(source(&address), 1), &stop);
    until("a file", || yard.sink.words().contains(&"keep")).await;
    *yard.sink.no.lock().unwrap() = Some(|| Declined::Away(anyhow::anyhow!("no database")));
    let files = || std::fs::read_dir(yard.spool().join("1")).unwrap().count();
    until("files in the spool", || files() >= 4).await;
    *yard.sink.no.lock().unwrap() = None;
    until("they are kept", || yard.sink.words().iter().filter(|word| **word == "keep").count() >= 4).await;
    stop.ask(Reason::Stopped);
    assert_eq!(kept.await.unwrap(), Over::Stopped);
    let mut before = None;
    for call in yard.sink.calls() {
        if let Call::Keep(file) = call {
            assert!(before.is_none_or(|end| end == file.started_at), "{before:?} {}", file.started_at);
            before = Some(file.ended_at);
        }
    }
    assert_eq!(yard.sink.words().iter().filter(|word| **word == "begin").count(), 1);
    assert_eq!(files(), 1, "the lock alone");
}

#[tokio::test]
async fn film_of_a_clock_that_was_ahead_does_not_date_what_follows_behind_it() {
    for (ahead, dated_behind) in [(60_000, true), (86_400_000, false)] {
        let (yard, stop) = (Yard::new(), Stop::default());
        let last = SystemClock.now() + ahead;
        *yard.sink.floor.lock().unwrap() = last;
        let address = Manner::playing([Do::Frames(500)]).listen().await;
        let kept = yard.keep(yard.captured(source(&address), 1), &stop);
        until("it begins", || yard.sink.words().contains(&"begin")).await;
        stop.ask(Reason::Stopped);
        assert_eq!(kept.await.unwrap(), Over::Stopped);
        let began = yard.sink.calls().into_iter().find_map(|call| match call {
            Call::Begin(run) => Some(run.started_at),
            _ => None,
        });
        assert_eq!(began.unwrap() >= last, dated_behind, "{ahead}");
    }
}

#[tokio::test]
async fn who_is_fenced_stops_and_what_it_has_is_recovered_once() {
    let (yard, stop) = (Yard::new(), Stop::default());
    let address = Manner::playing([Do::Frames(500)]).listen().await;
    let kept = yard.keep(yard.captured(source(&address), 1), &stop);
    until("it begins", || yard.sink.words().contains(&"begin")).await;
    // It is at work: nobody else touches its folder.
    assert_eq!(yard.recover().await, Recovered::default());
    assert_eq!(leftovers::is_held(&yard.spool().join("1")), Some(true));
    *yard.sink.no.lock().unwrap() = Some(|| Declined::Fenced);
    assert_eq!(kept.await.unwrap(), Over::Fenced);
    *yard.sink.no.lock().unwrap() = None;
    assert_eq!(leftovers::is_held(&yard.spool().join("1")), Some(false));
    assert!(yard.recover().await.kept >= 1);
    assert_eq!(yard.recover().await, Recovered::default());
    assert_eq!(leftovers::is_held(&yard.spool().join("1")), None);
}

#[tokio::test]
async fn what_a_kill_left_is_cut_and_kept_and_what_nobody_can_use_is_set_aside() {
    let (yard, stop) = (Yard::new(), Stop::default());
    let address = Manner::playing([Do::Frames(500)]).listen().await;
    let kept = yard.keep(yard.captured(source(&address), 9), &stop);
    until("two files", || yard.sink.words().iter().filter(|word| **word == "keep").count() >= 2).await;
    *yard.sink.no.lock().unwrap() = Some(|| Declined::Away(anyhow::anyhow!("no database")));
    tokio::time::sleep(Duration::from_millis(3500)).await;
    // As a kill does: nothing is finished, and the lock is gone.
    kept.abort();
    assert!(kept.await.is_err());
    let folder = yard.spool().join("9");
    until("the lock is gone", || leftovers::is_held(&folder) == Some(false)).await;
    std::fs::File::create(folder.join("1.0.mp4.part")).unwrap();
    std::fs::File::create(folder.join("2.0.mp4")).unwrap();
    assert_eq!(yard.recover().await.kept, 0, "the record is away");
    *yard.sink.no.lock().unwrap() = None;
    let done = yard.recover().await;
    assert!(done.kept >= 2 && done.left == 0, "{done:?}");
    let calls = yard.sink.calls();
    let (mut end, mut run) = (0, 0);
    for call in &calls {
        match call {
            Call::Begin(new) => run = new.started_at,
            Call::Keep(file) => end = file.ended_at,
            Call::Left(file) => {
                assert!((file.started_at - end).abs() <= 1, "{end} {file:?}");
                assert!((file.run_began - run).abs() <= 1 && file.tracks.video == "avc1.64001e");
                end = file.ended_at;
            }
            _ => {}
        }
    }
    let aside: Vec<_> = std::fs::read_dir(yard.data.path().join("spool/aside")).unwrap().collect();
    assert_eq!(aside.len(), 1, "the one that is no recording");
    assert!(!folder.exists());
    let spool = yard.data.path().join("spool");
    for (days, left) in [(6, 1), (8, 0)] {
        leftovers::sweep_aside(&spool, SystemClock.now() + days * 86_400_000).unwrap();
        assert_eq!(std::fs::read_dir(spool.join("aside")).unwrap().count(), left, "after {days} days");
    }
}

#[tokio::test]
async fn what_a_power_cut_left_of_a_fragment_is_cut_off_whatever_stands_in_it() {
    let (yard, stop) = (Yard::new(), Stop::default());
    let address = Manner::playing([Do::Frames(500)]).listen().await;
    *yard.sink.no.lock().unwrap() = Some(|| Declined::Away(anyhow::anyhow!("no database")));
    let kept = yard.keep(yard.captured(source(&address), 3), &stop);
    let folder = yard.spool().join("3");
    let open = || {
        let files = std::fs::read_dir(&folder).into_iter().flatten().map(|file| file.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|end| end == "part")).max()
    };
    let length = || open().and_then(|path| path.metadata().ok()).map_or(0, |about| about.len());
    until("two fragments", || length() > 8_000).await;
    kept.abort();
    assert!(kept.await.is_err());
    until("the lock is gone", || leftovers::is_held(&folder) == Some(false)).await;
    // What is on its way to the disk gets there.
    tokio::time::sleep(Duration::from_millis(200)).await;
    // Its last unit, of 401 bytes behind their length, ends two bytes before the file does; behind it a box says that it is as long as can be.
    let path = open().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let unit = bytes.len() - 405;
    assert_eq!(bytes[unit..unit + 4], 401_u32.to_be_bytes());
    bytes[unit..unit + 4].copy_from_slice(&399_u32.to_be_bytes());
    bytes.extend([0, 0, 0, 1]);
    bytes.extend(b"mdat");
    bytes.extend([0xff; 8]);
    std::fs::write(&path, &bytes).unwrap();
    *yard.sink.no.lock().unwrap() = None;
    let done = yard.recover().await;
    assert!(done.kept >= 1 && done.cut == 1 && done.bytes_lost > 400 && done.left == 0, "{done:?}");
    assert!(!folder.exists());
}

#[tokio::test]
async fn without_room_nothing_is_written_and_with_it_again() {
    let (yard, stop) = (Yard::new(), Stop::default());
    let address = Manner::playing([Do::Frames(500)]).listen_always().await;
    *yard.sink.full.lock().unwrap() = true;
    let kept = yard.keep(yard.captured(source(&address), 1), &stop);
    until("it says so", || yard.sink.words() == ["no_room"]).await;
    *yard.sink.full.lock().unwrap() = false;
    until("it goes on", || yard.sink.words().contains(&"keep")).await;
    *yard.sink.full.lock().unwrap() = true;
    until("the run ends", || yard.sink.words().last() == Some(&"no_room")).await;
    assert_eq!(yard.sink.words()[..2], ["no_room", "begin"]);
    assert_eq!(yard.sink.pulses.lock().unwrap().last().unwrap().state, State::NoRoom);
    stop.ask(Reason::Stopped);
    kept.await.unwrap();
}

#[tokio::test]
async fn its_neighbour_loses_no_frame_to_a_camera_that_sends_garbage() {
    let (yard, stop) = (Yard::new(), Stop::default());
    let reader = Arc::new(Cameras::start().unwrap());
    let good = Manner::playing([Do::Frames(150), Do::Close]).listen().await;
    let bad = Manner::playing([Do::Frames(3), Do::Bytes(b"what is this\r\n\r\n".to_vec())]).listen_always().await;
    let other = Yard::new();
    let run = |yard: &Yard, address: &str| {
        let (camera, sink, reader, stop) =
            (yard.captured(source(address), 1), Arc::clone(&yard.sink), Arc::clone(&reader), stop.clone());
        tokio::spawn(async move { keep_going(&camera, sink, &reader, Arc::new(SystemClock), stop).await })
    };
    let both = (run(&yard, &good), run(&other, &bad));
    until("the good one is through", || yard.sink.words().contains(&"closed")).await;
    stop.ask(Reason::Stopped);
    both.0.await.unwrap();
    both.1.await.unwrap();
    let lasted: i64 = yard
        .sink
        .calls()
        .iter()
        .filter_map(|call| match call {
            Call::Keep(file) => Some(file.ended_at - file.started_at),
            _ => None,
        })
        .sum();
    assert!((5990..=6010).contains(&lasted), "{lasted}");
    assert!(other.sink.words().contains(&"garbled"));
}
