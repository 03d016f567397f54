//! `gatehouse evidence`: the program alone with a file, on a machine that knows nothing of the yard.

use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use gatehouse_app::{
    evidence::{Camera, Custody, FORMAT, File as Film, Held, Manifest, Signer, Step},
    film,
    secrets::Secrets,
};
use sha2::{Digest, Sha256};

use crate::support::film::{BEGAN, CUTS, Frame, Stream, avc1, record};

const SECRET: &str = "the secret of a yard in a test, 64 digits or so";

fn signer() -> Signer {
    Signer::of(&Secrets::new(SECRET.as_bytes()).unwrap())
}

/// Two seconds of film with a seal.
fn sealed() -> Vec<u8> {
    let frame = |n: i64| Frame {
        shown: n * 3600,
        decode: n * 3600,
        lasts: 3600,
        key: n % 5 == 0,
        data: n.to_be_bytes().to_vec(),
    };
    let video = Stream { rate: 90_000, entry: avc1(), frames: (0..60).map(frame).collect() };
    let files = record(&video, None, CUTS);
    let mut scan = film::Scan::new(BEGAN);
    scan.push(&files[0].1).unwrap();
    let cut = film::Film::join(vec![scan.end().unwrap()]).unwrap().cut(BEGAN + 100_000, BEGAN + 2_000_000).unwrap();
    let mut bytes = Vec::new();
    cut.write(|n| Ok(Cursor::new(&files[n].1)), &mut bytes).unwrap();
    let film = Film {
        name: "dock_2_20261120_200210.mp4".into(),
        film_size: bytes.len() as u64,
        film_sha256: hex::encode(Sha256::digest(&bytes)),
        from: "2026-11-20T20:02:10.100Z".into(),
        until: "2026-11-20T20:02:12.000Z".into(),
        frames: cut.frames,
        video: "avc1.42001e".into(),
        audio: None,
        lead_in_ms: 100,
        clock: "recorder".into(),
        sources: Vec::new(),
    };
    let manifest = Manifest {
        format: FORMAT.into(),
        clip: "0199".into(),
        title: "Truck 4411 at Dock 2".into(),
        reason: "A claim".into(),
        bol: None,
        yard: "Yard".into(),
        installation: "https://yard.example".into(),
        zone: "America/Chicago".into(),
        from: film.from.clone(),
        until: film.until.clone(),
        cameras: vec![Camera {
            id: "c".into(),
            name: "Dock 2".into(),
            site: "Yard".into(),
            files: vec![film],
            missing: Vec::new(),
        }],
        custody: vec![Step {
            at: "2026-11-20T21:00:00.000Z".into(),
            what: "signed".into(),
            who: "Gatehouse".into(),
            audit_seq: None,
        }],
        made_with: "0.1.0".into(),
    };
    [bytes, signer().seal(&manifest).unwrap().1.to_box().unwrap()].concat()
}

struct Place(tempfile::TempDir);

impl Place {
    #[expect(clippy::disallowed_methods, reason = "a test's file")]
    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The program in this folder, without a network where this machine lets a test take it away.
    fn run(&self, arguments: &[&str], more: impl FnOnce(&mut Command)) -> Output {
        let mut command = Command::new("unshare");
        match alone() {
            Some(flag) => command.args([flag, env!("CARGO_BIN_EXE_gatehouse")]),
            None => {
                command = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
                &mut command
            }
        };
        command.args(arguments).current_dir(self.0.path()).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        more(&mut command);
        command.output().unwrap()
    }
}

/// What takes the network away here.
fn alone() -> Option<&'static str> {
    let works = |flag: &&str| {
        Command::new("unshare").args([flag, "true"]).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
    };
    ["-n", "-rn"].into_iter().find(works)
}

#[track_caller]
fn says(output: &Output, code: i32, words: &str) {
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(words), "{words} is not in: {said}");
}

#[test]
fn a_file_is_judged_without_data_and_without_a_network() {
    let place = Place(tempfile::tempdir().unwrap());
    let bytes = sealed();
    place.put("clip.mp4", &bytes);
    let key = signer().key_id();
    let verify = |more: &[&str]| place.run(&[&["evidence", "verify", "clip.mp4"], more].concat(), |_| {});

    says(
        &verify(&[]),
        0,
        "clip.mp4: Whole. Dock 2, 20 Nov 2026 14:02:10.100 to 14:02:12.000 (America/Chicago), 47 frames",
    );
    says(&verify(&[]), 0, "nobody vouches for it here");
    says(&verify(&["--key", &key]), 0, "the key that you gave");
    says(&verify(&["--key", "00112233aabbccdd"]), 1, "which is not the key");
    says(&verify(&["--key", "short"]), 2, "is no key");
    says(&verify(&["missing.mp4"]), 2, "missing.mp4: It cannot be read");
    // Where the yard's secret is, the key is held against it.
    let own = |secret: &str| {
        place.run(&["evidence", "verify", "clip.mp4"], |command| {
            command.env("GATEHOUSE_SECRET", secret);
        })
    };
    says(&own(SECRET), 0, "the key of this installation");
    says(&own("the secret of another yard, also long enough"), 1, "which is not the key");

    let told = place.run(&["evidence", "verify", "clip.mp4", "--json"], |_| {});
    let document: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    let file = &document["files"][0];
    assert_eq!((&file["whole"], &file["key"], &file["vouched"]), (&true.into(), &key.into(), &"nobody".into()));
    assert_eq!(file["manifest"]["title"], "Truck 4411 at Dock 2");

    // One byte of film, of the manifest, and the last one.
    for (at, words) in [(bytes.len() / 8, "Changed"), (bytes.len() - 300, ":"), (bytes.len() - 1, "Unsealed")] {
        let mut other = bytes.clone();
        other[at] ^= 1;
        place.put("other.mp4", &other);
        says(&place.run(&["evidence", "verify", "clip.mp4", "other.mp4"], |_| {}), 1, words);
    }
    let left: Vec<_> = fs::read_dir(place.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "verifying leaves nothing behind: {left:?}");
}

#[test]
fn who_had_a_clip_is_judged_and_said_in_words() {
    let place = Place(tempfile::tempdir().unwrap());
    let custody = Custody {
        clip: "0199".into(),
        title: "Truck 4411 at Dock 2".into(),
        state: "ready".into(),
        yard: "Yard".into(),
        zone: "America/Chicago".into(),
        made_at: "2026-11-20T21:00:00.000Z".into(),
        made_for: "Rosa".into(),
        manifest: None,
        signature_of_manifest: None,
        steps: vec![Held {
            audit_seq: 7,
            at: "2026-11-20T20:10:00.000Z".into(),
            what: "clip.played".into(),
            who: "Rosa".into(),
            ip: None,
            details: serde_json::Value::Null,
            hash: "00".into(),
        }],
    };
    let text = custody.signed(&signer()).unwrap();
    place.put("custody.json", text.as_bytes());
    let key = signer().key_id();
    let verify = |more: &[&str]| place.run(&[&["evidence", "verify", "custody.json"], more].concat(), |_| {});
    says(&verify(&["--key", &key]), 0, "custody.json: Whole. Who had “Truck 4411 at Dock 2” of Yard in hand");
    says(&verify(&["--key", &key]), 0, "\n  20 Nov 2026 14:10:00 Rosa watched it\nSigned 20 Nov 2026 by ");
    says(&verify(&[]), 0, "nobody vouches for it here");
    says(&verify(&["--key", "00112233aabbccdd"]), 1, "which is not the key");
    let document: serde_json::Value = serde_json::from_slice(&verify(&["--json"]).stdout).unwrap();
    let file = &document["files"][0];
    assert_eq!((&file["whole"], &file["custody"]["made_for"]), (&true.into(), &"Rosa".into()));
    place.put("custody.json", text.replace("Rosa", "Rose").as_bytes());
    says(&verify(&[]), 1, "Forged");
}

#[test]
fn the_key_is_that_of_the_secret() {
    let place = Place(tempfile::tempdir().unwrap());
    says(&place.run(&["evidence", "key"], |_| {}), 2, "there is no secret here");
    assert!(!Path::new(&place.0.path().join("data")).exists(), "nothing is made");
    let told = place.run(&["evidence", "key"], |command| {
        command.env("GATEHOUSE_SECRET", SECRET);
    });
    let public = hex::encode(signer().public_key());
    assert_eq!(String::from_utf8(told.stdout).unwrap(), format!("{}\n{public}\n", signer().key_id()));
    fs::create_dir(place.0.path().join("data")).unwrap();
    place.put("data/secret.key", SECRET.as_bytes());
    let told = place.run(&["evidence", "key", "--json"], |_| {});
    let document: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&document["id"], &document["public_key"]), (&signer().key_id().into(), &public.into()));
}
