//! Real film, encoded by ffmpeg: what ffmpeg shows of a clip is, frame by frame, what it shows of the film that was recorded.

use std::{
    fs,
    io::{self, Cursor},
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::*;
use gatehouse_app::film::{Cut, Film, Scan, Wrong};

/// One film: what ffmpeg encodes it with.
struct Recipe {
    name: &'static str,
    arguments: &'static str,
}

// The number of each frame stands in its first rows as blocks, white for a bit that is set.
const PICTURE: &str = "testsrc2=size=320x240:rate=25:duration=13,geq=lum='if(lt(Y,16),255*mod(floor(N/pow(2,floor(X/20))),2),lum(X,Y))'\
                       :cb='if(lt(Y,16),128,cb(X,Y))':cr='if(lt(Y,16),128,cr(X,Y))',format=yuv420p";

const RECIPES: [Recipe; 5] = [
    Recipe { name: "plain", arguments: "-c:v libx264 -g 50 -bf 0 -sc_threshold 0 -an" },
    Recipe {
        name: "reordered",
        arguments: "-c:v libx264 -g 48 -x264-params bframes=3:b-pyramid=normal:b-adapt=0:open-gop=0:scenecut=0 -an",
    },
    Recipe {
        name: "hevc",
        arguments: "-c:v libx265 -tag:v hvc1 -x265-params bframes=4:keyint=40:open-gop=1:log-level=error -an",
    },
    Recipe { name: "uneven", arguments: "-c:v libx264 -g 50 -bf 2 -vf select='lt(mod(n\\,7)\\,5)' -fps_mode vfr -an" },
    Recipe { name: "sound", arguments: "-c:v libx264 -g 50 -bf 2 -c:a aac -aac_pns 0 -b:a 96k" },
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

fn run(program: &str, arguments: &[&str]) -> Vec<u8> {
    let done = Command::new(program).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    // Of open groups the frames that are never shown lack what they refer to, and the decoder says so.
    let said: Vec<_> = said.lines().filter(|line| !line.starts_with("[h264 @")).collect();
    assert!(done.status.success() && said.is_empty(), "{program} {arguments:?}: {said:?}");
    done.stdout
}

/// The film, encoded where it is not there yet.
fn encoded(recipe: &Recipe) -> PathBuf {
    let path = folder().join(format!("{}.mp4", recipe.name));
    if !path.exists() {
        let part = folder().join(format!("{}.part.mp4", recipe.name));
        let sound = "aevalsrc='0.4*sin(2*PI*(200+80*t)*t)+0.1*sin(2*PI*1500*t)':s=48000:d=13";
        let mut arguments = vec!["-v", "error", "-y", "-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", sound];
        arguments.extend(recipe.arguments.split(' ').map(|argument| argument.trim_matches('\'')));
        arguments.extend(["-video_track_timescale", "90000", part.to_str().unwrap()]);
        run("ffmpeg", &arguments);
        fs::rename(part, &path).unwrap();
    }
    path
}

/// The hash of each frame that ffmpeg shows.
fn shown(path: &Path) -> Vec<String> {
    let path = path.to_str().unwrap();
    let hashes =
        run("ffmpeg", &["-v", "error", "-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-"]);
    let lines = String::from_utf8(hashes).unwrap();
    lines.lines().filter(|l| !l.starts_with('#')).map(|l| l.rsplit(',').next().unwrap().trim().to_owned()).collect()
}

/// When ffmpeg shows each frame, in its ticks.
fn times(path: &Path) -> Vec<i64> {
    let arguments = ["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts", "-of", "csv=p=0"];
    let said = run("ffprobe", &[&arguments[..], &[path.to_str().unwrap()]].concat());
    let lines = String::from_utf8(said).unwrap();
    lines.lines().filter(|line| !line.is_empty()).map(|line| line.trim_end_matches(',').parse().unwrap()).collect()
}

/// Sound as numbers.
fn heard(path: &Path, more: &[&str]) -> Vec<i16> {
    let path = path.to_str().unwrap();
    let arguments = [&["-v", "error"], more, &["-i", path, "-map", "0:a:0", "-f", "s16le", "-"]].concat();
    run("ffmpeg", &arguments).as_chunks().0.iter().map(|pair| i16::from_le_bytes(*pair)).collect()
}

/// The film as capture would have recorded it: time begins at 0 with the first frame.
fn streams(path: &Path) -> (Stream, Option<Stream>) {
    let (mut video, audio) = read(&fs::read(path).unwrap());
    assert_eq!(video.rate, 90_000);
    let first = video.frames.iter().map(|frame| frame.shown).min().unwrap();
    for frame in &mut video.frames {
        frame.shown -= first;
        frame.decode -= first;
    }
    (video, audio)
}

fn film(files: &[(i64, Vec<u8>)]) -> Film {
    let recording = |(began, bytes): &(i64, Vec<u8>)| {
        let mut scan = Scan::new(*began);
        bytes.chunks(1 << 16).for_each(|chunk| scan.push(chunk).unwrap());
        scan.end().unwrap()
    };
    Film::join(files.iter().map(recording).collect()).unwrap()
}

fn write(cut: &Cut, files: &[(i64, Vec<u8>)], name: &str) -> PathBuf {
    let path = folder().join(name);
    let mut file = fs::File::create(&path).unwrap();
    cut.write(|n| io::Result::Ok(Cursor::new(&files[n].1)), &mut file).unwrap();
    // A seal is a box that players pass over.
    let seal = gatehouse_app::evidence::Seal::new(b"manifest", b"signature", b"key");
    io::Write::write_all(&mut file, &seal.to_box().unwrap()).unwrap();
    path
}

/// Milliseconds: within one file, over one border and over two, from a border to a border, a single frame, more than there is.
const RANGES: [(i64, i64); 10] = [
    (0, 1000),
    (1234, 3456),
    (2500, 6100),
    (3950, 4050),
    (4000, 8000),
    (3999, 8001),
    (777, 11_111),
    (5000, 5040),
    (5999, 6041),
    (-5000, 60_000),
];

#[test]
fn ffmpeg_shows_exactly_the_frames_of_that_time() {
    for recipe in &RECIPES {
        let source = encoded(recipe);
        let (video, audio) = streams(&source);
        let hashes = shown(&source);
        let mut instants: Vec<i64> = video.frames.iter().map(|frame| frame.shown).collect();
        instants.sort_unstable();
        assert_eq!(hashes.len(), instants.len(), "{}", recipe.name);
        let pcm = audio.as_ref().map(|_| heard(&source, &["-ignore_editlist", "1"]));
        for anew in [true, false] {
            let files = record(&video, audio.as_ref(), Cuts { anew, ..CUTS });
            assert!(files.len() >= 3);
            let film = film(&files);
            for (from, until) in RANGES {
                let name = format!("{}-{from}-{until}.mp4", recipe.name);
                let within = |at: i64| at >= from * 90 && at < until * 90;
                if !instants.iter().any(|at| within(*at)) {
                    assert_eq!(film.cut(BEGAN + from * 1000, BEGAN + until * 1000), Err(Wrong::Nothing));
                    continue;
                }
                let cut = film.cut(BEGAN + from * 1000, BEGAN + until * 1000).unwrap();
                let path = write(&cut, &files, &name);
                let wanted: Vec<_> = instants.iter().zip(&hashes).filter(|(at, _)| within(**at)).collect();
                assert_eq!(cut.frames as usize, wanted.len(), "{name}");
                assert_eq!(shown(&path), wanted.iter().map(|(_, hash)| (*hash).clone()).collect::<Vec<_>>(), "{name}");
                let first = wanted[0].0;
                let late: Vec<_> = wanted.iter().map(|(at, _)| **at - first).collect();
                assert_eq!(times(&path), late, "{name}");
                if let Some(pcm) = &pcm {
                    sounds(&path, pcm, &cut, &name);
                }
            }
        }
    }
}

/// What is heard is what was heard then: to a sample at the beginning, to a frame of sound at the end.
fn sounds(path: &Path, whole: &[i16], cut: &Cut, name: &str) {
    let heard = heard(path, &[]);
    let at = |micros: i64| ((micros - BEGAN) * 48_000 + 500_000) / 1_000_000;
    let (from, until) = (at(cut.from) as usize, (at(cut.until) as usize).min(whole.len()));
    let length = heard.len().min(until - from);
    assert!(
        until - from - length <= 1024 && heard.len() - length <= 1024,
        "{name}: {} of {}",
        heard.len(),
        until - from
    );
    // Each frame is heard with half of the one before it, and with its window: the first is right where both are there.
    let apart = heard[..length].iter().zip(&whole[from..]).position(|(a, b)| a.abs_diff(*b) > 2);
    assert_eq!(apart, None, "{name}");
}
