//! Sealed films and zips of them: whole, changed, forged, of another key, with something missing or added.

use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::*;
use gatehouse_app::{
    evidence::{
        Camera, Custody, FORMAT, File as Film, Held, Manifest, Missing, Refused, Seal, Signer, Source, Step, Trust,
        Verdict, Vouched, custody, key_id, package, verify,
    },
    film,
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A small film, as a cut makes it.
fn a_film(frames: i64, letter: &str) -> Vec<u8> {
    let frame = |n: i64| Frame {
        shown: n * 3600,
        decode: n * 3600,
        lasts: 3600,
        key: n % 5 == 0,
        data: format!("{letter}{n:05}").into_bytes(),
    };
    let video = Stream { rate: 90_000, entry: avc1(), frames: (0..frames).map(frame).collect() };
    let files = record(&video, None, CUTS);
    let mut scan = film::Scan::new(BEGAN);
    scan.push(&files[0].1).unwrap();
    let cut = film::Film::join(vec![scan.end().unwrap()]).unwrap().cut(BEGAN + 100_000, BEGAN + 2_000_000).unwrap();
    let mut bytes = Vec::new();
    cut.write(|n| Ok(Cursor::new(&files[n].1)), &mut bytes).unwrap();
    bytes
}

fn manifest(films: &[(&str, &[u8])]) -> Manifest {
    let camera = |n: usize, (name, bytes): &(&str, &[u8])| Camera {
        id: format!("camera-{n}"),
        name: format!("Dock {n}"),
        site: "Yard".into(),
        files: vec![Film {
            name: (*name).into(),
            film_size: bytes.len() as u64,
            film_sha256: hex::encode(Sha256::digest(bytes)),
            from: "2026-11-20T20:02:10.100Z".into(),
            until: "2026-11-20T20:02:12.000Z".into(),
            frames: 47,
            video: "avc1.42001e".into(),
            audio: None,
            lead_in_ms: 100,
            clock: "recorder".into(),
            sources: vec![Source {
                key: "recordings/dock/2026-11-20/recording_20_02_10.mp4".into(),
                size: 1,
                sha256: "00".into(),
                recorder: "yard-1".into(),
                recorded_from: "2026-11-20T20:02:10.000Z".into(),
                recorded_until: "2026-11-20T20:03:10.000Z".into(),
            }],
        }],
        missing: vec![Missing {
            from: "2026-11-20T20:02:12.000Z".into(),
            until: "2026-11-20T20:02:13.000Z".into(),
            reason: "stalled".into(),
            words: "the camera sent no frames".into(),
        }],
    };
    Manifest {
        format: FORMAT.into(),
        clip: "0199".into(),
        title: "Truck 4411 at Dock 2".into(),
        reason: "A claim of the customer".into(),
        bol: Some("PRT-2026-0042".into()),
        yard: "Port".into(),
        installation: "https://yard.example".into(),
        zone: "America/Chicago".into(),
        from: "2026-11-20T20:02:10.100Z".into(),
        until: "2026-11-20T20:02:13.000Z".into(),
        cameras: films.iter().enumerate().map(|(n, film)| camera(n + 1, film)).collect(),
        custody: vec![Step {
            at: "2026-11-20T21:00:00.000Z".into(),
            what: "signed".into(),
            who: "Rosa".into(),
            audit_seq: Some(7),
        }],
        made_with: "0.1.0".into(),
    }
}

fn signer() -> Signer {
    Signer::from_seed(&[7; 32])
}

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    #[allow(clippy::disallowed_methods, reason = "a test's file")]
    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn judge(&self, bytes: &[u8], trust: Trust<'_>) -> Result<Verdict, Refused> {
        verify(&self.put("judged", bytes), trust)
    }
}

fn sealed(films: &[(&str, &[u8])], signer: &Signer) -> (String, Vec<Vec<u8>>) {
    let (manifest, seal) = signer.seal(&manifest(films)).unwrap();
    let seal = seal.to_box().unwrap();
    (manifest, films.iter().map(|(_, film)| [film, &seal[..]].concat()).collect())
}

fn zipped(manifest: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let sizes: Vec<_> = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.len() as u64)).collect();
    let mut zip = Cursor::new(Vec::new());
    let open = |name: &str| Ok(files.iter().find(|(n, _)| *n == name).unwrap().1);
    package(manifest, &sizes, open, &mut zip).unwrap();
    zip.into_inner()
}

#[test]
fn a_sealed_film_is_whole() {
    let (place, film, signer) = (Place::new(), a_film(60, "V"), signer());
    let id = signer.key_id();
    assert_eq!(id, key_id(signer.public_key()));
    let (_, sealed) = sealed(&[("dock.mp4", &film)], &signer);
    let verdict = place.judge(&sealed[0], Trust::Given(&id)).unwrap();
    assert_eq!((verdict.key.as_str(), verdict.vouched), (id.as_str(), Vouched::Given));
    assert_eq!(
        verdict.to_string(),
        format!(
            "Whole. Dock 1, 20 Nov 2026 14:02:10.100 to 14:02:12.000 (America/Chicago), 47 frames. Signed 20 Nov 2026 by {id}, the key \
             that you gave. Missing: 14:02:12–14:02:13, the camera sent no frames."
        )
    );
    let whole = hex::encode(Sha256::digest(signer.public_key())).to_ascii_uppercase();
    assert_eq!(place.judge(&sealed[0], Trust::Own(&whole)).unwrap().vouched, Vouched::Own);
    assert!(place.judge(&sealed[0], Trust::Nobody).unwrap().to_string().contains("nobody vouches for it here"));
    let json = serde_json::to_value(place.judge(&sealed[0], Trust::Nobody).unwrap()).unwrap();
    assert_eq!(json["vouched"], "nobody");
    assert_eq!(json["manifest"]["cameras"][0]["files"][0]["name"], "dock.mp4");
}

#[test]
fn a_changed_byte_anywhere_is_refused() {
    let (place, film) = (Place::new(), a_film(60, "V"));
    let (_, sealed) = sealed(&[("dock.mp4", &film)], &signer());
    let whole = &sealed[0];
    assert!(place.judge(whole, Trust::Nobody).is_ok());
    for at in 0..whole.len() {
        // All of its bits by turns; every bit of the first and the last hundred bytes.
        let bits = if at < 100 || at + 100 > whole.len() { 0..8 } else { at % 8..at % 8 + 1 };
        for bit in bits {
            let mut changed = whole.clone();
            changed[at] ^= 1 << bit;
            let refused = place.judge(&changed, Trust::Nobody).expect_err("changed");
            match refused {
                Refused::Changed => assert!(at < film.len()),
                Refused::Forged | Refused::Unsealed => assert!(at >= film.len(), "{at}: {refused}"),
                other => panic!("{at}: {other}"),
            }
            assert_eq!(place.judge(&changed, Trust::Nobody).unwrap_err().exit_code(), 1);
        }
    }
    for cut in [1, 4, 100, whole.len() - film.len(), whole.len() - 1, whole.len()] {
        assert!(place.judge(&whole[..whole.len() - cut], Trust::Nobody).is_err());
    }
    let longer = [&whole[..], b"\0"].concat();
    assert!(matches!(place.judge(&longer, Trust::Nobody), Err(Refused::Unsealed)));
    let earlier = [b"\0", &whole[..]].concat();
    assert!(matches!(place.judge(&earlier, Trust::Nobody), Err(Refused::Changed)));
}

#[test]
fn a_seal_of_somebody_else_is_refused() {
    let (place, film) = (Place::new(), a_film(60, "V"));
    let (ours, theirs) = (signer(), Signer::from_seed(&[8; 32]));
    let (_, forged) = sealed(&[("dock.mp4", &film)], &theirs);
    let refused = place.judge(&forged[0], Trust::Own(&ours.key_id())).unwrap_err();
    assert!(matches!(&refused, Refused::OtherKey { signed, .. } if *signed == theirs.key_id()), "{refused}");
    assert_eq!(refused.exit_code(), 1);
    // Their signature under our name, and our seal under another film.
    let (text, _) = theirs.seal(&manifest(&[("dock.mp4", &film)])).unwrap();
    let (_, seal) = theirs.seal(&manifest(&[("dock.mp4", &film)])).unwrap();
    let ours_key = ours.seal(&manifest(&[])).unwrap().1.key;
    let mixed = Seal { key: ours_key, ..seal };
    let bytes = [&film[..], &mixed.to_box().unwrap()].concat();
    assert!(matches!(place.judge(&bytes, Trust::Nobody), Err(Refused::Forged)));
    let (_, seal) = ours.seal(&manifest(&[("dock.mp4", &film)])).unwrap();
    let other = [&a_film(60, "X")[..], &seal.to_box().unwrap()].concat();
    assert!(matches!(place.judge(&other, Trust::Nobody), Err(Refused::Changed)));
    // A format to come.
    let (_, seal) =
        ours.seal(&Manifest { format: "gatehouse.evidence.2".into(), ..manifest(&[("dock.mp4", &film)]) }).unwrap();
    let newer = [&film[..], &seal.to_box().unwrap()].concat();
    assert!(matches!(place.judge(&newer, Trust::Nobody), Err(Refused::Newer(_))));
    assert!(text.contains("\"title\": \"Truck 4411 at Dock 2\""));
    for key in ["", "21fe31", "zzzzzzzzzzzzzzzzzzz"] {
        let refused = place.judge(&bytes, Trust::Given(key)).unwrap_err();
        assert!(matches!(refused, Refused::NoKey(_)) && refused.exit_code() == 2);
    }
}

#[test]
fn what_is_no_evidence_is_refused() {
    let place = Place::new();
    for bytes in [&b""[..], b"PK", b"PK\x03\x04", &[0; 4096], b"%PDF-1.7\n", &a_film(60, "V")] {
        let refused = place.judge(bytes, Trust::Nobody).unwrap_err();
        assert_eq!(refused.exit_code(), 1, "{refused}");
    }
    assert_eq!(verify(Path::new("/nowhere/at/all"), Trust::Nobody).unwrap_err().exit_code(), 2);
    assert_eq!(verify(place.0.path(), Trust::Nobody).unwrap_err().exit_code(), 2);
}

#[test]
fn a_zip_is_whole_and_other_programs_read_it() {
    let (place, signer) = (Place::new(), signer());
    let (one, two) = (a_film(60, "V"), a_film(70, "W"));
    let names = ["dock_2_20.mp4", "tor_süd.mp4"];
    let (manifest, sealed) = sealed(&[(names[0], &one), (names[1], &two)], &signer);
    let zip = zipped(&manifest, &[(names[0], &sealed[0]), (names[1], &sealed[1])]);
    let path = place.put("clip.zip", &zip);
    let verdict = verify(&path, Trust::Own(&signer.key_id())).unwrap();
    assert_eq!(verdict.proven.iter().map(|film| film.name.as_str()).collect::<Vec<_>>(), names);
    assert!(verdict.to_string().contains("Missing: Dock 1, 14:02:12–14:02:13, the camera sent no frames; Dock 2, "));
    // One of it alone is proven too, whatever it is called now.
    let verdict = place.judge(&sealed[1], Trust::Nobody).unwrap();
    assert!(verdict.to_string().starts_with("Whole. Dock 2, "));
    assert!(verdict.to_string().contains("The clip has 1 file besides."));

    let python = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; \
                  print([(i.filename, i.file_size, i.compress_type) for i in z.infolist()])";
    let read = Command::new("python3").args(["-c", python]).arg(&path).output().unwrap();
    assert!(read.status.success(), "{read:?}");
    assert!(String::from_utf8_lossy(&read.stdout).contains("'tor_süd.mp4'"));
}

#[test]
fn a_changed_byte_of_a_zip_is_refused() {
    let place = Place::new();
    let (one, two) = (a_film(52, "V"), a_film(55, "W"));
    let (manifest, sealed) = sealed(&[("a.mp4", &one), ("b.mp4", &two)], &signer());
    let zip = zipped(&manifest, &[("a.mp4", &sealed[0]), ("b.mp4", &sealed[1])]);
    assert!(place.judge(&zip, Trust::Nobody).is_ok());
    for at in 0..zip.len() {
        let mut changed = zip.clone();
        changed[at] ^= 1 << (at % 8);
        let refused = place.judge(&changed, Trust::Nobody).expect_err(&format!("byte {at}"));
        assert_eq!(refused.exit_code(), 1, "{at}: {refused}");
    }
    for other in [[&zip[..], b"\0"].concat(), [b"\0", &zip[..]].concat(), zip[..zip.len() - 1].to_vec()] {
        assert!(place.judge(&other, Trust::Nobody).is_err());
    }
}

#[test]
fn a_zip_with_a_file_more_or_less_is_refused() {
    let place = Place::new();
    let (one, two, three) = (a_film(52, "V"), a_film(55, "W"), a_film(57, "X"));
    let (text, both) = sealed(&[("a.mp4", &one), ("b.mp4", &two)], &signer());
    let judge = |text: &str, files: &[(&str, &[u8])]| place.judge(&zipped(text, files), Trust::Nobody).unwrap_err();
    let (a, b) = (("a.mp4", &both[0][..]), ("b.mp4", &both[1][..]));

    assert!(matches!(judge(&text, &[a]), Refused::Missing(name) if name == "b.mp4"));
    assert!(matches!(judge(&text, &[]), Refused::Missing(_)));
    assert!(matches!(judge(&text, &[a, b, ("c.mp4", b"no film")]), Refused::Added(name) if name == "c.mp4"));
    assert!(matches!(judge(&text, &[a, b, ("c.mp4", &both[1])]), Refused::Added(name) if name == "c.mp4"));
    assert!(matches!(judge(&text, &[b, a]), Refused::Repacked(_)));
    assert!(matches!(judge(&text, &[a, b, a]), Refused::Repacked(_)));
    assert!(matches!(judge(&text.replace("Truck", "Van"), &[a, b]), Refused::Repacked(_)));
    // Names changed places.
    let swapped = judge(&text, &[("a.mp4", &both[1]), ("b.mp4", &both[0])]);
    assert!(matches!(&swapped, Refused::Repacked(_) | Refused::Inside(..)), "{swapped}");
    // Of another clip of ours, whole by itself.
    let (_, strange) = sealed(&[("c.mp4", &three)], &signer());
    assert!(matches!(judge(&text, &[a, b, ("c.mp4", &strange[0])]), Refused::Added(name) if name == "c.mp4"));
    let refused = judge(&text, &[a, ("b.mp4", &three)]);
    assert_eq!(
        refused.to_string(),
        "b.mp4: Unsealed: Gatehouse's seal is not at its end. It was never sealed, or was changed, cut off or added to."
    );
    let theirs = Signer::from_seed(&[8; 32]);
    let (other, forged) = sealed(&[("a.mp4", &one)], &theirs);
    let zip = zipped(&other, &[("a.mp4", &forged[0])]);
    assert!(matches!(place.judge(&zip, Trust::Own(&signer().key_id())), Err(Refused::OtherKey { .. })));
}

#[test]
fn a_file_that_is_not_as_long_as_was_said_makes_no_zip() {
    let mut zip = Cursor::new(Vec::new());
    let made = package("{}", &[("a.mp4".into(), 5)], |_| Ok(&b"four"[..]), &mut zip);
    assert!(made.is_err());
}

fn a_custody() -> Custody {
    let step = |at: &str, what: &str, who: &str, ip: Option<&str>| Held {
        audit_seq: 7,
        at: at.into(),
        what: what.into(),
        who: who.into(),
        ip: ip.map(str::to_owned),
        details: serde_json::json!({ "title": "Truck 4411" }),
        hash: "00".into(),
    };
    Custody {
        clip: "0199".into(),
        title: "Truck 4411".into(),
        state: "ready".into(),
        yard: "Port".into(),
        zone: "America/Chicago".into(),
        made_at: "2026-11-20T21:00:00.000Z".into(),
        made_for: "Rosa".into(),
        manifest: None,
        signature_of_manifest: None,
        steps: vec![
            step("2026-11-20T20:10:00.000Z", "clip.asked", "Rosa", None),
            step("2026-11-21T06:00:00.500Z", "link.played", "gary@acme.test\n", Some("203.0.113.7")),
        ],
    }
}

#[test]
fn who_had_a_clip_is_proven_and_said_line_by_line() {
    let (place, signer) = (Place::new(), signer());
    let (id, text) = (signer.key_id(), a_custody().signed(&signer).unwrap());
    let path = place.put("custody.json", text.as_bytes());
    let chain = custody(&path, Trust::Given(&id)).unwrap().unwrap();
    assert_eq!((&chain.custody, chain.vouched), (&a_custody(), Vouched::Given));
    assert_eq!(
        chain.to_string(),
        format!(
            "Whole. Who had “Truck 4411” of Port in hand, up to 20 Nov 2026 15:00:00 (America/Chicago), as Rosa saved it:\n  \
             20 Nov 2026 14:10:00 Rosa asked for it\n  \
             21 Nov 2026 00:00:00 gary@acme.test\u{fffd} watched it by their link from 203.0.113.7\n\
             Signed 20 Nov 2026 by {id}, the key that you gave."
        )
    );
    let other = Signer::from_seed(&[8; 32]).key_id();
    assert!(matches!(custody(&path, Trust::Own(&other)), Err(Refused::OtherKey { .. })));
    assert!(matches!(custody(&path, Trust::Given("short")), Err(Refused::NoKey(_))));
    let newer = place.put("newer", text.replace("custody.1", "custody.2").as_bytes());
    assert!(matches!(custody(&newer, Trust::Nobody), Err(Refused::Newer(_))));
    for bytes in [&b""[..], b"{}", b"PK\x03\x04", &a_film(60, "V")] {
        assert!(custody(&place.put("other", bytes), Trust::Nobody).unwrap().is_none());
    }
}

#[test]
fn a_changed_byte_of_a_custody_is_refused() {
    let (place, text) = (Place::new(), a_custody().signed(&signer()).unwrap());
    for at in 0..text.len() {
        let mut changed = text.clone().into_bytes();
        changed[at] ^= 1 << (at % 8);
        let path = place.put("changed", &changed);
        // What is no document of custody any more is no evidence either.
        let refused = custody(&path, Trust::Nobody).and_then(|chain| match chain {
            Some(_) => panic!("byte {at}"),
            None => verify(&path, Trust::Nobody),
        });
        assert_eq!(refused.expect_err("changed").exit_code(), 1, "{at}");
    }
}
