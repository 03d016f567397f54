//! Clips of what a real camera sent: ffmpeg shows of them exactly the frames that it shows of the recordings, and they prove themselves.

use std::{
    fs::File,
    io::{BufReader, Read, Write},
    path::{Path, PathBuf},
    process::Command,
};

use gatehouse_app::film::{Film, Scan};

/// The hash of each frame that ffmpeg shows, and when, in seconds.
fn frames(file: &Path) -> Vec<(f64, String)> {
    let arguments = ["-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-"];
    let done = Command::new("ffmpeg").args(["-v", "error", "-i"]).arg(file).args(arguments).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = String::from_utf8(done.stdout).unwrap();
    let base = text.lines().find_map(|line| line.strip_prefix("#tb 0: ")).unwrap();
    let (one, of) = base.split_once('/').unwrap();
    let tick = one.parse::<f64>().unwrap() / of.parse::<f64>().unwrap();
    let frame = |line: &str| {
        let fields: Vec<_> = line.split(',').map(str::trim).collect();
        (fields[2].parse::<f64>().unwrap() * tick, fields[5].to_owned())
    };
    text.lines().filter(|line| !line.starts_with('#')).map(frame).collect()
}

fn joined(files: &[(i64, PathBuf)]) -> Film {
    let recording = |(began, path): &(i64, PathBuf)| {
        let mut scan = Scan::new(began * 1000);
        let (mut file, mut buffer) = (BufReader::new(File::open(path).unwrap()), vec![0; 65_536]);
        loop {
            match file.read(&mut buffer).unwrap() {
                0 => return scan.end().unwrap(),
                n => scan.push(&buffer[..n]).unwrap(),
            }
        }
    };
    Film::join(files.iter().map(recording).collect()).unwrap()
}

/// Cuts several stretches out of the files of one run (each with the Unix milliseconds of its first frame): within a file, over a border, over
/// several, a single frame, all.
pub fn clips_are_exact(name: &str, files: &[(i64, PathBuf)], folder: &Path) {
    let film = joined(files);
    let mut recorded: Vec<(f64, String)> = Vec::new();
    for (began, path) in files {
        let shown = frames(path);
        let first = shown[0].0;
        recorded.extend(shown.into_iter().map(|(at, hash)| (*began as f64 / 1000.0 + at - first, hash)));
    }
    let border = frames(&files[0].1).len();
    let count = recorded.len();
    assert!(border > 10 && count > border + 60, "{name}: {border} of {count}");
    // Between two frames, in Unix microseconds.
    let before = |n: usize| ((recorded[n - 1].0 + recorded[n].0) * 500_000.0).round() as i64;
    for (first, last) in [(3, 9), (border - 5, border + 7), (border, border + 1), (7, count - 3), (1, count - 1)] {
        let cut = film.cut(before(first), before(last)).unwrap();
        let path = folder.join(format!("clip-{first}-{last}.mp4"));
        let mut out = File::create(&path).unwrap();
        cut.write(|n| File::open(&files[n].1), &mut out).unwrap();
        out.flush().unwrap();
        let shown: Vec<String> = frames(&path).into_iter().map(|(_, hash)| hash).collect();
        let wanted: Vec<String> = recorded[first..last].iter().map(|(_, hash)| hash.clone()).collect();
        assert_eq!(cut.frames as usize, wanted.len(), "{name} {first}..{last}");
        assert_eq!(shown, wanted, "{name} {first}..{last}");
    }
}
