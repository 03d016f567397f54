//! Recordings of known frames, cut anywhere: what is shown, what is kept, when, and where its bytes are.

use std::io::Cursor;

use crate::support::*;
use gatehouse_app::film::{Cut, Film, Scan, Wrong};
use proptest::prelude::*;

fn scan(began: i64, bytes: &[u8], step: usize) -> Result<gatehouse_app::film::Recording, Wrong> {
    let mut scan = Scan::new(began);
    for chunk in bytes.chunks(step) {
        scan.push(chunk)?;
    }
    scan.end()
}

fn film(files: &[(i64, Vec<u8>)], step: usize) -> Result<Film, (usize, Wrong)> {
    Film::join(files.iter().map(|(began, bytes)| scan(*began, bytes, step).unwrap()).collect())
}

fn write(cut: &Cut, files: &[(i64, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut opened = Vec::new();
    cut.write(
        |n| {
            opened.push(n);
            Ok(Cursor::new(&files[n].1))
        },
        &mut bytes,
    )
    .unwrap();
    assert!(opened.is_sorted_by(|a, b| a < b), "{opened:?}");
    assert_eq!(bytes.len() as u64, cut.size);
    bytes
}

/// Frames in the order of decoding: `between` B-frames between two others, key frames `gop` anchors apart.
fn video(paces: &[u32], between: usize, gop: usize) -> Stream {
    let count = paces.len() / (between + 1) * (between + 1);
    let times: Vec<i64> = std::iter::once(0)
        .chain(paces.iter().scan(0, |at, pace| {
            *at += i64::from(*pace);
            Some(*at)
        }))
        .collect();
    // Of each group the anchor is decoded first, and shown last; the very first frame is an anchor by itself.
    let mut order = vec![(0, true)];
    for group in 0..count / (between + 1) {
        let anchor = (group + 1) * (between + 1);
        order.push((anchor, (group + 1) % gop == 0));
        order.extend((anchor - between..anchor).map(|n| (n, false)));
    }
    let delay =
        if between == 0 { 0 } else { times[1].max(times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap()) };
    let frames = order.iter().enumerate().map(|(turn, &(n, key))| Frame {
        shown: times[n],
        decode: times[turn] - delay,
        lasts: (times.get(turn + 1).unwrap_or(&(times[turn] + 3600)) - times[turn]) as u32,
        key,
        data: format!("V{n:05}{}", "-".repeat(n * 7 % 41)).into_bytes(),
    });
    Stream { rate: 90_000, entry: avc1(), frames: frames.collect() }
}

fn audio(count: usize, starts: i64, rate: u32) -> Stream {
    let frames = (0..count as i64).map(|n| Frame {
        shown: starts + n * 1024,
        decode: starts + n * 1024,
        lasts: 1024,
        key: true,
        data: format!("A{n:05}").into_bytes(),
    });
    Stream { rate, entry: mp4a(), frames: frames.collect() }
}

/// Holds a file against the frames that it was cut from.
fn judge(bytes: &[u8], cut: &Cut, video: &Stream, audio: Option<&Stream>, from: i64, until: i64) {
    let wall = |ticks: i64, rate: u32| (ticks as i128 * 1_000_000, rate as i128);
    let within = |shown: i64| {
        let (at, rate) = wall(shown, video.rate);
        at >= i128::from(from - BEGAN) * rate && at < i128::from(until - BEGAN) * rate
    };
    let mut wanted: Vec<_> = video.frames.iter().filter(|f| within(f.shown)).collect();
    wanted.sort_by_key(|f| f.shown);

    let (picture, sound) = read(bytes);
    let edits = edits(bytes);
    let (nothing, begins, lasts) = edits[0];
    assert_eq!(nothing, 0);
    let mut shown: Vec<_> = picture.frames.iter().filter(|f| (begins..begins + lasts).contains(&f.shown)).collect();
    shown.sort_by_key(|f| f.shown);
    assert_eq!(shown.len() as u64, cut.frames);
    assert_eq!(shown[0].shown, begins);
    assert_eq!(
        shown.iter().map(|f| (&f.data, f.shown - begins)).collect::<Vec<_>>(),
        wanted.iter().map(|f| (&f.data, f.shown - wanted[0].shown)).collect::<Vec<_>>()
    );
    // Files say when they were to the microsecond.
    assert!(cut.from.abs_diff(BEGAN + micros(wanted[0].shown, video.rate)) <= 1);
    let last = wanted.last().unwrap();
    assert!(cut.until <= until && cut.until + 1 >= BEGAN + micros(last.shown, video.rate), "{cut:?}");

    // What is kept follows each other, from the last key frame that serves.
    let at = video.frames.iter().position(|f| f.data == picture.frames[0].data).unwrap();
    let kept = &video.frames[at..at + picture.frames.len()];
    assert!(kept.iter().zip(&picture.frames).all(|(a, b)| a.data == b.data && a.key == b.key));
    assert!(kept[0].key);
    assert!(kept.last().unwrap().shown < last.shown + 1, "nothing behind what is shown");
    let later = kept.iter().filter(|f| f.key && f.shown <= wanted[0].shown).count();
    let nearer = kept.iter().skip(1).position(|f| f.key && f.shown <= wanted[0].shown);
    if let Some(nearer) = nearer {
        // A nearer key frame would leave out what is shown of the one before.
        assert!(kept[..=nearer].iter().any(|f| within(f.shown)), "{later}");
    }
    assert!(picture.frames.iter().all(|f| f.shown >= f.decode));
    let earliest = kept.iter().map(|f| f.shown).min().unwrap();
    assert!(cut.lead_in.abs_diff(micros(wanted[0].shown - earliest, video.rate)) <= 1);

    let Some(audio) = audio else {
        assert!(sound.is_none());
        return;
    };
    let rate = f64::from(audio.rate);
    let (start, stop) = ((cut.from - BEGAN) as f64 / 1e6, (cut.until - BEGAN) as f64 / 1e6);
    let tick = 1.01 / rate + 1.01 / 90_000.0;
    let heard = |f: &&Frame, by: f64| {
        (f.shown + i64::from(f.lasts)) as f64 / rate > start + by && (f.shown as f64) / rate < stop - by
    };
    let must: Vec<_> = audio.frames.iter().filter(|f| heard(f, tick)).collect();
    let Some(sound) = sound else {
        assert!(must.is_empty());
        return;
    };
    let (nothing, begins, lasts) = edits[1];
    let at = audio.frames.iter().position(|f| f.data == sound.frames[0].data).unwrap();
    let kept = &audio.frames[at..at + sound.frames.len()];
    assert!(kept.iter().zip(&sound.frames).all(|(a, b)| a.data == b.data));
    assert!(must.iter().all(|f| kept.contains(f)));
    assert!(kept.len() <= must.len() + 3);
    // Each frame is heard when it was.
    for (there, here) in kept.iter().zip(&sound.frames) {
        let heard = (here.shown - begins) as f64 / rate + nothing as f64 / 90_000.0;
        assert!((heard - (there.shown as f64 / rate - start)).abs() < 2.0 * tick, "{heard}");
    }
    let ends = nothing as f64 / 90_000.0 + lasts as f64 / 90_000.0;
    assert!(ends <= stop - start + 2.0 * tick);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Any pace, any reordering, any distance of key frames, files and fragments of any length, from and until anywhere.
    #[test]
    fn what_was_taken_then_is_shown_and_nothing_else(
        paces in prop::collection::vec(200_u32..9000, 8..150),
        between in 0_usize..4,
        gop in 1_usize..20,
        file in 1_i64..400_000,
        fragment in 1_i64..120_000,
        anew: bool,
        prft: bool,
        sound in prop::option::of((0_i64..20_000, prop::sample::select(vec![8000_u32, 44_100, 48_000]))),
        (from, lasts) in (-100_000_i64..8_000_000, 1_i64..8_000_000),
        step in 1_usize..5000,
    ) {
        let video = video(&paces, between, gop);
        let seconds = video.frames.last().unwrap().shown as f64 / 90_000.0;
        let audio = sound.map(|(starts, rate)| audio((seconds * f64::from(rate) / 1024.0) as usize + 1, starts, rate));
        let cuts = Cuts { file, fragment, anew, prft };
        let files = record(&video, audio.as_ref(), cuts);
        let film = film(&files, step).unwrap();
        let (from, until) = (BEGAN + from, BEGAN + from + lasts);
        // Files say when they were to the microsecond.
        let near = |at: i64| video.frames.iter().any(|f| at.abs_diff(BEGAN + micros(f.shown, 90_000)) <= 2);
        prop_assume!(!near(from) && !near(until));
        match film.cut(from, until) {
            Ok(cut) => {
                let bytes = write(&cut, &files);
                judge(&bytes, &cut, &video, audio.as_ref(), from, until);
                prop_assert_eq!(film.cut(from, until).unwrap(), cut);
            }
            Err(wrong) => {
                prop_assert_eq!(wrong, Wrong::Nothing);
                let none = video.frames.iter().all(|f| !(from..until).contains(&(BEGAN + micros(f.shown, 90_000))));
                prop_assert!(none || lasts < 50);
            }
        }
    }

    /// Whatever became of a recording's bytes, it ends in an answer.
    #[test]
    fn junk_is_refused_or_cut_but_never_more(
        at: prop::sample::Index, junk in prop::collection::vec(any::<u8>(), 1..12), cut in any::<prop::sample::Index>(),
    ) {
        let video = video(&[3600; 60], 1, 5);
        let mut files = record(&video, Some(&audio(100, 0, 48_000)), CUTS);
        let bytes = &mut files[0].1;
        let at = at.index(bytes.len() - junk.len());
        bytes[at..at + junk.len()].copy_from_slice(&junk);
        let end = cut.index(bytes.len() * 4).min(bytes.len());
        let Ok(recording) = scan(BEGAN, &bytes[..end], 4096) else { return Ok(()) };
        let Ok(film) = Film::join(vec![recording]) else { return Ok(()) };
        let Ok(cut) = film.cut(BEGAN, BEGAN + 2_000_000) else { return Ok(()) };
        let mut written = Vec::new();
        if cut.size < 1 << 20 {
            let _ = cut.write(|_| Ok(Cursor::new(&bytes[..end])), &mut written);
        }
    }
}

#[test]
fn what_does_not_follow_is_not_joined() {
    let video = video(&[3600; 250], 0, 25);
    let files = record(&video, None, CUTS);
    assert!(files.len() >= 3);
    assert!(film(&files, 1 << 16).is_ok());
    let gone = [files[0].clone(), files[2].clone()];
    assert_eq!(film(&gone, 1 << 16).err(), Some((1, Wrong::Hole(4000))));
    let twice = [files[0].clone(), files[0].clone()];
    assert_eq!(film(&twice, 1 << 16).err(), Some((1, Wrong::Hole(-4000))));
    let other = record(&Stream { entry: hidden_size(), ..video.clone() }, None, CUTS);
    assert_eq!(film(&[files[0].clone(), other[1].clone()], 1 << 16).err(), Some((1, Wrong::OtherFormat)));
    let sound = record(&video, Some(&audio(500, 0, 48_000)), CUTS);
    assert_eq!(film(&[files[0].clone(), sound[1].clone()], 1 << 16).err(), Some((1, Wrong::OtherFormat)));
    assert_eq!(Film::join(Vec::new()).err(), Some((0, Wrong::Nothing)));
}

fn hidden_size() -> shiguredo_mp4::boxes::SampleEntry {
    let mut entry = avc1();
    if let shiguredo_mp4::boxes::SampleEntry::Avc1(avc1) = &mut entry {
        avc1.avcc_box.sps_list[0].push(1);
    }
    entry
}

#[test]
fn a_few_milliseconds_between_two_files_are_kept_as_they_are() {
    let video = video(&[3600; 250], 0, 25);
    let mut files = record(&video, None, Cuts { prft: false, ..CUTS });
    for (late, (began, _)) in [0, 40_000, 40_000].into_iter().zip(&mut files) {
        *began += late;
    }
    let cut = film(&files, 1 << 16).unwrap().cut(BEGAN + 3_900_000, BEGAN + 4_200_000).unwrap();
    let (picture, _) = read(&write(&cut, &files));
    let shown: Vec<_> =
        picture.frames.iter().map(|f| f.shown).filter(|at| *at >= edits(&write(&cut, &files))[0].1).collect();
    let steps: Vec<_> = shown.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(steps, [3600, 7200, 3600, 3600, 3600]);
}

#[test]
fn a_recording_that_is_cut_off_is_torn() {
    let files = record(&video(&[3600; 50], 0, 25), None, CUTS);
    let bytes = &files[0].1;
    assert_eq!(scan(BEGAN, &bytes[..bytes.len() - 1], 999).err(), Some(Wrong::Torn));
    assert!(scan(BEGAN, bytes, 1).is_ok());
}

#[test]
fn a_recording_that_became_shorter_is_an_error() {
    let mut files = record(&video(&[3600; 50], 0, 25), None, CUTS);
    let cut = film(&files, 1 << 16).unwrap().cut(BEGAN, BEGAN + 2_000_000).unwrap();
    let last = files.len() - 1;
    files[last].1.truncate(2000);
    assert!(cut.write(|n| Ok(Cursor::new(&files[n].1)), &mut Vec::new()).is_err());
}
