//! Small pictures of real key frames, and of what is made of them by chance.

#![allow(clippy::unwrap_used, reason = "what fails here is a test")]

use std::{fs::File, io::Write, path::PathBuf, time::Instant};

use gatehouse_jobs::capture::{
    boxes,
    picture::{self, NoPicture},
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

#[test]
fn a_key_frame_becomes_a_jpeg() {
    for (name, bytes) in FILES {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/{name}.mp4"));
        let (head, fragment) = first(bytes);
        let small = picture::of_file(&mut File::open(path).unwrap(), head, &fragment).unwrap();
        assert_eq!((small.width, small.height), (192, 112), "{name}");
        assert!(small.jpeg.starts_with(&[0xff, 0xd8]) && small.jpeg.ends_with(&[0xff, 0xd9]));
        assert!((1000..20_000).contains(&small.jpeg.len()), "{}", small.jpeg.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 20_000 }))]

    /// Bytes changed anywhere, in the head and its parameter sets as in the frame: a picture or an error, soon.
    #[test]
    fn hostile_bytes_give_a_picture_or_an_error(
        which in 0..FILES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        frame_alone: bool,
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
        match picture::of_file(&mut file, head, &fragment) {
            Ok(small) => prop_assert!(small.width <= 320 && small.height <= 320),
            Err(NoPicture::TooLarge | NoPicture::Codec | NoPicture::Broken(_) | NoPicture::File(_)) => {}
        }
        prop_assert!(began.elapsed().as_secs() < 3, "{:?}", began.elapsed());
    }
}
