//! What was found, said to a person.

use std::fmt::{self, Write};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{Camera, File, Manifest, Verdict, Vouched};

/// What others wrote, for a terminal: nothing in it begins a line, moves the cursor or turns round what follows.
#[must_use]
pub fn plain(text: &str) -> String {
    let acts = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if acts(c) { '\u{fffd}' } else { c }).collect()
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = String::new();
        self.say(&mut words)?;
        f.write_str(&plain(&words))
    }
}

impl Vouched {
    /// Whose signature it is, and who says that the key is right. `date`: behind a space, or nothing.
    pub(super) fn words(self, date: &str, key: &str) -> String {
        match self {
            Self::Given => format!("Signed{date} by {key}, the key that you gave."),
            Self::Own => format!("Signed{date} by {key}, the key of this installation."),
            Self::Nobody => {
                format!(
                    "Signed{date} by {key}. Compare that with what the yard wrote down: nobody vouches for it here."
                )
            }
        }
    }
}

impl Verdict {
    /// Whole, what it shows, who signed it, and what is missing: a sentence each.
    fn say(&self, f: &mut String) -> fmt::Result {
        let said = Said::new(&self.manifest);
        f.write_str("Whole.")?;
        for (camera, file) in self.files() {
            let span = said.span(&file.from, &file.until);
            write!(f, " {}, {span} ({}), {}.", camera.name, said.zone.name(), counted(file.frames, "frame"))?;
        }
        let more = self.manifest.files().count().saturating_sub(self.proven.len());
        if more > 0 {
            write!(f, " The clip has {} besides.", counted(more as u64, "file"))?;
        }
        let date = self
            .manifest
            .custody
            .iter()
            .rfind(|step| step.what == "signed")
            .map(|step| said.date(&step.at))
            .unwrap_or_default();
        write!(f, " {}", self.vouched.words(&date, &self.key))?;
        let shown = |camera: &&Camera| self.files().any(|(of, _)| of.id == camera.id);
        let cameras: Vec<_> = self.manifest.cameras.iter().filter(shown).collect();
        let missing = cameras.iter().flat_map(|camera| camera.missing.iter().map(move |missing| (camera, missing)));
        for (n, (camera, missing)) in missing.enumerate() {
            f.write_str(if n == 0 { " Missing: " } else { "; " })?;
            if cameras.len() > 1 {
                write!(f, "{}, ", camera.name)?;
            }
            write!(f, "{}, {}", said.times(&missing.from, &missing.until), missing.words.trim_end_matches('.'))?;
        }
        if cameras.iter().any(|camera| !camera.missing.is_empty()) { f.write_str(".") } else { Ok(()) }
    }

    /// What was looked at, as the manifest has it.
    fn files(&self) -> impl Iterator<Item = (&Camera, &File)> {
        self.manifest.files().filter(|(_, file)| self.proven.iter().any(|proven| proven.name == file.name))
    }
}

/// Times as the yard's clocks showed them. What is no time is said as it stands.
pub(super) struct Said {
    pub zone: Tz,
    /// When the clip begins.
    begins: Option<NaiveDate>,
}

impl Said {
    fn new(manifest: &Manifest) -> Self {
        let said = Self::by(&manifest.zone);
        Self { begins: said.local(&manifest.from).map(|at| at.date_naive()), ..said }
    }

    /// In the zone of this name.
    pub fn by(zone: &str) -> Self {
        Self { zone: zone.parse().unwrap_or(Tz::UTC), begins: None }
    }

    /// Day and time to the second.
    pub fn moment(&self, at: &str) -> String {
        self.at(at, &mut None, "%H:%M:%S")
    }

    fn local(&self, at: &str) -> Option<DateTime<Tz>> {
        at.parse::<DateTime<Utc>>().ok().map(|at| at.with_timezone(&self.zone))
    }

    /// The day behind a space; nothing where it is no time.
    pub fn date(&self, at: &str) -> String {
        self.local(at).map(|at| format!(" {}", at.format("%-d %b %Y"))).unwrap_or_default()
    }

    fn span(&self, from: &str, until: &str) -> String {
        let mut day = None;
        format!("{} to {}", self.at(from, &mut day, "%H:%M:%S%.3f"), self.at(until, &mut day, "%H:%M:%S%.3f"))
    }

    /// To the second; with the day where it is not that on which the clip begins.
    fn times(&self, from: &str, until: &str) -> String {
        let mut day = self.begins;
        format!("{}–{}", self.at(from, &mut day, "%H:%M:%S"), self.at(until, &mut day, "%H:%M:%S"))
    }

    fn at(&self, at: &str, day: &mut Option<NaiveDate>, clock: &str) -> String {
        let Some(local) = self.local(at) else { return at.to_owned() };
        let same = day.replace(local.date_naive()) == Some(local.date_naive());
        let date = if same { String::new() } else { format!("{} ", local.format("%-d %b %Y")) };
        format!("{date}{}", local.format(clock))
    }
}

/// “1 frame”, “11,287 frames”.
fn counted(number: u64, what: &str) -> String {
    let digits = number.to_string();
    let mut words = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            words.push(',');
        }
        words.push(digit);
    }
    format!("{words} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{FORMAT, Missing, Proven, Step};

    fn file(name: &str, from: &str, until: &str, frames: u64) -> File {
        File {
            name: name.into(),
            film_size: 0,
            film_sha256: String::new(),
            from: from.into(),
            until: until.into(),
            frames,
            video: "avc1.640028".into(),
            audio: None,
            lead_in_ms: 0,
            clock: "camera".into(),
            sources: Vec::new(),
        }
    }

    fn verdict() -> Verdict {
        let missing = Missing {
            from: "2026-11-20T20:05:03.000Z".into(),
            until: "2026-11-20T20:05:11.000Z".into(),
            reason: "stalled".into(),
            words: "the camera sent no frames".into(),
        };
        let camera = Camera {
            id: "one".into(),
            name: "Dock 2".into(),
            site: "Yard".into(),
            files: vec![file("a.mp4", "2026-11-20T20:02:10.000Z", "2026-11-20T20:09:41.480Z", 11_287)],
            missing: vec![missing],
        };
        let gate = Camera {
            id: "two".into(),
            name: "Gate".into(),
            files: vec![file("b.mp4", "2026-11-21T05:59:59.000Z", "2026-11-21T06:00:00.000Z", 1)],
            ..camera.clone()
        };
        let manifest = Manifest {
            format: FORMAT.into(),
            clip: "clip".into(),
            title: "Truck 4411 at Dock 2".into(),
            reason: "A claim".into(),
            bol: None,
            yard: "Port".into(),
            installation: "https://yard.example".into(),
            zone: "America/Chicago".into(),
            from: "2026-11-20T20:02:10.000Z".into(),
            until: "2026-11-20T20:09:41.480Z".into(),
            cameras: vec![camera, gate],
            custody: vec![Step {
                at: "2026-11-21T05:00:00Z".into(),
                what: "signed".into(),
                who: "x".into(),
                audit_seq: None,
            }],
            made_with: "0.1.0".into(),
        };
        let proven = vec![Proven { name: "a.mp4".into(), camera: "Dock 2".into() }];
        Verdict { key: "3f9a51c2e07d44b1".into(), vouched: Vouched::Given, proven, manifest }
    }

    #[test]
    fn a_verdict_is_said_in_the_yards_own_time() {
        let mut verdict = verdict();
        assert_eq!(
            verdict.to_string(),
            "Whole. Dock 2, 20 Nov 2026 14:02:10.000 to 14:09:41.480 (America/Chicago), 11,287 frames. The clip has 1 file \
             besides. Signed 20 Nov 2026 by 3f9a51c2e07d44b1, the key that you gave. Missing: 14:05:03–14:05:11, the camera \
             sent no frames."
        );
        verdict.vouched = Vouched::Nobody;
        verdict.proven.push(Proven { name: "b.mp4".into(), camera: "Gate".into() });
        verdict.manifest.cameras[0].missing.clear();
        assert_eq!(
            verdict.to_string(),
            "Whole. Dock 2, 20 Nov 2026 14:02:10.000 to 14:09:41.480 (America/Chicago), 11,287 frames. Gate, 20 Nov 2026 \
             23:59:59.000 to 21 Nov 2026 00:00:00.000 (America/Chicago), 1 frame. Signed 20 Nov 2026 by 3f9a51c2e07d44b1. \
             Compare that with what the yard wrote down: nobody vouches for it here. Missing: Gate, 14:05:03–14:05:11, the \
             camera sent no frames."
        );
    }

    #[test]
    fn what_a_manifest_says_stays_on_its_line() {
        let mut verdict = verdict();
        verdict.manifest.cameras[0].name = "Dock\u{1b}[2K\n2\u{202e}".into();
        let said = verdict.to_string();
        assert!(said.starts_with("Whole. Dock\u{fffd}[2K\u{fffd}2\u{fffd}, 20 Nov 2026"), "{said}");
    }

    #[test]
    fn what_is_no_time_is_said_as_it_stands() {
        let mut verdict = verdict();
        verdict.manifest.zone = "Nowhere".into();
        verdict.manifest.cameras[0].files[0].from = "noon".into();
        assert!(verdict.to_string().starts_with("Whole. Dock 2, noon to 20 Nov 2026 20:09:41.480 (UTC)"));
    }
}
