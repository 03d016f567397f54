//! Small pictures of real key frames, and of what is made of them by chance.

#![allow(clippy::unwrap_used, reason = "what fails here is a test")]

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use gatehouse_jobs::capture::{
    boxes,
    picture::{self, Decoded, Edges, NoPicture},
    segment::Fragment,
};
use proptest::prelude::*;

const FILES: [(&str, &[u8]); 2] =
    [("h264", include_bytes!("data/h264.mp4")), ("h265", include_bytes!("data/h265.mp4"))];

/// The length of the head and the first fragment.
fn first(bytes: &[u8]) -> (u64, Fragment) {
    let (mut at, mut head, mut fragment) = (0, 0, None);
    while let Some((kind, length)) = boxes::kind(&bytes[at..]) {
        match &kind {
            b"moof" => fragment = Some(at),
            b"mdat" => break,
            _ => head = at + length as usize,
        }
        at += length as usize;
    }
    let offset = fragment.unwrap();
    let length = (bytes.len() - offset) as u32;
    (head as u64, Fragment { offset: offset as u64, length, at: 0, lasts: 0, key: true })
}

fn frame_at(bytes: &[u8]) -> usize {
    bytes.windows(4).position(|four| four == b"mdat").unwrap() + 4
}

fn decoded(path: &Path) -> Result<Decoded, NoPicture> {
    with_edges(path, Edges::Smooth)
}

fn with_edges(path: &Path, edges: Edges) -> Result<Decoded, NoPicture> {
    let (head, fragment) = first(&std::fs::read(path).unwrap());
    picture::of_file(&mut File::open(path).unwrap(), head, fragment.offset, fragment.length.into(), edges)
}

fn ours(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/{name}.mp4"))
}

fn ffmpeg(arguments: &[&str]) -> Vec<u8> {
    let ran = Command::new("ffmpeg").args(["-v", "error", "-nostdin", "-y"]).args(arguments).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    ran.stdout
}

/// Red, green and blue of the first picture, as ffmpeg decodes it.
fn theirs(path: &Path, filter: &str) -> Vec<u8> {
    theirs_with(path, filter, &[])
}

fn theirs_with(path: &Path, filter: &str, settings: &[&str]) -> Vec<u8> {
    let shown =
        ["-i", path.to_str().unwrap(), "-frames:v", "1", "-vf", filter, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
    ffmpeg(&[settings, &shown].concat())
}

/// How far two pictures are apart on average, in hundredths of the range.
fn apart_of(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.len() as f64 / 2.55
}

/// What the filter does to each point, around 128.
fn effect(rough: &[u8], smooth: &[u8]) -> Vec<u8> {
    rough.iter().zip(smooth).map(|(rough, smooth)| rough.wrapping_sub(*smooth).wrapping_add(128)).collect()
}

/// A film of ffmpeg's own, in fragments.
fn film(folder: &Path, codec: &str, size: &str, source: &str) -> PathBuf {
    film_with(folder, codec, size, source, &["-preset", "ultrafast"])
}

fn film_with(folder: &Path, codec: &str, size: &str, source: &str, settings: &[&str]) -> PathBuf {
    let path = folder.join(format!("{codec}-{size}.mp4"));
    let joint = if source.contains('=') { ":" } else { "=" };
    let source = format!("{source}{joint}size={size}:rate=5");
    let (colours, tag) =
        ("scale=out_color_matrix=bt709:out_range=tv", if codec == "libx265" { "hvc1" } else { "avc1" });
    let made_of = ["-f", "lavfi", "-i", &source, "-frames:v", "3", "-pix_fmt", "yuv420p", "-vf", colours];
    let coded =
        ["-c:v", codec, "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-tag:v", tag];
    let file = ["-movflags", "frag_keyframe+empty_moov+default_base_moof", path.to_str().unwrap()];
    ffmpeg(&[made_of.as_slice(), &coded, settings, &file].concat());
    path
}

#[test]
fn a_key_frame_becomes_a_jpeg() {
    for (name, _) in FILES {
        let small = decoded(&ours(name)).unwrap().jpeg(320).unwrap();
        assert_eq!((small.width, small.height), (192, 112), "{name}");
        assert!(small.bytes.starts_with(&[0xff, 0xd8]) && small.bytes.ends_with(&[0xff, 0xd9]));
        assert!((1000..20_000).contains(&small.bytes.len()), "{}", small.bytes.len());
        assert_eq!(decoded(&ours(name)).unwrap().tile().unwrap().len(), 192 * 108 * 3);
    }
}

#[test]
fn pictures_are_what_ffmpeg_decodes() {
    for (name, _) in FILES {
        let rgb = decoded(&ours(name)).unwrap().rgb(192, 112).unwrap();
        let apart = apart_of(&rgb, &theirs(&ours(name), "null"));
        assert!(apart < 2.0, "{name}: {apart} %");
    }
    let folder = tempfile::tempdir().unwrap();
    for codec in ["libx264", "libx265"] {
        let path = film(folder.path(), codec, "1280x720", "testsrc2");
        let rgb = decoded(&path).unwrap().rgb(320, 180).unwrap();
        let apart = apart_of(&rgb, &theirs(&path, "scale=320:180:flags=area:in_color_matrix=bt709"));
        assert!(apart < 2.0, "{codec}: {apart} %");
        let blank = theirs(&film(folder.path(), codec, "320x180", "color=c=black"), "scale=in_color_matrix=bt709");
        assert!(apart_of(&rgb, &blank) > 10.0, "they differ from black");
    }
}

/// Grey, so that every difference is one of decoding and none of colours.
#[test]
fn rough_edges_are_those_that_ffmpeg_leaves_and_a_tile_does_not_show_them() {
    let grey = "hue=s=0,scale=out_color_matrix=bt709:out_range=tv";
    let plain = "scale=in_color_matrix=bt709";
    for coding in ["cabac=1", "cabac=0", "cabac=1:slices=4", "8x8dct=0:slices=3"] {
        let folder = tempfile::tempdir().unwrap();
        let settings = ["-vf", grey, "-crf", "40", "-x264-params", coding];
        let path = film_with(folder.path(), "libx264", "1280x720", "testsrc2", &settings);
        let [smooth, rough] = [Edges::Smooth, Edges::Rough].map(|edges| with_edges(&path, edges).unwrap());
        let ours = effect(&rough.rgb(1280, 720).unwrap(), &smooth.rgb(1280, 720).unwrap());
        let theirs = effect(&theirs_with(&path, plain, &["-skip_loop_filter", "all"]), &theirs(&path, plain));
        assert!(apart_of(&ours, &vec![128; ours.len()]) > 0.08, "{coding}: the filter does something");
        assert!(apart_of(&ours, &theirs) < 0.02, "{coding}: {} %", apart_of(&ours, &theirs));
        let apart = apart_of(&rough.tile().unwrap(), &smooth.tile().unwrap());
        assert!(apart < 0.1, "{coding}: {apart} %");
    }
}

#[test]
fn a_header_without_room_keeps_its_filter() {
    for coding in ["deblock=1,1", "deblock=0,-2", "no-deblock=1"] {
        let folder = tempfile::tempdir().unwrap();
        let path = film_with(folder.path(), "libx264", "640x360", "testsrc2", &["-x264-params", coding]);
        let [smooth, rough] = [Edges::Smooth, Edges::Rough].map(|edges| with_edges(&path, edges).unwrap());
        assert_eq!(smooth.rgb(640, 360).unwrap(), rough.rgb(640, 360).unwrap(), "{coding}");
    }
}

#[test]
fn a_picture_that_is_too_large_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = film(folder.path(), "libx264", "8192x4320", "color");
    assert!(matches!(decoded(&path), Err(NoPicture::TooLarge)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 20_000 }))]

    /// Bytes changed anywhere, in the head and its parameter sets as in the frame: a picture or an error, soon.
    #[test]
    fn hostile_bytes_give_a_picture_or_an_error(
        which in 0..FILES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        frame_alone: bool,
        rough: bool,
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = FILES[which].1.to_vec();
        let (head, fragment) = first(&bytes);
        let from = if frame_alone { frame_at(&bytes) } else { 300 };
        for (at, value) in &changes {
            let at = from + at.index(bytes.len() - from);
            bytes[at] = *value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()).max(fragment.offset as usize));
        }
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let began = Instant::now();
        let edges = if rough { Edges::Rough } else { Edges::Smooth };
        let decoded = picture::of_file(&mut file, head, fragment.offset, fragment.length.into(), edges);
        match decoded.and_then(|decoded| decoded.jpeg(320)) {
            Ok(small) => prop_assert!(small.width <= 320 && small.height <= 320),
            Err(NoPicture::TooLarge | NoPicture::Codec | NoPicture::Broken(_) | NoPicture::File(_)) => {}
        }
        prop_assert!(began.elapsed().as_secs() < 3, "{:?}", began.elapsed());
    }
}
