//! What `gatehouse doctor` finds: probes, each with what was seen and what mends it. The probes themselves are in `jobs/src/doctor`.

pub mod pages;

use serde::Serialize;

use crate::ui::status::Tone;

/// What a probe came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it should be.
    Sound,
    /// It works, and something about it should be better.
    Advice,
    /// It does not work, or somebody may do what nobody should.
    Failed,
    /// This server has no such thing; what Gatehouse does instead is said.
    Unsupported,
    /// Not tried: something that it needs failed before.
    Skipped,
}

impl Outcome {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sound => "Sound",
            Self::Advice => "Could be better",
            Self::Failed => "Failed",
            Self::Unsupported => "Not supported",
            Self::Skipped => "Not tried",
        }
    }

    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Sound => Tone::Ok,
            Self::Advice => Tone::Warn,
            Self::Failed => Tone::Bad,
            Self::Unsupported | Self::Skipped => Tone::Neutral,
        }
    }

    /// What stands at the head of its line on a terminal.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Self::Sound => "ok    ",
            Self::Advice => "advice",
            Self::Failed => "FAILED",
            Self::Unsupported => "n/a   ",
            Self::Skipped => "skipped",
        }
    }
}

/// What a probe has to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub outcome: Outcome,
    /// What was seen; where it failed, what is wrong.
    pub found: String,
    /// The command or the policy that mends it, to be copied as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

impl Verdict {
    fn new(outcome: Outcome, found: impl Into<String>) -> Self {
        Self { outcome, found: found.into(), mend: None }
    }

    pub fn sound(found: impl Into<String>) -> Self {
        Self::new(Outcome::Sound, found)
    }

    pub fn advice(found: impl Into<String>) -> Self {
        Self::new(Outcome::Advice, found)
    }

    pub fn failed(found: impl Into<String>) -> Self {
        Self::new(Outcome::Failed, found)
    }

    pub fn unsupported(found: impl Into<String>) -> Self {
        Self::new(Outcome::Unsupported, found)
    }

    pub fn skipped(found: impl Into<String>) -> Self {
        Self::new(Outcome::Skipped, found)
    }

    #[must_use]
    pub fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }
}

/// One probe and what it came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its name in JSON: `conditional_put`.
    pub probe: &'static str,
    /// Its name for people: “Put only where nothing is”.
    pub title: &'static str,
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl Finding {
    #[must_use]
    pub fn new(probe: &'static str, title: &'static str, verdict: Verdict) -> Self {
        Self { probe, title, verdict }
    }
}

/// What belongs together: this machine, a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// “Bucket gatehouse at http://127.0.0.1:3900”.
    pub about: String,
    pub findings: Vec<Finding>,
}

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// When, in Unix milliseconds.
    pub at: i64,
    /// What is configured, secrets masked: name and value as in `gatehouse config`.
    pub settings: Vec<(String, String)>,
    pub groups: Vec<Group>,
}

impl Report {
    fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.groups.iter().flat_map(|group| &group.findings)
    }

    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.findings().filter(|finding| finding.verdict.outcome == outcome).count()
    }

    /// Whether nothing failed.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.count(Outcome::Failed) == 0
    }

    /// “24 sound, 1 failed, 2 not supported”.
    #[must_use]
    pub fn summary(&self) -> String {
        [
            (Outcome::Sound, "sound"),
            (Outcome::Advice, "could be better"),
            (Outcome::Failed, "failed"),
            (Outcome::Unsupported, "not supported"),
            (Outcome::Skipped, "not tried"),
        ]
        .into_iter()
        .map(|(outcome, word)| (self.count(outcome), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect::<Vec<_>>()
        .join(", ")
    }

    /// As it is printed on a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::from("What is configured\n");
        let widest = self.settings.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in &self.settings {
            text += &format!("  {name:widest$}  {value}\n");
        }
        for group in &self.groups {
            text += &format!("\n{}\n", group.about);
            for Finding { title, verdict, .. } in &group.findings {
                text += &format!("  {:7} {title}: {}\n", verdict.outcome.mark(), verdict.found);
                for line in verdict.mend.iter().flat_map(|mend| mend.lines()) {
                    text += &format!("          > {line}\n");
                }
            }
        }
        let word = if self.is_sound() { "Sound" } else { "NOT SOUND" };
        text + &format!("\n{word}: {}\n", self.summary())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let findings = vec![
            Finding::new("list", "List", Verdict::sound("answers in 2 ms")),
            Finding::new(
                "tls",
                "Encrypted line",
                Verdict::failed("http").mend("export AWS_ENDPOINT_URL=https://…\nand start again"),
            ),
            Finding::new("versioning", "Versioning", Verdict::unsupported("Garage has none")),
        ];
        let settings = vec![("data".into(), "data".into()), ("s3_bucket".into(), "yard".into())];
        Report { at: 0, settings, groups: vec![Group { about: "Bucket yard".into(), findings }] }
    }

    #[test]
    fn the_text_says_what_is_wrong_and_what_mends_it() {
        insta::assert_snapshot!(report().text());
    }

    #[test]
    fn one_failure_is_enough() {
        let mut report = report();
        assert!(!report.is_sound());
        report.groups[0].findings.remove(1);
        assert!(report.is_sound());
        assert_eq!(report.summary(), "1 sound, 1 not supported");
    }
}
